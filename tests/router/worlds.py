"""Small scripted worlds: a router, and the fixed cascade by listed price, over the same coin flips."""

import hashlib
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from synth_sdk.core.errors import Outcome
from synth_sdk.core.models import ModelCard
from synth_sdk.router.beliefs import Beliefs, Seen
from synth_sdk.router.features import Features
from synth_sdk.router.health import Fleet
from synth_sdk.router.policy import Attempt, GiveUp, Try, choose
from synth_sdk.router.pricing import listed_usd
from synth_sdk.router.routes import Routes
from synth_sdk.router.weights import WEIGHTS, Limits


@dataclass(frozen=True)
class Arm:
    """The truth: `chance` of record number and difficulty; what a try costs, relative to the listed price."""

    card: ModelCard
    chance: Callable[[int, float], float]
    cost: float = 1.0


@dataclass
class Outcomes:
    usd: float = 0.0
    accepted: int = 0
    firsts: Sequence[str] = ()


def coin(*place: object) -> float:
    """In 0-1, and the same for the same place, whoever asks."""
    digest = hashlib.blake2b(repr(place).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def features_at(record: int, hint: float | None = None) -> Features:
    return Features(task="t", input_tokens=400, output_tokens=400, signals=(hint, None, None))


def difficulty(record: int) -> float:
    return 2 * math.sqrt(2) * _inverse_erf(2 * coin("difficulty", record) - 1) / 2


def _inverse_erf(x: float) -> float:
    """Winitzki's approximation."""
    a, log = 0.147, math.log(max(1e-12, 1 - x * x))
    b = 2 / (math.pi * a) + log / 2
    return math.copysign(math.sqrt(math.sqrt(b * b - log / a) - b), x)


def play(
    arms: Sequence[Arm],
    records: int,
    *,
    hint: Callable[[int], float | None] = lambda record: None,
    beliefs: Beliefs | None = None,
    seed: int = 0,
) -> Outcomes:
    """What the learning router makes of `records`, one after the other."""
    cards = [arm.card for arm in arms]
    by_id = {arm.card.id: arm for arm in arms}
    beliefs = beliefs or Beliefs(cards)
    routes, fleet, draws = Routes(beliefs, WEIGHTS["cheapest"], Limits()), Fleet(cards, 1), random.Random(seed)
    result, firsts = Outcomes(), list[str]()
    for record in range(records):
        features, history, draw = features_at(record, hint(record)), list[Attempt](), draws.random()
        while True:
            decision = choose(features, history, fleet, float(record), cards=cards, routes=routes, draw=draw)
            if isinstance(decision, GiveUp):
                break
            assert isinstance(decision, Try)
            arm = by_id[decision.card.id]
            if not history:
                firsts.append(arm.card.id)
                routes.sent(decision.worth, decision.premium)
            listed = listed_usd(arm.card.prices, features)
            result.usd += listed * arm.cost
            good = _good(arm, record)
            beliefs.observe(
                Seen(
                    arm=arm.card.id,
                    task="t",
                    size=1,
                    tried=1,
                    accepted=int(good),
                    failed=tuple(each.arm for each in history),
                    signals=features.signals,
                    bound_input=400,
                    input_tokens=300,
                    bound_output=400,
                    output_tokens=200,
                    paid_usd=listed * arm.cost,
                    listed_usd=listed,
                ),
                float(record),
            )
            if good:
                result.accepted += 1
                break
            history.append(Attempt(arm.card.id, Outcome.REJECTED, "no"))
    result.firsts = firsts
    return result


def cascade(arms: Sequence[Arm], records: int) -> Outcomes:
    """Cheapest first by the price list, each arm once, at most six."""
    order = sorted(arms, key=lambda arm: listed_usd(arm.card.prices, features_at(0)))
    result = Outcomes()
    for record in range(records):
        for arm in order[: Limits().paid]:
            result.usd += listed_usd(arm.card.prices, features_at(record)) * arm.cost
            if _good(arm, record):
                result.accepted += 1
                break
    return result


def _good(arm: Arm, record: int) -> bool:
    return coin(arm.card.id, record) < arm.chance(record, difficulty(record))

"""A farm: the arms of one world with their prices, limits and outages, drawn from the world's farm seed."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from benchmarks.provider_farm.arms import Arm, Limits, Phase, by_id
from benchmarks.provider_farm.records import (
    BRIEF_TOKENS,
    OUTPUT_SD,
    PREFIX_TOKENS,
    TYPICAL_OUTPUT,
    Noise,
    Wanted,
    wanted,
)
from benchmarks.provider_farm.scenarios import Scenario, World
from benchmarks.provider_farm.virtual_time import START
from synth_sdk.core.models import ModelCard, Prices
from synth_sdk.core.seeds import rng
from synth_sdk.router import load_catalogue

HOUR_USD = 0.5  # what an hour of the run counts: waiting for ever for the cheapest arm is not for nothing
MISS_USD = 0.005  # for a record that nobody made; dear enough that the oracle keeps the router's target of 98.5% in steady worlds
_FEWEST = 6  # arms of a farm
_STRONG = 0.7  # the prior quality that at least one arm of a farm has
_CALL_SECONDS = 4.0  # a typical call, for placing outages and for setting limits against the demand
_CALL_TOKENS = PREFIX_TOKENS + BRIEF_TOKENS + TYPICAL_OUTPUT
_MEAN_OUTPUT = TYPICAL_OUTPUT * math.exp(OUTPUT_SD**2 / 2)
CACHE_HITS = 0.9  # of calls that come while a prefix is cached


OutageKind = Literal["down", "hang", "quota"]


@dataclass(frozen=True, slots=True)
class Outage:
    """Seconds on the run's clock. "down": 503 at once; "hang": no answer at all; "quota": the day's quota is used up."""

    start: float
    end: float
    kind: OutageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Farm:
    """`midway`: the number of the first record of the second phase. `miss_usd`: what is charged for a record that nobody made."""

    arms: tuple[Arm, ...]
    records: tuple[Wanted, ...]
    outages: tuple[tuple[Outage, ...], ...]
    noise: Noise
    hint_strength: float
    shift: float
    midway: int
    seed: int
    miss_usd: float = MISS_USD

    @property
    def cards(self) -> list[ModelCard]:
        return [arm.card for arm in self.arms]

    def phase(self, number: int) -> int:
        return int(number >= self.midway)

    def outage(self, arm: Arm, now: float) -> Outage | None:
        return next((each for each in self.outages[arm.number] if each.start <= now < each.end), None)

    def call_usd(self, arm: Arm, phase: int, count: int = 1) -> float:
        """What a call that is answered costs on average while its prefix is cached."""
        prices, cost = arm.card.prices, arm.phases[phase].cost
        into, out = float(prices.input_per_m or 0), float(prices.output_per_m or 0)
        prefix = into
        if arm.cache_s and prices.cache_read_per_m is not None:
            prefix = CACHE_HITS * float(prices.cache_read_per_m) + (1 - CACHE_HITS) * float(prices.cache_write_per_m or into)
        asked = arm.input_factor * (PREFIX_TOKENS * prefix + count * BRIEF_TOKENS * into)
        written = (arm.output_factor * _MEAN_OUTPUT * count + arm.thoughts) * out
        if arm.states_cost:
            return (asked + written) * cost / 1e6
        return (asked + written * cost) / 1e6


def make_farm(scenario: Scenario, world: World, count: int, concurrency: int) -> Farm:
    """The world of a scenario for a run of `count` records, `concurrency` in flight. The same farm seed gives the same arms
    in every scenario but for what the scenario is about.
    """
    cards = _cards(rng(world.farm, "cards"))
    arms = tuple(_arm(rng(world.farm, "arm", card.id), number, card) for number, card in enumerate(cards))
    arms = _limited(_drifting(arms, scenario, world), scenario, world, concurrency / _CALL_SECONDS)
    strength = rng(world.farm, "hint").choice(scenario.hints)
    span = count * _CALL_SECONDS / (concurrency * scenario.records_per_call)
    records = tuple(wanted(world.seed, number, scenario.difficulty, strength) for number in range(count))
    return Farm(
        arms=arms,
        records=records,
        outages=tuple(_outages(rng(world.farm, "outages", arm.card.id), scenario.outages, span) for arm in arms),
        noise=Noise(false_reject=scenario.false_reject, false_accept=scenario.false_accept),
        hint_strength=strength,
        shift=scenario.difficulty,
        midway=count // 2 if scenario.drifting else count,
        seed=world.seed,
    )


def _cards(draw: random.Random) -> list[ModelCard]:
    """A part of the shipped catalogue, one strong arm at least; every second farm with prices from half to twice the listed."""
    shipped = sorted((card for card in load_catalogue(None, {}) if card.prices.known), key=lambda card: card.id)
    chosen = draw.sample(shipped, draw.randint(_FEWEST, len(shipped)))
    if all(card.quality < _STRONG for card in chosen):
        chosen.append(draw.choice([card for card in shipped if card.quality >= _STRONG]))
    if draw.random() < 0.5:
        chosen = [replace(card, prices=_scaled(card.prices, 2 ** draw.uniform(-1, 1))) for card in chosen]
    return chosen


def _scaled(prices: Prices, factor: float) -> Prices:
    def scaled(price: Decimal | None) -> Decimal | None:
        return None if price is None else round(price * Decimal(factor), 4)

    return replace(
        prices,
        input_per_m=scaled(prices.input_per_m),
        output_per_m=scaled(prices.output_per_m),
        cache_read_per_m=scaled(prices.cache_read_per_m),
        cache_write_per_m=scaled(prices.cache_write_per_m),
    )


def _arm(draw: random.Random, number: int, card: ModelCard) -> Arm:
    """An arm whose ability follows its prior quality as loosely as the prior's spread says."""
    ability = 1.4 + 4.0 * (card.quality - 0.55) + draw.gauss(0, 3.0 * card.quality_sd)
    openrouter = card.provider == "openrouter"
    cost = 2 ** draw.uniform(-0.7, 1.0) if openrouter else 1.0  # price lists of OpenRouter's models disagree up to fourfold
    thinks = draw.random() < 0.25
    return Arm(
        number=number,
        card=card,
        phases=(Phase(ability=ability, cost=cost),) * 2,
        discrimination=math.exp(draw.uniform(math.log(0.8), math.log(2.2))),
        ceiling=draw.uniform(0.97, 1.0),
        broken=draw.uniform(0.0, 0.03) if card.structured == "json_schema" else draw.uniform(0.01, 0.08),
        input_factor=draw.uniform(0.85, 1.2),
        output_factor=draw.uniform(0.8, 1.3),
        thoughts=draw.uniform(60, 200) if thinks else 0.0,
        first_token_s=draw.uniform(0.3, 1.2),
        tokens_per_s=draw.uniform(50, 180),
        latency_sd=draw.uniform(0.2, 0.5),
        companion=draw.uniform(0.96, 0.995),
        failures=draw.uniform(0.0, 0.02),
        stalls=draw.uniform(0.0, 0.004),
        stalls_billed=draw.uniform(0.2, 0.8),
        cache_s=300.0 if card.prices.cache_read_per_m is not None else 0.0,
        states_cost=openrouter,
        limits=Limits(),
    )


def _drifting(arms: Sequence[Arm], scenario: Scenario, world: World) -> tuple[Arm, ...]:
    """Some arms get better or worse and cheaper or dearer midway; prices where the provider states them, else token counts."""

    def drifted(arm: Arm) -> Arm:
        draw = rng(world.farm, "drift", arm.card.id)
        if draw.random() >= scenario.drifting:
            return arm
        first = arm.phases[0]
        swing = 1.3 if arm.states_cost else 0.5
        return replace(
            arm,
            phases=(
                first,
                Phase(ability=first.ability + draw.gauss(-0.3, 1.0), cost=first.cost * 2 ** draw.uniform(-swing, swing)),
            ),
        )

    return tuple(drifted(arm) for arm in arms)


def _limited(arms: Sequence[Arm], scenario: Scenario, world: World, demand: float) -> tuple[Arm, ...]:
    """Limits between a twentieth and a third of the calls a second that would be made (`demand`), for some arms."""

    def limited(arm: Arm) -> Arm:
        draw = rng(world.farm, "limits", arm.card.id)
        if draw.random() >= scenario.limited:
            return arm
        requests = 60 * demand * draw.uniform(0.05, 0.35)
        bedrock = arm.card.provider == "bedrock"
        limits = Limits(
            requests=requests,
            tokens=requests * _CALL_TOKENS * draw.uniform(0.6, 1.6),
            burst_s=draw.uniform(2, 15),
            states_delay=not bedrock and draw.random() < 0.8,
            counts_max_tokens=bedrock,
        )
        return replace(arm, limits=limits)

    return tuple(limited(arm) for arm in arms)


def _outages(draw: random.Random, share: float, span: float) -> tuple[Outage, ...]:
    """At most one outage, placed in a run of about `span` seconds. A used-up quota lasts."""
    if draw.random() >= share:
        return ()
    kinds: tuple[OutageKind, ...] = ("down", "down", "down", "hang", "quota")
    start, kind = START + span * draw.uniform(0.05, 0.7), draw.choice(kinds)
    lasts = math.inf if kind == "quota" else 5 + span * draw.uniform(0.1, 0.4)
    return (Outage(start, start + lasts, kind),)


def arms_by_id(farm: Farm) -> dict[str, Arm]:
    return by_id(farm.arms)

"""What one more record is expected to cost and take: the same value function by which arms are chosen."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from synth_sdk.core.models import ModelCard
from synth_sdk.core.money import MICROS_PER_USD
from synth_sdk.router.beliefs import Beliefs
from synth_sdk.router.features import Features
from synth_sdk.router.lookahead import Path, follow
from synth_sdk.router.prospects import chosen_path, prospect, sizes_of
from synth_sdk.router.weights import Limits, Weights

_COST_DOUBT = 0.35  # of the log of an arm's cost factor, before anything was seen
_DRAWS = 64


@dataclass(frozen=True, slots=True)
class Forecast:
    """For one record: micro-dollars and seconds until it is accepted or given up, the chance that it is accepted, and the tokens
    of its accepted reply, all expected values; the arms in the order in which they are asked; records per call of the first.

    `draws` are expected micro-dollars under beliefs drawn from what is believed: their spread is how little is known yet.
    """

    micros: float
    seconds: float
    accepted: float
    output_tokens: float
    order: tuple[str, ...]
    records_per_call: int = 1
    draws: tuple[float, ...] = ()

    @property
    def sd_micros(self) -> float:
        """The standard deviation of the expected cost, by what isn't known of the arms. No spread of single records in it."""
        if len(self.draws) < 2:
            return 0.0
        mean = sum(self.draws) / len(self.draws)
        return math.sqrt(sum((each - mean) ** 2 for each in self.draws) / (len(self.draws) - 1))

    def sample(self, rng: random.Random) -> float:
        """Expected micro-dollars under one draw of the beliefs."""
        return rng.choice(self.draws) if self.draws else self.micros


def expected(
    cards: Sequence[ModelCard],
    features: Features,
    beliefs: Beliefs,
    weights: Weights,
    limits: Limits,
    records_per_call: int | None = None,
    *,
    now: float = 0.0,
    seed: int = 0,
) -> Forecast:
    """The forecast for a record of `features` at `cards`, those that may make it. `records_per_call` None: as learned, with as
    many as `features.records` waiting together."""
    if not cards:
        return Forecast(0.0, 0.0, 0.0, 0.0, ())
    asked = features if records_per_call is None else replace(features, records=max(features.records, records_per_call))
    sizes = sizes_of(cards, asked, beliefs, now, records_per_call)
    path = chosen_path(cards, asked, (), beliefs, weights, limits.paid, now, sizes=sizes)
    first = path.order[0].arm
    return Forecast(
        micros=path.usd * MICROS_PER_USD,
        seconds=path.seconds,
        accepted=path.accepted,
        output_tokens=beliefs.view(first, features.task, now).output * features.output_tokens,
        order=tuple(each.arm for each in path.order),
        records_per_call=sizes[first],
        draws=tuple(_draws(path, cards, asked, beliefs, weights, limits, now, sizes, random.Random(seed))),
    )


def _draws(
    path: Path,
    cards: Sequence[ModelCard],
    features: Features,
    beliefs: Beliefs,
    weights: Weights,
    limits: Limits,
    now: float,
    sizes: dict[str, int],
    rng: random.Random,
) -> list[float]:
    """The cost of the path's order if the arms were as drawn: log-odds and cost factors, each from its belief."""
    by_id = {card.id: card for card in cards}
    ahead = path.order[: limits.paid]
    state = beliefs.state(features.task, features.signals, (), now)
    drawn = []
    for _ in range(_DRAWS):
        common = rng.gauss(0.0, _COST_DOUBT / math.sqrt(1 + beliefs.task(features.task).output.weight))
        order = []
        for each in ahead:
            view = beliefs.view(each.arm, features.task, now)
            odd = common + rng.gauss(0.0, _COST_DOUBT / math.sqrt(2 + view.proof))
            guess = replace(view, level=rng.gauss(view.level, view.sd), price=view.price * math.exp(odd), proof=math.inf)
            order.append(prospect(by_id[each.arm], guess, features, sizes[each.arm], 0.0, weights, 1.0))
        drawn.append(follow(order, state, limits.paid, 0.0).usd * MICROS_PER_USD)
    return drawn

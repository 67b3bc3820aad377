"""The reference policies that know no more than the router does; `oracle` has the one that knows the farm."""

import random
from collections.abc import Iterable, Sequence

from benchmarks.provider_farm.farm import Farm
from benchmarks.provider_farm.records import BRIEF_TOKENS, PREFIX_TOKENS, TYPICAL_OUTPUT
from benchmarks.provider_farm.reference import PATIENCE_S, Gates, Job, Wait
from synth_sdk.core.models import ModelCard

_UNMAPPED_USD = 10.0  # what litellm takes a token of a model without a row in its price table to cost


def listed_usd(card: ModelCard, count: int = 1) -> float:
    """What a call costs by the price list, for a typical tokenizer, without a cache."""
    into, out = float(card.prices.input_per_m or 0), float(card.prices.output_per_m or 0)
    return ((PREFIX_TOKENS + count * BRIEF_TOKENS) * into + count * TYPICAL_OUTPUT * out) / 1e6


def first_open(arms: Iterable[int], gates: Gates, now: float) -> int | Wait | None:
    """The first of `arms` that isn't closed; else a wait for the one that opens first; None if there is none."""
    soonest = float("inf")
    for arm in arms:
        if gates.until[arm] <= now:
            return arm
        soonest = min(soonest, gates.until[arm] - now)
    return Wait(soonest) if soonest <= PATIENCE_S else None


class Blind:
    """A policy that learns nothing, and reads every stated delay."""

    def observe(self, arm: int, tries: int, accepted: int, cost_usd: float) -> None:
        return None

    def reads_delay(self, arm: int) -> bool:
        return True


class Single(Blind):
    """One arm, asked until it succeeds or the caps on tries are reached."""

    def __init__(self, arm: int) -> None:
        self._arm = arm

    def choose(self, job: Job, gates: Gates, now: float) -> int | Wait | None:
        return first_open([self._arm], gates, now)


class Chain(Blind):
    """A fixed order; each arm has two tries that reached it before the next one's turn. A closed arm is passed over."""

    def __init__(self, arms: Sequence[int]) -> None:
        self._arms = arms

    def choose(self, job: Job, gates: Gates, now: float) -> int | Wait | None:
        tries = [tried.arm for tried in job.tries]
        return first_open([arm for arm in self._arms if tries.count(arm) < 2], gates, now)


class Cascade(Blind):
    """Cheapest first by the price list; each arm once, and once more after a broken reply. A closed arm is passed over."""

    def __init__(self, cards: Sequence[ModelCard]) -> None:
        self._order = sorted(range(len(cards)), key=lambda arm: listed_usd(cards[arm]))

    def choose(self, job: Job, gates: Gates, now: float) -> int | Wait | None:
        return first_open((arm for arm in self._order if not job.closed(arm)), gates, now)


class CostBased(Blind):
    """What litellm 1.106.2's Router does with `routing_strategy="cost-based-routing"`, and a caller that asks again when its
    check fails.

    Of the deployments that aren't cooling down it takes the one with the least input price + output price; a model that its
    price table doesn't know (all of OpenRouter's) counts as $10 a token; what a check thinks of the answers is nothing to it. A
    429's deployment cools down for the stated delay if a header states one (Gemini's stands in the body, which it doesn't read).
    """

    def __init__(self, cards: Sequence[ModelCard]) -> None:
        self._cards = cards
        self._order = sorted(range(len(cards)), key=self._rate)

    def _rate(self, arm: int) -> float:
        card = self._cards[arm]
        if card.provider == "openrouter":
            return _UNMAPPED_USD
        return float((card.prices.input_per_m or 0) + (card.prices.output_per_m or 0)) / 1e6

    def choose(self, job: Job, gates: Gates, now: float) -> int | Wait | None:
        return first_open(self._order, gates, now)

    def reads_delay(self, arm: int) -> bool:
        return self._cards[arm].provider != "gemini"


class Thompson(Blind):
    """Thompson sampling over arms (Thompson 1933): draw each arm's acceptance from its Beta posterior, ask the arm with the
    least mean cost per draw. Costs start at the listed price and become the mean bill; a record doesn't go back to an arm.
    """

    def __init__(self, cards: Sequence[ModelCard], draw: random.Random) -> None:
        self._draw = draw
        self._good, self._bad = [1.0] * len(cards), [1.0] * len(cards)
        self._usd, self._calls = [listed_usd(card) for card in cards], [1.0] * len(cards)

    def choose(self, job: Job, gates: Gates, now: float) -> int | Wait | None:
        fresh = [arm for arm in range(len(self._usd)) if not job.closed(arm)]
        return first_open(sorted(fresh, key=self._price), gates, now)

    def _price(self, arm: int) -> float:
        return self._usd[arm] / self._calls[arm] / max(1e-9, self._draw.betavariate(self._good[arm], self._bad[arm]))

    def observe(self, arm: int, tries: int, accepted: int, cost_usd: float) -> None:
        self._good[arm] += accepted
        self._bad[arm] += tries - accepted
        self._usd[arm] += cost_usd / tries
        self._calls[arm] += 1


def best_arm(farm: Farm) -> int:
    """The arm with the highest true mean acceptance over both phases: the best single model, in hindsight."""

    def quality(arm: int) -> float:
        levels = (farm.shift - 1.2, farm.shift, farm.shift + 1.2)
        return sum(farm.arms[arm].mean_validity(level, phase) for level in levels for phase in (0, 1))

    return max(range(len(farm.arms)), key=quality)


def cheapest_arm(farm: Farm) -> int:
    return min(range(len(farm.arms)), key=lambda arm: listed_usd(farm.arms[arm].card))


def three_arms(farm: Farm) -> list[int]:
    """The chain that a sensible user writes from the catalogue: the cheapest, the best at a middling price, the best."""
    order = sorted(range(len(farm.arms)), key=lambda arm: listed_usd(farm.arms[arm].card))

    def prior(arm: int) -> float:
        return farm.arms[arm].card.quality

    middle = max(order[1 : len(order) // 2 + 1], key=prior)
    return list(dict.fromkeys([order[0], middle, max(order, key=prior)]))

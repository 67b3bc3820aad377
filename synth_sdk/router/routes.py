"""The order of arms for a record, by the look-ahead; remembered until enough was learned to think again; and bounded exploration.

Exploring means to ask first an arm that may be better than it looks: at most a small and shrinking share of first tries, for at
most a hundredth of what the records are expected to cost.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from synth_sdk.core.models import ModelCard
from synth_sdk.router import difficulty
from synth_sdk.router.beliefs import Beliefs
from synth_sdk.router.features import Features
from synth_sdk.router.lookahead import Path, Prospect, follow
from synth_sdk.router.prospects import chosen_path, miss_value, prospect, sizes_of
from synth_sdk.router.weights import Limits, Weights

_STALE_SECONDS = 5.0
_THINK_AGAIN = 0.03  # after so many calls more, relative to those seen
_MOST_CALLS = 12  # but after so many at the latest
_SHARE, _LEAST_SHARE = 0.05, 0.01  # of first tries that explore: at first, and in the long run
_PREMIUM = 0.01  # what exploring may cost, relative to what the records do
_FIRST_CALLS = 20  # of a task before anything is explored
_OPTIMISM = 1.3  # standard deviations
_WORTH = 0.03  # by which an arm must look better with optimism to be explored


@dataclass(frozen=True, slots=True)
class Route:
    """Arms in the order in which to ask them, with how many records each takes in a call; `value` is the objective of going by
    the order, `path` what it was reckoned from."""

    order: tuple[ModelCard, ...]
    sizes: dict[str, int]
    value: float
    path: Path


_NOWHERE = Route((), {}, 0.0, Path((), 0.0, 0.0, 0.0, 0.0))


@dataclass(slots=True)
class _Known:
    version: int
    at: float
    price: float
    route: Route


class Routes:
    """Orders of arms by `beliefs`. `frozen_at`: decide by the beliefs as of that moment, and explore nothing."""

    def __init__(
        self,
        beliefs: Beliefs,
        weights: Weights,
        limits: Limits,
        *,
        records_per_call: int | None = None,
        money_price: Callable[[], float] = lambda: 1.0,
        frozen_at: float | None = None,
    ) -> None:
        self.beliefs, self.weights, self.limits = beliefs, weights, limits
        self._size, self._money_price, self._frozen_at = records_per_call, money_price, frozen_at
        self._known: dict[tuple[object, ...], _Known] = {}
        self._calls = self._explored = 0
        self._worth = self._premium = 0.0

    def now(self, now: float) -> float:
        """The moment by whose beliefs is decided."""
        return now if self._frozen_at is None else self._frozen_at

    def route(self, cards: Sequence[ModelCard], features: Features, failed: Sequence[str], paid: int, now: float) -> Route:
        """The order of `cards` for records that `failed` have failed, in `paid` paid tries."""
        if not cards:
            return _NOWHERE
        now = self.now(now)
        key = self._key(cards, features, failed, paid)
        version, price = self.beliefs.version(features.task), self._money_price()
        known = self._known.get(key)
        if known is not None and self._holds(known, version, price, now):
            return known.route
        route = self._think(cards, features, failed, max(1, self.limits.paid - paid), price, now)
        if len(self._known) > 2048:
            self._known.clear()
        self._known[key] = _Known(version, now, price, route)
        return route

    def explored(self, route: Route, features: Features, now: float, draw: float) -> tuple[ModelCard, float] | None:
        """The arm to ask first instead of the route's own, once in a while, with what that costs. `draw` in 0-1, one a record."""
        if self._frozen_at is not None or features.pinned or self.beliefs.version(features.task) < _FIRST_CALLS:
            return None
        share = max(_LEAST_SHARE, _SHARE / math.sqrt(1 + self._calls / 200))
        if draw >= share or self._explored >= share * self._calls:
            return None
        affordable = _PREMIUM * self._worth - self._premium
        doubtful = self._doubtful(route, features, now)
        return next(((card, premium) for card, premium in doubtful if premium <= affordable), None)

    def sent(self, worth: float, premium: float) -> None:
        """A first try went out, for a record `worth` so much; `premium` is what exploring adds to that."""
        self._calls += 1
        self._worth += worth
        if premium:
            self._explored += 1
            self._premium += premium

    def _holds(self, known: _Known, version: int, price: float, now: float) -> bool:
        if self._frozen_at is not None:
            return known.price == price
        news = version - known.version
        return (
            news <= min(_MOST_CALLS, _THINK_AGAIN * version)
            and now - known.at < _STALE_SECONDS
            and abs(price - known.price) <= 0.05 * known.price
        )

    def _key(self, cards: Sequence[ModelCard], features: Features, failed: Sequence[str], paid: int) -> tuple[object, ...]:
        harder = difficulty.shift(self.beliefs.task(features.task), features.signals)
        return (
            features.task,
            round(4 * harder),
            features.input_tokens.bit_length(),
            round(2 * math.log2(features.output_tokens + 1)),
            features.records,
            features.pinned,
            paid,
            tuple(failed),
            tuple([card.id for card in cards]),
        )

    def _think(
        self, cards: Sequence[ModelCard], features: Features, failed: Sequence[str], tries: int, price: float, now: float
    ) -> Route:
        sizes = sizes_of(cards, features, self.beliefs, now, self._size)
        path = chosen_path(cards, features, failed, self.beliefs, self.weights, tries, now, sizes=sizes, money_price=price)
        by_id = {card.id: card for card in cards}
        return Route(tuple(by_id[each.arm] for each in path.order), sizes, path.value, path)

    def _doubtful(self, route: Route, features: Features, now: float) -> list[tuple[ModelCard, float]]:
        """Arms that would beat the route if they were as good as they may be, with what asking them first costs; the most
        promising first."""
        path, price, tries = route.path, self._money_price(), self.limits.paid
        state = self.beliefs.state(features.task, features.signals, (), now)
        harder = difficulty.shift(self.beliefs.task(features.task), features.signals)
        miss, found = miss_value(path.order, self.weights), []
        for card, each in zip(route.order[1:], path.order[1:], strict=True):
            view = self.beliefs.view(card.id, features.task, now)
            doubt = 0.3 / math.sqrt(1 + view.proof / 4)
            hopeful = replace(view, level=view.level + _OPTIMISM * view.sd, price=view.price * math.exp(-doubt), proof=math.inf)
            if_good = prospect(card, hopeful, features, route.sizes[card.id], harder, self.weights, price)
            gain = path.value - _first(if_good, path, state, tries, miss)
            if gain > _WORTH * abs(path.value):
                premium = max(0.1 * each.cost, _first(each, path, state, tries, miss) - path.value)
                found.append((gain / premium, card, premium))
        found.sort(key=lambda each: -each[0])
        return [(card, premium) for _, card, premium in found]


def _first(each: Prospect, path: Path, state: Sequence[float], tries: int, miss: float) -> float:
    """The value of asking `each` first, then the others in the path's order."""
    return follow([each, *(other for other in path.order if other.arm != each.arm)], state, tries, miss).value

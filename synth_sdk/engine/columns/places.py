"""Where in a schema a column stands, and what stands around it."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from synth_sdk.engine.columns.lanes import I64
from synth_sdk.engine.columns.numbers import Agreement, Grid
from synth_sdk.engine.columns.scene import Scenery, Scope
from synth_sdk.engine.columns.values import Column, Decimal, Whole
from synth_sdk.engine.meaning.customs import ANNEXES, TOTALS
from synth_sdk.engine.meaning.naming import rank_of
from synth_sdk.schema.names import snake

if TYPE_CHECKING:
    from synth_sdk.engine.columns.samplers import Sampler

_PRICES = frozenset({"unit_price", "price", "unit_cost"})
_AMOUNTS = frozenset({"quantity", "qty"})
FACTORS = _PRICES | _AMOUNTS  # of totals
_NEVER = (1, 0)
_OLDEST = 150
_LATEST = 1 << 40  # seconds since 1970
_TIMES = frozenset({"time", "created", "updated", "date"})


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """`path` names the column's randomness, `owner` is the property that its object stands under, `siblings` are in snake_case,
    `samplers` are those of the siblings compiled so far, and `optional` those of them that may be left out.
    """

    path: str
    name: str
    depth: int
    scenery: Scenery
    siblings: frozenset[str]
    owner: str = ""
    in_records: bool = True  # one value for each record: not inside a list
    samplers: dict[str, "Sampler"] = field(default_factory=dict)
    optional: set[str] = field(default_factory=set)

    def inside(self, siblings: frozenset[str]) -> "Place":
        """The place of the members of an object here: a nested `name` or `address` is about the same person as what is around it."""
        annex = bool(self.depth) and snake(self.name) in ANNEXES and self.owner != self.name
        scenery = self.scenery if annex or not self.path else self.scenery.at(self.path)
        around = siblings | ({"city"} & self.siblings) if annex else siblings
        return replace(self, scenery=scenery, siblings=around, owner=self.name, samplers={}, optional=set())

    def member(self, name: str) -> "Place":
        """The place of the property `name` of the object whose members stand here."""
        return replace(self, path=f"{self.path}/{name}", name=name, depth=self.depth + 1)

    def item(self) -> "Place":
        """The place of the items of a list here."""
        path = f"{self.path}/[]"
        return replace(self, path=path, depth=self.depth + 1, scenery=self.scenery.at(path), in_records=False)

    def agreement(self, grid: Grid) -> Agreement | None:
        """What the surroundings dictate to a number of this name."""
        plain, scale = snake(self.name), 10**grid.places
        if plain == "age":
            return Agreement(lambda scope: self.scenery.age(scope, "") * scale, reach=(0, _OLDEST * scale))
        if plain in TOTALS:
            return Agreement(lambda scope: _product(scope, grid.places), reach=self._product_reach(grid.places))
        if grid.places == 0 and (plain.endswith(("_at", "timestamp")) or plain in _TIMES):
            return Agreement(lambda scope: self.scenery.moment(scope, rank_of(self.name)), reach=(0, _LATEST))
        if grid.places == 0 and plain == "id" and self.in_records and self.depth == 1:
            return Agreement(lambda scope: None if scope.rows.index is None else scope.rows.index + 1, numbered=True)
        return None

    def _product_reach(self, places: int) -> tuple[int, int] | None:
        """The least and the largest product of price and quantity."""
        from synth_sdk.engine.columns.exact import extent_of

        factors = [
            next((sampler for name, sampler in self.samplers.items() if snake(name) in names), None)
            for names in (_PRICES, _AMOUNTS)
        ]
        if None in factors:
            return _NEVER
        price, amount = (extent_of(factor) for factor in factors if factor is not None)
        if price is None or amount is None or price.places > places or amount.places:
            return None
        price = price.at(places)
        ends = [one * other for one in (price.low, price.high) for other in (amount.low, amount.high)]
        return min(ends), max(ends)


def _product(scope: Scope, places: int) -> I64 | None:
    """Price times quantity, where the object has both."""
    price = next((column for name, column in scope.columns.items() if snake(name) in _PRICES), None)
    amount = next((column for name, column in scope.columns.items() if snake(name) in _AMOUNTS), None)
    cents, count = _scaled(price, places), _scaled(amount, 0)
    if cents is None or count is None:
        return None
    total: I64 = cents * count
    return total


def _scaled(column: Column | None, places: int) -> I64 | None:
    if isinstance(column, Whole):
        whole: I64 = column.values * 10**places
        return whole
    if isinstance(column, Decimal) and column.places <= places:
        scaled: I64 = column.scaled * 10 ** (places - column.places)
        return scaled
    return None

"""Columns of numbers: which values a schema allows, and which of them are usual."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from synth_sdk.engine.columns import distributions
from synth_sdk.engine.columns.distributions import Distribution, Uniform
from synth_sdk.engine.columns.failure import NotColumnarError
from synth_sdk.engine.columns.lanes import I64, Rows, permute
from synth_sdk.engine.columns.scene import Scope
from synth_sdk.engine.columns.values import Column, Decimal, Whole
from synth_sdk.engine.constraints.facts import Facts
from synth_sdk.engine.meaning.ranges import Range, grid_step, usual_range, window

LARGEST = 1 << 53  # beyond it doubles skip whole numbers
_LARGEST_SCAN = 1 << 20  # values up to which those that a multipleOf allows are listed
_MOST_DECIMALS = 9
_FAR = 1 << 62
WIDE = Range(-1_000_000_000, 1_000_000_000, 2)


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The numbers k * unit / 10**places for k from `first` to `last`; `allowed`: only those k, in order."""

    first: int
    last: int
    unit: int = 1
    places: int = 0
    allowed: I64 | None = None

    @property
    def size(self) -> int:
        return self.last - self.first + 1 if self.allowed is None else len(self.allowed)

    def at(self, places: I64) -> I64:
        """The scaled numbers at positions in range(size)."""
        steps = places + self.first if self.allowed is None else self.allowed[places]
        return steps * self.unit if self.unit != 1 else steps


def grid_of(facts: Facts, whole: bool, name: str, decimals: int | None = None, *, wide: bool = False) -> Grid:
    """The grid between the bounds that `facts` declare, or else the usual ones (`wide`: very wide ones). NotColumnarError when
    there is none of this kind.
    """
    usual = WIDE if wide else usual_range(name)
    step = grid_step(facts.multiples, whole)
    low, high = window(usual, facts.low, facts.high, step or Fraction(1, 100))
    places = _places(step, low, high, usual, decimals)
    unit = Fraction(1) if step is None else step * 10**places
    if unit.denominator != 1:
        raise NotColumnarError("a multipleOf that no decimal grid fits")
    scale = Fraction(10**places) / unit
    first, last = _ends(low, high, scale, int(unit), places)
    first += facts.open_low and facts.low is not None and _double(first, int(unit), places) <= facts.low
    last -= facts.open_high and facts.high is not None and _double(last, int(unit), places) >= facts.high
    if first > last or max(abs(first), abs(last)) * unit > LARGEST:
        raise NotColumnarError("bounds that leave no number on a decimal grid")
    return _only_multiples(Grid(first, last, int(unit), places), facts)


def _ends(low: Fraction, high: Fraction, scale: Fraction, unit: int, places: int) -> tuple[int, int]:
    """The first and the last step within the bounds. Bounds are exact images of doubles, so 0.2 lies a little above two tenths:
    what counts is the double that a step is written as.
    """
    first, last = math.ceil(low * scale), math.floor(high * scale)
    return first - (_double(first - 1, unit, places) >= low), last + (_double(last + 1, unit, places) <= high)


def _double(step: int, unit: int, places: int) -> Fraction:
    return Fraction(step * unit / 10**places)


def _places(step: Fraction | None, low: Fraction, high: Fraction, usual: Range, decimals: int | None) -> int:
    """Decimals of the grid: as many as a multipleOf needs, else the usual ones, else enough to leave a choice of values."""
    if step is not None:
        fitting = (places for places in range(_MOST_DECIMALS + 1) if (step * 10**places).denominator == 1)
        return next(fitting, 0)
    if decimals is not None:
        return decimals
    places = usual.decimals
    while places < _MOST_DECIMALS and (high - low) * 10**places < 100:
        places += 1
    return places


def _only_multiples(grid: Grid, facts: Facts) -> Grid:
    """Validators divide floats, so that 0.07 is no multiple of 0.01 to them: keep those that they accept."""
    broken = [multiple for multiple in facts.multiples if isinstance(multiple, float) and not multiple.is_integer()]
    if not broken:
        return grid
    if grid.size > _LARGEST_SCAN:
        raise NotColumnarError("too many multiples of a fraction")
    steps = np.arange(grid.first, grid.last + 1, dtype=np.int64)
    numbers = steps * grid.unit / 10.0**grid.places
    allowed = np.ones(len(steps), np.bool_)
    for multiple in broken:
        quotients = numbers / multiple
        allowed &= quotients == np.floor(quotients)
    if not allowed.any():
        raise NotColumnarError("no multiple of a fraction that validators accept")
    return Grid(grid.first, grid.last, grid.unit, grid.places, steps[allowed])


def distribution_of(grid: Grid, name: str, wish: tuple[str, Mapping[str, float]] | None) -> Distribution:
    """How the values of `grid` are spread: as wished (`("normal", {"mean": ..., "sd": ...})`), else skewed or even by name."""
    unit = grid.unit / 10**grid.places
    low = grid.first * unit
    if wish is None:
        skewed = grid.allowed is None and usual_range(name).skewed and 8 <= grid.size < 1 << 42
        return distributions.skewed(grid.size) if skewed else Uniform(grid.size)
    if grid.allowed is not None:
        raise NotColumnarError("a distribution of multiples of a fraction")
    kind, told = wish
    match kind:
        case "normal":
            return distributions.quantiles(distributions.normal(told["mean"], told["sd"]), low, unit, grid.size)
        case "lognormal":
            return distributions.quantiles(distributions.lognormal(told["median"], told["sigma"]), low, unit, grid.size)
        case "exponential":
            return distributions.quantiles(distributions.exponential(told["mean"]), 0.0, unit, grid.size)
        case "poisson":
            if grid.places or grid.unit != 1:
                raise NotColumnarError("a Poisson distribution of something else than whole numbers")
            return distributions.poisson(told["mean"], grid.first, grid.size)
        case "zipf":
            return distributions.zipf(told["exponent"], grid.size)
    return Uniform(grid.size)


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Scaled numbers that the surroundings dictate: `values` gives them, or None where they don't. `numbered`: each record its own.
    `reach`: the least and the largest of them, (1, 0) if there are none; None: nobody knows.
    """

    values: Callable[[Scope], I64 | None]
    numbered: bool = False
    reach: tuple[int, int] | None = None


@dataclass(slots=True, eq=False)
class NumberSampler:
    """Numbers of a grid. `whole`: of type integer. What `agreement` dictates wins where it lies within `limits` (scaled)."""

    grid: Grid
    distribution: Distribution
    whole: bool
    lane: int
    limits: tuple[int, int]
    agreement: Agreement | None = None
    unique_key: int | None = None

    def draw(self, scope: Scope) -> Column:
        values = self._agreed(scope)
        return Whole(values) if self.whole else Decimal(values, self.grid.places)

    def _agreed(self, scope: Scope) -> I64:
        dictated = self.agreement.values(scope) if self.agreement else None
        if dictated is None:
            return self._drawn(scope.rows)
        low, high = self.limits
        fits = (dictated >= low) & (dictated <= high)
        return dictated if fits.all() else np.where(fits, dictated, self._drawn(scope.rows))

    def _drawn(self, rows: Rows) -> I64:
        if self.unique_key is not None and rows.index is not None:
            return self.grid.at(permute(rows.index, self.grid.size, self.unique_key))
        return self.grid.at(self.distribution.draw(rows.draw(self.lane)))


def limits_of(facts: Facts, grid: Grid) -> tuple[int, int]:
    """The declared bounds in the grid's scale; far away where there are none."""
    scale = 10**grid.places
    if facts.multiples:  # only what lies on the grid
        return 1, 0
    low = -_FAR if facts.low is None else math.ceil(facts.low * scale) + (facts.open_low and (facts.low * scale).denominator == 1)
    high = (
        _FAR
        if facts.high is None
        else math.floor(facts.high * scale) - (facts.open_high and (facts.high * scale).denominator == 1)
    )
    return max(low, -_FAR), min(high, _FAR)

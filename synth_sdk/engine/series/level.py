"""Where a series stands without seasons and noise: a line with bends and steps, or an S-curve toward a ceiling.

`at` gives the level at ticks, `total` its sum over all ticks before them, in closed form: that is what a counter adds up.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from synth_sdk.engine.columns.lanes import I64
from synth_sdk.engine.series.normal import F64

_SPAN = 24.0  # a logistic curve beyond so many units is flat to ten digits
_CELLS = 1 << 14
_GRAIN = 2.0**-40


@dataclass(frozen=True, slots=True)
class Bend:
    """From tick `at` on the slope changes by `slope`, and the level jumps by `shift`."""

    at: float
    slope: float = 0.0
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class Saturation:
    """A logistic rise by `height` (or fall), half of it done at tick `middle`; `growth` per tick is how steep."""

    height: float
    middle: float
    growth: float

    def at(self, ticks: F64) -> F64:
        return self.height * _looked_up(_logistic()[0], (ticks - self.middle) * self.growth)

    def total(self, ticks: F64) -> F64:
        begun = _softplus(np.array([-self.middle * self.growth]))
        return self.height / self.growth * (_softplus((ticks - self.middle) * self.growth) - begun)


@dataclass(frozen=True, slots=True)
class Level:
    """`base` at tick 0, `slope` per tick from there."""

    base: float = 0.0
    slope: float = 0.0
    bends: tuple[Bend, ...] = ()
    saturation: Saturation | None = None

    def at(self, ticks: I64) -> F64:
        """The level at `ticks`."""
        places = ticks.astype(np.float64)
        level: F64 = self.base + self.slope * places
        for bend in self.bends:
            since = places - bend.at
            level += np.maximum(since, 0.0) * bend.slope
            if bend.shift:
                level += (since >= 0) * bend.shift
        return level + self.saturation.at(places) if self.saturation else level

    def total(self, ticks: I64) -> F64:
        """The sum of the levels at 0, 1 ... tick - 1, for each of `ticks`."""
        places = ticks.astype(np.float64)
        total: F64 = self.base * places + self.slope * (places * (places - 1) / 2)
        for bend in self.bends:
            since = np.maximum(places - math.ceil(bend.at), 0.0)  # ticks from the bend on
            begun = math.ceil(bend.at) - bend.at
            total += bend.slope * (since * (since - 1) / 2 + begun * since) + bend.shift * since
        return total + self.saturation.total(places) if self.saturation else total

    def lowest(self) -> float:
        """No level is below this; minus infinity if the level falls for ever."""
        edges = np.array([0, *(math.ceil(bend.at) for bend in self.bends), *(max(0, math.ceil(b.at) - 1) for b in self.bends)])
        falls = self.slope + sum(bend.slope for bend in self.bends) < 0
        fallen = min(0.0, self.saturation.height) if self.saturation else 0.0
        line = Level(self.base, self.slope, self.bends)
        return -math.inf if falls else float(line.at(edges.astype(np.int64)).min()) + fallen


@lru_cache(maxsize=1)
def _logistic() -> tuple[F64, F64]:
    """1 / (1 + exp(-x)) and its integral log(1 + exp(x)), at places evenly spread over the span; rounded, so that every library agrees."""
    places = [-_SPAN + 2 * _SPAN * cell / _CELLS for cell in range(_CELLS + 1)]
    curve = np.array([1 / (1 + math.exp(-place)) for place in places])
    integral = np.array([math.log1p(math.exp(place)) for place in places])
    return np.rint(curve / _GRAIN) * _GRAIN, np.rint(integral / _GRAIN) * _GRAIN


def _looked_up(table: F64, places: F64) -> F64:
    """The table's value at `places`, straight between its entries, flat beyond its ends."""
    where = np.clip((places + _SPAN) * (_CELLS / (2 * _SPAN)), 0, _CELLS)
    cell = np.minimum(where.astype(np.int64), _CELLS - 1)
    low = table[cell]
    found: F64 = low + (table[cell + 1] - low) * (where - cell)
    return found


def _softplus(places: F64) -> F64:
    return np.where(places > _SPAN, places, _looked_up(_logistic()[1], places))

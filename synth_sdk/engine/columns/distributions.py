"""Distributions over a grid of whole numbers, by look-up tables of integers.

Logarithms and exponentials are taken while a table is built, and rounded to the grid; drawing itself is integer arithmetic, so that
every CPU draws the same values.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Protocol

import numpy as np

from synth_sdk.engine.columns.failure import NotColumnarError
from synth_sdk.engine.columns.lanes import I64, U64, Weighted, below

_CELLS = 12  # bits: a quantile table has 2**12 cells, between which it is interpolated
_WITHIN = 32 - _CELLS
_TAIL = 1e-6  # the share beyond which tails are cut
_LARGEST_SUPPORT = 1 << 16
_LARGEST_GRID = 1 << 42


class Distribution(Protocol):
    """Draws numbers in range(size) from 64 random bits each."""

    def draw(self, bits: U64) -> I64: ...


@dataclass(frozen=True, slots=True)
class Uniform:
    size: int

    def draw(self, bits: U64) -> I64:
        return below(bits, self.size)


@dataclass(frozen=True, slots=True, eq=False)
class Quantiles:
    """A distribution given by its quantiles at 0, 1/4096 ... 1."""

    table: I64

    def draw(self, bits: U64) -> I64:
        upper = (bits >> np.uint64(32)).view(np.int64)
        cell = upper >> _WITHIN
        low = self.table[cell]
        drawn: I64 = low + ((self.table[cell + 1] - low) * (upper & ((1 << _WITHIN) - 1)) >> _WITHIN)
        return drawn


@dataclass(frozen=True, slots=True)
class Curve:
    """A continuous distribution: its cumulative function and that function's inverse."""

    cumulative: Callable[[float], float]
    inverse: Callable[[float], float]


def normal(mean: float, sd: float) -> Curve:
    """The normal distribution."""
    shape = NormalDist(mean, sd)
    return Curve(shape.cdf, shape.inv_cdf)


def lognormal(median: float, sigma: float) -> Curve:
    """The distribution whose logarithm is normal, with standard deviation `sigma`."""
    shape = NormalDist()
    return Curve(
        lambda value: shape.cdf(math.log(value / median) / sigma) if value > 0 else 0.0,
        lambda share: median * math.exp(sigma * shape.inv_cdf(share)),
    )


def exponential(mean: float) -> Curve:
    """The exponential distribution from 0 up."""
    return Curve(lambda value: -math.expm1(-max(value, 0.0) / mean), lambda share: -mean * math.log1p(-share))


def quantiles(curve: Curve, low: float, unit: float, size: int) -> Quantiles:
    """`curve` cut to the grid low, low + unit ... (`size` values). NotColumnarError if it has no mass there."""
    if size > _LARGEST_GRID:
        raise NotColumnarError("the bounds are too far apart for a distribution")
    first, last = curve.cumulative(low), curve.cumulative(low + unit * (size - 1))
    first, last = max(first, _TAIL), min(last, 1 - _TAIL)
    if last - first <= 1e-9:
        raise NotColumnarError("the distribution lies outside the bounds")
    cells = 1 << _CELLS
    shares = (first + (last - first) * cell / cells for cell in range(cells + 1))
    places = [min(max(round((curve.inverse(share) - low) / unit), 0), size - 1) for share in shares]
    return Quantiles(np.array(places, np.int64))


def skewed(size: int) -> Quantiles:
    """Small values common, large ones rare, as with amounts of money: lognormal with its median at 18% of the range."""
    if size > _LARGEST_GRID:
        raise NotColumnarError("the bounds are too far apart for a distribution")
    return Quantiles(np.array([share * (size - 1) >> 32 for share in _skewed_shares()], np.int64))


@lru_cache(maxsize=1)
def _skewed_shares() -> tuple[int, ...]:
    """Quantiles of the skewed range, in units of 2**-32."""
    return tuple(quantiles(lognormal(0.18 * 2**32, 0.85), 0.0, 1.0, 2**32 + 1).table.tolist())


def poisson(mean: float, first: int, size: int) -> Weighted:
    """Counts with that mean, cut to first ... first + size - 1; drawn values count from 0 for `first`."""
    top = min(size, int(mean + 12 * math.sqrt(mean) + 30) - first + 1)
    if not 0 < top <= _LARGEST_SUPPORT:
        raise NotColumnarError("the distribution lies outside the bounds")
    logs = [
        count * math.log(mean) - mean - math.lgamma(count + 1) if count >= 0 else -math.inf for count in range(first, first + top)
    ]
    return Weighted.of([math.exp(value - max(logs)) for value in logs])


def zipf(exponent: float, size: int) -> Weighted:
    """Ranks from 0, the k-th as often as (k + 1) ** -exponent; the ranks beyond 65,536 are left out."""
    return Weighted.of([rank**-exponent for rank in range(1, min(size, _LARGEST_SUPPORT) + 1)])

"""Processes of constant intensity: the time of arrival n, for any n, without what came before it.

A Poisson process is cut into epochs of 4,096 arrivals. The length of an epoch follows a gamma distribution, and given it the arrivals
inside are uniform order statistics, so sorting hashed numbers makes them. Where an epoch begins is found by halving: arrivals 2**k to
2**(k+1) take a gamma time of their own, and the share of the first half of any run is beta distributed and independent of its length.
So the arrival of number 10**12 costs some thirty draws, and no sum over those before it.

Times are whole ticks; quantiles are rounded to 2**-24 and all that follows is integer arithmetic, so that every CPU agrees.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import isqrt
from statistics import NormalDist
from typing import Protocol

import numpy as np

from synth_sdk.core.seeds import derive
from synth_sdk.engine.columns.lanes import I64, Rows, below, label

TICKS = 16  # in a microsecond
SECOND = TICKS * 1_000_000
EPOCH = 4096  # arrivals
_UNIT = 32  # bits: runs are measured in 2**-32 of the mean gap
_FINE = 24  # bits of a normal quantile
_KEPT = 96  # epochs at hand
_NORMAL = NormalDist()


class Gaps(Protocol):
    """Ticks from the start to each of the arrivals `rows`, which are in any order; arrivals of higher numbers are never earlier."""

    def at(self, rows: I64) -> I64: ...


def gap_of(rate: float) -> Fraction:
    """The mean gap in ticks for `rate` arrivals a second, as a ratio whose parts are small enough for 64 bits."""
    return (SECOND / Fraction(rate)).limit_denominator(1_000_000)


@dataclass(frozen=True, slots=True)
class Regular:
    """One arrival every `gap` ticks, the first at the start."""

    gap: Fraction

    def at(self, rows: I64) -> I64:
        whole, rest = divmod(self.gap.numerator, self.gap.denominator)
        ticks: I64 = rows * whole + rows * rest // self.gap.denominator
        return ticks


class Poisson:
    """Independent arrivals, `gap` ticks apart on average."""

    def __init__(self, gap: Fraction, seed: int) -> None:
        self._gap, self._seed = gap, seed
        self._lane = label(seed, "arrivals")
        self._run = lru_cache(maxsize=4096)(self._measured)
        self._before = lru_cache(maxsize=128)(self._up_to)
        self._epoch = lru_cache(maxsize=_KEPT)(self._arrivals)

    def at(self, rows: I64) -> I64:
        if (rows[1:] < rows[:-1]).any():
            order = np.argsort(rows, kind="stable")
            ticks = np.empty(len(rows), np.int64)
            ticks[order] = self.at(rows[order])
            return ticks
        if not len(rows):
            return np.zeros(0, np.int64)
        epochs, inside = np.divmod(rows, EPOCH)
        known, first = np.unique(epochs, return_index=True)
        runs = zip(known.tolist(), np.split(inside, first[1:]), strict=True)
        return np.concatenate([self._epoch(epoch)[places] for epoch, places in runs])

    def _arrivals(self, epoch: int) -> I64:
        """Ticks of the arrivals of one epoch; the last one ends it."""
        begin, length = self._run(0, epoch)
        first, last = self._ticks(begin), self._ticks(begin + length)
        inside = np.sort(Rows.of(range(epoch * EPOCH, (epoch + 1) * EPOCH - 1)).draw(self._lane))
        return np.append(below(inside, max(last - first, 1)) + first, last)

    def _ticks(self, units: int) -> int:
        return units * self._gap.numerator // (self._gap.denominator << _UNIT)

    def _measured(self, level: int, place: int) -> tuple[int, int]:
        """Where the run of epochs place * 2**level up to (place + 1) * 2**level begins, and its length, in units."""
        if place == 0:
            return 0, self._before(level)
        if place == 1:
            return self._before(level), self._gamma(level, place)
        begin, length = self._run(level + 1, place // 2)
        first = self._half(level, place // 2, length)
        return (begin + first, length - first) if place % 2 else (begin, first)

    def _up_to(self, level: int) -> int:
        """The length of the first 2**level epochs."""
        return self._gamma(0, 0) if level == 0 else self._before(level - 1) + self._gamma(level - 1, 1)

    def _gamma(self, level: int, place: int) -> int:
        """A gamma quantile by Cornish and Fisher's expansion, whose error is below 1/10,000 of a mean gap at such shapes."""
        shape = EPOCH << level
        z = self._normal("run", level, place)
        root = isqrt(shape << 2 * _UNIT)
        up = _UNIT - _FINE
        second = (((z * z >> _FINE) - (1 << _FINE)) << up) // 3
        third = (((z**3 >> 2 * _FINE) - 7 * z) << (up + _UNIT)) // (36 * root)
        return (shape << _UNIT) + (root * z >> _FINE) + second + third

    def _half(self, level: int, parent: int, length: int) -> int:
        """The part of `length` that the first of two runs takes: symmetric beta, by the same expansion."""
        shape = EPOCH << level
        z = self._normal("half", level, parent)
        bent = z - ((z**3 >> 2 * _FINE) - 3 * z) // (4 * (2 * shape + 3))
        off = (bent << _UNIT) // (2 * isqrt((2 * shape + 1) << 2 * _FINE))
        return length * ((1 << (_UNIT - 1)) + off) >> _UNIT

    def _normal(self, name: str, level: int, place: int) -> int:
        bits = derive(self._seed, "arrivals", name, level, place) >> 11
        return round(_NORMAL.inv_cdf((bits + 0.5) / 2**53) * (1 << _FINE))

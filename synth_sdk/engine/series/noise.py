"""Noise: white, or autoregressive of order one, with standard deviation 1.

AR(1) noise is a Markov process, so a value in the middle of two others, each `d` ticks away, is normal given those: with mean
(a + b) * phi**d / (1 + phi**(2 d)) and variance (1 - phi**(2 d)) / (1 + phi**(2 d)). Values far apart are drawn first - so far that they
have nothing to do with each other - and those between them by halving, as Levy did for Brownian motion. So any tick is reached in a
few steps from the nearest far ones, whatever came before, and a stretch of ticks costs two draws each at most.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth_sdk.engine.columns.lanes import U64
from synth_sdk.engine.series.frame import Frame, draw, entity_keys
from synth_sdk.engine.series.normal import F64, normal

_FORGOTTEN = 1e-5  # a correlation that is none


@dataclass(frozen=True, slots=True)
class Noise:
    """Independent noise of one lane. `halvings`: (distance, weight of the sum of both neighbours, standard deviation), largest first."""

    lane: int
    halvings: tuple[tuple[int, float, float], ...] = ()

    @classmethod
    def of(cls, lane: int, ar: float = 0.0) -> "Noise":
        """`ar`: the correlation of neighbouring ticks, above -1 and below 1."""
        return cls(lane, tuple(reversed(_halvings(ar))) if ar else ())

    def draw(self, frame: Frame) -> F64:
        """A matrix of the frame's shape."""
        keys = entity_keys(self.lane, frame.entities)
        if not self.halvings:
            return normal(draw(keys, frame.ticks))
        return self._halved(keys, frame)

    def _halved(self, keys: U64, frame: Frame) -> F64:
        step = self.halvings[0][0] * 2
        low, high = frame.first // step, -(-(frame.stop - 1) // step)
        values = normal(draw(keys, np.arange(low, high + 1, dtype=np.int64) * step))
        for half, weight, deviation in self.halvings:
            middle = normal(draw(keys, np.arange(low, high, dtype=np.int64) * (2 * half) + half))
            middle *= deviation
            middle += (values[:-1] + values[1:]) * weight
            both = np.empty((2 * len(values) - 1, values.shape[1]))
            both[::2], both[1::2] = values, middle
            before, after = frame.first // half - 2 * low, 2 * high - -(-(frame.stop - 1) // half)
            low, high = low * 2 + before, high * 2 - after
            values = both[before : len(both) - after]
        return values


def _halvings(ar: float) -> list[tuple[int, float, float]]:
    """From the smallest distance up."""
    steps: list[tuple[int, float, float]] = []
    distance, power = 1, ar
    while not steps or abs(power) > _FORGOTTEN:
        squared = power * power
        steps.append((distance, power / (1 + squared), math.sqrt((1 - squared) / (1 + squared))))
        distance, power = distance * 2, squared
    return steps


@dataclass(frozen=True, slots=True)
class CorrelatedNoise:
    """Noise of several series that go together: row i of `factor`, a lower triangle, mixes the sources into series i."""

    sources: tuple[Noise, ...]
    factor: tuple[tuple[float, ...], ...]

    def draw(self, frame: Frame) -> list[F64]:
        """A matrix for each series."""
        drawn = [source.draw(frame) for source in self.sources]
        return [_mixed(weights, drawn) for weights in self.factor]


def _mixed(weights: Sequence[float], drawn: Sequence[F64]) -> F64:
    total = np.zeros_like(drawn[0])
    for weight, source in zip(weights, drawn, strict=False):
        if weight:
            total += source * weight
    return total


def cholesky(matrix: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    """The lower triangle whose product with its transpose is `matrix`. ValueError if that isn't positive definite."""
    rows: list[list[float]] = []
    for place, wanted in enumerate(matrix):
        row: list[float] = []
        for column in range(place):
            other = rows[column]
            known = sum(mine * theirs for mine, theirs in zip(row, other, strict=False))
            row.append((wanted[column] - known) / other[column])
        rest = wanted[place] - sum(weight * weight for weight in row)
        if rest <= 1e-12:
            raise ValueError("not positive definite")
        rows.append([*row, math.sqrt(rest)])
    return tuple(map(tuple, rows))

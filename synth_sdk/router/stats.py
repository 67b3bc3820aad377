"""Sums that beliefs are made of. Each is additive, so that what two processes saw merges, and can fade, so that old evidence goes.

`keep` in 0-1 is what is left of the earlier evidence when something new is noted: 1 - 1/n remembers about the last n.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field
from typing import NamedTuple, Self


class _Sums:
    """A dataclass of floats, added and scaled field by field."""

    __slots__ = ()

    def merge(self, other: Self, keep: float = 1.0) -> None:
        """Add `other` to what is kept of this."""
        for name in self.__dataclass_fields__:  # type: ignore[attr-defined]
            setattr(self, name, getattr(self, name) * keep + getattr(other, name))

    def dump(self) -> list[float]:
        return [round(value, 9) for value in astuple(self)]  # type: ignore[call-overload]

    @classmethod
    def load(cls, values: Iterable[float]) -> Self:
        """ValueError or TypeError when these are not what `dump` gave."""
        numbers = [float(value) for value in values]
        if not all(map(math.isfinite, numbers)) or len(numbers) != len(cls.__dataclass_fields__):  # type: ignore[attr-defined]
            raise ValueError("not the sums that were written")
        return cls(*numbers)


@dataclass(slots=True)
class Mean(_Sums):
    """A weighted mean and its spread."""

    weight: float = 0.0
    total: float = 0.0
    squares: float = 0.0

    def note(self, value: float, weight: float = 1.0, keep: float = 1.0) -> None:
        self.weight = self.weight * keep + weight
        self.total = self.total * keep + weight * value
        self.squares = self.squares * keep + weight * value * value

    def around(self, prior: float, prior_weight: float) -> float:
        """The mean, as if `prior` had been seen `prior_weight` times before."""
        return (self.total + prior * prior_weight) / (self.weight + prior_weight)

    def deviation(self, least: float = 0.0) -> float:
        """The standard deviation of the values."""
        if self.weight <= 0:
            return least
        mean = self.total / self.weight
        return math.sqrt(max(least * least, self.squares / self.weight - mean * mean))


class Fit(NamedTuple):
    """A line through evidence and prior: `level + slope * x`; variances of both and their covariance."""

    level: float
    slope: float
    level_var: float
    slope_var: float
    covariance: float

    def at(self, x: float) -> float:
        return self.level + self.slope * x

    def variance(self, x: float) -> float:
        return max(1e-9, self.level_var + 2 * x * self.covariance + x * x * self.slope_var)


@dataclass(slots=True)
class Line(_Sums):
    """Weighted sums of y against x, for a Bayesian linear fit (Bishop, Pattern Recognition and Machine Learning, 3.3)."""

    w: float = 0.0
    wx: float = 0.0
    wxx: float = 0.0
    wy: float = 0.0
    wxy: float = 0.0
    wyy: float = 0.0

    def note(self, x: float, y: float, weight: float = 1.0, keep: float = 1.0) -> None:
        self.w = self.w * keep + weight
        self.wx = self.wx * keep + weight * x
        self.wxx = self.wxx * keep + weight * x * x
        self.wy = self.wy * keep + weight * y
        self.wxy = self.wxy * keep + weight * x * y
        self.wyy = self.wyy * keep + weight * y * y

    def fit(self, level: float, level_var: float, slope: float, slope_var: float, fade: float = 1.0) -> Fit:
        """Posterior under independent normal priors; weights are precisions. `fade` scales the evidence."""
        a = 1 / level_var + self.w * fade
        b = self.wx * fade
        d = 1 / slope_var + self.wxx * fade
        u = level / level_var + self.wy * fade
        v = slope / slope_var + self.wxy * fade
        det = a * d - b * b
        return Fit((d * u - b * v) / det, (a * v - b * u) / det, d / det, a / det, -b / det)

    def deviation(self, level: float, slope: float, prior: float, prior_weight: float) -> float:
        """The standard deviation of y about the line `level + slope * x`, as if `prior` had been seen before."""
        squares = (
            self.wyy
            - 2 * (level * self.wy + slope * self.wxy)
            + level * level * self.w
            + 2 * level * slope * self.wx
            + slope * slope * self.wxx
        )
        return math.sqrt(max(1e-6, (max(0.0, squares) + prior * prior * prior_weight) / (self.w + prior_weight)))


_STEP = math.log(1.1)  # buckets are 10% wide


@dataclass(slots=True)
class Sketch:
    """Positive values in buckets that grow by 10%: quantiles within 10%, and additive (as in DDSketch, Masson et al., VLDB 2019)."""

    buckets: dict[int, float] = field(default_factory=dict)

    @property
    def weight(self) -> float:
        return sum(self.buckets.values())

    def note(self, value: float, weight: float = 1.0) -> None:
        if value > 0:
            place = math.ceil(math.log(value) / _STEP - 1e-9)
            self.buckets[place] = self.buckets.get(place, 0.0) + weight

    def quantile(self, share: float) -> float:
        """The upper edge of the bucket in which this quantile lies; 0 when nothing was seen."""
        left = share * self.weight
        for place in sorted(self.buckets):
            left -= self.buckets[place]
            if left <= 1e-9:
                return math.exp(place * _STEP)
        return self.largest

    @property
    def largest(self) -> float:
        """The upper edge of the last bucket."""
        return math.exp(max(self.buckets) * _STEP) if self.buckets else 0.0

    def merge(self, other: "Sketch", keep: float = 1.0) -> None:
        merged = {place: weight * keep for place, weight in self.buckets.items() if weight * keep > 0.01}
        for place, weight in other.buckets.items():
            merged[place] = merged.get(place, 0.0) + weight
        self.buckets = merged

    def dump(self) -> dict[str, float]:
        return {str(place): round(weight, 6) for place, weight in self.buckets.items()}

    @classmethod
    def load(cls, values: Mapping[str, float]) -> "Sketch":
        return cls({int(place): float(weight) for place, weight in values.items()})

"""One word for how the values of a field are spread, by rules that stand in docs/quality.md; and Benford's law."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_sdk.quality.tidy import tidy

POINTS = 500  # quantiles by which a shape is judged
_NAMED = 1000  # different values that a text field may have and still be called categorical
_FEW = 50
_CATEGORIES = 20
_UNIFORM, _NORMAL = 0.02, 0.025  # distances between distribution functions that are let pass in any number of values
_HEAVY = 5.5  # of (q99 - q01) / (q75 - q25): normal 3.4, exponential 4.2, Laplace 5.6, Student with 3 degrees 5.9, log-normal 7.0
_SKEWED = 0.5
_BINS = 32
_VALLEY, _SMALLER = 0.6, 0.1
_KERNEL = np.array([1, 2, 3, 2, 1]) / 9
_BENFORD = np.log10(1 + 1 / np.arange(1, 10))
_FEWEST_DIGITS = 500
_VERDICTS = ((0.006, "close"), (0.012, "acceptable"), (0.015, "marginal"), (math.inf, "nonconforming"))


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a field: its values, the different ones among them, whether those are numbers or moments, and all whole."""

    values: int
    distinct: int
    ordered: bool
    whole: bool


def shape(told: Told, points: NDArray[np.float64]) -> str:
    """`points` are POINTS quantiles at even distances, for numbers and moments."""
    if not told.values:
        return "empty"
    if told.distinct == 1:
        return "constant"
    few = told.distinct * 2 <= told.values
    if not told.ordered:
        return "categorical" if few and told.distinct <= _NAMED else "unique" if _unique(told) else "varied"
    if few and told.distinct <= _CATEGORIES:
        return "categorical"
    if told.values < _FEW:
        return "few values"
    return _of_points(points, told)


def _unique(told: Told) -> bool:
    return told.distinct >= 0.999 * told.values


def _of_points(points: NDArray[np.float64], told: Told) -> str:
    low, high, mean, spread = points[0], points[-1], points.mean(), points.std()
    if not spread:
        return "constant"
    ranks = (np.arange(len(points)) + 0.5) / len(points)
    slack = 1 / math.sqrt(told.values)
    if np.abs((points - low) / (high - low) - ranks).max() <= max(_UNIFORM, 1.36 * slack):
        return "unique" if told.whole and told.distinct == told.values else "uniform"
    if np.abs(_normal((points - mean) / spread) - ranks).max() <= max(_NORMAL, 0.89 * slack):
        return "normal"
    if _bimodal(points, told.values):
        return "bimodal"
    q01, q25, q75, q99 = np.quantile(points, [0.01, 0.25, 0.75, 0.99])
    if q99 - q01 > _HEAVY * (q75 - q25):
        return "heavy-tailed"
    return "skewed" if abs(np.mean(((points - mean) / spread) ** 3)) > _SKEWED else "symmetric"


def _normal(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in values.tolist()])


def _bimodal(points: NDArray[np.float64], values: int) -> bool:
    """Two humps of a smoothed histogram with a valley between them that chance doesn't explain."""
    low, high = np.quantile(points, [0.01, 0.99])
    if low == high:
        return False
    counts = np.convolve(np.histogram(points, _BINS, (low, high))[0], _KERNEL, "same") * values / len(points)
    top = int(np.argmax(counts))
    for other in range(_BINS):
        between = counts[min(top, other) : max(top, other) + 1].min()
        lower = counts[other]
        if lower >= _SMALLER * counts[top] and between < _VALLEY * lower and lower - between > 3 * math.sqrt(lower):
            return True
    return False


def benford(numbers: NDArray[np.float64], spread: "tuple[float, float]") -> Mapping[str, Any] | None:
    """How the first digits compare with Benford's law, where it can be asked: positive numbers of which the middle 98 % (`spread`)
    span three orders of magnitude. The mean absolute deviation and its verdicts are Nigrini's (Benford's Law, Wiley 2012, table 7.1).
    """
    low, high = spread
    if len(numbers) < _FEWEST_DIGITS or low <= 0 or high < 1000 * low or numbers.min() <= 0:
        return None
    digits = first_digits(numbers)
    shares = np.bincount(digits, minlength=10)[1:10] / len(digits)
    deviation = float(np.abs(shares - _BENFORD).mean())
    verdict = next(word for most, word in _VERDICTS if deviation <= most)
    return {"mad": tidy(deviation), "verdict": verdict, "first_digits": [tidy(share) for share in shares.tolist()]}


def first_digits(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """The first significant digit of positive numbers."""
    scaled = numbers / 10.0 ** np.floor(np.log10(numbers))  # 0.999... or 10.0 where the logarithm was rounded
    return np.clip(np.floor(np.round(scaled, 12)), 1, 9).astype(np.int64)

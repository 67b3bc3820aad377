"""Two tests of whether two samples are from one distribution, and their p-values, by short formulas: no scipy is needed."""

import math

import numpy as np
from numpy.typing import NDArray

_TERMS = 100
_TINY = 1e-300
_EPSILON = 1e-15
_MOST_STEPS = 100_000


def kolmogorov(x: float) -> float:
    """The chance that the Kolmogorov distribution exceeds `x`: its alternating series, or for small x the one of Jacobi's theta function."""
    if x <= 0:
        return 1.0
    if x < 1.18:  # where the two series take about as many terms
        y = math.exp(-(math.pi**2) / (8 * x * x))
        return 1.0 - math.sqrt(2 * math.pi) / x * math.fsum(math.pow(y, (2 * k - 1) ** 2) for k in range(1, 6))
    return min(1.0, 2 * math.fsum((-1.0) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, _TERMS)))


def gamma_q(a: float, x: float) -> float:
    """The regularised upper incomplete gamma function: a series for the lower one, or Lentz's continued fraction."""
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    return 1.0 - scale * _lower_series(a, x) if x < a + 1 else scale * _upper_fraction(a, x)


def _lower_series(a: float, x: float) -> float:
    term = total = 1.0 / a
    for step in range(1, _MOST_STEPS):
        term *= x / (a + step)
        total += term
        if term < total * _EPSILON:
            break
    return total


def _upper_fraction(a: float, x: float) -> float:
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    found = d
    for step in range(1, _MOST_STEPS):
        factor = -step * (step - a)
        b += 2
        d = factor * d + b
        d = 1 / (d if abs(d) > _TINY else _TINY)
        c = b + factor / (c if abs(c) > _TINY else _TINY)
        found *= d * c
        if abs(d * c - 1) < _EPSILON:
            break
    return found


def kolmogorov_smirnov(own: NDArray[np.float64], like: NDArray[np.float64]) -> tuple[float, float]:
    """The greatest distance of the two distribution functions, and its p-value with Stephens' correction (Journal of the Royal Statistical
    Society B 32, 1970). With many equal values the p-value is on the safe side: too large.
    """
    own, like = np.sort(own), np.sort(like)
    every = np.concatenate([own, like])
    mine = np.searchsorted(own, every, side="right") / len(own)
    theirs = np.searchsorted(like, every, side="right") / len(like)
    distance = float(np.abs(mine - theirs).max())
    root = math.sqrt(len(own) * len(like) / (len(own) + len(like)))
    return distance, kolmogorov((root + 0.12 + 0.11 / root) * distance)


def chi_square(own: NDArray[np.int64], like: NDArray[np.int64], fewest: float = 5.0) -> tuple[float, int, float]:
    """Pearson's statistic of two rows of counts, its degrees of freedom and p-value.

    Categories of which fewer than `fewest` are expected in either sample are taken together (Cochran 1954).
    """
    table = np.array([own, like], np.float64)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / max(1.0, table.sum())
    rare = (expected < fewest).any(axis=0)
    table = np.column_stack([table[:, ~rare], table[:, rare].sum(axis=1)]) if rare.any() else table
    table = table[:, table.any(axis=0)]
    degrees = table.shape[1] - 1
    if degrees < 1 or not table.any(axis=1).all():
        return 0.0, 0, 1.0
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return statistic, degrees, gamma_q(degrees / 2, statistic / 2)

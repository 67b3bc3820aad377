"""The usual range of a number, by what its name means."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from synth_sdk.schema.names import snake


@dataclass(frozen=True, slots=True)
class Range:
    """From `least` to `most` with so many `decimals`. `skewed`: small values are common, large ones rare, as with amounts of money."""

    least: int
    most: int
    decimals: int
    skewed: bool = False


UNKNOWN = Range(0, 1000, 2)
_RANGES = {  # ending of the name
    "age": Range(18, 80, 0),
    "quantity qty": Range(1, 10, 0, skewed=True),
    "stock count inventory": Range(0, 500, 0),
    "price amount cost fee subtotal total charge": Range(5, 500, 2, skewed=True),
    "salary income revenue": Range(28_000, 140_000, 2, skewed=True),
    "balance budget": Range(0, 20_000, 2, skewed=True),
    "tax shipping discount": Range(0, 50, 2, skewed=True),
    "rating stars": Range(1, 5, 1),
    "score percent percentage progress": Range(0, 100, 1),
    "rate ratio probability confidence": Range(0, 1, 3),
    "latitude lat": Range(-60, 70, 6),
    "longitude lon lng long": Range(-180, 180, 6),
    "year": Range(1990, 2025, 0),
    "month": Range(1, 12, 0),
    "day": Range(1, 28, 0),
    "hour": Range(0, 23, 0),
    "minute second": Range(0, 59, 0),
    "port": Range(1024, 49151, 0),
    "weight": Range(1, 90, 2, skewed=True),
    "height width length depth": Range(10, 200, 1),
    "duration": Range(1, 3600, 1, skewed=True),
    "latency ms": Range(1, 5000, 1, skewed=True),
    "temperature": Range(-10, 35, 1),
    "humidity": Range(20, 90, 1),
    "size bytes": Range(100, 5_000_000, 0, skewed=True),
    "id": Range(1, 999_999, 0),
    "page": Range(1, 20, 0),
    "limit": Range(10, 100, 0),
    "version": Range(1, 9, 0),
    "status_code": Range(200, 504, 0),
}
_RANGE_OF = {word: limits for words, limits in _RANGES.items() for word in words.split()}


@lru_cache(maxsize=20_000)
def usual_range(name: str) -> Range:
    """What a number called `name` is like."""
    plain = snake(name)
    return _RANGE_OF.get(plain) or _RANGE_OF.get(plain.rsplit("_", 1)[-1]) or UNKNOWN


def window(usual: Range, low: Fraction | None, high: Fraction | None, step: Fraction) -> tuple[Fraction, Fraction]:
    """The bounds to draw between: the usual range where the declared bounds allow it, otherwise a stretch at the declared one."""
    least, most = Fraction(usual.least), Fraction(usual.most)
    stretch = max(Fraction(1000), 100 * step)
    if low is not None and high is not None and (low > least or high < most or usual is UNKNOWN):
        return low, high
    first = least if low is None else max(low, least)
    last = most if high is None else min(high, most)
    if last - first < step or last <= first:
        first = low if low is not None else (high or Fraction(0)) - stretch
        last = high if high is not None else first + stretch
    return first, last


def grid_step(multiples: Sequence[float | int], whole: bool) -> Fraction | None:
    """The grid on which a number has to lie; None: anywhere."""
    steps = [Fraction(str(multiple)) for multiple in multiples] + ([Fraction(1)] if whole else [])
    if not steps:
        return None
    return Fraction(math.lcm(*(step.numerator for step in steps)), math.gcd(*(step.denominator for step in steps)))

"""Histograms, made of buckets: a bucket counts where its middle lies."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_sdk.quality.hashing import I64
from synth_sdk.quality.tidy import tidy

_BINS = 20
_FEWEST = 10
_WIDE = 200  # what such a bin lacks at the end is less than a tenth of it
_LONG_TAIL = 100  # times the median is the highest value where bins get wider and wider


def histogram(
    values: NDArray[np.float64], counts: I64, low: float, high: float, *, whole: bool, digits: int = 10
) -> dict[str, Any]:
    """`counts[i]` values lie about `values[i]` (in order), all between `low` and `high`: twenty bins at most.

    Bins are even, or in even proportion (`scale` "log") where positive numbers have a long tail. Those of whole numbers hold whole
    numbers each: their edges lie half-way between.
    """
    if low == high:
        return {"edges": [tidy(low, digits), tidy(high, digits)], "counts": [int(counts.sum())], "scale": "linear"}
    median = float(values[np.searchsorted(np.cumsum(counts), counts.sum() / 2)])
    scale = "log" if low > 0 and high > _LONG_TAIL * max(median, low) else "linear"
    edges = _edges(low, high, scale, whole)
    found = np.histogram(np.clip(values, edges[0], edges[-1]), edges, weights=counts)[0]
    return {"edges": [tidy(edge, digits) for edge in edges.tolist()], "counts": found.astype(np.int64).tolist(), "scale": scale}


def _edges(low: float, high: float, scale: str, whole: bool) -> NDArray[np.float64]:
    if scale == "log":
        return np.exp(np.linspace(math.log(low), math.log(high), _BINS + 1), dtype=np.float64)
    if whole and high - low < 2.0**52:
        width = _whole_width(high - low + 1)
        bins = math.ceil((high - low + 1) / width)
        return low - 0.5 + width * np.arange(bins + 1, dtype=np.float64)
    steps = np.arange(_BINS + 1) / _BINS
    return low * (1 - steps) + high * steps


def _whole_width(span: float) -> int:
    """Whole numbers in a bin, of `span` in all: so that as little as may be of the last bin is missing, which else looks like fewer values."""
    least = max(1, math.ceil(span / _BINS))
    if least == 1 or least >= _WIDE:
        return least
    return min(range(least, math.ceil(span / _FEWEST) + 1), key=lambda width: (-span % width / width, width))

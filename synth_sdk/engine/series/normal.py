"""Standard normal numbers from random bits, by a table of quantiles.

Between neighbouring quantiles a number is interpolated, with arithmetic alone: the same bits give the same number on every CPU, which
numpy's logarithms don't promise. The table has mean 0 and variance 1 to eight digits; nothing lies beyond 4.5 standard deviations.
"""

from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from synth_sdk.engine.columns.lanes import U64

F64 = NDArray[np.float64]
_CELLS = 14  # bits
_WITHIN = np.uint64(64 - _CELLS)
_MASK = np.uint64((1 << (64 - _CELLS)) - 1)
_END = 4.5  # standard deviations
_GRAIN = 2.0**-36  # table entries are whole multiples of it, so that no library's last bit shows


@lru_cache(maxsize=1)
def _table() -> tuple[F64, F64]:
    """Where each cell begins, and how much it rises for each unit of the bits below."""
    cells = 1 << _CELLS
    curve = NormalDist()
    upper = [curve.inv_cdf(0.5 + place / cells) for place in range(cells // 2)] + [_END]
    edges = np.array([-edge for edge in reversed(upper[1:])] + upper)
    low, high = edges[:-1], edges[1:]
    variance = float(np.mean((low * low + low * high + high * high) / 3))  # of the mixture of even cells
    edges = np.rint(edges / variance**0.5 / _GRAIN) * _GRAIN
    return edges[:-1].copy(), np.diff(edges) * 2.0 ** -int(_WITHIN)


def normal(bits: U64) -> F64:
    """A standard normal number for each of `bits`, in the same shape."""
    starts, rises = _table()
    cell = (bits >> _WITHIN).view(np.int64)
    within = (bits & _MASK).view(np.int64).astype(np.float64)
    within *= rises.take(cell)
    within += starts.take(cell)
    return within

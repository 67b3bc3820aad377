"""Whole numbers counted: the different ones in order, each with how often it came."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_sdk.quality.hashing import I64

_WIDE = 1 << 16  # a range that is worth a counter for each number in it


def counted(keys: I64, times: I64 | None = None) -> tuple[I64, I64]:
    """The different keys in order with their counts; each key came once, or so many `times`."""
    if not len(keys):
        return keys, np.zeros(0, np.int64)
    low, high = keys.min(), keys.max()
    if low == high:
        return keys[:1], np.array([len(keys) if times is None else times.sum()], np.int64)
    if int(high) - int(low) < _WIDE:
        counts = np.bincount(keys - low, times).astype(
            np.int64, copy=False
        )  # weighted sums are whole, and small enough for doubles
        found = np.flatnonzero(counts)
        return found + low, counts[found]
    return np.unique(keys, return_counts=True) if times is None else summed([(keys, times)])


def summed(parts: Sequence[tuple[Any, I64]]) -> tuple[Any, I64]:
    """The different keys of all parts in order, with the sums of their counts."""
    keys, counts = np.concatenate([some for some, _ in parts]), np.concatenate([times for _, times in parts])
    if not len(keys):
        return keys, counts
    order = np.argsort(keys, kind="stable")  # quick where the parts are in order
    keys, counts = keys[order], counts[order]
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return keys[starts], np.add.reduceat(counts, starts)


def total(there: NDArray[np.bool_], times: I64 | None) -> int:
    """How many of the counted are `there`."""
    return int(np.count_nonzero(there) if times is None else times[there].sum())

"""Flat arrays: growing ones, and stretches of them laid end to end."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_sdk.engine.columns.digests import sums_between
from synth_sdk.engine.columns.lanes import I64, U64, mix

_32 = np.uint64(32)


class Growing:
    """A one-dimensional array that grows at its end."""

    __slots__ = ("_data", "size")

    def __init__(self, dtype: Any) -> None:
        self._data = np.zeros(256, dtype)
        self.size = 0

    @property
    def view(self) -> NDArray[Any]:
        """What has been added so far; it stays valid until more is added."""
        return self._data[: self.size]

    def extend(self, values: Sequence[Any] | NDArray[Any]) -> int:
        """Add `values`; where they begin."""
        start, stop = self.size, self.size + len(values)
        if stop > len(self._data):
            self._data = np.concatenate([self._data, np.zeros(max(stop, 256), self._data.dtype)])
        self._data[start:stop] = values
        self.size = stop
        return start

    def add(self, value: Any) -> int:
        place = self.size
        if place == len(self._data):
            return self.extend((value,))
        self._data[place] = value
        self.size = place + 1
        return place


class Stretches:
    """Lists of numbers, one behind the other; list i is `values[starts[i]:][:lengths[i]]`."""

    __slots__ = ("lengths", "starts", "values")

    def __init__(self) -> None:
        self.values, self.starts, self.lengths = Growing(np.int64), Growing(np.int64), Growing(np.int64)

    def __len__(self) -> int:
        return self.starts.size

    def add(self, values: Sequence[int]) -> int:
        """Add a list; its number."""
        self.starts.add(self.values.extend(values))
        return self.lengths.add(len(values))

    def laid(self, chosen: NDArray[Any]) -> tuple[I64, I64]:
        """The members of the chosen lists end to end, and how long each is."""
        lengths = self.lengths.view[chosen]
        return self.values.view[run(self.starts.view[chosen], lengths)], lengths


def run(starts: NDArray[Any], lengths: NDArray[Any]) -> I64:
    """starts[0], starts[0] + 1, ... (lengths[0] of them), then those of starts[1]: positions of stretches laid end to end."""
    ends = np.cumsum(lengths, dtype=np.int64)
    if not len(ends):
        return np.zeros(0, np.int64)
    places: I64 = np.arange(ends[-1], dtype=np.int64) + np.repeat(starts - ends + lengths, lengths)
    return places


def below_each(bits: U64, sizes: NDArray[Any]) -> I64:
    """Numbers in range(size) for sizes under 2**32, from the upper halves of `bits`."""
    found: I64 = ((bits >> _32) * sizes.astype(np.uint64) >> _32).view(np.int64)
    return found


def summed(values: U64, counts: NDArray[Any]) -> U64:
    """Sums of stretches laid end to end, modulo 2**64."""
    ends = np.cumsum(counts)
    before = np.zeros(len(values) + 1, np.uint64)
    np.cumsum(values, out=before[1:])
    sums: U64 = before.take(ends)
    sums -= before.take(ends - counts)
    return sums


def digests_of_lists(digests: U64, ends: I64) -> U64:
    """64 bits for each list of texts, given those of the texts; the lists end at `ends`."""
    places = np.arange(1, 2 * len(digests), 2, dtype=np.uint64)
    bounds = np.concatenate([[0], ends])
    sums, moments = sums_between(digests, bounds), sums_between(digests * places, bounds)
    return mix(moments - bounds[:-1].view(np.uint64) * np.uint64(2) * sums)

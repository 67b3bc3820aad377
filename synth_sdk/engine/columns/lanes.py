"""Randomness for whole columns: a stateless hash of (seed, path, lane, row).

A lane is an independent stream of 64-bit numbers, one for each row: SplitMix64 (Steele, Lea & Flood 2014) evaluated at the row's
own position. Values depend on no other row, so neither blocks nor shards nor workers can change them; only 64-bit integer
arithmetic is used, so every CPU agrees.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from synth_sdk.core.seeds import derive

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
Mask = NDArray[np.bool_]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_27, _30, _31, _32, _33 = (np.uint64(bits) for bits in (27, 30, 31, 32, 33))
_LOW = np.uint64(0xFFFFFFFF)


def mix(values: U64) -> U64:
    """The SplitMix64 finaliser, a permutation of 64 bits; works in place on `values` and returns them."""
    shifted = values >> _30
    values ^= shifted
    values *= _M1
    np.right_shift(values, _27, out=shifted)
    values ^= shifted
    values *= _M2
    np.right_shift(values, _31, out=shifted)
    values ^= shifted
    return values


@lru_cache(maxsize=1 << 16)
def label(seed: int, path: str, lane: str = "") -> int:
    """64 bits that stand for a lane of the field at `path`."""
    return derive(seed, "column", path, lane)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A run of rows: `keys` are 64 bits for each that tell it from all others; `index` its number among the records, for rows of
    the root only.
    """

    keys: U64
    index: I64 | None = None

    @classmethod
    def of(cls, rows: range) -> "Rows":
        """The root rows `rows`."""
        return cls.at(np.arange(rows.start, rows.stop, dtype=np.int64))

    @classmethod
    def at(cls, index: I64) -> "Rows":
        """The root rows of those numbers, in any order, also more than once."""
        return cls(index.view(np.uint64) * _STEP, index)

    def __len__(self) -> int:
        return len(self.keys)

    def draw(self, lane: int) -> U64:
        """64 random bits for each row."""
        return mix(self.keys + np.uint64(lane))

    def items(self, counts: I64, lane: int) -> "Rows":
        """Rows for the items of lists that have `counts` items, list after list. The n-th item is the same whatever the count."""
        starts = np.cumsum(counts) - counts
        places = np.arange(int(counts.sum()), dtype=np.int64) - np.repeat(starts, counts)
        return Rows(mix(np.repeat(self.draw(lane), counts) + places.view(np.uint64) * _STEP))

    def some(self, chosen: NDArray[np.intp]) -> "Rows":
        """The rows at the positions `chosen`."""
        return Rows(self.keys[chosen], None if self.index is None else self.index[chosen])


def below(bits: U64, size: int) -> I64:
    """Numbers in range(size) from the upper halves of `bits`; for sizes of 2**24 and more from all of them.

    The bias of a value is under size / 2**32 (2**-8), and under size / 2**64 for the large sizes.
    """
    if size < 1 << 24:
        return ((bits >> _32) * np.uint64(size) >> _32).view(np.int64)
    return _high_product(bits, size).view(np.int64)


def below_again(bits: U64, size: int) -> I64:
    """A second, independent draw from the lower halves of `bits`; `size` under 2**24."""
    return ((bits & _LOW) * np.uint64(size) >> _32).view(np.int64)


def between(bits: U64, low: int, high: int) -> I64:
    """Numbers in [low, high]; the span under 2**63."""
    drawn = below(bits, high - low + 1)
    return drawn + low if low else drawn


def chance(bits: U64, share: float) -> Mask:
    """True for `share` of the rows, from the lower halves of `bits`."""
    return (bits & _LOW) < np.uint64(min(round(share * 2**32), 2**32))


def _high_product(bits: U64, size: int) -> U64:
    """The upper 64 bits of bits * size, by halves."""
    factor = np.uint64(size & 0xFFFFFFFF), np.uint64(size >> 32)
    low, high = bits & _LOW, bits >> _32
    middle = high * factor[0] + (low * factor[0] >> _32)
    cross = low * factor[1] + (middle & _LOW)
    product: U64 = high * factor[1] + (middle >> _32) + (cross >> _32)
    return product


@dataclass(frozen=True, slots=True, eq=False)
class Weighted:
    """Draws positions with given weights: Walker's alias method, exact to 2**-32."""

    limits: U64
    aliases: I64

    @classmethod
    def of(cls, weights: Sequence[float]) -> "Weighted":
        size, total = len(weights), sum(weights)
        scaled = [weight * size / total for weight in weights]
        limits, aliases = [2**32] * size, list(range(size))
        small = [place for place, share in enumerate(scaled) if share < 1]
        large = [place for place, share in enumerate(scaled) if share >= 1]
        while small and large:
            less, more = small.pop(), large[-1]
            limits[less], aliases[less] = round(scaled[less] * 2**32), more
            scaled[more] -= 1 - scaled[less]
            if scaled[more] < 1:
                small.append(large.pop())
        return cls(np.array(limits, np.uint64), np.array(aliases, np.int64))

    def draw(self, bits: U64) -> I64:
        places = below(bits, len(self.limits))
        return np.where((bits & _LOW) < self.limits[places], places, self.aliases[places])


def permute(rows: I64, size: int, key: int) -> I64:
    """Where each of `rows` (in range(size)) goes under the permutation of range(size) that `key` names.

    A Feistel network of four rounds on the next even number of bits, walked along its cycle until it is back in range, so that
    values are unique by construction at any scale. `size` is at most 2**62.
    """
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    result = rows.astype(np.uint64)
    pending = np.arange(len(result))
    while len(pending):
        walked = _feistel(result[pending], half, key)
        result[pending] = walked
        pending = pending[walked >= np.uint64(size)]
    return result.view(np.int64)


def _feistel(values: U64, half: int, key: int) -> U64:
    bits, low = np.uint64(half), np.uint64((1 << half) - 1)
    left, right = values >> bits, values & low
    for turn in range(4):
        left, right = right, left ^ (mix(right * _STEP + np.uint64(derive(key, turn))) & low)
    return left << bits | right

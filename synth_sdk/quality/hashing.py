"""64-bit digests of values: equal for equal values, evenly spread for different ones, whatever batch they stand in."""

from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth_sdk.core.seeds import derive

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_27, _30, _31, _32 = (np.uint64(bits) for bits in (27, 30, 31, 32))
_KEPT = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)  # the low bytes of a word
_WORD = 8
_SHORT = 96  # bytes
_WHOLE = 2.0**53


def mix(values: U64) -> U64:
    """The SplitMix64 finaliser (Steele, Lea & Flood 2014), a permutation of 64 bits; works in place and returns `values`."""
    values ^= values >> _30
    values *= _M1
    values ^= values >> _27
    values *= _M2
    values ^= values >> _31
    return values


TRUTHS: U64 = mix(np.array([0x66616C7365, 0x74727565], np.uint64))  # of false and of true


def of_rows(rows: I64) -> U64:
    """Of the numbers of rows."""
    return mix((rows.astype(np.uint64) + np.uint64(1)) * _STEP)


def of_numbers(values: NDArray[np.int64] | NDArray[np.uint64] | NDArray[np.float64]) -> U64:
    """Of whole numbers and finite floats; 5 and 5.0 are the same JSON value and have the same digest."""
    if values.dtype.kind in "iu":
        return mix(values.astype(np.uint64) + _STEP)
    whole = (np.abs(values) < _WHOLE) & (np.floor(values) == values)
    integers = np.where(whole, values, 0.0).astype(np.int64).view(np.uint64)
    return mix(np.where(whole, integers, values.view(np.uint64)) + _STEP)


def bounds_of(texts: pa.StringArray) -> I64:
    """Where each text begins in the data, and where the last ends; in bytes."""
    if not len(texts):
        return np.zeros(1, np.int64)
    ends = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return ends.astype(np.int64)


def of_texts(texts: pa.StringArray) -> U64:
    """Of texts without nulls: the sum of their words of eight bytes, each mixed by its place, then mixed with the length."""
    bounds = bounds_of(texts)
    lengths = np.diff(bounds)
    total = lengths.astype(np.uint64)
    longest = int(lengths.max()) if len(lengths) else 0
    if longest > _SHORT:
        _add_long(total, texts, bounds, longest)
    elif longest:
        _add_short(total, texts, -(-longest // _WORD))
    return mix(total + _STEP)


def _add_short(total: U64, texts: pa.StringArray, words: int) -> None:
    """Padded with zeros to an even width, the texts are a matrix of words, read a column at a time."""
    padded = pc.ascii_rpad(texts, words * _WORD, "\0")
    start = int(bounds_of(padded)[0])
    matrix = np.frombuffer(padded.buffers()[2], np.uint64, len(texts) * words, start).reshape(-1, words)
    word, shifted = np.empty(len(texts), np.uint64), np.empty(len(texts), np.uint64)
    for place, factor in enumerate(_factors(words)):  # without a new array for each step: this is where a profile spends its time
        np.right_shift(matrix[:, place], _32, out=word)
        np.bitwise_xor(matrix[:, place], word, out=word)
        np.multiply(word, factor, out=word)
        np.right_shift(word, _32, out=shifted)
        np.bitwise_xor(word, shifted, out=word)
        np.add(total, word, out=total)


def _add_long(total: U64, texts: pa.StringArray, bounds: I64, longest: int) -> None:
    """A word is looked up where it stands; only the texts that have one at a place are asked for it."""
    data = np.zeros(int(bounds[-1] - bounds[0]) + _WORD, np.uint8)  # so that a word can be read at the very end
    data[:-_WORD] = np.frombuffer(texts.buffers()[2], np.uint8)[bounds[0] : bounds[-1]]
    every: U64 = np.ndarray((len(data) - _WORD + 1,), np.uint64, data, 0, (1,))
    starts, lengths = bounds[:-1] - bounds[0], np.diff(bounds)
    rows = np.flatnonzero(lengths)
    factors = _factors(-(-longest // _WORD))
    for place in range(0, longest, _WORD):
        rows = rows[lengths[rows] > place]
        word = every[starts[rows] + place] & _KEPT[np.minimum(lengths[rows] - place, _WORD)]
        word ^= word >> _32
        word *= factors[place // _WORD]
        word ^= word >> _32
        total[rows] += word


@lru_cache(maxsize=64)
def _factors(words: int) -> U64:
    """Odd numbers by which the words of a text are multiplied, by their places."""
    return np.array([derive(place, "words of a text") | 1 for place in range(words)], np.uint64)

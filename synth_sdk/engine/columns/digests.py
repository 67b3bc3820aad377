"""Digests of texts: 64 bits that tell them apart."""

from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth_sdk.core.seeds import derive
from synth_sdk.engine.columns.lanes import I64, U64, mix

FACTOR = np.uint64(0x9DDFEA08EB382D69)


@lru_cache(maxsize=4096)
def factor(place: int) -> np.uint64:
    return np.uint64(derive(place, "digest") | 1)


def hash_codes(codes: NDArray[np.uint8]) -> U64:
    total = np.zeros(len(codes), np.uint64)
    for place in range(0, codes.shape[1], 8):
        part = np.zeros((len(codes), 8), np.uint8)
        width = min(8, codes.shape[1] - place)
        part[:, :width] = codes[:, place : place + width]
        total += part.view(np.uint64)[:, 0] * factor(place)
    return total


def hash_texts(texts: pa.StringArray) -> U64:
    """Of finished texts: their bytes as a polynomial, summed up for all texts at once and cut at the bounds."""
    _, bounds, data = texts.buffers()
    ends = np.frombuffer(bounds, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    codes = np.frombuffer(data, np.uint8)[ends[0] : ends[-1]] if data is not None else np.zeros(0, np.uint8)
    lengths = np.diff(ends)
    places = np.arange(len(codes), dtype=np.uint64) - np.repeat((ends[:-1] - ends[0]).astype(np.uint64), lengths)
    weighed = (codes.astype(np.uint64) + np.uint64(1)) * (mix(places + FACTOR) | np.uint64(1))
    return sums_between(weighed, ends - ends[0])


def sums_between(values: U64, bounds: I64) -> U64:
    """The sum of each stretch from bounds[i] up to bounds[i+1], modulo 2**64."""
    before: U64 = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values, dtype=np.uint64)])
    sums: U64 = before[bounds[1:]] - before[bounds[:-1]]
    return sums

"""How near records come to those of a sample: whoever was copied, or nearly so, stands nearer than rows of the sample stand to each other."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_sdk.quality import hashing
from synth_sdk.quality.pairing import Pair, blank
from synth_sdk.quality.tidy import tidy

OWN_ROWS, LIKE_ROWS = 3_000, 10_000
FEWEST = 20
_SIGNS, _GRAMS = 8, 32  # dimensions of a category and of a text
_CHUNK = 1_000
_STEP = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.float32(0.5**0.5)

F32 = NDArray[np.float32]


def nearest(pairs: Sequence[Pair], own: int, like: int) -> dict[str, Any]:
    """Distances from each of one's own records to the nearest of the sample, held against those within the sample.

    Each field adds a distance between 0 (equal) and about 1: numbers and dates by their ranks, categories 0 or about 1, texts by the
    cosine of their hashed runs of three bytes. `ratio` is that of the medians; `nearer` the share of records that are nearer than 95 % of
    the sample's rows are to their neighbours: 0.05 where nothing was copied.
    """
    points = vectors(pairs)
    mine, theirs = points[:own][:OWN_ROWS], points[own:][:LIKE_ROWS]
    asked = theirs[:OWN_ROWS]
    to_sample = distances(mine, theirs)
    within = distances(asked, theirs, itself=True)
    middle, usual = float(np.median(to_sample)), float(np.median(within))
    return {
        "median_distance": tidy(middle, 4),
        "median_within_sample": tidy(usual, 4),
        "ratio": tidy(middle / usual, 4) if usual else None,
        "nearer": tidy(float((to_sample < np.quantile(within, 0.05)).mean()), 4),
        "rows": len(mine),
        "sample_rows": len(theirs),
    }


def copies(pairs: Sequence[Pair], own: int) -> dict[str, float]:
    """The share of one's own records that stand in the sample word for word, and of the sample's rows that stand there twice."""
    digests = row_digests(pairs)
    known, counts = np.unique(digests[own:], return_counts=True)
    return {
        "exact_copies": tidy(float(np.isin(digests[:own], known).mean()), 4),
        "repeats_within_sample": tidy(float(counts[counts > 1].sum() / max(1, counts.sum())), 4),
    }


def row_digests(pairs: Sequence[Pair]) -> NDArray[np.uint64]:
    """64 bits that tell different rows apart."""
    total = np.zeros(len(pairs[0].nulls), np.uint64)
    for pair in pairs:
        total = hashing.mix((total ^ np.where(pair.nulls, np.uint64(0), _digests(pair))) + _STEP)
    return total


def _digests(pair: Pair) -> NDArray[np.uint64]:
    if pair.numbers is not None:
        return hashing.of_numbers(np.nan_to_num(pair.numbers))
    return hashing.of_numbers(pair.codes) if pair.codes is not None else hashing.of_texts(blank(pair.texts))


def vectors(pairs: Sequence[Pair]) -> F32:
    """A point for each row."""
    return np.column_stack([_place(pair) for pair in pairs]).astype(np.float32)


def _place(pair: Pair) -> F32:
    """Where null stands, a coordinate of its own is set, and all others are 0."""
    nulls = pair.nulls
    if pair.numbers is not None:
        place = _ranks(pair.numbers, pair.own)[:, None]
    elif pair.texts is not None:
        place = _grams(pair)
    else:
        place = _signs(_digests(pair))
    place = np.where(nulls[:, None], np.float32(0), place)
    return np.column_stack([place, np.where(nulls, _HALF, np.float32(0))]) if nulls.any() else place


def _ranks(numbers: NDArray[np.float64], own: int) -> F32:
    """The share of the sample's values below, 0 to 1; equal values have their mean rank."""
    known = np.sort(numbers[own:][~np.isnan(numbers[own:])])
    below = np.searchsorted(known, numbers, side="left") + np.searchsorted(known, numbers, side="right")
    return (below / (2 * max(1, len(known)))).astype(np.float32)


def _signs(digests: NDArray[np.uint64]) -> F32:
    """A corner of a cube for each value; two corners are about 1 apart."""
    bits = (digests[:, None] >> np.arange(_SIGNS, dtype=np.uint64)) & np.uint64(1)
    return ((bits.astype(np.float32) * 2 - 1) * np.float32((0.5 / _SIGNS) ** 0.5)).astype(np.float32)


def _grams(pair: Pair) -> F32:
    """Hashed runs of three bytes of each text, their counts scaled to one length."""
    texts = blank(pair.texts)
    bounds = hashing.bounds_of(texts)
    data = np.frombuffer(texts.buffers()[2] or b"", np.uint8)[bounds[0] : bounds[-1]].astype(np.uint64)
    rows = np.repeat(np.arange(len(texts)), np.diff(bounds))
    padded = np.concatenate([data, np.zeros(2, np.uint64)])
    grams = hashing.mix(padded[:-2] << np.uint64(16) | padded[1:-1] << np.uint64(8) | padded[2:])
    places = rows * _GRAMS + (grams % np.uint64(_GRAMS)).astype(np.int64)
    signs = np.where(grams >> np.uint64(63), 1.0, -1.0)
    counts = np.bincount(places, signs, minlength=len(texts) * _GRAMS).reshape(-1, _GRAMS)
    lengths = np.sqrt((counts**2).sum(axis=1, keepdims=True))
    return (counts / np.where(lengths > 0, lengths, 1.0) * _HALF).astype(np.float32)


def distances(asked: F32, known: F32, *, itself: bool = False) -> NDArray[np.float64]:
    """From each point to the nearest of the known ones; `itself`: the asked are the first of the known, and don't count for themselves."""
    squares = (known**2).sum(axis=1)
    found = np.empty(len(asked), np.int64)
    for start in range(0, len(asked), _CHUNK):
        some = asked[start : start + _CHUNK]
        apart = squares - 2 * (some @ known.T)
        if itself:
            apart[np.arange(len(some)), start + np.arange(len(some))] = np.inf
        found[start : start + len(some)] = apart.argmin(axis=1)
    between: NDArray[np.float64] = (asked - known[found]).astype(np.float64)  # without what cancels above
    between **= 2
    lengths: NDArray[np.float64] = np.sqrt(between.sum(axis=1))
    return lengths

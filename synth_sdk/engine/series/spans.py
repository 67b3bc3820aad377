"""Stretches of ticks that a hash lays out: gaps, anomalies, regimes. Which ones touch a frame is known without looking at any other."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from synth_sdk.engine.columns.distributions import poisson
from synth_sdk.engine.columns.lanes import I64, U64, Weighted, below, chance, mix
from synth_sdk.engine.series.frame import Frame, draw, entity_keys

_STEP = np.uint64(0x9E3779B97F4A7C15)
_STRETCH = 4096  # ticks
_USUAL = 0.5  # the chance that a window holds a span
LARGEST_SHARE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Spans within a frame. `cells`: positions in its flat matrix of every tick inside a span; `owners`: which span each belongs to;
    `places`: how many ticks of the span lie before it. For each span: its `lengths`, `starts` (ticks), `entities` and 64 random `bits`.
    """

    cells: I64
    owners: I64
    places: I64
    lengths: I64
    starts: I64
    entities: I64
    bits: U64


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans of half to one and a half times `length` ticks, which cover `share` of all. Each lies in a window of its own."""

    lane: int
    window: int
    length: int
    odds: float

    @classmethod
    def of(cls, lane: int, share: float, length: int) -> "Spans":
        """`share` at most one half."""
        window = max(2 * length, round(_USUAL * length / share))
        return cls(lane, window, length, share * window / length)

    def find(self, frame: Frame) -> Found:
        """Those that touch `frame`."""
        windows = np.arange(frame.first // self.window, (frame.stop - 1) // self.window + 1, dtype=np.int64)
        bits = draw(entity_keys(self.lane, frame.entities), windows)
        line, column = np.nonzero(chance(bits, self.odds))
        bits = mix(bits[line, column] + np.uint64(1))
        low, high = (self.length + 1) // 2, self.length // 2 + self.length
        lengths = low + below(bits, max(high, low) - low + 1)
        starts = windows[line] * self.window + _offsets(bits, self.window - lengths)
        return _laid_out(frame, starts, lengths, column, bits)


def _offsets(bits: U64, most: I64) -> I64:
    """A number from 0 to `most`, for each."""
    share = (mix(bits + np.uint64(2)) >> np.uint64(32)).view(np.int64) * 2.0**-32
    return (share * (most + 1)).astype(np.int64)


def _laid_out(frame: Frame, starts: I64, lengths: I64, columns: NDArray[np.intp], bits: U64) -> Found:
    """The cells of spans, cut to the frame. Spans outside it are left out."""
    first = np.maximum(starts, frame.first)
    counts = np.minimum(starts + lengths, frame.stop) - first
    there = counts > 0
    starts, lengths, columns, bits, first, counts = (one[there] for one in (starts, lengths, columns, bits, first, counts))
    owners = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    inside = np.arange(len(owners), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
    ticks = first[owners] + inside
    cells = (ticks - frame.first) * frame.width + columns[owners]
    return Found(cells, owners, ticks - starts[owners], lengths, starts, columns + frame.left, bits)


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Single ticks, each with the same chance and independent of all others: in every stretch of ticks a Poisson number of them, each
    anywhere in it. So a stretch costs as many draws as it has points, not as many as it has ticks.
    """

    lane: int
    counts: Weighted

    @classmethod
    def of(cls, lane: int, share: float) -> "Points":
        """`share` at most one half."""
        return cls(lane, _marks(share))

    def cells(self, frame: Frame) -> I64:
        """Positions in the flat matrix of `frame`; some more than once."""
        stretches = np.arange(frame.first // _STRETCH, (frame.stop - 1) // _STRETCH + 1, dtype=np.int64)
        bits = draw(entity_keys(self.lane, frame.entities), stretches).reshape(-1)
        counts = self.counts.draw(bits)
        owners = np.repeat(np.arange(len(bits), dtype=np.int64), counts)
        turns = np.arange(len(owners), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
        place = below(mix(bits[owners] + (turns + 1).view(np.uint64) * _STEP), _STRETCH)
        ticks = stretches[owners // frame.width] * _STRETCH + place
        inside = (ticks >= frame.first) & (ticks < frame.stop)
        return ((ticks - frame.first) * frame.width + owners % frame.width)[inside]


@lru_cache(maxsize=64)
def _marks(share: float) -> Weighted:
    """How many marks fall on a stretch; a tick with two of them is still one point."""
    return poisson(-math.log1p(-share) * _STRETCH, 0, _STRETCH * 2)


@dataclass(frozen=True, slots=True)
class Stages:
    """Every tick belongs to one of endless stages, on average `length` ticks long (half to one and a half times that)."""

    lane: int
    length: int

    def at(self, frame: Frame) -> tuple[U64, I64]:
        """For each cell 64 bits of its stage, and the tick at which that began (never below 0)."""
        first = frame.first // self.length
        windows = np.arange(first - 1, (frame.stop - 1) // self.length + 1, dtype=np.int64)
        bits = draw(entity_keys(self.lane, frame.entities), windows)
        begins = windows[:, None] * self.length + below(bits, self.length // 2 + 1)
        window = frame.ticks // self.length - first + 1
        stage = window[:, None] - (frame.ticks[:, None] < np.take(begins, window, axis=0))
        columns = np.arange(frame.width)[None, :]
        return bits[stage, columns], np.maximum(begins[stage, columns], 0)

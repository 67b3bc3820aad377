"""Which row of another table each row belongs to: a function of the row's number or its random bits, with nothing kept in memory."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from synth_sdk.engine.columns.lanes import I64, U64, Rows, Weighted, below, between, mix, permute

_BLOCK = 64  # parents whose numbers of children add up to the same sum
_ALONE = 2048  # the most popular ranks, each of which is drawn with its own weight
_FEW = 1 << 15  # parents of whom a list says who has which rank
_GROWTH = 56  # further ranks come in groups that are longer by 1/56 each: at most 2,048 of them for 2**62 ranks


class Parents(Protocol):
    """The number of the parent of each row."""

    def of(self, rows: Rows) -> I64: ...


@dataclass(frozen=True, slots=True)
class Births:
    """How many children each parent has: `least` to `most`, and as many as the mean of both together for every 64 parents.

    So the parent of a child is known from the numbers of its own 64 parents alone. Children stand in the order of their parents.
    """

    least: int
    most: int
    lane: int

    @property
    def total(self) -> int:
        """The children of 64 parents."""
        return _BLOCK // 2 * (self.least + self.most)

    def counts(self, blocks: I64) -> I64:
        """The numbers of children, a row of 64 for each of `blocks`."""
        members = blocks[:, None] * _BLOCK + np.arange(_BLOCK, dtype=np.int64)
        bits = Rows.at(members.reshape(-1)).draw(self.lane).reshape(members.shape)
        turns = np.argsort(bits, axis=1, kind="stable")
        counts = between(mix(bits + np.uint64(1)), self.least, self.most)
        while (missing := self.total - counts.sum(axis=1, keepdims=True)).any():
            room = np.where(missing > 0, self.most - counts, counts - self.least)
            change = np.minimum(room, -(-np.abs(missing) // _BLOCK))
            before = np.cumsum(change, axis=1) - change
            counts += np.sign(missing) * np.clip(np.abs(missing) - before, 0, change)
        result = np.empty_like(counts)
        np.put_along_axis(result, turns, counts, axis=1)
        return result

    def size(self, parents: int) -> int:
        """The children of the first `parents` parents."""
        blocks, rest = divmod(parents, _BLOCK)
        last = self.counts(np.array([blocks], np.int64))[0, :rest] if rest else np.zeros(0, np.int64)
        return blocks * self.total + int(last.sum())

    def children(self, parents: I64) -> tuple[I64, I64]:
        """The number of the first child of each of `parents`, and how many there are."""
        blocks, members = np.divmod(parents, _BLOCK)
        known, inverse = np.unique(blocks, return_inverse=True)
        counts = self.counts(known)
        before = np.cumsum(counts, axis=1) - counts
        return blocks * self.total + before[inverse, members], counts[inverse, members]

    def of(self, rows: Rows) -> I64:
        assert rows.index is not None  # noqa: S101 - references from lists are refused when they are compiled
        blocks, offsets = np.divmod(rows.index, self.total)
        known, inverse = np.unique(blocks, return_inverse=True)
        ends = np.cumsum(self.counts(known).reshape(-1))
        places = np.searchsorted(ends, inverse * self.total + offsets, side="right")
        found: I64 = known[places // _BLOCK] * _BLOCK + places % _BLOCK
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """Ranks from 0, the k-th as often as (k + 1) ** -exponent (Zipf's law); beyond the first 2,048 alike within groups of ranks."""

    groups: Weighted
    starts: I64
    widths: U64

    @classmethod
    def of(cls, exponent: float, size: int) -> "Ranks":
        """Of `size` ranks. Powers are taken here and rounded to 2**-32; drawing is integer arithmetic."""
        starts = list(range(min(_ALONE, size)))
        end = len(starts)
        while end < size:
            starts.append(end)
            end = min(end + max(1, end // _GROWTH), size)
        widths = [after - start for start, after in zip(starts, [*starts[1:], size], strict=True)]
        weights = [width * (start + (width + 1) / 2) ** -exponent for start, width in zip(starts, widths, strict=True)]
        return cls(Weighted.of(weights), np.array(starts, np.int64), np.array(widths, np.uint64))

    def draw(self, bits: U64) -> I64:
        groups = self.groups.draw(bits)
        within: I64 = (mix(bits + np.uint64(1)) % self.widths[groups]).view(np.int64)
        return self.starts[groups] + within


@dataclass(frozen=True, slots=True, eq=False)
class Popular:
    """Any of `size` parents: by their `ranks`, which `key` deals out among them, or all alike."""

    size: int
    lane: int
    ranks: Ranks | None
    key: int

    def of(self, rows: Rows) -> I64:
        bits = rows.draw(self.lane)
        if self.ranks is None:
            return below(bits, self.size)
        ranks = self.ranks.draw(bits)
        return _dealt(self.size, self.key)[ranks] if self.size <= _FEW else permute(ranks, self.size, self.key)


@lru_cache(maxsize=32)
def _dealt(size: int, key: int) -> I64:
    """Which of `size` parents has each rank."""
    return permute(np.arange(size, dtype=np.int64), size, key)


@dataclass(frozen=True, slots=True, eq=False)
class Earlier:
    """An earlier row of the same table, the first rows most often where there are `ranks`; row 0 itself."""

    lane: int
    ranks: Ranks | None

    def of(self, rows: Rows) -> I64:
        assert rows.index is not None  # noqa: S101 - references from lists are refused when they are compiled
        bits = rows.draw(self.lane)
        before = np.maximum(rows.index, 1)
        drawn = mix(bits + np.uint64(2)).view(np.int64) >> 1 & (2**62 - 1) if self.ranks is None else self.ranks.draw(bits)
        found: I64 = drawn % before
        return found

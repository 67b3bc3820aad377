"""Which rows of a sample could be near a record: those that agree with it in a whole group of columns.

If at most d columns may differ, of d + 1 groups one agrees in full. Numbers agree when they fall into the same cell of one of two grids,
which lie half a cell apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from synth_sdk.compliance.privacy.rows import Rows, codes, folded

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST = 64  # rows that are looked at for a record and a group
_CELL = 4.0  # the width of a grid's cells, in distances within which numbers agree


def grouped(bits: "NDArray[np.float64]", near: float) -> list[list[int]]:
    """The columns in one group more than may differ; the telling ones are dealt out evenly."""
    groups: list[list[int]] = [[] for _ in range(max(1, int(near * len(bits)) + 1))]
    for place, column in enumerate(np.argsort(-bits, kind="stable").tolist()):
        groups[place % len(groups)].append(column)
    return [sorted(group) for group in groups if group]


@dataclass(frozen=True, slots=True)
class NearIndex:
    """For each grid and group the digests of the sample's identifying rows, in order, and whose they are."""

    width: "NDArray[np.float64]"
    groups: tuple[tuple[int, ...], ...]
    digests: "tuple[NDArray[np.uint64], ...]"
    owners: "tuple[NDArray[np.intp], ...]"

    @classmethod
    def of(
        cls, rows: Rows, agreeing: "NDArray[np.float64]", groups: Sequence[Sequence[int]], wanted: "NDArray[np.bool_]"
    ) -> Self:
        """`agreeing` is how far numbers of a column may lie apart; only the rows of `wanted` are found."""
        those = np.flatnonzero(wanted)
        width = agreeing * _CELL
        digests, owners = [], []
        for one in _digests(rows.take(those), width, groups):
            order = np.argsort(one, kind="stable")
            digests.append(one[order])
            owners.append(those[order])
        return cls(width, tuple(map(tuple, groups)), tuple(digests), tuple(owners))

    def candidates(self, rows: Rows) -> "Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]":
        """Pairs of places, in `rows` and in the sample, that agree in a group; a pair may come more than once."""
        for asked, held, owners in zip(_digests(rows, self.width, self.groups), self.digests, self.owners, strict=True):
            first = np.searchsorted(held, asked, "left")
            many = np.minimum(np.searchsorted(held, asked, "right") - first, _MOST)
            there = np.flatnonzero(many)
            if len(there):
                times = many[there]
                steps = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
                yield np.repeat(there, times), owners[np.repeat(first[there], times) + steps]


def _digests(rows: Rows, width: "NDArray[np.float64]", groups: Sequence[Sequence[int]]) -> "Iterator[NDArray[np.uint64]]":
    for shift in (0.0, 0.5):
        columns = [*rows.texts.T, *codes(np.floor(rows.numbers / width + shift)).T]
        yield from (folded([columns[column] for column in group], len(rows)) for group in groups)

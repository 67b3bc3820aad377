"""A batch of samples whose lines are gathered from few pieces.

Most of a sample's line is the same in all of them. Where a constant stands beside a lane whose texts all come from one pool, both become
one: the lane then points into a copy of the pool with the constant already at its texts. Copying one long text costs a gather little
more than copying a short one.
"""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow.compute as pc

from synth_sdk.core.arrow import text_scalar
from synth_sdk.engine.columns.batch import Columns
from synth_sdk.engine.columns.lanes import I32
from synth_sdk.engine.columns.pools import Block, Piece, Pool, Table
from synth_sdk.engine.columns.values import Column, Struct, joined, write_bytes

if TYPE_CHECKING:
    from synth_sdk.core.measures import Measures


class Joins:
    """The pools of a table, and their copies with constants. Lives as long as the table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._bases: list[int] = []
        self._pools: list[Pool] = []
        self._known: set[int] = set()
        self._copies: dict[tuple[int, str, str], int] = {}

    def add(self, pool: Pool) -> int:
        """The position of the pool's first text in the table. Constants may be joined to its texts from now on."""
        base = self._table.add(pool)
        if base not in self._known:
            self._known.add(base)
            place = bisect_right(self._bases, base)
            self._bases.insert(place, base)
            self._pools.insert(place, pool)
        return base

    def joined(self, pieces: list[Piece]) -> list[Piece]:
        """The same text in fewer pieces: each constant goes to the lane beside it that has the smaller pool."""
        parts = [self._part(piece) for piece in joined(pieces)]
        left: list[str | I32 | _Lane] = []
        for place, part in enumerate(parts):
            beside = [other for other in parts[max(place - 1, 0) : place + 2] if isinstance(other, _Lane)]
            if not isinstance(part, str) or not beside:
                left.append(part)
                continue
            nearest = min(beside, key=lambda lane: len(lane.pool))
            if nearest is parts[place - 1]:
                nearest.after = part
            else:
                nearest.before = part
        return [self._lane(part) if isinstance(part, _Lane) else part for part in left]

    def _part(self, piece: Piece) -> "str | I32 | _Lane":
        """The piece with the pool that all its texts are of, if there is such one."""
        if isinstance(piece, str) or not len(piece):
            return piece
        low, high = int(piece.min()), int(piece.max())
        place = bisect_right(self._bases, low) - 1
        inside = place >= 0 and high < self._bases[place] + len(self._pools[place])
        return _Lane(piece, self._pools[place], self._bases[place]) if inside else piece

    def _lane(self, lane: "_Lane") -> I32:
        """Positions in a copy of the pool that has the constants at its texts."""
        if not (lane.before or lane.after):
            return lane.places
        key = (lane.base, lane.before, lane.after)
        if key not in self._copies:
            self._copies[key] = self._table.add(_wrapped(lane.pool, lane.before, lane.after))
        return lane.places + np.int32(self._copies[key] - lane.base)


@dataclass(slots=True, eq=False)
class _Lane:
    """Positions of texts of one pool, which begins at `base`, with constants around each."""

    places: I32
    pool: Pool
    base: int
    before: str = ""
    after: str = ""


def _wrapped(pool: Pool, before: str, after: str) -> Pool:
    """A copy of the pool, with JSON around each text."""
    return Pool.of_ascii(pc.binary_join_element_wise(text_scalar(before), pool.json, text_scalar(after), text_scalar("")))


class Samples(Columns):
    """Implements `core.batches.ColumnBatch` over the drawn root column, with `joins` for its lines."""

    def __init__(self, root: Column, block: Block, count: int, joins: Joins) -> None:
        super().__init__(root, block, count)
        self._joins = joins

    def _with(self, root: Column) -> Self:
        return type(self)(root, self._block, self._count, self._joins)

    @cached_property
    def _lines(self) -> bytes:
        pieces = self._joins.joined([*self._root.json(self._block), "\n"])
        return write_bytes(pieces, self._block, self._count)

    def measures(self) -> "Measures":
        from synth_sdk.engine.series.measuring import measure_samples

        assert isinstance(self._root, Struct)  # noqa: S101 - a sample is an object
        return measure_samples(self._root, self._block, self._count)

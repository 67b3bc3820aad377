"""The part of a stream that is looked at: some neighbouring ticks of some neighbouring entities.

Rows of a stream are interleaved: all entities of one tick, then all of the next. So the rows of a batch, laid out as a matrix with a
row for each tick and a column for each entity, are one stretch of it.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from synth_sdk.engine.columns.lanes import I64, U64, mix

_STEP = np.uint64(0x9E3779B97F4A7C15)
_ENTITY = np.uint64(0xD1342543DE82EF95)  # odd, and unlike the step of rows: Steele & Vigna 2021, table of LCG multipliers
T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Frame:
    """Ticks `first` ... `stop` - 1 of the entities `left` ... `right` - 1. `skip`: cells of the matrix before the first row."""

    first: int
    stop: int
    left: int
    right: int
    skip: int = 0

    @classmethod
    def of(cls, rows: range, entities: int) -> "Frame":
        """The cells that `rows` need: whole ticks, unless they are all of one."""
        first, left = divmod(rows.start, entities)
        last, right = divmod(max(rows.stop - 1, rows.start), entities)
        if first == last:
            return cls(first, last + 1, left, right + 1)
        return cls(first, last + 1, 0, entities, left)

    @property
    def height(self) -> int:
        return self.stop - self.first

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def ticks(self) -> I64:
        return np.arange(self.first, self.stop, dtype=np.int64)

    @property
    def entities(self) -> I64:
        return np.arange(self.left, self.right, dtype=np.int64)

    def aligned(self, block: int) -> "Frame":
        """The same widened to whole blocks of so many ticks."""
        return Frame(self.first // block * block, -(-self.stop // block) * block, self.left, self.right)

    def rows(self, matrix: NDArray[T], count: int, within: "Frame | None" = None) -> NDArray[T]:
        """The cells of the first `count` rows. `matrix` has the shape of this frame - or of `within`, which is higher - or of one
        column or one line of it."""
        if within is not None and matrix.shape[0] > 1:
            matrix = matrix[self.first - within.first : self.stop - within.first]
        if matrix.shape != (self.height, self.width):
            matrix = np.broadcast_to(matrix, (self.height, self.width))
        return matrix.reshape(-1)[self.skip : self.skip + count]


def entity_keys(lane: int, entities: I64) -> U64:
    """64 bits for each entity, from the lane labelled `lane`."""
    return mix(entities.view(np.uint64) * _ENTITY + np.uint64(lane))


def draw(keys: U64, places: I64) -> U64:
    """64 random bits for each of `places` (a line for each) of each entity (a column for each)."""
    return mix((places.view(np.uint64) * _STEP)[:, None] + keys[None, :])

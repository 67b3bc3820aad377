"""Decimal numbers as one piece of text each: pools of all numbers in a range, made when a batch first needs them."""

from dataclasses import dataclass

import numpy as np

from synth_sdk.engine.columns.lanes import I32, I64, U64
from synth_sdk.engine.columns.pools import Block, Piece, Pool
from synth_sdk.engine.columns.values import Decimal, write
from synth_sdk.engine.series.lines import Joins

_LARGEST = 1 << 16  # numbers in a pool
_TOGETHER = 1 << 17  # in one pool of each series
_MOST_POOLS = 6  # beyond it, numbers are spelled in parts


class Spelling:
    """The pools of one of `series` series. Values of a series keep to a range for long, so few are needed."""

    def __init__(self, places: int, joins: Joins, series: int = 1) -> None:
        self._places, self._joins = places, joins
        self._largest = min(_LARGEST, _TOGETHER // series)
        self._ranges: list[tuple[int, int, int]] = []  # first number, stop, position in the table

    def lane(self, scaled: I64, block: Block) -> I32 | None:
        """Positions of the numbers' texts in the table; None where they lie too far apart."""
        if not len(scaled):
            return None
        low, high = int(scaled.min()), int(scaled.max()) + 1
        found = next((one for one in self._ranges if one[0] <= low and high <= one[1]), None) or self._new(low, high, block)
        return None if found is None else (scaled + (found[2] - found[0])).astype(np.int32)

    def _new(self, low: int, high: int, block: Block) -> tuple[int, int, int] | None:
        if high - low > self._largest or len(self._ranges) == _MOST_POOLS:
            return None
        margin = (self._largest - (high - low)) // 2
        numbers = np.arange(low - margin, high + margin, dtype=np.int64)
        pool = Pool.of_ascii(write(Decimal(numbers, self._places).json(block), Block(block.table), len(numbers)))
        self._joins.add(pool)
        self._ranges.append((low - margin, high + margin, block.table.add(pool)))
        return self._ranges[-1]


@dataclass(slots=True, eq=False)
class Reading(Decimal):
    """Decimal numbers that are spelled by `spelling` where it can."""

    spelling: Spelling | None = None

    def digest(self) -> U64:
        return self.scaled.view(np.uint64)

    def json(self, block: Block) -> list[Piece]:
        lane = None if self.spelling is None else self.spelling.lane(self.scaled, block)
        return Decimal.json(self, block) if lane is None else [lane]

"""Blocks cut into smaller ones, so that records are made many at once and leave a few at a time."""

from collections.abc import Generator as Yields
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from synth_sdk.core.batches import ColumnBatch, Records
from synth_sdk.core.measures import Measures
from synth_sdk.core.models import Json
from synth_sdk.pipeline.blocks import Block, Encoded, Part
from synth_sdk.pipeline.inspection import Inspected

if TYPE_CHECKING:
    import pyarrow as pa


def pieces(block: Block, rows: int) -> Yields[Block, None, None]:
    """`block` in pieces of at most `rows` records; what is missing is told by the first. Bytes can't be cut: they are made to measure."""
    content = block.content
    if block.count <= rows or isinstance(content, Encoded | Part):
        yield block
        return
    whole = _Whole(content) if isinstance(content, ColumnBatch) else None
    values = content.records() if whole is None else ()
    for start in range(0, block.count, rows):
        stop = min(start + rows, block.count)
        yield replace(
            block,
            content=_Piece(whole, start, stop) if whole else Records(values[start:stop]),
            count=stop - start,
            known=Inspected() if start else block.known,
            provenance=None if block.provenance is None else block.provenance[start:stop],
            stand_ins=() if start else block.stand_ins,
            missing=() if start else block.missing,
        )


class _Whole:
    """A batch of columns whose pieces are asked for one after the other: each way of looking at it is worked out once."""

    def __init__(self, batch: ColumnBatch) -> None:
        self._batch = batch

    @cached_property
    def lines(self) -> list[bytes]:
        return self._batch.lines().splitlines(keepends=True)

    @cached_property
    def arrow(self) -> "pa.RecordBatch":
        return self._batch.arrow()

    @cached_property
    def records(self) -> Sequence[Json]:
        return self._batch.records()


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some records of a batch of columns, itself one."""

    whole: _Whole
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def records(self) -> Sequence[Json]:
        return self.whole.records[self.start : self.stop]

    def lines(self) -> bytes:
        return b"".join(self.whole.lines[self.start : self.stop])

    def arrow(self) -> "pa.RecordBatch":
        return self.whole.arrow.slice(self.start, len(self))

    def measures(self) -> Measures:
        """Nothing: the whole has been measured."""
        return Measures()

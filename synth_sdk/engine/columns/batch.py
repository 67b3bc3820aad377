"""A batch of records held as columns."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from synth_sdk.core.models import Json
from synth_sdk.engine.columns.pools import Block
from synth_sdk.engine.columns.values import Column, Struct, write_bytes

if TYPE_CHECKING:
    from synth_sdk.core.measures import Measures


class Columns:
    """Implements `core.batches.ColumnBatch` over the drawn root column."""

    def __init__(self, root: Column, block: Block, count: int) -> None:
        self._root, self._block, self._count = root, block, count

    def __len__(self) -> int:
        return self._count

    @cached_property
    def _lines(self) -> bytes:
        return write_bytes([*self._root.json(self._block), "\n"], self._block, self._count)

    def lines(self) -> bytes:
        return self._lines

    def records(self) -> list[Json]:
        import json

        made: list[Any] = [json.loads(line) for line in self._lines.splitlines()]
        return made

    def arrow(self) -> pa.RecordBatch:
        arrays = self._root.arrays(self._block) if isinstance(self._root, Struct) else {"value": self._root.arrow(self._block)}
        return pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))

    def measures(self) -> "Measures":
        from synth_sdk.engine.columns.measuring import measure

        return measure(self._root, self._block, self._count)

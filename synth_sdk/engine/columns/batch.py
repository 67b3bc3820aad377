"""A batch of records held as columns."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa

from synth_sdk.core.arrow import of_numpy
from synth_sdk.core.models import Json
from synth_sdk.engine.columns.pools import Block
from synth_sdk.engine.columns.values import Column, Struct, write_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from synth_sdk.core.batches import Change
    from synth_sdk.core.measures import Measures


class Columns:
    """Implements `core.batches.MappableBatch` over the drawn root column."""

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

    def arrow_of(self, rows: "NDArray[np.intp]") -> pa.RecordBatch:
        from synth_sdk.engine.columns.picking import can_pick, picked

        if not can_pick(self._root):
            return self.arrow().take(of_numpy(rows))
        return Columns(picked(self._root, rows), self._block, len(rows)).arrow()

    def measures(self) -> "Measures":
        from synth_sdk.engine.columns.measuring import measure

        return measure(self._root, self._block, self._count)

    def mapped(self, steps: Sequence[str], change: "Change", rows: Sequence[int] | None = None) -> Self:
        from synth_sdk.engine.columns.mapping import mapped

        where = np.full(self._count, rows is None)
        where[list(rows or ())] = True
        return self._with(mapped(self._root, steps, change, self._block, where))

    def _with(self, root: Column) -> Self:
        return type(self)(root, self._block, self._count)

"""The columnar engine of one schema."""

from collections.abc import Sequence

from synth_sdk.engine.columns.annotated import Capacity
from synth_sdk.engine.columns.batch import Columns
from synth_sdk.engine.columns.compile import Compiler
from synth_sdk.engine.columns.failure import NotColumnarError
from synth_sdk.engine.columns.lanes import Rows
from synth_sdk.engine.columns.pools import Block
from synth_sdk.engine.columns.scene import Scope
from synth_sdk.schema import Schema

_MOST_ROWS = 16_384
_FEW_ROWS = 1024  # where a property is made a row at a time
_LARGEST_BATCH = 64_000_000  # bytes of JSON
_PROBE = 5  # records that are checked before an engine is used


class ColumnEngine:
    """Makes the records of a schema in columns, as compiled by `compiler`. `rows`: how many there are at least.

    NotColumnarError from the constructor if they have to be made a row at a time.
    """

    def __init__(self, schema: Schema, compiler: Compiler, rows: int = _PROBE) -> None:
        self.root = compiler.compile()
        self._table = compiler.table
        self.capacities: Sequence[Capacity] = compiler.capacities
        fewest = min([_PROBE, rows, *(capacity.size for capacity in self.capacities)])
        probe = self._drawn(range(max(fewest, 1)))
        if not all(schema.accepts(record) for record in probe.records()):
            raise NotColumnarError("a record that the validators refuse")
        most = _FEW_ROWS if compiler.by_rows else _MOST_ROWS
        self.rows_per_batch = min(most, max(64, _LARGEST_BATCH * len(probe) // max(len(probe.lines()), 1)))
        self._probe = probe

    def batch(self, rows: range) -> Columns:
        """The records of `rows`."""
        return self._probe if rows == range(len(self._probe)) else self._drawn(rows)

    def _drawn(self, rows: range) -> Columns:
        block = Block(self._table)
        return Columns(self.root.draw(Scope(Rows.of(rows), block)), block, len(rows))

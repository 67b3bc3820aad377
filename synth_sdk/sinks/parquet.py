"""Parquet: columns in row groups of a fixed size."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from synth_sdk.core.batches import Batch
from synth_sdk.sinks.formats import Shape
from synth_sdk.sinks.taps import Tap

if TYPE_CHECKING:
    import pyarrow as pa

    from synth_sdk.schema.layout import Layout

_MOST_ROWS = 1 << 17  # in a row group
_LEAST_ROWS = 1 << 12
_GROUP_BYTES = 1 << 27  # a row group of wide rows has fewer, so that about this much waits in memory


@dataclass(frozen=True, slots=True)
class ParquetEncoder:
    layout: "Layout"

    def encode(self, batch: Batch, start: int) -> bytes:
        """An Arrow IPC message, without its schema."""
        made: bytes = self.layout.arrange(batch, start).serialize().to_pybytes()
        return made

    def open(self, stream: BinaryIO) -> "ParquetWriter":
        return ParquetWriter(stream, self.layout)


class ParquetWriter:
    """Collects whole row groups and writes them with Zstandard, level 1.

    What decides their size and the encoding of columns are the first rows: `_LEAST_ROWS` of them, or all. So the file depends on the
    rows only.
    """

    def __init__(self, stream: BinaryIO, layout: "Layout") -> None:
        self._tap = Tap(stream)
        self._layout = layout
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0
        self._group_rows = 0
        self._file: Any = None

    def write(self, encoded: bytes) -> None:
        import pyarrow as pa

        batch = pa.ipc.read_record_batch(pa.py_buffer(encoded), self._layout.schema)
        self._waiting.append(batch)
        self._rows += len(batch)
        if not self._group_rows and self._rows >= _LEAST_ROWS:
            self._begin()
        while self._group_rows and self._rows >= self._group_rows:
            self._write_group(self._group_rows)

    def close(self) -> None:
        if not self._group_rows:
            self._begin()
        if self._rows:
            self._write_group(self._rows)
        with self._tap:
            self._file.close()

    def _begin(self) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        from synth_sdk.sinks.columns import few_valued, size

        prefix = self._layout.as_text(self._table().slice(0, _LEAST_ROWS).combine_chunks())
        row = sum(size(column.combine_chunks()) for column in prefix.columns) // max(1, len(prefix))
        self._group_rows = next((rows for rows in _powers(_MOST_ROWS, _LEAST_ROWS) if rows * row <= _GROUP_BYTES), _LEAST_ROWS)
        with self._tap:
            self._file = parquet.ParquetWriter(
                pa.PythonFile(self._tap, "w"),
                self._layout.schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=few_valued(prefix),
            )

    def _write_group(self, rows: int) -> None:
        table = self._table()
        with self._tap:
            # In one piece: pages would end where pieces do.
            self._file.write_table(table.slice(0, rows).combine_chunks(), row_group_size=rows)
        self._waiting = table.slice(rows).to_batches()
        self._rows -= rows

    def _table(self) -> "pa.Table":
        import pyarrow as pa

        return pa.Table.from_batches(self._waiting, self._layout.schema)


class ParquetFormat:
    """`.parquet`, `.pq`: nested columns; what has no uniform type is marked JSON (docs/formats.md)."""

    name = "parquet"
    suffixes = (".parquet", ".pq")
    compressed = True

    def encoder(self, shape: Shape) -> ParquetEncoder:
        from synth_sdk.schema.layout import Layout

        return ParquetEncoder(Layout.of(shape.schema))


def _powers(most: int, least: int) -> list[int]:
    return [1 << power for power in range(most.bit_length() - 1, least.bit_length() - 2, -1)]

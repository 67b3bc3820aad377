"""CSV: a header, then a line for each record."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from synth_sdk.core.batches import Batch
from synth_sdk.sinks.documents import Document
from synth_sdk.sinks.formats import Shape

if TYPE_CHECKING:
    import pyarrow as pa

    from synth_sdk.schema.layout import Flat


@dataclass(frozen=True, slots=True)
class CsvEncoder:
    """RFC 4180 by pyarrow, with line feeds: text in quotes, numbers and true/false without, nothing for null."""

    flat: "Flat"

    def encode(self, batch: Batch, start: int) -> bytes:
        table = self.flat.arrange(batch, start)
        return _one_column(table) if len(self.flat.columns) == 1 else _lines(table)

    def open(self, stream: BinaryIO) -> Document:
        import pyarrow as pa

        header = _lines(pa.Table.from_batches([], self.flat.schema), header=True)
        return Document(stream, head=header, empty=header)


class CsvFormat:
    """`.csv`: nested objects are spread over dotted columns, arrays are JSON text (docs/formats.md)."""

    name = "csv"
    suffixes = (".csv",)

    def encoder(self, shape: Shape) -> CsvEncoder:
        from synth_sdk.schema.layout import Flat, Layout

        return CsvEncoder(Flat.of(Layout.of(shape.schema)))


def _lines(table: "pa.Table | pa.RecordBatch", *, header: bool = False) -> bytes:
    import pyarrow as pa
    from pyarrow import csv

    sink = pa.BufferOutputStream()
    csv.write_csv(table, sink, csv.WriteOptions(include_header=header))
    made: bytes = sink.getvalue().to_pybytes()
    return made


def _one_column(table: "pa.RecordBatch") -> bytes:
    """The same by hand, save that a null is written `""`: an empty line is no record to most readers."""
    import pyarrow as pa

    from synth_sdk.core.arrow import filled
    from synth_sdk.schema.layout.text_columns import joined, replaced, to_bytes

    column = table.column(0)
    is_text = pa.types.is_string(column.type)
    texts = joined('"', replaced(column, {'"': '""'}), '"') if is_text else column.cast(pa.string())
    return to_bytes(joined(filled(texts, '""'), "\n"))

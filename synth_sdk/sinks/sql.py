"""SQL: a table and its rows, as one transaction."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import WriteError
from synth_sdk.sinks.definitions import check_names, create_table
from synth_sdk.sinks.dialects import Dialect, dialect_of
from synth_sdk.sinks.documents import Document
from synth_sdk.sinks.formats import NO_KEYS, Keys, Shape

if TYPE_CHECKING:
    import pyarrow as pa

    from synth_sdk.schema.layout.flat import Flat, Leaf

ROWS_PER_INSERT = 500


@dataclass(frozen=True, slots=True)
class SqlEncoder:
    """Row i begins a new INSERT where i is a multiple of `ROWS_PER_INSERT`, so that the text doesn't depend on batches."""

    flat: "Flat"
    dialect: Dialect
    table: str
    keys: Keys = NO_KEYS

    def encode(self, batch: Batch, start: int) -> bytes:
        from synth_sdk.schema.layout.text_columns import joined, to_bytes

        rows = self.flat.arrange(batch, start)
        if not len(rows):
            return b""
        cells = [
            _literals(column, leaf, self.dialect, start) for column, leaf in zip(rows.columns, self.flat.columns, strict=True)
        ]
        separated = [piece for cell in cells for piece in (", ", cell)][1:]
        return to_bytes(joined(self._before(start, len(rows)), "(", *separated, ")"))

    def open(self, stream: BinaryIO) -> Document:
        created = create_table(self.flat, self.dialect, self.table, self.keys)
        head = f"{self.dialect.prologue}BEGIN;\n{created};\n".encode()
        return Document(stream, head=head, tail=b";\nCOMMIT;\n", empty=head + b"COMMIT;\n")

    def _before(self, start: int, count: int) -> "pa.Array":
        """What stands before each row: the head of its INSERT, or a comma."""
        from synth_sdk.core.arrow import of_texts

        names = ", ".join(self.dialect.identifier(leaf.name) for leaf in self.flat.columns)
        insert = f"INSERT INTO {self.dialect.identifier(self.table)} ({names}) VALUES\n"
        before = [",\n"] * count
        for place in range(-start % ROWS_PER_INSERT, count, ROWS_PER_INSERT):
            before[place] = f";\n{insert}" if start + place else insert
        return of_texts(before)


class SqlFormat:
    """`.sql`: CREATE TABLE and INSERTs for sqlite, postgres or mysql; nested records as in CSV (docs/formats.md)."""

    name = "sql"
    suffixes = (".sql",)

    def encoder(self, shape: Shape) -> SqlEncoder:
        from synth_sdk.schema.layout import Flat, Layout

        dialect = dialect_of(shape.dialect)
        flat = Flat.of(Layout.of(shape.schema))
        check_names(flat, dialect, shape.name)
        return SqlEncoder(flat, dialect, shape.name, shape.keys)


def _literals(column: "pa.Array", leaf: "Leaf", dialect: Dialect, start: int) -> "pa.Array":
    """Each value as it stands in SQL."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from synth_sdk.core.arrow import filled, text_scalar
    from synth_sdk.schema.layout.text_columns import joined

    if pa.types.is_string(column.type):
        texts = _strings(column, leaf, dialect, start)
    elif pa.types.is_boolean(column.type):
        texts = pc.if_else(column, text_scalar(dialect.booleans[1]), text_scalar(dialect.booleans[0]))
    else:
        texts = column.cast(pa.string())
        if dialect.types[leaf.type.kind] == "TEXT":
            texts = joined("'", texts, "'")
    return filled(texts, "NULL")


def _strings(column: "pa.Array", leaf: "Leaf", dialect: Dialect, start: int) -> "pa.Array":
    import pyarrow.compute as pc

    from synth_sdk.schema.layout.text_columns import joined, mapped_where, replaced

    if dialect.name == "postgres":
        _refuse_null_characters(column, leaf, start)
    special = pc.any(pc.match_substring_regex(column, r"[\\'\x00\n\r\x1a]")).as_py()
    texts = joined("'", replaced(column, dict(dialect.escapes)) if special else column, "'")
    # SQLite reads a script up to the first null character.
    return mapped_where(texts, r"\x00", _in_hex) if special and dialect.name == "sqlite" else texts


def _in_hex(quoted: str) -> str:
    return f"CAST(X'{quoted[1:-1].replace(chr(39) * 2, chr(39)).encode().hex()}' AS TEXT)"


def _refuse_null_characters(column: "pa.Array", leaf: "Leaf", start: int) -> None:
    import pyarrow.compute as pc

    place = pc.index(pc.match_substring(column, "\0"), True).as_py()
    if place >= 0:
        told = f"record {start + place + 1}, column {leaf.name!r}: the text holds a null character, which postgres can't"
        raise WriteError(f"{told}; choose another dialect, or JSON Lines (-o x.jsonl)")

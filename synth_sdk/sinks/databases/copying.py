"""Rows into PostgreSQL by COPY, and what it then holds."""

# ruff: noqa: S608 - names are quoted by the dialect, values are parameters

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from synth_sdk.core.batches import Batch
from synth_sdk.sinks.databases.behind import Behind
from synth_sdk.sinks.databases.content import Content, Digest, checksums, floats_last, halves_of_md5, unsealed
from synth_sdk.sinks.dialects import Dialect
from synth_sdk.sinks.documents import Document

if TYPE_CHECKING:
    import pyarrow as pa

    from synth_sdk.schema.layout.flat import Flat, Leaf

_ESCAPES = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_WITH_CRC32 = 180000  # from this version on
_MOST_ARGUMENTS = 90  # of a function; PostgreSQL has 100


@dataclass(frozen=True, slots=True)
class CopyEncoder:
    """Lines of COPY's text form, sealed with their digest."""

    flat: "Flat"
    digest: Digest = halves_of_md5

    def encode(self, batch: Batch, start: int) -> bytes:
        return self.encode_rows(self.flat.arrange(batch, start), start)

    def encode_rows(self, rows: "pa.RecordBatch", start: int) -> bytes:
        """`rows` as `Flat.arrange` makes them; `start` records stand before these."""
        from synth_sdk.sinks.databases import row_texts as texts

        texts.refuse_null_characters(rows, self.flat.columns, start, "PostgreSQL")
        return texts.sealed_rows(rows, ("false", "true"), texts.float_bits, _ESCAPES, self.digest)

    def open(self, stream: BinaryIO) -> Document:
        return Document(stream)


class CopyLoader:
    """Implements `Loader`: one COPY into one table. While rows are made, a thread writes those before them as text and another sends it."""

    def __init__(self, connection: Any, dialect: Dialect, table: str, flat: "Flat", *, fresh: bool) -> None:
        self._has_crc32 = connection.info.server_version >= _WITH_CRC32
        self.encoder = CopyEncoder(flat, checksums if self._has_crc32 else halves_of_md5)
        self.sent = Content()
        self._connection, self._fresh = connection, fresh
        names = ", ".join(dialect.identifier(leaf.name) for leaf in floats_last(flat.columns))
        self._table, self._names = dialect.identifier(table), names
        self._row = _row_text(flat, dialect, in_utf8=connection.info.parameter_status("server_encoding") == "UTF8")
        self._encoding: Behind[tuple[pa.RecordBatch, int]] | None = None
        self._sending: Behind[memoryview] | None = None

    def take(self, batch: Batch, start: int) -> None:
        self._encoding = self._encoding or Behind(self._encode)
        self._encoding.put((self.encoder.flat.arrange(batch, start), start))

    def write(self, encoded: bytes, count: int) -> None:
        lines, content = unsealed(encoded, count)
        self._sending = self._sending or Behind(self._begun().write)
        self._sending.put(lines)
        self.sent += content

    def finish(self) -> Content:
        if self._encoding:
            self._encoding.close()
        if self._sending:
            self._sending.close()
            self._copying.__exit__(None, None, None)  # the server has taken the rows, or refuses them
        return self._standing()

    def abort(self) -> None:
        for thread in (self._encoding, self._sending):
            if thread:
                thread.abandon()
        if self._sending:
            given_up = EOFError("the load was given up")
            with suppress(Exception):  # the connection may be lost, and whatever was sent goes with it
                self._copying.__exit__(EOFError, given_up, None)

    def _encode(self, item: "tuple[pa.RecordBatch, int]") -> None:
        rows, start = item
        self.write(self.encoder.encode_rows(rows, start), rows.num_rows)

    def _begun(self) -> Any:
        """The COPY. It begins with the first rows, since a connection has but one at a time, and others may be open."""
        self._copying = self._connection.cursor().copy(f"COPY {self._table} ({self._names}) FROM STDIN")
        return self._copying.__enter__()

    def _standing(self) -> Content:
        """By the server. In a table with other rows, those that this transaction inserted are known by their xmin."""
        mine = "" if self._fresh else "WHERE xmin::text = (txid_current() % 4294967296)::text"
        half_of_md5 = f"('x' || substr(md5({self._row}), 1, 16))::bit(64)::bigint"
        digest = f"crc32(convert_to({self._row}, 'UTF8'))" if self._has_crc32 else half_of_md5
        found = self._connection.execute(f"SELECT count(*), coalesce(sum({digest}), 0) FROM {self._table} {mine}").fetchone()
        return Content(found[0], int(found[1]) % 2**64)


def _row_text(flat: "Flat", dialect: Dialect, *, in_utf8: bool) -> str:
    """The expression for the text of a row that is hashed."""
    cells = [_cell_text(leaf, dialect) for leaf in floats_last(flat.columns)]
    parts = [f"concat_ws(E'\\t', {', '.join(cells[at : at + _MOST_ARGUMENTS])})" for at in range(0, len(cells), _MOST_ARGUMENTS)]
    text = " || E'\\t' || ".join(parts) + " || E'\\n'"
    return text if in_utf8 else f"convert_to({text}, 'UTF8')"


def _cell_text(leaf: "Leaf", dialect: Dialect) -> str:
    name = dialect.identifier(leaf.name)
    text = f"encode(float8send({name}), 'hex')" if leaf.type.kind == "number" else f"{name}::text"
    return f"coalesce({text}, '\\N')" if leaf.nullable else text

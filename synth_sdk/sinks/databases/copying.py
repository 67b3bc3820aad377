"""Rows into PostgreSQL by COPY, and what it then holds."""

# ruff: noqa: S608 - names are quoted by the dialect, values are parameters

from dataclasses import dataclass
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, Any, BinaryIO

from synth_sdk.core.batches import Batch
from synth_sdk.sinks.databases.content import Content, Digest, checksums, floats_last, halves_of_md5, unsealed
from synth_sdk.sinks.dialects import Dialect
from synth_sdk.sinks.documents import Document

if TYPE_CHECKING:
    from synth_sdk.schema.layout.flat import Flat, Leaf

_ESCAPES = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_WITH_CRC32 = 180000  # from this version on
_MOST_ARGUMENTS = 90  # of a function; PostgreSQL has 100
_WAITING = 2  # blocks that may wait to be sent while the next is made


@dataclass(frozen=True, slots=True)
class CopyEncoder:
    """Lines of COPY's text form, sealed with their digest."""

    flat: "Flat"
    digest: Digest = halves_of_md5

    def encode(self, batch: Batch, start: int) -> bytes:
        from synth_sdk.sinks.databases import row_texts as texts

        rows = self.flat.arrange(batch, start)
        texts.refuse_null_characters(rows, self.flat.columns, start, "PostgreSQL")
        return texts.sealed_rows(rows, ("false", "true"), texts.float_bits, _ESCAPES, self.digest)

    def open(self, stream: BinaryIO) -> Document:
        return Document(stream)


class CopyLoader:
    """Implements `Loader`: one COPY into one table. A thread sends while the next rows are made."""

    def __init__(self, connection: Any, dialect: Dialect, table: str, flat: "Flat", *, fresh: bool) -> None:
        self._has_crc32 = connection.info.server_version >= _WITH_CRC32
        self.encoder = CopyEncoder(flat, checksums if self._has_crc32 else halves_of_md5)
        self._connection, self._fresh = connection, fresh
        names = ", ".join(dialect.identifier(leaf.name) for leaf in floats_last(flat.columns))
        self._table, self._names = dialect.identifier(table), names
        self._row = _row_text(flat, dialect, in_utf8=connection.info.parameter_status("server_encoding") == "UTF8")
        self._feed: _Feed | None = None

    def take(self, batch: Batch, start: int) -> Content:
        return self.write(self.encoder.encode(batch, start), len(batch))

    def write(self, encoded: bytes, count: int) -> Content:
        lines, content = unsealed(encoded, count)
        if self._feed is None:
            self._feed = _Feed(self._connection, f"COPY {self._table} ({self._names}) FROM STDIN")
        self._feed.put(lines)
        return content

    def finish(self) -> Content:
        if self._feed:
            self._feed.close()
        return self._standing()

    def abort(self) -> None:
        if self._feed:
            self._feed.abandon()

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


class _Feed:
    """Sends blocks to a COPY, in order, from a thread of its own. An error there is raised at the next `put` or `close`."""

    def __init__(self, connection: Any, statement: str) -> None:
        self._copying = connection.cursor().copy(statement)
        self._copy = self._copying.__enter__()
        self._blocks: Queue[memoryview | None] = Queue(_WAITING)
        self._error: BaseException | None = None
        self._thread = Thread(target=self._send, daemon=True)
        self._thread.start()

    def put(self, block: memoryview) -> None:
        self._blocks.put(block)
        self._check()

    def close(self) -> None:
        """The end of the rows: the server has taken them, or refuses them."""
        self._end()
        self._check()
        self._copying.__exit__(None, None, None)

    def abandon(self) -> None:
        """The connection is about to be closed, and whatever was sent goes with it."""
        self._error = self._error or EOFError()
        self._end()

    def _end(self) -> None:
        if self._thread.is_alive():
            self._blocks.put(None)
            self._thread.join()

    def _check(self) -> None:
        if self._error:
            raise self._error

    def _send(self) -> None:
        while (block := self._blocks.get()) is not None:
            if self._error is None:
                try:
                    self._copy.write(block)
                except BaseException as error:
                    self._error = error

"""Rows into MariaDB and MySQL: a file for each block, or INSERTs; and what the server then holds."""

# ruff: noqa: S608 - names are quoted by the dialect, values are parameters

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import WriteError
from synth_sdk.sinks.databases.content import Content, floats_last, unsealed
from synth_sdk.sinks.dialects import Dialect
from synth_sdk.sinks.documents import Document
from synth_sdk.sinks.formats import Encoder

if TYPE_CHECKING:
    from synth_sdk.schema.layout.flat import Flat

_ESCAPES = {"\\": "\\\\", "\0": "\\0", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class DataEncoder:
    """Lines as LOAD DATA reads them by default, sealed with their digest."""

    flat: "Flat"

    def encode(self, batch: Batch, start: int) -> bytes:
        from synth_sdk.sinks.databases import row_texts as texts

        return texts.sealed_rows(self.flat.arrange(batch, start), ("0", "1"), texts.mysql_floats, _ESCAPES)

    def open(self, stream: BinaryIO) -> Document:
        return Document(stream)


class DataLoader:
    """Implements `Loader`. In a table with other rows what was loaded is the difference between what it held before and holds now."""

    def __init__(self, connection: Any, dialect: Dialect, table: str, flat: "Flat", *, fresh: bool, local_infile: bool) -> None:
        self._connection, self._flat = connection, flat
        self._encoder = DataEncoder(flat)
        self.sent = Content()
        self._local_infile = local_infile
        self._names = ", ".join(dialect.identifier(leaf.name) for leaf in floats_last(flat.columns)).replace("%", "%%")
        self._table = dialect.identifier(table).replace("%", "%%")
        self._load = f"LOAD DATA LOCAL INFILE %s INTO TABLE {self._table} CHARACTER SET utf8mb4 ({self._names})"
        self._row = _row_text(flat, dialect)
        self._before = Content() if fresh else self._content()

    @property
    def encoder(self) -> Encoder | None:
        return self._encoder if self._local_infile else None

    def take(self, batch: Batch, start: int) -> None:
        encoded = self._encoder.encode(batch, start)
        if self._local_infile:
            self.write(encoded, len(batch))
        else:
            self._insert(batch, start)
            self.sent += unsealed(encoded, len(batch))[1]

    def write(self, encoded: bytes, count: int) -> None:
        lines, content = unsealed(encoded, count)
        with tempfile.TemporaryDirectory(prefix="synth-") as folder:
            path = Path(folder) / "rows"
            path.write_bytes(lines)
            with self._connection.cursor() as cursor:
                taken = cursor.execute(self._load, (str(path),))
        if taken != count:
            self._refuse()
        self.sent += content

    def finish(self) -> Content:
        return self._content() - self._before

    def abort(self) -> None: ...

    def _insert(self, batch: Batch, start: int) -> None:
        columns = self._flat.arrange(batch, start)
        rows = zip(*(columns.column(leaf.name).to_pylist() for leaf in floats_last(self._flat.columns)), strict=True)
        marks = ", ".join(["%s"] * len(self._flat.columns))
        with self._connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {self._table} ({self._names}) VALUES ({marks})", list(rows))

    def _refuse(self) -> None:
        """LOAD DATA LOCAL leaves out rows that it can't take, and only warns."""
        with self._connection.cursor() as cursor:
            cursor.execute("SHOW WARNINGS")
            told = cursor.fetchall()
        raise WriteError(
            f"the server took fewer rows than were sent: {told[0][2] if told else 'it gave no reason'}; nothing was loaded"
        )

    def _content(self) -> Content:
        digest = f"CAST(CONV(LEFT(MD5({self._row}), 16), 16, 10) AS UNSIGNED)"
        with self._connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*), COALESCE(SUM({digest}), 0) FROM {self._table}", ())
            rows, total = cursor.fetchone()
        return Content(int(rows), int(total) % 2**64)


_TEXTS: dict[str, Callable[[str], str]] = {
    "number": lambda column: f"CAST({column} + 0E0 AS CHAR)",  # zero without a sign
    "boolean": lambda column: f"CAST({column} AS CHAR)",
    "integer": lambda column: f"CAST({column} AS CHAR)",
    "unsigned": lambda column: f"CAST({column} AS CHAR)",
}


def _row_text(flat: "Flat", dialect: Dialect) -> str:
    """The expression for the text of a row, as `row_texts` makes it; bytes in UTF-8, whatever the table's character set."""
    cells = []
    for leaf in floats_last(flat.columns):
        column = dialect.identifier(leaf.name).replace("%", "%%")
        text = _TEXTS[leaf.type.kind](column) if leaf.type.kind in _TEXTS else column
        text = f"CONVERT({text} USING utf8mb4)"
        cells.append(f"IFNULL({text}, '\\\\N')" if leaf.nullable else text)
    return "CONCAT(" + ", '\\t', ".join(cells) + ", '\\n')"

"""SQLite: one transaction in a file, by the driver that comes with Python."""

# ruff: noqa: S608 - names are quoted by the dialect, values are parameters

import marshal
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import UnknownName
from synth_sdk.sinks.databases.content import Content, content_of
from synth_sdk.sinks.databases.database import Database
from synth_sdk.sinks.databases.existing import Column
from synth_sdk.sinks.databases.ledger import TABLE
from synth_sdk.sinks.databases.loading import Loader
from synth_sdk.sinks.dialects import Dialect, dialect_of
from synth_sdk.sinks.formats import Shape

if TYPE_CHECKING:
    import pyarrow as pa

    from synth_sdk.schema.layout.flat import Flat

_WAIT_SECONDS = 60.0  # for another process that writes
_LONGEST_WAIT = 86_400
_ROWS_AT_ONCE = 4096
_WITHOUT_MEMOS = 2  # the version of marshal's format in which equal values are equal bytes


class Sqlite(Database):
    """`sqlite:///relative.db` or `sqlite:////absolute.db`, with `?timeout=SECONDS` for how long another writer is waited for."""

    dialect = dialect_of("sqlite")
    mark = "?"
    accepted = {
        "string": frozenset({"text"}),
        "json": frozenset({"text"}),
        "array": frozenset({"text"}),
        "object": frozenset({"text"}),
        "integer": frozenset({"integer", "numeric", "blob"}),
        "unsigned": frozenset({"text"}),
        "number": frozenset({"real"}),
        "boolean": frozenset({"integer", "numeric", "blob"}),
    }

    def connect(self) -> None:
        path, wait = self.address.file(), self._wait()
        if Path(path).exists() and not os.access(path, os.W_OK):  # SQLite would find out with the first row
            self.address.wrong("the file is read-only; have it made writable, or name another")
        try:
            self._connection = sqlite3.connect(path, timeout=wait, isolation_level=None)
            self._asides: dict[str, str] = {}
            self._connection.execute(f"PRAGMA foreign_keys = {int(self.address.if_exists != 'replace')}")
            self._connection.execute("BEGIN IMMEDIATE")
            return
        except (sqlite3.Error, ValueError) as error:
            told = str(error)
        self.address.wrong(f"{told}; {_way_out(told)}")

    def _wait(self) -> float:
        for name in self.address.options:
            if name != "timeout":
                raise UnknownName("parameter of an SQLite database", name, ("if_exists", "table", "timeout"))
        wait = self.address.options.get("timeout", "")
        with suppress(ValueError):
            if 0 <= (seconds := float(wait or _WAIT_SECONDS)) <= _LONGEST_WAIT:
                return seconds
        return self.address.wrong(f"timeout={wait} is no number of seconds from 0 to {_LONGEST_WAIT:,}")

    def disconnect(self) -> None:
        """After a full disk SQLite leaves the rollback to whoever reads next, who may not be allowed to write: so we do."""
        with suppress(sqlite3.Error):
            self._connection.rollback()
            self.execute("SELECT 1 FROM sqlite_master LIMIT 1", ())
        self._connection.close()

    def tell(self, error: BaseException) -> str:
        return str(error) if isinstance(error, sqlite3.Error | OverflowError) else ""

    def execute(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, parameters).fetchall()

    def is_view(self, table: str) -> bool:
        return bool(self.execute("SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = ? COLLATE NOCASE", (table,)))

    def lock(self, table: str) -> None:
        """The transaction holds the whole file since it began."""

    def has_ledger(self) -> bool:
        return self.columns(TABLE) is not None

    def columns(self, table: str) -> Sequence[Column] | None:
        rows = self.execute('SELECT name, type, "notnull", dflt_value FROM pragma_table_info(?)', (table,))
        return [Column(name, affinity(kind), not needed, default is not None) for name, kind, needed, default in rows] or None

    def replacing(self, table: str, flat: "Flat", shape: Shape, *, there: bool) -> Loader:
        """The old table steps aside until the commit. References stay with its name under these two settings, and are checked at the end."""
        if there:
            aside = self.dialect.identifier(f"_synth_old_{uuid4().hex}")
            self.execute("PRAGMA legacy_alter_table = ON", ())
            self.execute(f"ALTER TABLE {self.dialect.identifier(table)} RENAME TO {aside}", ())
            self._asides[table] = aside
        return self.creating(table, flat, shape)

    def loader(self, table: str, flat: "Flat", *, fresh: bool) -> Loader:
        return _Rows(self._connection, self.dialect, table, flat, fresh=fresh)

    def commit_transaction(self) -> None:
        for aside in reversed(self._asides.values()):
            self.execute(f"DROP TABLE {aside}", ())
        if self.address.if_exists == "replace":
            self._check_references()
        self.execute("COMMIT", ())

    def _check_references(self) -> None:
        """Of the tables that came, and to those that were replaced."""
        for table, _, to, _ in self.execute("PRAGMA foreign_key_check", ()):
            if to in self._asides or table in self._tables:
                raise sqlite3.IntegrityError(f"rows of table {table!r} refer to rows of table {to!r} that aren't there")


def affinity(declared: str) -> str:
    """What SQLite makes of a declared type (SQLite, "Datatypes", section 3.1)."""
    told = declared.upper()
    found = [name for name, words in _AFFINITIES.items() if any(word in told for word in words)]
    return found[0] if found else "numeric" if told else "blob"


_AFFINITIES = {"integer": ("INT",), "text": ("CHAR", "CLOB", "TEXT"), "blob": ("BLOB",), "real": ("REAL", "FLOA", "DOUB")}


class _Rows:
    """Implements `Loader`: executemany, and reading back.

    In a table with other rows what was loaded is the difference between what it held before and holds now.
    """

    encoder = None

    def __init__(self, connection: sqlite3.Connection, dialect: Dialect, table: str, flat: "Flat", *, fresh: bool) -> None:
        self._connection, self._flat = connection, flat
        self.sent = Content()
        names = ", ".join(dialect.identifier(leaf.name) for leaf in flat.columns)
        marks = ", ".join("?" * len(flat.columns))
        self._insert = f"INSERT INTO {dialect.identifier(table)} ({names}) VALUES ({marks})"
        self._select = f"SELECT {names} FROM {dialect.identifier(table)}"
        self._before = Content() if fresh else self._content()

    def take(self, batch: Batch, start: int) -> None:
        rows = list(zip(*map(_cells, self._flat.arrange(batch, start).columns), strict=True))
        self._connection.executemany(self._insert, rows)
        self.sent += _content(rows)

    def write(self, encoded: bytes, count: int) -> None:
        raise NotImplementedError("there is no encoder")

    def finish(self) -> Content:
        return self._content() - self._before

    def abort(self) -> None: ...

    def _content(self) -> Content:
        return sum(map(_content, self._chunks()), Content())

    def _chunks(self) -> Iterator[list[tuple[Any, ...]]]:
        cursor = self._connection.execute(self._select)
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            yield rows


def _content(rows: Sequence[tuple[Any, ...]]) -> Content:
    return content_of([marshal.dumps(row, _WITHOUT_MEMOS) for row in rows])


def _cells(column: "pa.Array") -> list[Any]:
    """As SQLite gives them back: booleans are 0 and 1, integers of 64 bits without a sign are text, zero has no sign."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from synth_sdk.core.arrow import of_numpy

    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    elif pa.types.is_uint64(column.type):
        column = column.cast(pa.string())
    elif pa.types.is_floating(column.type):
        column = pc.add(column, of_numpy(np.zeros(1))[0])  # no negative zero
    cells: list[Any] = column.to_pylist()
    return cells


def _way_out(told: str) -> str:
    if "locked" in told:
        return "another process is writing to it: wait for it, or raise ?timeout="
    return (
        "name a file in a folder that is there and can be written" if "open" in told else "name an SQLite database or a new file"
    )

"""The history in one SQLite file, shared by any number of processes of one machine.

Runs that are going on are noted beside it, in the folder `FILE.running`. What was killed is moved into the file by whoever writes next.

The file is opened for each write and closed after it: 1 ms with its fsyncs on a local disk, and nothing is left open between runs. It has a
rollback journal, not WAL: one write at the end of a run gains nothing by a log, and one file works on network volumes too.
What can't be read as a database is set aside, what can't be read as a row is passed over: no run fails because of what is kept here.
"""

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from heapq import merge
from operator import attrgetter
from pathlib import Path
from typing import Any

from synth_sdk.history.entries import Entry, stamp
from synth_sdk.history.packing import packed, unpacked
from synth_sdk.history.store import MOST_RUNS, History, HistoryError
from synth_sdk.history.underway import UnderWay

_VERSION = 1
_BUSY_SECONDS = 5.0
_ROWS_AT_ONCE = 200  # nobody who writes has to wait for one who reads on
_ADDED_BETWEEN_PRUNINGS = 100
_COLUMNS = "id, started_at, kind, count, records, status, exit_code, fingerprint, seed, request, report, schema_digest, document, failure"
_DATABASES = (".sqlite3", ".sqlite", ".db")
_PACKED = ("request", "report", "document")
_TABLE = f"""CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, started_at TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL,
    records INTEGER NOT NULL, status TEXT NOT NULL, exit_code INTEGER NOT NULL, fingerprint TEXT NOT NULL, seed INTEGER NOT NULL,
    request NOT NULL, report NOT NULL, schema_digest TEXT NOT NULL, document NOT NULL, failure TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS runs_by_time ON runs (started_at);
CREATE INDEX IF NOT EXISTS runs_by_schema ON runs (schema_digest) WHERE schema_digest <> '';
PRAGMA user_version = {_VERSION}"""
_INSERT, _INSERT_NEW = (
    f"INSERT OR {otherwise} INTO runs ({_COLUMNS}) VALUES ({', '.join('?' * (_COLUMNS.count(',') + 1))})"  # noqa: S608
    for otherwise in ("REPLACE", "IGNORE")
)
_BEYOND = "SELECT number FROM runs ORDER BY started_at DESC, number DESC LIMIT -1 OFFSET ?"


class SqliteHistory(History):
    """The file at `path`, made with the first run; readable by its owner only, since requests may hold schemas of users."""

    def __init__(self, path: Path, most: int = MOST_RUNS) -> None:
        self.path, self._most = path, most
        self.warnings: list[str] = []
        self._underway = UnderWay(Path(f"{path}.running"))

    def begin(self, entry: Entry) -> None:
        try:
            self._underway.begin(entry)
        except OSError as error:
            raise self._failed("written", error.strerror or error) from None

    def add(self, entry: Entry) -> None:
        self._insert_or_start_anew(entry)
        self._underway.end(entry.id)

    def _insert_or_start_anew(self, entry: Entry) -> None:
        try:
            self._insert(entry)
        except sqlite3.Error as error:
            if type(error) is not sqlite3.DatabaseError:  # that class itself is raised for what is no database, or a damaged one
                raise self._failed("written", error) from None
            self._set_aside(error)
            self._insert(entry)

    def walk(self, *, kind: str | None = None, status: str | None = None, since: datetime | None = None) -> Iterator[Entry]:
        noted = self._noted()
        fitting = (entry for entry in noted.values() if _fits(entry, kind, status, since))
        newest = sorted(fitting, key=attrgetter("started_at"), reverse=True)
        rows = (entry for entry in self._rows(kind, status, since) if entry.id not in noted)
        return merge(newest, rows, key=attrgetter("started_at"), reverse=True)

    def _rows(self, kind: str | None, status: str | None, since: datetime | None) -> Iterator[Entry]:
        asked = {"kind = ?": kind, "status = ?": status, "started_at >= ?": stamp(since) if since else None}
        given = {condition: value for condition, value in asked.items() if value is not None}
        conditions, values = list(given), list(given.values())
        after: tuple[Any, ...] = ()
        while rows := self._page(conditions, values, after):
            yield from filter(None, (_entry(row[1:]) for row in rows))
            after = (rows[-1][2], rows[-1][0])

    def starting_with(self, prefix: str) -> list[str]:
        above = prefix + "\U0010ffff"
        rows = self._read("SELECT id FROM runs WHERE id >= ? AND id < ? ORDER BY id LIMIT 3", prefix, above)
        return sorted({*(row[0] for row in rows), *(one for one in self._noted() if one.startswith(prefix))})[:3]

    def of_id(self, id: str) -> Entry | None:
        rows = self._read(f"SELECT {_COLUMNS} FROM runs WHERE id = ?", id)  # noqa: S608
        return _entry(rows[0]) if rows else self._noted().get(id)

    def forget(self, ids: Iterable[str]) -> int:
        return self._delete("DELETE FROM runs WHERE id = ?", [(one,) for one in ids])

    def prune(self, newest: int = MOST_RUNS) -> int:
        return self._delete(f"DELETE FROM runs WHERE number IN ({_BEYOND})", [(newest,)])  # noqa: S608

    def close(self) -> None:
        self._underway.end()

    def _noted(self) -> dict[str, Entry]:
        """By id the runs that are in no row yet."""
        found = {entry.id: entry for entry in self._underway.entries()}
        over = self._read(f"SELECT id FROM runs WHERE id IN ({', '.join('?' * len(found))})", *found) if found else []  # noqa: S608
        for row in over:
            del found[row[0]]
        return found

    def _insert(self, entry: Entry) -> None:
        with self._writing() as db:
            number = db.execute(_INSERT, _row(entry)).lastrowid or 0
            if number % _ADDED_BETWEEN_PRUNINGS < db.total_changes:  # rows of killed runs came before it
                db.execute(f"DELETE FROM runs WHERE number IN ({_BEYOND})", (self._most,))  # noqa: S608

    def _delete(self, statement: str, values: Sequence[tuple[Any, ...]]) -> int:
        if not self.path.exists() and not self._underway.ended():
            return 0
        try:
            with self._writing() as db:
                return sum(db.execute(statement, one).rowcount for one in values)
        except sqlite3.Error as error:
            raise self._failed("written", error) from None

    def _page(self, conditions: Sequence[str], values: Sequence[Any], after: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """The next rows, each behind its number."""
        told = [*conditions, *(["(started_at, number) < (?, ?)"] if after else [])]
        where = f"WHERE {' AND '.join(told)}" if told else ""
        order = f"ORDER BY started_at DESC, number DESC LIMIT {_ROWS_AT_ONCE}"
        return self._read(f"SELECT number, {_COLUMNS} FROM runs {where} {order}", *values, *after)  # noqa: S608

    def _read(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        if not self.path.exists():
            return []
        try:
            with closing(sqlite3.connect(self.path, timeout=_BUSY_SECONDS)) as db:
                return db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            if "no such table" in str(error):  # whoever makes the file hasn't come to that yet
                return []
            raise self._failed("read", error) from None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, all or nothing, in a file that is made where there is none; with the runs that were killed meanwhile."""
        try:
            self._make()
        except OSError as error:
            raise self._failed("written", error.strerror or error) from None
        with closing(sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute("BEGIN IMMEDIATE")
            if not db.execute("PRAGMA user_version").fetchone()[0]:
                for statement in _TABLE.split(";"):
                    db.execute(statement)
            killed = self._underway.ended()
            db.executemany(_INSERT_NEW, map(_row, killed))
            yield db
            db.execute("COMMIT")  # without it closing undoes all
            self._underway.forget(killed)

    def _make(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))

    def _set_aside(self, error: sqlite3.Error) -> None:
        """A damaged file is renamed, and the history starts anew. One whose name doesn't say that it is a database may be anything."""
        if self.path.suffix not in _DATABASES:
            raise self._failed("written", error)
        aside = self.path.with_name(f"{self.path.name}.broken-{int(time.time())}")
        try:
            self.path.replace(aside)
        except OSError:
            raise self._failed("written", error) from None
        self.warnings.append(f"the history was damaged ({error}): it is set aside as {aside.name} and starts anew")

    def _failed(self, what: str, error: object) -> HistoryError:
        return HistoryError(f"history {str(self.path)!r} can't be {what}: {error}; name another place with SYNTH_HISTORY, or off")


def _fits(entry: Entry, kind: str | None, status: str | None, since: datetime | None) -> bool:
    return kind in (None, entry.kind) and status in (None, entry.status) and (since is None or entry.started_at >= since)


def _row(entry: Entry) -> tuple[Any, ...]:
    told = {**entry.to_dict(), **{name: packed(getattr(entry, name)) for name in _PACKED}}
    return tuple(told[name] for name in _COLUMNS.split(", "))


def _entry(row: Sequence[Any]) -> Entry | None:
    """None for a row that isn't as we write it."""
    told = dict(zip(_COLUMNS.split(", "), row, strict=True))
    try:
        return Entry.of_dict({**told, **{name: unpacked(told[name]) for name in _PACKED}})
    except (ValueError, TypeError):
        return None

"""diskcache without pickle. The only module that imports it; loaded with the first row.

diskcache stores Python objects by pickle and executes what it reads (CVE-2025-69872). Here values live in the rows of one
SQLite file; its other modes of storage (pickles, files beside the database) are refused on write, on read and on removal, so
that a crafted row can name neither code to run nor a file to read or delete.
"""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from diskcache import Cache, Disk, Timeout
from diskcache.core import MODE_RAW

from synth_sdk.core.errors import OutputError

# How long a statement waits for another process's transaction, in seconds. Transactions here take about a millisecond.
_BUSY_SECONDS = 10
_PLAIN = (bytes, str, int)
_DATABASE = "cache.db"  # diskcache's name for it

# What reading or writing a row may raise: locked for too long, full, corrupt, gone.
FAILURES: tuple[type[Exception], ...] = (sqlite3.Error, Timeout, OSError)


class RefusedRowError(OSError):
    """A row that this package would not have written. An OSError, which diskcache takes for a missing value."""


class PlainDisk(Disk):  # type: ignore[misc]  # diskcache is untyped
    """Keys are text; values are bytes, text or whole numbers, kept in the row itself. Everything else is refused."""

    def put(self, key: Any) -> tuple[str, bool]:
        if type(key) is not str:
            raise TypeError(f"a key is text, not {type(key).__name__}")
        return key, True

    def get(self, key: Any, raw: Any) -> str:
        if not raw or type(key) is not str:
            raise RefusedRowError("the row's key is not text")
        return key

    def store(self, value: Any, read: bool, key: Any = None) -> tuple[int, int, None, bytes | str | int]:
        if read or type(value) not in _PLAIN:
            raise TypeError(f"a value is bytes, text or a whole number, not {type(value).__name__}")
        return 0, MODE_RAW, None, value

    def fetch(self, mode: Any, filename: Any, value: Any, read: bool) -> bytes | str | int:
        if mode != MODE_RAW or filename is not None or read or type(value) not in _PLAIN:
            raise RefusedRowError("the row is stored in a mode that this cache never writes")
        plain: bytes | str | int = value
        return plain

    def filename(self, key: Any = None, value: Any = None) -> tuple[str, str]:
        raise RefusedRowError("this cache has no files beside its database")

    def remove(self, file_path: Any) -> None:
        """Nothing: no row of ours has a file, so a name found in one is somebody else's."""


def open_cache(folder: Path, **settings: Any) -> Any:
    """A diskcache.Cache in `folder` (made with mode 0700). OutputError if it can't be made, read or written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_database(folder / _DATABASE)
        cache = Cache(os.fspath(folder), timeout=_BUSY_SECONDS, disk=PlainDisk, statistics=0, **settings)
        cache.close()  # this thread's connection; each thread that uses the cache opens its own
    except FAILURES as error:
        reason = getattr(error, "strerror", None) or str(error) or "another process keeps it locked"
        raise OutputError(
            f"folder {str(folder)!r} can't be used: {reason}; delete it or set SYNTH_HOME to another folder"
        ) from None
    return cache


def _check_database(path: Path) -> None:
    """sqlite3.Error if `path` holds something else. Found here, since diskcache would leave its connection open."""
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS)
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    finally:
        connection.close()


class Reader:
    """The rows of `folder` as they are: nothing is made, written or locked, so it works on a disk that can't be written too.

    While no other process has the database open it is read as a file that doesn't change: SQLite would lay a log and an index beside
    it otherwise. Should one begin to write meanwhile, a row may be missed, but its seal keeps a mixed one from being taken for whole.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _DATABASE
        self._open: sqlite3.Connection | None = None

    def get(self, key: str) -> Any:
        """The value in the row of `key`, None if there is no such row, or no such folder. One of FAILURES as `diskcache.Cache.get`."""
        try:
            row = self._connection().execute("SELECT value FROM Cache WHERE key = ? AND raw = 1", (key,)).fetchone()
        except sqlite3.Error:
            self.close()
            raise
        return row[0] if row else None

    def close(self) -> None:
        """It opens again when it is used again."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            still = "" if self._path.with_name(f"{_DATABASE}-wal").exists() else "&immutable=1"
            self._open = sqlite3.connect(f"{self._path.as_uri()}?mode=ro{still}", uri=True, timeout=_BUSY_SECONDS)
        return self._open


def _connect(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / _DATABASE, timeout=_BUSY_SECONDS)


def census(folder: Path, tag: str, now: float) -> tuple[int, int, float | None]:
    """Of the rows with `tag` that haven't expired: their number, bytes, and when the oldest was stored (Unix time)."""
    with closing(_connect(folder)) as rows:
        count, size, oldest = rows.execute(
            "SELECT count(*), coalesce(sum(length(value)), 0), min(store_time) FROM Cache"
            " WHERE tag = ? AND (expire_time IS NULL OR expire_time > ?)",
            (tag, now),
        ).fetchone()
    return count, size, oldest


def newest(folder: Path, tag: str, now: float, most: int) -> list[tuple[str, bytes]]:
    """(key, value) of at most `most` rows with `tag` that haven't expired: those that were stored last, the oldest of them first."""
    with closing(_connect(folder)) as rows:
        found: list[tuple[str, bytes]] = rows.execute(
            "SELECT key, value FROM Cache WHERE tag = ? AND (expire_time IS NULL OR expire_time > ?) AND typeof(value) = 'blob'"
            " ORDER BY store_time DESC, rowid DESC LIMIT ?",
            (tag, now, most),
        ).fetchall()
    return found[::-1]


def beginning_with(folder: Path, prefix: str, most: int) -> list[tuple[str, bytes]]:
    """(key, value) of at most `most` rows whose keys begin with `prefix` (ASCII): those that were stored last."""
    with closing(_connect(folder)) as rows:
        found: list[tuple[str, bytes]] = rows.execute(
            "SELECT key, value FROM Cache WHERE key >= ? AND key < ? AND raw = 1 AND typeof(value) = 'blob'"
            " ORDER BY store_time DESC, rowid DESC LIMIT ?",
            (prefix, prefix + "\x7f", most),
        ).fetchall()
    return found


def among(folder: Path, keys: Sequence[str]) -> set[str]:
    """Those of `keys` that have a row."""
    with closing(_connect(folder)) as rows:
        return {key for key in keys if rows.execute("SELECT 1 FROM Cache WHERE key = ? AND raw = 1", (key,)).fetchone()}

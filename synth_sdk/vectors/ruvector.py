"""Records in ruvector: the vectors in its RVF file, the records beside them in SQLite, which says what can be found.

An RVF file holds nothing but numbered vectors; a number once deleted never comes back, nothing is ever compacted, and only one
process may write. So each vector gets a new number; a number without a record in SQLite is not found, and deleted when the store is
next written to. One transaction in SQLite makes a whole run findable. Search reads every vector: exact, and its time grows with them.
"""

import json
import os
import socket
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.core.models import Json
from synth_sdk.core.vectors import Neighbour, Space
from synth_sdk.vectors.places import Folder, check_space, json_of, library, no_store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_VECTORS, _RECORDS = "vectors.rvf", "records.sqlite3"
_MOST_AT_ONCE = 10_000  # numbers that the library deletes, and neighbours that it finds, in one call
_TABLES = """
    create table if not exists space (embedding text not null, dimensions integer not null);
    create table if not exists records (number integer primary key, id text not null unique, record text not null);
    create table if not exists staged (number integer primary key autoincrement, id text not null, record text not null);
    create table if not exists dead (number integer primary key);
"""


class RuvectorStore:
    """See `core.vectors.VectorStore`. Whole or not at all, also when the process is killed."""

    def __init__(self, path: str, space: Space | None = None) -> None:
        self._path, self._store = path, library("ruvector").RvfStore
        self._folder = Folder(path)
        self._file = self._folder.path / _VECTORS
        self._records: sqlite3.Connection | None = None
        self._vectors: Any = None
        self._is_new = not self._file.exists()
        self._folder.must_exist() if space is None else self._folder.make()
        if self._is_new and space is None:
            raise no_store(path)
        try:
            self._open(space)
        except (sqlite3.Error, RuntimeError, OSError) as error:
            self.close()
            raise OutputError(f"vector store {path!r} can't be opened: {error}; name another path") from error
        except BaseException:
            self.close()
            raise

    def _open(self, space: Space | None) -> None:
        uri = f"{(self._folder.path / _RECORDS).absolute().as_uri()}?mode={'ro' if space is None else 'rwc'}"
        self._records = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        if self._is_new and space is not None:
            self._records.executescript(_TABLES)
            self._records.execute("delete from space")
            self._records.execute("insert into space values (?, ?)", (space.embedding, space.dimensions))
        self.space = Space(*self._records.execute("select embedding, dimensions from space").fetchone())
        check_space(self._path, self.space, space)
        self._vectors = self._open_vectors(writes=space is not None)
        if self._vectors.status()["total_vectors"] < len(self):
            raise OutputError(f"vector store {self._path!r} has lost vectors of its records: remove it, and fill it again")
        if space is not None:
            self._bury()

    def _open_vectors(self, *, writes: bool) -> Any:
        if self._is_new:
            return self._store.create(str(self._file), self.space.dimensions)
        if writes:
            _remove_stale_lock(Path(f"{self._file}.lock"))
        return self._store.open(str(self._file), read_only=not writes)

    def __len__(self) -> int:
        return int(self._one("select count(*) from records") or 0)

    def add(self, ids: Sequence[str], vectors: "NDArray[np.float32]", records: Sequence[Json]) -> None:
        texts = [json_of(record) for record in records]
        changed = [at for at, text in enumerate(texts) if self._one("select record from records where id = ?", ids[at]) != text]
        with self._transaction() as staging:
            stage = "insert into staged (id, record) values (?, ?)"
            numbers = [staging.execute(stage, (ids[at], texts[at])).lastrowid for at in changed]
        try:
            if changed:
                self._vectors.ingest(vectors[changed], numbers)
        except (RuntimeError, ValueError) as error:
            raise WriteError(f"vector store {self._path!r}: {error}") from error

    def commit(self) -> None:
        with self._transaction() as records:
            records.execute("insert into dead select number from records where id in (select id from staged)")
            records.execute("insert or replace into records select number, id, record from staged order by number")
            records.execute("delete from staged where number in (select number from records)")
        self._bury()

    def search(self, vector: "NDArray[np.float32]", limit: int) -> list[Neighbour]:
        everything = min(_MOST_AT_ONCE, int(self._vectors.status()["total_vectors"]))
        asked = min(limit, everything)
        while asked:
            found = list(islice(self._found(self._vectors.query(vector, k=asked)), limit))
            if len(found) == limit or asked == everything:
                return found
            asked = min(asked * 4, everything)  # some of the nearest were replaced, or are of a run that isn't committed
        return []

    def close(self) -> None:
        empty = self._is_new and self._vectors is not None and not len(self)
        if self._vectors is not None:
            self._vectors.close()
        if self._records is not None:
            self._records.close()
        if empty:
            for name in (_VECTORS, _RECORDS):
                (self._folder.path / name).unlink(missing_ok=True)
        self._vectors = self._records = None
        self._folder.leave_empty()

    def _found(self, hits: Iterable[tuple[int, float]]) -> Iterator[Neighbour]:
        """The hits that have a record; their distances are squared lengths, of vectors of length 1."""
        for number, distance in hits:
            row = self._sql.execute("select id, record from records where number = ?", (number,)).fetchone()
            if row:
                yield Neighbour(row[0], json.loads(row[1]), 1 - distance / 2)

    def _bury(self) -> None:
        """Delete the vectors of numbers that hold no record: replaced ones, and those of a run that was never committed."""
        with self._transaction() as records:
            records.execute("insert or ignore into dead select number from staged")
            records.execute("delete from staged")
        numbers = [number for (number,) in self._sql.execute("select number from dead")]
        for start in range(0, len(numbers), _MOST_AT_ONCE):
            self._vectors.delete(numbers[start : start + _MOST_AT_ONCE])
        self._sql.execute("delete from dead")

    def _one(self, query: str, *told: str) -> Any:
        """The one value that `query` asks for; None without any."""
        row = self._sql.execute(query, told).fetchone()
        return row[0] if row else None

    @property
    def _sql(self) -> sqlite3.Connection:
        if self._records is None:
            raise WriteError(f"vector store {self._path!r} is closed")
        return self._records

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is done within, or nothing."""
        try:
            self._sql.execute("begin immediate")
            try:
                yield self._sql
            except BaseException:
                self._sql.execute("rollback")
                raise
            self._sql.execute("commit")
        except sqlite3.Error as error:
            raise WriteError(f"vector store {self._path!r}: {error}") from error


def _remove_stale_lock(lock: Path) -> None:
    """A killed process leaves the library's lock behind, which holds its number and host. OutputError when the process lives."""
    try:
        told = lock.read_bytes()
    except FileNotFoundError:
        return
    process, host = int.from_bytes(told[4:8], "little"), told[8:72].rstrip(b"\0").decode("utf-8", "replace")
    if host == socket.gethostname() and not _lives(process):
        lock.unlink(missing_ok=True)
        return
    raise OutputError(
        f"vector store {str(lock.parent)!r} is being written to by process {process} on {host}: wait for it, or remove {lock.name} if it is gone"
    )


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True

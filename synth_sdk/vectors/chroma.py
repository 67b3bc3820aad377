"""Records in Chroma, in a folder of this machine: a collection of ids, records (as JSON) and vectors.

What a run adds waits in an unnamed file. A commit puts it into a journal, whole or not at all, and from there into the collection, some
thousand records at a time; whoever opens the store after a writer was killed in between finishes that. Search is approximate (HNSW) and
in memory. Nothing is sent anywhere: Chroma's telemetry is off, its server and its embedding models are not used.
"""

import base64
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.core.models import Json
from synth_sdk.core.vectors import Neighbour, Space
from synth_sdk.vectors.places import Folder, check_space, json_of, library, no_store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_COLLECTION = "synth_records"
_DATABASE, _JOURNAL, _LOCK = "chroma.sqlite3", "journal.jsonl", "writer.lock"
_AT_ONCE = 2_000  # records in one of the library's transactions
_INDEX = {
    "space": "cosine",
    "ef_construction": 200,
    "ef_search": 200,
    "max_neighbors": 32,
}  # twice what Chroma sets: found as good as always


class ChromaStore:
    """See `core.vectors.VectorStore`. Whole or not at all, also when the process is killed."""

    def __init__(self, path: str, space: Space | None = None) -> None:
        self._path, self._chroma = path, library("chromadb", "chroma")
        self._foreign = (self._chroma.errors.ChromaError, RuntimeError, OSError, ValueError)  # what the library raises
        self._folder = Folder(path)
        self._client: Any = None
        self._records: Any = None
        self._staged: IO[str] | None = None
        self._folder.must_exist() if space is None else self._folder.make()
        try:
            self._open(space)
        except self._foreign as error:
            self.close()
            raise OutputError(f"vector store {path!r} can't be opened: {error}; name another path") from error
        except BaseException:
            self.close()
            raise

    def _open(self, space: Space | None) -> None:
        if (self._folder.path / _DATABASE).exists():
            self._connect()
            self._records = self._existing()
        if self._records is None:
            if space is None:
                raise no_store(self._path)
            self.space = space
            return
        held = self._records.metadata or {}
        self.space = Space(str(held.get("embedding")), int(held.get("dimensions", 0)))
        check_space(self._path, self.space, space)
        if (self._folder.path / _JOURNAL).exists():
            with self._writing(waits=False) as alone:
                if alone:
                    self._apply()

    def __len__(self) -> int:
        return 0 if self._records is None else int(self._records.count())

    def add(self, ids: Sequence[str], vectors: "NDArray[np.float32]", records: Sequence[Json]) -> None:
        try:
            if self._staged is None:
                self._staged = tempfile.TemporaryFile("w+", dir=self._path, encoding="utf-8")  # noqa: SIM115 - has no name
            for name, vector, record in zip(ids, vectors, records, strict=True):
                row = [name, json_of(record), base64.b64encode(vector.astype("<f4").tobytes()).decode()]
                self._staged.write(json.dumps(row) + "\n")
        except OSError as error:
            raise self._failed(error) from error

    def commit(self) -> None:
        if self._staged is None:
            return
        try:
            with self._writing(waits=True):
                if self._records is None:
                    self._connect()
                    told = {"embedding": self.space.embedding, "dimensions": self.space.dimensions}
                    self._records = self._client.get_or_create_collection(
                        _COLLECTION, metadata=told, configuration={"hnsw": _INDEX}, embedding_function=None
                    )
                self._apply()  # of a writer that was killed
                self._write_journal(self._staged)
                self._apply()
        except self._foreign as error:
            raise self._failed(error) from error
        finally:
            self._discard()

    def search(self, vector: "NDArray[np.float32]", limit: int) -> list[Neighbour]:
        if not len(self):
            return []
        told = self._records.query(
            query_embeddings=vector[None, :], n_results=min(limit, len(self)), include=["documents", "distances"]
        )
        rows = zip(told["ids"][0], told["documents"][0], told["distances"][0], strict=True)
        return [Neighbour(name, json.loads(text), 1 - distance) for name, text, distance in rows]

    def close(self) -> None:
        self._discard()
        if self._client is not None:
            self._client.close()
            self._client = None
        self._folder.leave_empty()

    def _connect(self) -> None:
        settings = self._chroma.config.Settings(anonymized_telemetry=False)
        try:
            self._client = self._chroma.PersistentClient(self._path, settings=settings)
        except AttributeError as error:  # Chroma stumbles over what it hasn't opened yet
            raise RuntimeError("its database isn't one of Chroma's") from error

    def _existing(self) -> Any:
        try:
            return self._client.get_collection(_COLLECTION, embedding_function=None)
        except self._chroma.errors.NotFoundError:
            return None

    @contextmanager
    def _writing(self, *, waits: bool) -> Iterator[bool]:
        """The only writer of this store, for the time of the block; False where another one is and this doesn't wait."""
        import fcntl

        with (self._folder.path / _LOCK).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            yield True

    def _write_journal(self, staged: IO[str]) -> None:
        """A journal under its name is whole."""
        part = self._folder.path / f"{_JOURNAL}.part"
        staged.seek(0)
        with part.open("w", encoding="utf-8") as journal:
            for line in staged:
                journal.write(line)
            journal.flush()
            os.fsync(journal.fileno())
        part.replace(self._folder.path / _JOURNAL)

    def _apply(self) -> None:
        """Bring what the journal says into the collection; doing it twice is doing it once."""
        journal = self._folder.path / _JOURNAL
        if not journal.exists():
            return
        with journal.open(encoding="utf-8") as lines:
            while some := [json.loads(line) for line in islice(lines, _AT_ONCE)]:
                self._upsert(some)
        journal.unlink()

    def _upsert(self, rows: list[list[str]]) -> None:
        """Of records that are there as they are, nothing is written: the collection keeps what it once had in a log."""
        import numpy as np

        held = self._records.get([name for name, _, _ in rows], include=["documents"])
        there = dict(zip(held["ids"], held["documents"], strict=True))
        changed = [row for row in rows if there.get(row[0]) != row[1]]
        if changed:
            vectors = [np.frombuffer(base64.b64decode(vector), "<f4") for _, _, vector in changed]
            self._records.upsert(
                ids=[name for name, _, _ in changed], documents=[text for _, text, _ in changed], embeddings=np.stack(vectors)
            )

    def _discard(self) -> None:
        if self._staged is not None:
            self._staged.close()
            self._staged = None

    def _failed(self, error: Exception) -> WriteError:
        return WriteError(f"vector store {self._path!r}: {error}")

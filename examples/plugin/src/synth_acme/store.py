"""A vector store: one SQLite file, searched exactly, row by row. Good for some ten thousand records."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_sdk.core.errors import RequestError
from synth_sdk.core.vectors import Neighbour, Space

_TABLES = (
    "CREATE TABLE space (embedding TEXT, dimensions INT); CREATE TABLE records (id TEXT PRIMARY KEY, vector BLOB, record TEXT)"
)


class SqliteStore:
    """What is added is in a transaction until `commit`."""

    def __init__(self, path: str, space: Space | None) -> None:
        there = Path(path).exists()
        if not there and space is None:
            raise RequestError(f"vector store {path!r}: there is none; make it with --vectorize-with sqlite")
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path)
            if not there and space is not None:
                self._database.executescript(_TABLES)
                self._database.execute("INSERT INTO space VALUES (?, ?)", (space.embedding, space.dimensions))
                self._database.commit()
            self.space = Space(*self._database.execute("SELECT embedding, dimensions FROM space").fetchone())
        except (OSError, sqlite3.Error) as error:
            raise RequestError(f"vector store {path!r} can't be used: {error}") from None
        if space is not None and space != self.space:
            self._database.close()
            raise RequestError(f"vector store {path!r} holds vectors of {self.space}, not of {space}: name another place")
        self._staged: dict[str, tuple[str, bytes, str]] = {}

    def __len__(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM records").fetchone()[0])

    def add(self, ids: Sequence[str], vectors: NDArray[np.float32], records: Sequence[Any]) -> None:
        for name, vector, record in zip(ids, vectors, records, strict=True):
            self._staged[name] = (name, np.asarray(vector, np.float32).tobytes(), json.dumps(record))

    def commit(self) -> None:
        with self._database:
            self._database.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", self._staged.values())
        self._staged.clear()

    def search(self, vector: NDArray[np.float32], limit: int) -> list[Neighbour]:
        rows = self._database.execute("SELECT id, vector, record FROM records").fetchall()
        if not rows:
            return []
        cosines = np.frombuffer(b"".join(row[1] for row in rows), np.float32).reshape(len(rows), -1) @ vector
        return [
            Neighbour(rows[at][0], json.loads(rows[at][2]), float(cosines[at])) for at in np.argsort(-cosines)[:limit].tolist()
        ]

    def close(self) -> None:
        self._database.close()

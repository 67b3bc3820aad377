"""The least recently used rows leave first: a bounded memory in front of the disk."""

from collections import OrderedDict
from threading import Lock

MOST_ENTRIES = 10_000


class Memory:
    """At most `most_entries` rows of at most `most_bytes` together, as bytes: whoever reads one gets a value of their own.

    It may outlive the store that fills it; `generation` names the contents of the disk that it stands in front of.
    """

    def __init__(self, most_entries: int = MOST_ENTRIES, most_bytes: int = 64 * 2**20) -> None:
        self.most_entries, self.most_bytes = most_entries, most_bytes
        self.generation: str | None = None
        self._rows: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def stats(self) -> dict[str, int]:
        """`entries` and their `bytes` now, and the limits of both."""
        with self._lock:
            told = {"entries": len(self._rows), "bytes": self._bytes}
        return told | {"most_entries": self.most_entries, "most_bytes": self.most_bytes}

    def get(self, key: str) -> bytes | None:
        with self._lock:
            row = self._rows.get(key)
            if row is not None:
                self._rows.move_to_end(key)
            return row

    def put(self, key: str, row: bytes) -> None:
        with self._lock:
            self._drop(key)
            self._rows[key] = row
            self._bytes += len(row)
            while len(self._rows) > self.most_entries or self._bytes > self.most_bytes:
                self._drop(next(iter(self._rows)))

    def delete(self, key: str) -> None:
        with self._lock:
            self._drop(key)

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()
            self._bytes = 0

    def _drop(self, key: str) -> None:
        row = self._rows.pop(key, None)
        self._bytes -= len(row) if row is not None else 0

"""The least recently used rows leave first: a bounded memory in front of the disk."""

from collections import OrderedDict
from threading import Lock


class Memory:
    """At most `most_entries` rows of at most `most_bytes` together, as bytes: whoever reads one gets a value of their own."""

    def __init__(self, most_entries: int = 10_000, most_bytes: int = 64 * 2**20) -> None:
        self._most_entries, self._most_bytes = most_entries, most_bytes
        self._rows: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

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
            while len(self._rows) > self._most_entries or self._bytes > self._most_bytes:
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

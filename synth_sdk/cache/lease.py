"""Single-flight among processes: whoever is asking for a record holds a lock on one byte of a file.

The kernel gives a lock back when its process ends, however it ends: whoever repeats a killed command waits for nobody, and there is
no term that would have to be renewed. Nothing is written, so a claim costs microseconds. Where there are no such locks (Windows), a
claim holds within its process only.
"""

import os
from hashlib import blake2b
from pathlib import Path
from threading import Lock

try:
    import fcntl
except ImportError:  # pragma: no cover - not on POSIX
    fcntl = None  # type: ignore[assignment]

_NAME = "claims.lock"


class _LockFile:
    """The open file of one folder. POSIX locks belong to a process and go with any descriptor of the file that it closes, so all
    who claim in a folder share one.
    """

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        self.users = 0
        self.held: set[int] = set()


_lock = Lock()
_open: dict[Path, _LockFile] = {}


class Claims:
    """Claims on keys in `folder`. A disk that can't lock grants every claim: it never fails a run."""

    def __init__(self, folder: Path) -> None:
        self._path = folder.resolve() / _NAME
        self._file: _LockFile | None = None
        self._mine: set[int] = set()

    def take(self, key: str) -> bool:
        """Make this the only one who asks for `key`; False while another one is, here or in a living process."""
        place = int.from_bytes(blake2b(key.encode(), digest_size=7).digest())
        with _lock:
            try:
                file = self._opened()
                if place in file.held:
                    return False
                if fcntl is not None:
                    fcntl.lockf(file.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except (BlockingIOError, PermissionError):
                return False
            except OSError:
                return True
            file.held.add(place)
            self._mine.add(place)
            return True

    def release(self, key: str) -> None:
        """Give `key` up; nothing if it isn't ours."""
        place = int.from_bytes(blake2b(key.encode(), digest_size=7).digest())
        with _lock:
            self._release(place)

    def close(self) -> None:
        """Give up everything. It opens again when it is used again."""
        with _lock:
            for place in tuple(self._mine):
                self._release(place)
            if self._file is not None:
                self._file.users -= 1
                if not self._file.users:
                    os.close(self._file.descriptor)
                    del _open[self._path]
                self._file = None

    def _opened(self) -> _LockFile:
        if self._file is None:
            self._file = _open.get(self._path) or _LockFile(self._path)
            _open[self._path] = self._file
            self._file.users += 1
        return self._file

    def _release(self, place: int) -> None:
        if place in self._mine and self._file is not None:
            self._mine.discard(place)
            self._file.held.discard(place)
            if fcntl is not None:
                fcntl.lockf(self._file.descriptor, fcntl.LOCK_UN, 1, place)

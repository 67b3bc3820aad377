"""Who has a part in a run: a file for each process, locked as long as the process lives and removed when it has finished.

The kernel gives a lock back when its process ends, however it ends. So an unlocked file is that of a process that was killed or
failed: whoever begins later goes on with its work. Where there are no such locks (Windows), every earlier process counts as ended.
"""

import os
import uuid
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover - not on POSIX
    fcntl = None  # type: ignore[assignment]

SUFFIX = ".life"
_TRIES = 8


class Life:
    """This process's part in the run whose folder is `place`, which is made. OSError if the folder can't be used."""

    def __init__(self, place: Path) -> None:
        place.mkdir(mode=0o700, exist_ok=True)
        self._continued = {path for path in place.glob(f"*{SUFFIX}") if not lives(path)}
        self._path = place / f"{uuid.uuid4().hex}{SUFFIX}"
        unborn = self._path.with_suffix(".unborn")  # it gets its name when it is locked: nobody may take it for one that ended
        self._descriptor: int | None = os.open(unborn, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)
        if fcntl is not None:
            with suppress(OSError):  # a disk without locks: as where there are none
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unborn.replace(self._path)

    @property
    def alone(self) -> bool:
        """Nobody else is at the run, nor was killed at it since this life began: there is none left who would go on with it."""
        return set(self._path.parent.glob(f"*{SUFFIX}")) <= self._continued | {self._path}

    def finish(self) -> None:
        """The run is done, and so are those who were killed at it before."""
        self.leave()
        for path in (self._path, *self._continued):
            path.unlink(missing_ok=True)

    def leave(self) -> None:
        """End without having finished."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def begin(place: Path) -> Life:
    """A life in the run whose folder is `place`. Whoever finishes the run may be removing the folder at this very moment."""
    for _ in range(_TRIES):
        with suppress(FileNotFoundError):
            return Life(place)
    return Life(place)


def lives(path: Path) -> bool:
    """Whether the process that `path` belongs to is alive."""
    if fcntl is None:
        return False
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: those who look don't take one another for the owner
    except BlockingIOError:
        return True
    except OSError:  # a disk without locks
        return False
    finally:
        os.close(descriptor)
    return False

"""Files that tell whether the process that made them lives: each is locked as long as it does.

The kernel gives a lock back when its process ends, however it ends. So a file that nobody holds is that of a process which ended without
removing it: it was killed, say. Windows and some network volumes have no such locks.
"""

import os
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover - not on POSIX
    fcntl = None  # type: ignore[assignment]


def hold(path: Path, content: bytes = b"") -> int:
    """Make the file at `path`, readable by its owner only and held until the descriptor that is returned is closed. OSError."""
    unborn = path.with_suffix(".unborn")  # it gets its name when it is locked and whole: nobody may take it for one that ended
    descriptor = os.open(unborn, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        if fcntl is not None:
            with suppress(OSError):  # a disk without locks
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(descriptor, content)
        unborn.replace(path)
    except OSError:
        os.close(descriptor)
        unborn.unlink(missing_ok=True)
        raise
    return descriptor


def held(path: Path) -> bool | None:
    """Whether the process that holds `path` lives; of a file that is gone it doesn't. None where that can't be told."""
    if fcntl is None:
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: those who look don't take one another for the owner
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return False

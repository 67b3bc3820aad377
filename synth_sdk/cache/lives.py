"""Who has a part in a run: a file for each process, held as long as the process lives and removed when it has finished.

A file that nobody holds is that of a process that was killed or failed: whoever begins later goes on with its work. Where there are no
such locks (Windows), every earlier process counts as ended.
"""

import os
import uuid
from contextlib import suppress
from pathlib import Path

from synth_sdk.core.locks import held, hold

SUFFIX = ".life"
_TRIES = 8


class Life:
    """This process's part in the run whose folder is `place`, which is made. OSError if the folder can't be used."""

    def __init__(self, place: Path) -> None:
        place.mkdir(mode=0o700, exist_ok=True)
        self._continued = {path for path in place.glob(f"*{SUFFIX}") if not lives(path)}
        self._path = place / f"{uuid.uuid4().hex}{SUFFIX}"
        self._descriptor: int | None = hold(self._path)

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
    return held(path) is True

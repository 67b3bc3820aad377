"""Runs that are under way on this machine: each is noted in a file beside the history, held as long as its process lives.

A run that is remembered at its end has no note any more; so a note that nobody holds is that of a run that was killed. Files are used and
not rows, because a row costs a database's fsyncs, and a run shouldn't wait for its disk before it begins. What a power cut takes from
files is the last seconds': such a run may leave no note. Where locks tell nothing - Windows, a volume shared with other machines - a run
counts as killed when nothing was heard of its end for a day.
"""

import json
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from synth_sdk.core.locks import held, hold
from synth_sdk.history.entries import KILLED, RUNNING, Entry

_SILENCE = timedelta(days=1)
_SUFFIX = ".run"
_EXIT_CODE = 137  # which shells report of a process that was killed
_ENDED = "its process ended before the run did: it was killed, ran out of memory, or lost its power"
_SILENT = "nothing was heard of its end for a day, on another machine or one without locks"
_TRIES = 8


class UnderWay:
    """The notes in `folder`, which is there only as long as it holds any."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._own: dict[str, int] = {}

    def begin(self, entry: Entry) -> None:
        """Note a run of this process. OSError if it can't be."""
        told = json.dumps({"machine": _machine(), "entry": entry.to_dict()}, ensure_ascii=True, separators=(",", ":"))
        for _ in range(_TRIES):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(FileNotFoundError):  # the last of the others has just ended, and removed the folder
                self._own[entry.id] = hold(self._path(entry.id), told.encode("ascii"))
                return

    def end(self, *ids: str) -> None:
        """Runs of this process are over, and remembered (none named: all)."""
        for one in ids or [*self._own]:
            if (descriptor := self._own.pop(one, None)) is not None:
                self._path(one).unlink(missing_ok=True)
                os.close(descriptor)
        self._tidy()

    def entries(self) -> list[Entry]:
        """The noted runs as they look now: running, or killed."""
        return [entry for path in self._paths() if (entry := _read(path))]

    def ended(self) -> list[Entry]:
        """Those that were killed."""
        paths = (path for path in self._paths() if path.stem not in self._own)
        return [entry for path in paths if not held(path) and (entry := _read(path)) and entry.status == KILLED]

    def forget(self, entries: Iterable[Entry]) -> None:
        """Runs that were killed are remembered elsewhere now."""
        for entry in entries:
            self._path(entry.id).unlink(missing_ok=True)
        self._tidy()

    def lives(self, id: str) -> bool | None:
        """Whether the process of that run lives; None where that can't be told from here."""
        path = self._path(id)
        return held(path) if path.exists() else None

    def _path(self, id: str) -> Path:
        return self.folder / f"{id}{_SUFFIX}"

    def _paths(self) -> Iterator[Path]:
        with suppress(OSError):
            yield from [path for path in self.folder.iterdir() if path.suffix == _SUFFIX]

    def _tidy(self) -> None:
        with suppress(OSError):  # there are others
            self.folder.rmdir()


def as_it_looks(entry: Entry, alive: bool | None) -> Entry:
    """A run that was noted when it began, as it is to be shown now."""
    took = datetime.now(UTC) - entry.started_at
    if alive or (alive is None and took < _SILENCE):
        return replace(entry, status=RUNNING, report={"execution_time_ms": round(took.total_seconds() * 1000)})
    told = {"errors": [_ENDED if alive is False else _SILENT]}
    return replace(entry, status=KILLED, exit_code=_EXIT_CODE, failure=KILLED, report=told)


def _read(path: Path) -> Entry | None:
    """None for a file that is gone, or isn't as we write it."""
    alive = held(path)
    with suppress(OSError, ValueError, TypeError, KeyError):
        told = json.loads(path.read_bytes())
        here = not {*told["machine"]}.isdisjoint(_machine())
        return as_it_looks(Entry.of_dict(told["entry"]), alive if alive or here else None)
    return None


@cache
def _machine() -> tuple[str, ...]:
    """What locks can be trusted by: the machine's name, and on Linux this start of its kernel, which containers share."""
    with suppress(OSError):
        return socket.gethostname(), Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return (socket.gethostname(),)

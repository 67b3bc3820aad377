"""Raw replies of a run that isn't finished, on disk before they are read: a crash loses nothing that was paid for.

Each process appends lines to a log of its own in the folder of its run; a line holds one reply and the keys of the records that
shared its call. The text of a reply is kept exactly as it came, since it is the data that was paid for; keys are hashes, and headers
and credentials never get here. A line survives the death of the process as soon as `record` returns, for it is one `write`; a power
cut may cost the last moments.
"""

import os
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

from synth_sdk.cache import lives
from synth_sdk.cache.seal import seal, unseal
from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.core.models import JournalEntry, Reply, Usage

# What reading members of another shape than ours may raise.
_NOT_OURS = (KeyError, TypeError, ValueError, ArithmeticError)
_KEPT_SECONDS = 30 * 86_400.0  # how long the replies of a run that nobody continues stay
_SUFFIX = ".replies"


@dataclass(frozen=True, slots=True)
class _Place:
    """A line, and which of its records is meant. `at`: Unix time when it was written."""

    at: float
    log: Path
    start: int
    length: int
    position: int


@dataclass(slots=True)
class _Index:
    """Where the lines about each record are, and how far each log has been read."""

    places: dict[str, list[_Place]] = field(default_factory=dict)
    read: dict[Path, int] = field(default_factory=dict)


class Journal:
    """The replies of `run` (a fingerprint) in `folder`, which runs and processes may share. Opened when first used.

    Implements `core.models.Journal`. Besides what the methods say, any of them raises OutputError if the folder can't be used.
    """

    def __init__(self, folder: str | os.PathLike[str], run: str) -> None:
        self.folder = Path(folder).expanduser().absolute()
        self._run = run
        self._index = _Index()
        self._log: tuple[Path, int] | None = None  # our own, and its descriptor
        self._life: lives.Life | None = None

    def join(self) -> None:
        """This process takes part in the run: another one that finishes it leaves the replies where they are."""
        if self._life is None:
            try:
                self._life = lives.begin(self._place)
            except OSError as error:
                raise self._unusable(error) from None

    @property
    def alone(self) -> bool:
        """No other process is at the run, or was killed at it after this one joined: the run is over when this one is."""
        self.join()
        return self._life is None or self._life.alone

    def record(self, keys: Sequence[str], arm: str, reply: Reply, cost_micros: int) -> None:
        """Keep `reply`, the answer to the records `keys` in that order: all or nothing. WriteError if the disk won't take it."""
        at = time.time()
        told = {"at": at, "keys": list(keys), "arm": arm, "cost_micros": cost_micros, "reply": _plain(reply)}
        line = seal(self._run, told) + b"\n"
        try:
            log, descriptor = self._own_log()
            start = _append(descriptor, line)
        except OSError as error:
            raise WriteError(
                f"journal in {str(self.folder)!r} can't be written: {error}; free some disk space and run the same command again"
            ) from None
        self._index.read[log] = start + len(line)
        self._note(keys, at, log, start, len(line))

    def replies(self, key: str) -> list[JournalEntry]:
        """Every reply that was asked for the record `key` in this run, oldest first. A damaged line is left out."""
        self._read_on()
        found = (self._entry(place) for place in sorted(self._index.places.get(key, ()), key=lambda place: place.at))
        return [entry for entry in found if entry is not None]

    def clear(self) -> None:
        """The run is finished here: forget its replies, unless another process may still need them. Then the last one forgets."""
        logs = self._logs()  # first: whoever joins from here on has a log that isn't among them
        try:
            for log in logs if self.alone else ():
                log.unlink(missing_ok=True)
            if self._life is not None:
                self._life.finish()
        except OSError as error:
            raise WriteError(f"journal in {str(self.folder)!r} can't be cleared: {error}; delete the folder") from None
        self.close()
        self._life = None
        with suppress(OSError):
            self._place.rmdir()  # fails, as it should, unless it is empty

    def close(self) -> None:
        """Let go of the files. What was recorded stays, for whoever runs the same command again; `clear` may still be called."""
        if self._log is not None:
            os.close(self._log[1])
        if self._life is not None:
            self._life.leave()
        self._log, self._index = None, _Index()

    @cached_property
    def _place(self) -> Path:
        """The folder of this run. Opening it drops the logs of any run that are too old."""
        place = self.folder / blake2b(self._run.encode(), digest_size=16).hexdigest()
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            _drop_old(self.folder)
            place.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from None
        return place

    def _unusable(self, error: OSError) -> OutputError:
        reason = error.strerror or error
        return OutputError(f"folder {str(self.folder)!r} can't be used: {reason}; delete it or set SYNTH_HOME to another folder")

    def _logs(self) -> list[Path]:
        try:
            return [self._place / entry.name for entry in os.scandir(self._place) if entry.name.endswith(_SUFFIX)]
        except FileNotFoundError:
            return []

    def _own_log(self) -> tuple[Path, int]:
        """The log that this process appends to; a new one if ours was cleared by another process that finished the same run."""
        if self._log is not None and not os.fstat(self._log[1]).st_nlink:
            os.close(self._log[1])
            self._log = None
        if self._log is None:
            path = self._place / f"{uuid.uuid4().hex}{_SUFFIX}"
            path.parent.mkdir(mode=0o700, exist_ok=True)
            self._log = path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        return self._log

    def _read_on(self) -> None:
        """Take in what other processes wrote since the last time."""
        for log in self._logs():
            if self._log is not None and log == self._log[0]:
                continue
            with suppress(OSError):
                self._take_in(log)

    def _take_in(self, log: Path) -> None:
        start = self._index.read.get(log, 0)
        if log.stat().st_size <= start:
            return
        with log.open("rb") as file:
            file.seek(start)
            for line in file:
                if not line.endswith(b"\n"):
                    break  # still being written, or cut off by a crash
                told = unseal(self._run, line[:-1]) or {}
                with suppress(*_NOT_OURS):
                    self._note(list(told["keys"]), float(told["at"]), log, start, len(line))
                start += len(line)
        self._index.read[log] = start

    def _note(self, keys: Sequence[str], at: float, log: Path, start: int, length: int) -> None:
        for position, key in enumerate(keys):
            self._index.places.setdefault(key, []).append(_Place(at, log, start, length, position))

    def _entry(self, place: _Place) -> JournalEntry | None:
        try:
            with place.log.open("rb") as file:
                file.seek(place.start)
                told = unseal(self._run, file.read(place.length)[:-1]) or {}
            return JournalEntry(
                arm=told["arm"],
                reply=_reply(told["reply"]),
                position=place.position,
                count=len(told["keys"]),
                cost_micros=told["cost_micros"],
            )
        except (OSError, *_NOT_OURS):
            return None


def _append(descriptor: int, line: bytes) -> int:
    """Where `line` now starts. OSError, and nothing is left of it, if it doesn't fit."""
    start = os.fstat(descriptor).st_size
    written = 0
    try:
        while written < len(line):
            written += os.write(descriptor, line[written:])
    except OSError:
        os.ftruncate(descriptor, start)
        raise
    return start


def _drop_old(folder: Path) -> None:
    oldest = time.time() - _KEPT_SECONDS
    for place in _folders(folder):
        with suppress(OSError):
            for path in place.iterdir():
                if path.stat().st_mtime < oldest:
                    path.unlink()
            place.rmdir()  # fails, as it should, unless it is empty


def _folders(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.is_dir())


def _plain(reply: Reply) -> dict[str, Any]:
    """What is worth keeping of a reply: what the provider's headers said of its limits is of the moment."""
    return {
        "text": reply.text,
        "finish": reply.finish,
        "native_finish_reason": reply.native_finish_reason,
        "usage": None if reply.usage is None else asdict(reply.usage),
        "cost_usd": None if reply.cost_usd is None else str(reply.cost_usd),
        "model": reply.model,
    }


def _reply(told: dict[str, Any]) -> Reply:
    usage, cost = told["usage"], told["cost_usd"]
    return Reply(
        **told | {"usage": None if usage is None else Usage(**usage), "cost_usd": None if cost is None else Decimal(cost)}
    )

"""Folders: places for files by name, written from several processes and shown at once."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast, runtime_checkable

from synth_sdk.sinks.destinations import Destination
from synth_sdk.sinks.stores import Store, WholeFile


class FileStore(Store, Protocol):
    """A file of a folder. `receipt` is what the folder must be given back to show it at its commit; None: nothing. It pickles."""

    @property
    def receipt(self) -> Any: ...

    @property
    def bytes(self) -> int:
        """How many were written."""

    @property
    def sha256(self) -> str:
        """Their digest, in hex."""


class Place(Protocol):
    """Where the files of a folder are written. Pickles, so any process can."""

    def store(self, name: str) -> FileStore:
        """The file called `name`, which may hold slashes. OSError or WriteError if it can't be written."""


@runtime_checkable
class FolderDestination(Destination, Protocol):
    """A destination that can hold a folder of parts. Its class says so, before it is built, by an attribute `folders = True`."""

    @property
    def place(self) -> Place: ...

    def keep(self, receipt: Any) -> None:
        """A file was written; it shows with the commit."""


class LocalFile:
    """Implements `FileStore` for the file at `path`."""

    live = False
    receipt = None

    def __init__(self, path: Path) -> None:
        self._file = WholeFile(path)
        self._digested = _Digested(self._file.stream)
        self.stream = cast(BinaryIO, self._digested)

    @property
    def bytes(self) -> int:
        return self._digested.bytes

    @property
    def sha256(self) -> str:
        return self._digested.digest.hexdigest()

    def commit(self) -> None:
        self._file.commit()

    def abort(self) -> None:
        self._file.abort()


class _Digested:
    """Counts and digests what goes into a stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.bytes, self.digest = 0, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._stream.write(data)
        self.digest.update(data)
        self.bytes += len(data)
        return len(data)

    def flush(self) -> None:
        self._stream.flush()


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """Implements `Place`: the folder at `path`, which is there."""

    path: str

    def store(self, name: str) -> LocalFile:
        path = Path(self.path) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return LocalFile(path)

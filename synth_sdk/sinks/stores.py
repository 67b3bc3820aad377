"""Stores: where bytes go. A file gets its name when it is whole; a pipe, a device or standard output gets bytes as they come.
A suffix `.gz` or `.zst` compresses either.

Whatever can be found wrong with a place is found when it is opened (OutputError), before anything is spent.
"""

import os
import stat
import sys
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from synth_sdk.core.errors import OutputError
from synth_sdk.sinks.compression import CompressedStream, Compression, compression_of

_BUFFER = 1 << 18
_OPEN_ALREADY = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")  # names for streams that this process has open


class Store(Protocol):
    """A place that is being written. `live`: somebody may be reading along, so what is written is passed on at once."""

    stream: BinaryIO
    live: bool

    def commit(self) -> None:
        """What was written is whole. OSError if it can't be kept."""

    def abort(self) -> None:
        """Leave nothing behind that could be taken for the whole. Raises nothing."""


class WholeFile:
    """A file beside its final place, and of its name only after `commit`. A link is followed, an old file's mode is kept."""

    live = False

    def __init__(self, path: Path) -> None:
        self._final = Path(os.path.realpath(path))
        mode = _mode_to_keep(self._final)
        # The name stays short: it must fit where the final name does.
        self._temporary = self._final.with_name(f".{self._final.name[:40]}.{os.urandom(4).hex()}.part")
        handle = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        self.stream: BinaryIO = os.fdopen(handle, "wb", buffering=_BUFFER)
        if mode is not None:
            with suppress(OSError):  # a file system without modes
                os.fchmod(handle, mode)

    def commit(self) -> None:
        self.stream.flush()
        os.fsync(self.stream.fileno())
        self.stream.close()
        self._temporary.replace(self._final)
        _sync_folder(self._final.parent)

    def abort(self) -> None:
        _drop(self.stream)
        with suppress(OSError):
            self._temporary.unlink(missing_ok=True)


class LiveStream:
    """Something that takes bytes as they come and can't take them back: standard output, a named pipe, a device."""

    live = True

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream

    def commit(self) -> None:
        self.stream.flush()
        if isinstance(getattr(self.stream, "raw", None), FileIO):  # ours; for standard output this leaves the descriptor open
            self.stream.close()

    def abort(self) -> None:
        _drop(self.stream)


class Compressed:
    """Compresses what goes into another store."""

    def __init__(self, store: Store, compression: Compression) -> None:
        self._store = store
        self._packer = CompressedStream(store.stream, compression)
        self.stream = cast(BinaryIO, self._packer)
        self.live = store.live

    def commit(self) -> None:
        self._packer.finish()
        self._store.commit()

    def abort(self) -> None:
        self._store.abort()


def open_store(output: str) -> Store:
    """The place named `output`: "-" is standard output, all else a path. OutputError if it can't be written."""
    if output == "-":
        return LiveStream(_standard_output())
    store = _open_path(output)
    compression = compression_of(output)
    return Compressed(store, compression) if compression else store


def _open_path(output: str) -> Store:
    if not output or "://" in output:
        raise OutputError(f"output {output!r} is not a path: name a file, or - for standard output")
    if output.endswith(os.sep):
        raise OutputError(f"output {output!r} can't be written: it names a folder; add a file name")
    path = Path(os.path.expanduser(output))  # noqa: PTH111 - leaves a ~ alone that names nobody
    try:
        return LiveStream(_open_stream(path)) if _is_stream(path) else WholeFile(path)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"output {output!r} can't be written: {reason}; choose another path") from None


def _is_stream(path: Path) -> bool:
    if str(path).startswith(_OPEN_ALREADY):
        return True
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        return False
    return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))


def _open_stream(path: Path) -> BinaryIO:
    """Without truncating: `-o /dev/stdout >> file` appends. A named pipe waits for its reader, as it does in a shell."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "wb", buffering=_BUFFER)


def _mode_to_keep(path: Path) -> int | None:
    """The mode of the file that will be replaced, None if there is none. OSError if it may not be replaced or its folder is
    missing.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(None, f"folder {str(path.parent)!r} does not exist")
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(None, "it is a folder")
    if stat.S_ISLNK(mode):
        raise OSError(None, "the link leads nowhere")
    if not os.access(path, os.W_OK):
        raise PermissionError(None, "the file that stands there is read-only")
    return stat.S_IMODE(mode)


def _standard_output() -> BinaryIO:
    """A stream of its own over the same descriptor, so that what could not be written isn't tried again when Python exits.

    Where standard output was replaced by an object without a descriptor (a notebook, a test), that object.
    """
    if sys.stdout is None:
        raise OutputError("output '-' can't be written: standard output is closed; name a file with --output")
    sys.stdout.flush()
    try:
        return os.fdopen(sys.stdout.fileno(), "wb", buffering=_BUFFER, closefd=False)
    except (OSError, AttributeError):
        return getattr(sys.stdout, "buffer", None) or cast(BinaryIO, _TextStream(sys.stdout))


class _TextStream:
    """A text stream without bytes beneath it, as notebooks have."""

    def __init__(self, text: Any) -> None:
        self._text = text

    def write(self, data: bytes) -> int:
        self._text.write(data.decode("utf-8"))
        return len(data)

    def flush(self) -> None:
        self._text.flush()


def _drop(stream: BinaryIO) -> None:
    """Close without writing what is still in the buffer: it may be what failed."""
    raw = getattr(stream, "raw", None)
    if isinstance(raw, FileIO):
        with suppress(OSError):
            raw.close()


def _sync_folder(folder: Path) -> None:
    """Make the new name last. Some file systems can't; the file itself is safe by then."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

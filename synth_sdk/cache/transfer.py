"""Stored rows as one file: to be kept, or taken to another machine.

The first line tells what it is; each further line is a key and its row, sealed as on disk: JSON under a digest, nothing that could be
executed. The digest guards against accidents; whoever can write such a file can say in it what a model would have answered.
"""

import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from synth_sdk.core.errors import OutputError, WriteError

Rows = list[tuple[str, bytes]]

_HEAD = {"format": "synth-cache", "version": 1}
_LONGEST_HEAD = 1024


def write(path: str | os.PathLike[str], rows: Sequence[tuple[str, bytes]], values: int) -> None:
    """The file appears when it is whole, with permissions for its owner alone. OutputError if there is something else under that name."""
    final = Path(path).expanduser()
    is_kept(final)
    part = ""
    try:
        final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, part = tempfile.mkstemp(prefix=f".{final.name[:40]}.", suffix=".part", dir=final.parent)  # mode 0600
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(_HEAD | {"values": values, "rows": len(rows)}).encode() + b"\n")
            file.writelines(key.encode() + b" " + row + b"\n" for key, row in rows)
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(final)
    except OSError as error:
        with suppress(OSError):
            Path(part).unlink()
        raise WriteError(f"cache file {str(path)!r} can't be written: {error.strerror or error}; choose another place") from None


def is_kept(path: str | os.PathLike[str]) -> bool:
    """Whether there is such a file. OutputError if something else stands there, or it can't be read."""
    try:
        with Path(path).expanduser().open("rb") as file:
            head = file.readline(_LONGEST_HEAD)
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise OutputError(
            f"cache file {str(path)!r} can't be used: {getattr(error, 'strerror', None) or error}; name a file"
        ) from None
    if not _is_ours(head):
        raise OutputError(f"file {str(path)!r} isn't one that 'synth cache persist' wrote: name another one")
    return True


def read(path: str | os.PathLike[str]) -> Rows:
    """Key and row of each line, as they stand there. OutputError if there is no such file, or it is none of ours."""
    if not is_kept(path):
        raise OutputError(f"cache file {str(path)!r} does not exist: write one with 'synth cache persist'")
    try:
        lines = Path(path).expanduser().read_bytes().split(b"\n")[1:]
    except OSError as error:
        raise OutputError(f"cache file {str(path)!r} can't be read: {error.strerror or error}; check it") from None
    parts = (line.partition(b" ") for line in lines)
    return [(key.decode("ascii", "replace"), row) for key, _, row in parts if row]


def _is_ours(head: bytes) -> bool:
    try:
        told = json.loads(head)
    except ValueError:
        return False
    return isinstance(told, dict) and told.items() >= _HEAD.items()

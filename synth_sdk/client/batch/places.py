"""Where the files of a batch go: each job's output and what lies beside it, in one folder, no two under one name."""

import glob
import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synth_sdk.client.batch.jobs import Job
from synth_sdk.client.folder import names_folder
from synth_sdk.core.errors import OutputError, RequestError, UnknownName
from synth_sdk.core.redact import shown_place
from synth_sdk.sinks.destinations import names_destination

STATE = "batch.json"
FILES = ("output", "report", "provenance", "rejects")
_CHUNK = 1 << 20
_LONGEST_TOLD = 40  # characters of a name that its unfinished file bears


def places(job: Job, folder: Path, default: str) -> dict[str, str]:
    """The paths of the job's files by option; `default` is the output's name if none is given. `{name}` and what the matrix set
    stand for themselves."""
    told = {"output": default, **{name: str(job.told[name]) for name in FILES if name in job.told}}
    return {name: _place(job, folder, name, text) for name, text in told.items()}


def _place(job: Job, folder: Path, option: str, text: str) -> str:
    known = {"name": job.name, **{key: str(value) for key, value in job.axes.items()}}
    if text == "-":
        raise RequestError(f"{option} '-': jobs write files; name one, or leave {option} out")
    if names_destination(text):
        raise RequestError(
            f"{option} {shown_place(text)!r}: jobs write files in the batch's folder; load them from there, or run this one alone"
        )
    try:
        text = text.format_map(known)
    except KeyError as error:
        raise UnknownName(f"placeholder in {option} {text!r}:", str(error.args[0]), known) from None
    except (ValueError, IndexError, AttributeError, TypeError):
        raise RequestError(f"{option} {text!r}: write names in braces, such as {{name}}.csv") from None
    return f"{folder / text}{'/' if names_folder(text) else ''}"


def check_apart(files: Mapping[str, Mapping[str, str]], folder: Path) -> None:
    """RequestError when two files of the batch would have one name, or one would lie in a folder that is another's output."""
    taken = {_folded(folder / STATE): "the batch's own state"}
    folders: dict[str, str] = {}
    for job, own in files.items():
        for option, path in own.items():
            who, key = f"{option} of job {job!r}", _folded(path)
            if key in taken:
                raise RequestError(
                    f"{who} and {taken[key]} are one file, {path!r}: give each its own, for example {{name}}.jsonl"
                )
            taken[key] = who
            if names_folder(path):
                folders[key] = who
    for key, who in taken.items():
        inside = next((folders[str(parent)] for parent in Path(key).parents if str(parent) in folders), None)
        if inside:
            raise RequestError(f"{who} lies in the folder that is {inside}: give each its own")


def _folded(path: str | Path) -> str:
    return str(Path(path).absolute()).casefold()


def check_writable(folder: Path) -> None:
    """OutputError when the folder can't be made or written, without making it."""
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"output {str(folder)!r} is not a folder; choose another one")
    there = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise OutputError(f"output {str(folder)!r} can't be written; choose another folder")


def sweep(path: str) -> None:
    """Remove the unfinished files that a killed process left beside the output; nobody else works in the batch's folder."""
    place = Path(path)
    if len(place.name) > _LONGEST_TOLD:  # a longer name is cut, and the rest might be another output's
        return
    for left in place.parent.glob(f".{glob.escape(place.name)}.{'[0-9a-f]' * 8}.part"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def measure(path: str) -> tuple[int, str] | None:
    """Bytes and SHA-256 of an output, a folder's over all its files; None if it isn't there."""
    place = Path(path)
    parts = sorted(place.rglob("*")) if place.is_dir() else [place]
    size, digest = 0, hashlib.sha256()
    try:
        for part in parts:
            if part.is_dir():
                continue
            if place.is_dir():
                digest.update(f"{part.relative_to(place).as_posix()}\0".encode())
            with part.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
    except OSError:
        return None
    return size, digest.hexdigest()


def size_of(path: str) -> int | None:
    """The bytes alone, which are told without reading any."""
    place = Path(path)
    try:
        return sum(part.stat().st_size for part in place.rglob("*") if part.is_file()) if place.is_dir() else place.stat().st_size
    except OSError:
        return None


def relative(path: str, folder: Path) -> str:
    """How the state names a file: within the batch's folder, where it lies there."""
    place: Any = Path(path)
    inside = place.relative_to(folder) if place.is_relative_to(folder) else place
    return f"{inside.as_posix()}{'/' if names_folder(path) else ''}"

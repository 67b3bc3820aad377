"""Uploads that nobody finished. S3 keeps what was sent of them, and bills it, until they are aborted.

Each run notes its uploads in a file of this machine, held as long as the run lives: so the uploads in a file that nobody holds are
those of a run that was killed, and the next run to the same place aborts them. What another machine left is known by its silence only:
an upload to the same key that got nothing for a day is aborted too. Where there are no such locks (Windows), only silence counts.
"""

import hashlib
import json
import os
import stat
import tempfile
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from synth_sdk.core.errors import OutputError
from synth_sdk.core.locks import held, hold
from synth_sdk.sinks.objects.bucket import Bucket
from synth_sdk.sinks.objects.failures import S3Error

_SILENCE = timedelta(days=1)
_SUFFIX = ".uploads"
Noted = tuple[str, str]  # key, id


class Unfinished:
    """The note of a run that begins now at the place of `bucket`. `path` is where its processes note what they `begin`."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._folder, self._stem = _folder(), _stem(bucket)
        self.path = self._folder / f"{self._stem}.{os.urandom(8).hex()}{_SUFFIX}"
        try:
            self._descriptor: int | None = hold(self.path)
        except OSError as error:
            raise _unusable(self._folder, error) from None

    def sweep(self) -> None:
        """Abort what earlier runs to this place left. Nothing is an error: what can't be aborted is left to the next run."""
        notes = list(self._folder.glob(f"{self._stem}.*{_SUFFIX}"))
        ended = [path for path in notes if path != self.path and held(path) is False]
        alive = {upload for path in notes if path not in ended for upload in _named(path)}
        for path in ended:
            with suppress(S3Error):
                self._end(path, alive)
                path.unlink(missing_ok=True)
        with suppress(S3Error):
            for key, upload in self._silent(alive):
                self._bucket.abort(key, upload)

    def abort(self) -> bool:
        """End the uploads of this run, in all its processes; whether that worked."""
        try:
            others = [path for path in self._folder.glob(f"{self._stem}.*{_SUFFIX}") if path != self.path]
            self._end(self.path, {upload for path in others for upload in _named(path)})
        except S3Error:
            return False
        return True

    def close(self) -> None:
        """The uploads of this run are over: completed or aborted."""
        self.path.unlink(missing_ok=True)
        self.leave()

    def leave(self) -> None:
        """Leave the note to the next run."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _end(self, path: Path, alive: set[str]) -> None:
        """Abort the uploads of a note, and those that were begun without S3's answer getting into it."""
        uploads = _lines(path)
        for key, upload in uploads:
            if upload:
                self._bucket.abort(key, upload)
        named = {upload for _, upload in uploads} | alive
        begun = Counter(key for key, upload in uploads if upload is None)
        begun.subtract(key for key, upload in uploads if upload is not None)
        for key in +begun:
            for other, upload, _ in self._bucket.uploads(key):
                if other == key and upload not in named:
                    self._bucket.abort(key, upload)

    def _silent(self, alive: set[str]) -> list[Noted]:
        """Uploads to this place of which nothing was heard for long."""
        address, until = self._bucket.address, datetime.now(UTC) - _SILENCE
        found = []
        for key, upload, began in self._bucket.uploads(address.key):
            here = key.startswith(address.key) if address.is_folder else key == address.key
            if here and upload not in alive and began < until:
                with suppress(S3Error):  # it ended this moment, or may not be looked at
                    last = self._bucket.last_sent(key, upload)
                    found += [(key, upload)] if last is None or last < until else []
        return found


def begin(bucket: Bucket, path: str, key: str, content_type: str, metadata: dict[str, str]) -> str:
    """The id of a new upload, noted in the file at `path`: first that it is begun, then what it is called. S3Error."""
    _note(path, key, None)
    try:
        upload = bucket.begin(key, content_type, metadata)
    except S3Error as error:
        if not error.unsure:
            _note(path, key, "")
        raise
    _note(path, key, upload)
    return upload


def _note(path: str, key: str, upload: str | None) -> None:
    """Any process may, at any time: a line is one write."""
    with suppress(OSError):  # a full disk: then the upload is found by its silence
        handle = os.open(path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(handle, json.dumps([key, upload]).encode() + b"\n")
        finally:
            os.close(handle)


def _lines(path: Path) -> list[tuple[str, str | None]]:
    """Keys and ids in a note, in order: None for an upload that was about to begin, empty for one that S3 refused. A line that was cut is none."""
    found = []
    with suppress(OSError):
        for line in path.read_bytes().splitlines():
            with suppress(ValueError):
                key, upload = json.loads(line)
                found.append((str(key), upload))
    return found


def _named(path: Path) -> set[str]:
    return {upload for _, upload in _lines(path) if upload}


def _folder() -> Path:
    """A folder of this user's own, where nobody else can write."""
    user = getattr(os, "getuid", lambda: "")()
    folder = Path(tempfile.gettempdir()) / f"synth-uploads-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        told = folder.lstat()
    except OSError as error:
        raise _unusable(folder, error) from None
    if not stat.S_ISDIR(told.st_mode) or (user != "" and (told.st_uid != user or told.st_mode & 0o022)):
        raise OutputError(f"folder {str(folder)!r}, which uploads are noted in, is somebody else's; set TMPDIR to another")
    return folder


def _unusable(folder: Path, error: OSError) -> OutputError:
    return OutputError(f"folder {str(folder)!r}, which uploads are noted in: {error.strerror}; set TMPDIR to another")


def _stem(bucket: Bucket) -> str:
    return hashlib.sha256(f"{bucket.server}\n{bucket.address}".encode("utf-8", "surrogatepass")).hexdigest()[:24]

"""A destination: a ZIP archive with a JSON Lines file for each table. `zip://shop.zip` lies in the working folder, `zip:///srv/shop.zip` doesn't."""

import json
import os
import zipfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.sinks import Encoder, Shape, format_for
from synth_sdk.sinks.destinations import Wanted


class Archive:
    """Built beside its final place, and moved there when it is whole. Its comment says which load it holds."""

    def __init__(self, url: str, wanted: Wanted) -> None:
        self.location = url
        self.warnings: list[str] = []
        self._wanted = wanted
        self._final = Path(url.removeprefix("zip://")).absolute()
        if not self._final.parent.is_dir() or self._final.is_dir():
            raise OutputError(f"output {url!r} can't be written: its folder is missing, or it is one; choose another path")
        self._there = self._final.exists() and self._held() == wanted.fingerprint
        if self._final.exists() and not self._there and wanted.if_exists != "replace":
            raise OutputError(f"output {url!r}: another archive is there; choose another path, or --if-exists replace")
        self._new = self._final.with_name(f".{self._final.name}.{os.getpid()}.part")
        self._archive = zipfile.ZipFile(self._new, "w", zipfile.ZIP_DEFLATED)

    def open(self, name: str, shape: Shape) -> "Member":
        return Member(self._archive, f"{name}.jsonl", format_for(None, "jsonl").encoder(shape))

    def commit(self, manifest: dict[str, Any]) -> None:
        if self._there:
            self.warnings.append(f"{self.location} holds these records already: it was left as it is")
            return
        self._archive.writestr("_manifest.json", json.dumps(manifest))
        self._archive.comment = self._wanted.fingerprint.encode()
        try:
            self._archive.close()
            self._new.replace(self._final)
        except OSError as error:
            raise WriteError(f"output {self.location!r}: {error.strerror or error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._archive.close()
        self._new.unlink(missing_ok=True)

    def _held(self) -> str:
        try:
            with zipfile.ZipFile(self._final) as archive:
                return archive.comment.decode()
        except zipfile.BadZipFile:
            return ""


class Member:
    """One table."""

    def __init__(self, archive: zipfile.ZipFile, name: str, encoder: Encoder) -> None:
        self.location, self.count, self.encoder = name, 0, encoder
        self._stream = archive.open(name, "w")

    def take(self, batch: Batch) -> None:
        self.write(self.encoder.encode(batch, self.count), len(batch))

    def write(self, encoded: bytes, count: int) -> None:
        try:
            self._stream.write(encoded)
        except OSError as error:
            raise WriteError(f"output {self.location!r}: {error.strerror or error}") from error
        self.count += count

    def commit(self) -> None:
        self._stream.close()

    def abort(self) -> None:
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.abort()

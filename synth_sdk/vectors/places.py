"""What the built-in stores have in common: a library that may be missing, a folder that is theirs, records as JSON."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from synth_sdk.core.errors import OutputError, RequestError
from synth_sdk.core.models import Json
from synth_sdk.core.vectors import NotInstalled, Space


def library(name: str, extra: str = "") -> Any:
    """The library called `name`. NotInstalled, with the command, without it; `extra` if that isn't called like the library."""
    try:
        return import_module(name)
    except ImportError as error:
        raise NotInstalled(
            f"vector store {(extra or name)!r} needs a library: install it with pip install 'synth-data-sdk[{extra or name}]'"
        ) from error


class Folder:
    """The folder of a store. `make` remembers what it made, so that `leave_empty` can take it back."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self._made: list[Path] = []

    def must_exist(self) -> None:
        if not self.path.is_dir():
            raise no_store(str(self.path))

    def make(self) -> None:
        """OutputError if nothing can be written here."""
        missing = [folder for folder in (self.path, *self.path.parents) if not folder.exists()]
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._made = missing
            probe = self.path / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as error:
            self.leave_empty()
            told = error.strerror or error
            raise OutputError(f"vector store {str(self.path)!r}: {told}; name a folder that can be written") from None

    def leave_empty(self) -> None:
        """Remove the folders that were made, as far as nothing is in them."""
        for folder in self._made:
            try:
                folder.rmdir()
            except OSError:
                return


def no_store(path: str) -> RequestError:
    return RequestError(f"vector store {path!r}: there is none; check store and path, or fill one with --vectorize-with")


def check_space(path: str, there: Space, wanted: Space | None) -> None:
    """RequestError if the store at `path` isn't of the wanted space."""
    if wanted is not None and there != wanted:
        raise RequestError(
            f"vector store {path!r} holds vectors of {there}, not of {wanted}: name another path, or choose its embedding"
        )


def json_of(record: Json) -> str:
    """Compact JSON that is valid Unicode, whatever the record's strings hold."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return text if text.isascii() or _encodes(text) else json.dumps(record, separators=(",", ":"))


def _encodes(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True

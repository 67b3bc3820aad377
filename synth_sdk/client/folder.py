"""A folder of parts that appears under its name only when every part and its manifest are in it."""

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from synth_sdk.core.errors import OutputError, WriteError

MANIFEST = "_manifest.json"


def names_folder(output: str | None) -> bool:
    """The output ends in a slash: a folder of parts is wanted."""
    return output is not None and output.endswith(("/", os.sep)) and bool(output.strip("/" + os.sep))


class PartsFolder:
    """A hidden folder beside its final place. OutputError when that can't be written, or holds something already."""

    def __init__(self, output: str) -> None:
        self.location = output
        try:
            self._final = Path(os.path.realpath(Path(output).expanduser()))
            _check_free(self._final)
            self.path = self._final.with_name(f".{self._final.name[:40]}.{os.urandom(4).hex()}.part")
            self.path.mkdir()
        except (OSError, ValueError) as error:  # ValueError: a null character in the path
            reason = getattr(error, "strerror", None) or error
            raise OutputError(f"output {output!r} can't be written: {reason}; choose another folder") from None

    def commit(self, manifest: dict[str, Any]) -> None:
        """Write the manifest; give the folder its name."""
        try:
            (self.path / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", "utf-8")
            self.path.replace(self._final)
        except OSError as error:
            self.abort()
            raise WriteError(
                f"output {self.location!r}: {error.strerror or error}; nothing was written under that name"
            ) from error

    def abort(self) -> None:
        """Leave nothing behind. Does nothing after a commit."""
        shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.abort()


def _check_free(final: Path) -> None:
    if not final.parent.is_dir():
        raise FileNotFoundError(None, f"folder {str(final.parent)!r} does not exist")
    with suppress(FileNotFoundError):
        if any(final.iterdir()):  # NotADirectoryError for a file
            raise FileExistsError(None, "the folder is not empty")

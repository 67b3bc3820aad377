"""A folder of parts that appears under its name only when every part and its manifest are in it: here, or where a URL says."""

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from synth_sdk.core import plugins
from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.core.spec import Spec
from synth_sdk.pipeline.blocks import Part
from synth_sdk.pipeline.partitions import check_partitions, partitioned
from synth_sdk.pipeline.shards import WritePart
from synth_sdk.sinks import Shape, format_for
from synth_sdk.sinks.destinations import Wanted, names_destination, open_destination, scheme_of
from synth_sdk.sinks.places import FolderDestination, LocalPlace, Place

MANIFEST = "_manifest.json"


def names_folder(output: str | None) -> bool:
    """The output ends in a slash: a folder of parts is wanted. Of URLs those whose destination can hold one."""
    if names_destination(output):
        return (output or "").partition("?")[0].endswith("/") and _holds_folders(scheme_of(output))
    return output is not None and output.endswith(("/", os.sep)) and bool(output.strip("/" + os.sep))


def _holds_folders(scheme: str) -> bool:
    known = scheme in plugins.names("destinations")
    return known and bool(getattr(plugins.load("destinations", scheme), "folders", False))


class Folder(Protocol):
    """Where files are written by name. Leaving its `with` block without a commit leaves nothing."""

    location: str
    warnings: list[str]

    @property
    def place(self) -> Place: ...

    def keep(self, receipt: Any) -> None:
        """A file was written whole."""

    def commit(self, manifest: dict[str, Any]) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class Parts:
    """The parts of one run on their way into a folder. `work` makes one, in any process.

    RequestError for partitions that the records haven't, OutputError for a folder that can't be written.
    """

    def __init__(self, output: str, spec: Spec, shape: Shape, wanted: Wanted) -> None:
        chosen = format_for(None, spec.format)
        cut = None
        if spec.partition_by:
            cut, shape = partitioned(spec.partition_by, shape, chosen.name)
        chosen.encoder(shape)
        self._folder = open_folder(output, wanted)
        self._folders: set[str] = set()
        self.location, self.warnings = self._folder.location, self._folder.warnings
        suffix = next(iter(chosen.suffixes), "")
        self.work = WritePart(self._folder.place, chosen.name, suffix, shape, spec.rows_per_shard, partitioning=cut)

    def take(self, part: Part) -> None:
        """RequestError if there are too many partitions by now."""
        for file in part.files:
            self._folder.keep(file.receipt)
        if part.partitioned:
            self._folders.update(file.file.rpartition("/")[0] for file in part.files)
            check_partitions(len(self._folders))

    def commit(self, manifest: dict[str, Any]) -> None:
        self._folder.commit(manifest)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._folder.__exit__(kind, error, trace)


def open_folder(output: str, wanted: Wanted) -> Folder:
    """The folder of that name, or URL. OutputError if it can't be written, or holds something else already."""
    if not names_destination(output):
        return PartsFolder(output)
    destination = open_destination(output, wanted)
    if isinstance(destination, FolderDestination):
        return destination
    with destination:
        raise OutputError(f"output {destination.location!r}: can't hold a folder of parts; leave the / at its end out")


class PartsFolder:
    """Implements `Folder`: a hidden folder beside its final place."""

    def __init__(self, output: str) -> None:
        self.location = output
        self.warnings: list[str] = []
        try:
            self._final = Path(os.path.realpath(Path(output).expanduser()))
            _check_free(self._final)
            self.path = self._final.with_name(f".{self._final.name[:40]}.{os.urandom(4).hex()}.part")
            self.path.mkdir()
        except (OSError, ValueError) as error:  # ValueError: a null character in the path
            reason = getattr(error, "strerror", None) or error
            raise OutputError(f"output {output!r} can't be written: {reason}; choose another folder") from None

    @property
    def place(self) -> LocalPlace:
        return LocalPlace(str(self.path))

    def keep(self, receipt: Any) -> None:
        """It is in the hidden folder."""

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

"""Where the tables of a set go: a file for each in one folder, or one document that holds them all."""

import json
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Protocol, Self

from synth_sdk.client.folder import PartsFolder, names_folder
from synth_sdk.core.errors import RequestError, WriteError
from synth_sdk.sinks import Format, Shape, Sink, Store, format_for, open_sink
from synth_sdk.sinks.destinations import RecordSink, Wanted, names_destination, open_destination
from synth_sdk.sinks.stores import open_store


class Shelf(Protocol):
    """A place for tables; whole or not at all. Leaving its `with` block without a commit aborts."""

    def open(self, name: str, shape: Shape) -> RecordSink:
        """The sink of the next table."""

    def commit(self, manifest: dict[str, Any]) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


def open_shelf(output: str, wanted: Wanted) -> Shelf:
    """What a URL names, a folder where `output` ends in a slash, otherwise a document: SQL or JSON ("-": standard output; JSON if nothing says else).

    OutputError if the place can't be written, RequestError for a format that holds one table only.
    """
    if names_destination(output):
        return open_destination(output, wanted)
    if names_folder(output):
        return _Folder(output, format_for(None, wanted.format))
    plain = wanted.format is None and (output == "-" or not Path(output).suffix)
    found = format_for(output, "json" if plain else wanted.format)
    if found.name not in _FRAMES:
        told = f"format {found.name} holds one table: write a folder (-o tables/ --format {found.name})"
        raise RequestError(f"output {output!r}: {told}, or all tables to a .json or .sql file")
    return _Document(output, found)


class _Folder:
    """`shop/customers.csv`, `shop/orders.csv` ... and `_manifest.json`."""

    def __init__(self, output: str, format: Format) -> None:
        self._folder, self._format = PartsFolder(output), format

    def open(self, name: str, shape: Shape) -> Sink:
        return open_sink(str(self._folder.path / self._file(name)), self._format, shape)

    def commit(self, manifest: dict[str, Any]) -> None:
        tables = {name: {"file": self._file(name), **told} for name, told in manifest["tables"].items()}
        self._folder.commit({**manifest, "tables": tables})

    def _file(self, name: str) -> str:
        return f"{name}{next(iter(self._format.suffixes), '')}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._folder.abort()


def _json_frame(name: str, first: bool) -> bytes:
    return f"{'{' if first else ','}\n{json.dumps(name, ensure_ascii=False)}: ".encode()


_FRAMES = {"json": (_json_frame, b"}\n"), "sql": (lambda name, first: b"" if first else b"\n", b"")}


class _Document:
    """All tables in one file, or on standard output: `{"customers": [...], "orders": [...]}`, or one SQL script."""

    def __init__(self, output: str, format: Format) -> None:
        self._output, self._format = output, format
        self._store = open_store(output)
        self._before, self._end = _FRAMES[format.name]
        self._first, self._done = True, False

    def open(self, name: str, shape: Shape) -> Sink:
        encoder = self._format.encoder(shape)
        try:
            self._store.stream.write(self._before(name, self._first))
        except OSError as error:
            self._fail(error)
        self._first = False
        return Sink(self._output, encoder, _Chapter(self._store))

    def commit(self, manifest: dict[str, Any]) -> None:
        try:
            self._store.stream.write(self._end)
            self._store.commit()
        except OSError as error:
            self._fail(error)
        self._done = True

    def _fail(self, error: OSError) -> NoReturn:
        if isinstance(error, BrokenPipeError):
            raise error
        raise WriteError(f"output {self._output!r}: {error.strerror or error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if not self._done:
            self._store.abort()


class _Chapter:
    """Implements `Store` for one table of a document that others continue."""

    def __init__(self, store: Store) -> None:
        self.stream, self.live = store.stream, store.live

    def commit(self) -> None:
        """The document goes on."""

    def abort(self) -> None:
        """The document ends with the shelf."""

"""Formats: how records become bytes, and which one a name or a suffix means.

A format is a class without arguments under the entry point group `synth_sdk.sinks`. What it needs beyond the standard library it
imports in `open`: every installed format is looked at for its suffixes.
"""

from pathlib import PurePath
from typing import Any, BinaryIO, Protocol

from synth_sdk.core import plugins
from synth_sdk.core.errors import RequestError, UnknownName

_GROUP = "sinks"
_DEFAULT = "jsonl"


class Writer(Protocol):
    """Writes records to one stream. `close` ends the document; it doesn't close the stream."""

    def write(self, record: Any) -> None: ...

    def close(self) -> None: ...


class Format(Protocol):
    """A named way to write records; `suffixes` are the file endings that mean it, in lower case and with their dot."""

    name: str
    suffixes: tuple[str, ...]

    def open(self, stream: BinaryIO) -> Writer: ...


def format_for(output: str | None, name: str | None = None) -> Format:
    """The format called `name`, else the one that the suffix of `output` means, else JSONL (standard output, memory, no suffix).

    UnknownName for a name, RequestError for a suffix, that no installed format has.
    """
    if name is not None:
        if name not in plugins.names(_GROUP):
            raise UnknownName("format", name, plugins.names(_GROUP))
        return _load(name)
    suffix = PurePath(output).suffix.lower() if output else ""
    if not suffix:
        return _load(_DEFAULT)
    formats = [_load(known) for known in plugins.names(_GROUP)]
    for candidate in formats:
        if suffix in candidate.suffixes:
            return candidate
    endings = ", ".join(sorted(ending for candidate in formats for ending in candidate.suffixes))
    raise RequestError(f"output {output!r}: no format has the suffix {suffix!r}; use one of {endings}, or name one with --format")


def _load(name: str) -> Format:
    made: Format = plugins.load(_GROUP, name)()
    return made

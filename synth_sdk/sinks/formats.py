"""Formats: how records become bytes, and which one a name or a suffix means.

A format is a class without arguments under the entry point group `synth_sdk.sinks`. It has two halves, so that the work can be done
elsewhere: an encoder turns batches into bytes, in any process and in any order; a writer puts those bytes in order into one stream.
What a format needs beyond the standard library it imports when it is used: every installed format is looked at for its suffixes.
"""

from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO, Protocol

from synth_sdk.core import plugins
from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.models import Json
from synth_sdk.sinks.compression import compression_of

_GROUP = "sinks"
_DEFAULT = "jsonl"


@dataclass(frozen=True, slots=True)
class Keys:
    """Columns without repeats: one by which records are known, others; and those whose values are in a column of another table."""

    primary: str = ""
    unique: tuple[str, ...] = ()
    foreign: tuple[tuple[str, str, str], ...] = ()  # (column, table, its column)


NO_KEYS = Keys()


@dataclass(frozen=True, slots=True)
class Shape:
    """What a format must know before the first record.

    `schema` is the JSON Schema of one record, `name` what one is called (XML element, SQL table), `dialect` that of SQL: sqlite,
    postgres or mysql. `keys` are declared in SQL.
    """

    schema: Json = True
    name: str = "record"
    dialect: str = "sqlite"
    keys: Keys = NO_KEYS


class Writer(Protocol):
    """Puts what an encoder made into one stream, in order. `close` ends the document; it doesn't close the stream."""

    def write(self, encoded: bytes) -> None: ...

    def close(self) -> None: ...


class Encoder(Protocol):
    """Makes bytes of batches. Pickles, and makes the same bytes in every process."""

    def encode(self, batch: Batch, start: int) -> bytes:
        """`start` records stand before these in the document. The document's bytes don't depend on how records are batched.

        WriteError, with the record's number, for one that this format can't hold.
        """

    def open(self, stream: BinaryIO) -> Writer: ...


class Format(Protocol):
    """A named way to write records; `suffixes` are the file endings that mean it, in lower case and with their dot.

    A format that compresses by itself has an attribute `compressed = True`.
    """

    name: str
    suffixes: tuple[str, ...]

    def encoder(self, shape: Shape) -> Encoder:
        """OutputError if records of this shape can't be written in this format at all."""


def format_for(output: str | None, name: str | None = None) -> Format:
    """The format called `name`, else the one that the suffix of `output` means (`.gz` and `.zst` behind it are looked through),
    else JSONL (standard output, memory, no suffix).

    UnknownName for a name, RequestError for a suffix, that no installed format has.
    """
    if name is not None:
        if name not in plugins.names(_GROUP):
            raise UnknownName("format", name, plugins.names(_GROUP))
        return _load(name)
    path = PurePath(output or "")
    suffix = (path.with_suffix("") if compression_of(output or "") else path).suffix.lower()
    if not suffix:
        return _load(_DEFAULT)
    formats, broken = _installed()
    for candidate in formats:
        if suffix in candidate.suffixes:
            return candidate
    endings = ", ".join(sorted(ending for candidate in formats for ending in candidate.suffixes))
    told = f"output {output!r}: no format has the suffix {suffix!r}; use one of {endings}, or name one with --format"
    raise RequestError("; ".join([told, *broken]))


def _installed() -> tuple[list[Format], list[str]]:
    """Every format, and why others can't be used: whoever doesn't want those needn't know."""
    found: list[Format] = []
    broken: list[str] = []
    for name in plugins.names(_GROUP):
        try:
            found.append(_load(name))
        except RequestError as error:
            broken.append(error.message)
    return found, broken


def _load(name: str) -> Format:
    made: Format = plugins.make(_GROUP, name)
    return made

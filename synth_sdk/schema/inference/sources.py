"""Rows of a file in batches, whatever its format. A broken file is one RequestError with the line or row at fault."""

import csv
import io
import json
import math
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any, NoReturn

from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json
from synth_sdk.core.packed import open_unpacked

BATCH = 4_096  # rows
LARGEST_JSON = 256 * 1024 * 1024  # characters of one value in an array
_CHUNK = 1 << 20
_DELIMITERS = ",;\t|"
_PACKED = (".gz", ".zst")


class BrokenError(Exception):
    """What is wrong with the file, without its name; a signal within this module."""


def read_cells(path: Path, rows: int) -> Iterator[dict[str, Sequence[str]]]:
    """Batches of a CSV file (tab-separated for .tsv) as columns of text. The first line is the header; empty lines are passed over."""
    with open_unpacked(path) as stream:
        lines = _lines(stream)
        header = next(lines, "")
        delimiter = "\t" if ".tsv" in path.suffixes else max(_DELIMITERS, key=lambda mark: (header.count(mark), mark == ","))
        reader = csv.reader(_again(header, lines), delimiter=delimiter, strict=True)
        try:
            names = _names(next(reader, []))
            wanted = islice((row for row in reader if row), rows)
            while batch := list(islice(wanted, BATCH)):
                yield dict(zip(names, zip(*_even(batch, len(names), reader.line_num), strict=True), strict=True))
        except csv.Error as error:
            raise BrokenError(f"line {reader.line_num}: {error}") from None


def read_values(path: Path, rows: int) -> Iterator[list[Json]]:
    """Batches of values of a JSON, JSONL, NDJSON or Parquet file."""
    kind = kind_of(path)
    if kind == "parquet":
        return _parquet(path, rows)
    values = _json_lines(path) if kind in ("jsonl", "ndjson") else _json_file(path)
    return _batches(islice(values, rows))


def kind_of(path: Path) -> str:
    """The format by the suffix: csv, tsv, jsonl, ndjson, json or parquet; those of text may be packed (.gz, .zst)."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    kind = next((suffix for suffix in reversed(suffixes) if suffix not in _PACKED), "").removeprefix(".")
    if kind not in ("csv", "tsv", "jsonl", "ndjson", "json", "parquet"):
        raise RequestError(
            f"file {str(path)!r}: the suffix says no format; use .csv, .tsv, .jsonl, .ndjson, .json (also .gz, .zst) or .parquet"
        )
    return kind


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn whatever reading raises into a RequestError that names the file."""
    try:
        yield
    except BrokenError as error:
        _refuse(path, str(error))
    except RecursionError:
        _refuse(path, "its values are nested too deeply")
    except (OSError, EOFError, ValueError) as error:  # pyarrow's errors are ValueErrors and OSErrors
        _refuse(path, " ".join(str(getattr(error, "strerror", None) or error).split())[:200])


def _refuse(path: Path, told: str) -> NoReturn:
    raise RequestError(f"file {str(path)!r} can't be read: {told}") from None


def _lines(stream: IO[bytes]) -> Iterator[str]:
    for number, line in enumerate(stream, 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise BrokenError(f"line {number} is not UTF-8; save it as UTF-8") from None


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _names(header: list[str]) -> list[str]:
    names = [name.strip() or f"column_{place}" for place, name in enumerate(header, 1)]
    if not names:
        raise BrokenError("it is empty")
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise BrokenError(f"line 1: the column {twice!r} occurs twice; rename one")
    return names


def _even(rows: list[list[str]], width: int, last_line: int) -> list[list[str]]:
    for place, row in enumerate(rows):
        if len(row) != width:
            line = last_line - (len(rows) - 1 - place)
            raise BrokenError(f"about line {line}: a row has {len(row)} cells, the header {width}")
    return rows


def _json_lines(path: Path) -> Iterator[Json]:
    with open_unpacked(path) as stream:
        for number, line in enumerate(_lines(stream), 1):
            if not line.isspace():
                yield _parse(line, f"line {number}")


def _parse(text: str, where: str) -> Json:
    try:
        return _DECODER.decode(text)
    except ValueError as error:
        raise BrokenError(f"{where} is not JSON: {error}") from None


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a JSON number")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def _json_file(path: Path) -> Iterator[Json]:
    """The items of an array, one at a time; any other value alone; JSON lines by the wrong suffix too."""
    with open_unpacked(path) as stream:
        text = io.TextIOWrapper(stream, "utf-8-sig")
        try:
            start = text.read(_CHUNK)
            if start.lstrip().startswith("["):
                yield from _array(start.lstrip()[1:], text.read)
                return
            first, _, rest = start.lstrip().partition("\n")
            if rest.strip() and _is_json(first):
                yield from _json_lines(path)
                return
            yield _parse(start + text.read(LARGEST_JSON), "it")
        except UnicodeDecodeError as error:
            raise BrokenError(f"it is not UTF-8 (near byte {error.start}); save it as UTF-8") from None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _array(buffer: str, more: Callable[[int], str]) -> Iterator[Json]:
    """The items of an array whose text, without the opening bracket, begins with `buffer`; `more(n)` gives the next n characters."""
    place = item = 0
    ended = False
    while True:
        place = _skip(buffer, place)
        if buffer[place : place + 1] == "]":
            return
        try:
            value, end = _DECODER.raw_decode(buffer, place)
            after = _skip(buffer, end)
            if after < len(buffer):
                if buffer[after] not in ",]":
                    raise BrokenError(f"item {item + 1} is not followed by a comma or the end of the array")
                item += 1
                yield value
                place = after + (buffer[after] == ",")
                continue
            fault = "the array has no end"
        except ValueError as error:
            fault = str(error)
        chunk = (
            "" if ended else more(max(_CHUNK, len(buffer) - place))
        )  # doubling, so that a long value isn't parsed over and over
        ended = not chunk
        if ended or len(buffer) - place > LARGEST_JSON:
            raise BrokenError(f"item {item + 1} is not JSON: {fault}")
        buffer, place = buffer[place:] + chunk, 0


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place


def _batches(values: Iterator[Json]) -> Iterator[list[Json]]:
    while batch := list(islice(values, BATCH)):
        yield batch


def _parquet(path: Path, rows: int) -> Iterator[list[Json]]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        plain = {field.name: _is_plain(field.type) for field in file.schema_arrow}
        for batch in file.iter_batches(batch_size=BATCH):
            if rows <= 0:
                return
            part = batch.slice(0, rows)
            rows -= part.num_rows
            columns = {name: part.column(name).to_pylist() for name in plain}
            columns = {name: values if plain[name] else list(map(as_json, values)) for name, values in columns.items()}
            yield [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _is_plain(kind: Any) -> bool:
    """Do values of this Arrow type become JSON values by themselves?"""
    import pyarrow.types as types

    return any(is_kind(kind) for is_kind in (types.is_integer, types.is_boolean, types.is_string, types.is_large_string))


def as_json(value: Any) -> Json:
    """A value of Arrow as JSON says it. A moment without a zone is taken as UTC; an interval is seconds; bytes are base64; NaN is null."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case None | bool() | int() | str():
            return value
        case datetime():
            return value.isoformat() + ("" if value.tzinfo else "Z")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Decimal():
            return int(value) if value == value.to_integral_value() and not value.as_tuple().exponent else float(value)
        case bytes():
            return b64encode(value).decode()
        case dict():
            return {str(name): as_json(inner) for name, inner in value.items()}
        case list() if value and all(isinstance(pair, tuple) and len(pair) == 2 for pair in value):  # a map
            return {str(name): as_json(inner) for name, inner in value}
        case list():
            return [as_json(inner) for inner in value]
        case _:
            return str(value)

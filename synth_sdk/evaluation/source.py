"""The records of a file, one at a time: JSON Lines, or a JSON array; plain, `.gz` or `.zst`; from standard input too."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json
from synth_sdk.core.packed import open_unpacked

LONGEST_LINE = 16 * 1024 * 1024  # bytes of one record
LARGEST_ARRAY = 512 * 1024 * 1024  # bytes of a file that is one JSON array: it is read at once
_WAY_OUT = "give JSON Lines, one conversation a line, or a JSON array of conversations"
_SHOWN = 80


def read(path: str) -> Iterator[tuple[int, Json]]:
    """(line, record) of each record in the file at `path` ("-": standard input); of an array, its number instead of the line.

    RequestError, with file, line, rule and way out, when the file can't be read or what stands there is not JSON.
    """
    with _opened(path) as stream:
        try:
            yield from _records(path, stream)
        except (OSError, EOFError, ValueError) as error:  # a broken archive; pyarrow's errors are OSErrors and ValueErrors
            raise refusal(path, None, f"can't be read: {getattr(error, 'strerror', None) or error}") from None


def refusal(path: str | None, line: int | None, told: str) -> RequestError:
    """The error that names the place; a path of None means records in memory."""
    where = f", {'record' if path is None else 'line'} {line}" if line is not None else ""
    return RequestError(f"{'records in memory' if path is None else f'file {path!r}'}{where}: {' '.join(told.split())}")


@contextmanager
def _opened(path: str) -> Iterator[IO[bytes]]:
    if path == "-":
        yield sys.stdin.buffer
        return
    with ExitStack() as opened:
        try:
            stream = opened.enter_context(open_unpacked(Path(path)))
        except (OSError, ValueError) as error:  # ValueError: a null character in the path
            raise refusal(path, None, f"can't be opened: {getattr(error, 'strerror', None) or error}") from None
        yield stream


def _records(path: str, stream: IO[bytes]) -> Iterator[tuple[int, Json]]:
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if not line.strip():
            continue
        if number == 1 and _opens_document(line):
            yield from _document(path, line + stream.read(LARGEST_ARRAY + 1 - len(line)))
            return
        if len(line) > LONGEST_LINE:
            raise refusal(path, number, f"longer than {LONGEST_LINE // 1024**2} MB; {_WAY_OUT}")
        yield number, _parsed(path, number, _decoded(path, number, line))


def _opens_document(line: bytes) -> bool:
    """An array, or an object that goes on in the next line."""
    start = line.removeprefix(b"\xef\xbb\xbf").strip()
    return start[:1] == b"[" or (start[:1] == b"{" and start[-1:] in (b"{", b"[", b","))


def _decoded(path: str, number: int, line: bytes) -> str:
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise refusal(path, number, f"not UTF-8 text, so no JSON; {_WAY_OUT}") from None
    if "\0" in text:
        raise refusal(path, number, f"binary data, no JSON; {_WAY_OUT}")
    return text


def _parsed(path: str, number: int, text: str) -> Json:
    try:
        return json.loads(text)
    except RecursionError:
        raise refusal(path, number, "nested too deeply to be a conversation") from None
    except ValueError as error:
        shown = text.strip()
        shown = shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "..."
        raise refusal(path, number, f"not JSON ({error}): {shown!r}; {_WAY_OUT}") from None


def _document(path: str, data: bytes) -> Iterator[tuple[int, Json]]:
    """The items of an array, or one record written over several lines."""
    if len(data) > LARGEST_ARRAY:
        raise refusal(path, None, f"a JSON array larger than {LARGEST_ARRAY // 1024**2} MB; write it as JSON Lines")
    try:
        value = json.loads(_decoded(path, 1, data))
    except RecursionError:
        raise refusal(path, None, "nested too deeply to be conversations") from None
    except json.JSONDecodeError as error:
        raise refusal(path, error.lineno, f"not JSON ({error.msg}); {_WAY_OUT}") from None
    yield from enumerate(value, 1) if isinstance(value, list) else [(1, value)]

"""A format: `key=value` pairs, a line for each record. Words stand bare, everything else is JSON."""

import json
import re
from dataclasses import dataclass
from typing import Any, BinaryIO

from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import WriteError
from synth_sdk.sinks import Shape

_WORD = re.compile(r"[A-Za-z][\w.:/@+-]*", re.ASCII)
_NOT_WORDS = frozenset({"true", "false", "null"})


class LogfmtFormat:
    """`.logfmt`"""

    name = "logfmt"
    suffixes = (".logfmt",)

    def encoder(self, shape: Shape) -> "LogfmtEncoder":
        return LogfmtEncoder()


@dataclass(frozen=True, slots=True)
class LogfmtEncoder:
    def encode(self, batch: Batch, start: int) -> bytes:
        return "".join(f"{_line(record, place)}\n" for place, record in enumerate(batch.records(), start + 1)).encode()

    def open(self, stream: BinaryIO) -> "LogfmtWriter":
        return LogfmtWriter(stream)


@dataclass(frozen=True, slots=True)
class LogfmtWriter:
    stream: BinaryIO

    def write(self, encoded: bytes) -> None:
        self.stream.write(encoded)

    def close(self) -> None: ...


def read(data: bytes) -> list[dict[str, Any]]:
    """The records in a document."""
    return [_record(line) for line in data.decode().split("\n") if line]


def _line(record: Any, place: int) -> str:
    if not isinstance(record, dict) or not record:
        raise WriteError(f"record {place} is no object with fields: logfmt holds nothing else")
    if wrong := next((key for key in record if not _WORD.fullmatch(key)), None):
        raise WriteError(f"record {place}: the name {wrong!r} is no plain word, as logfmt wants it")
    return " ".join(f"{key}={_value(value)}" for key, value in record.items())


def _value(value: Any) -> str:
    if isinstance(value, str) and _WORD.fullmatch(value) and value not in _NOT_WORDS:
        return value
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _record(line: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    decoder = json.JSONDecoder()
    while line:
        key, _, line = line.partition("=")
        word = _WORD.match(line)
        if word and word.group() not in _NOT_WORDS:
            found[key], end = word.group(), word.end()
        else:
            found[key], end = decoder.raw_decode(line)
        line = line[end + 1 :]
    return found

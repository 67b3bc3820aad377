"""JSON Lines: one record per line."""

from dataclasses import dataclass
from typing import Any, BinaryIO

from synth_sdk.sinks.encoding import to_line


class JsonlFormat:
    """`.jsonl`, `.ndjson`: compact JSON, one record per line, in UTF-8."""

    name = "jsonl"
    suffixes = (".jsonl", ".ndjson")

    def open(self, stream: BinaryIO) -> "JsonlWriter":
        return JsonlWriter(stream)


@dataclass(frozen=True, slots=True)
class JsonlWriter:
    """Writes to `stream`; nothing is held back."""

    stream: BinaryIO

    def write(self, record: Any) -> None:
        self.stream.write(to_line(record, (",", ":")) + b"\n")

    def close(self) -> None:
        """Lines need no end."""

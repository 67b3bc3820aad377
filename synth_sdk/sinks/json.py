"""JSON: one array with a record on each line, written a record at a time."""

from dataclasses import dataclass
from typing import Any, BinaryIO

from synth_sdk.sinks.encoding import to_line


class JsonFormat:
    """`.json`: an array of all records, in UTF-8."""

    name = "json"
    suffixes = (".json",)

    def open(self, stream: BinaryIO) -> "JsonWriter":
        return JsonWriter(stream)


@dataclass(slots=True)
class JsonWriter:
    """Writes to `stream`, which holds a whole array once this is closed."""

    stream: BinaryIO
    started: bool = False

    def write(self, record: Any) -> None:
        line = to_line(record, (", ", ": "))
        self.stream.write((b",\n" if self.started else b"[\n") + line)
        self.started = True

    def close(self) -> None:
        self.stream.write(b"\n]\n" if self.started else b"[]\n")

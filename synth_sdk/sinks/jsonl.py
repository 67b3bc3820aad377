"""JSON Lines: one record per line."""

from dataclasses import dataclass
from typing import BinaryIO

from synth_sdk.core.batches import Batch
from synth_sdk.sinks.documents import Document
from synth_sdk.sinks.encoding import to_lines
from synth_sdk.sinks.formats import Shape


@dataclass(frozen=True, slots=True)
class JsonlEncoder:
    def encode(self, batch: Batch, start: int) -> bytes:
        return to_lines(batch, start)

    def open(self, stream: BinaryIO) -> Document:
        return Document(stream)


class JsonlFormat:
    """`.jsonl`, `.ndjson`: compact JSON, one record per line, in UTF-8."""

    name = "jsonl"
    suffixes = (".jsonl", ".ndjson")

    def encoder(self, shape: Shape) -> JsonlEncoder:
        return JsonlEncoder()

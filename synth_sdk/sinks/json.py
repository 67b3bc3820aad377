"""JSON: one array with a record on each line."""

from dataclasses import dataclass
from typing import BinaryIO

from synth_sdk.core.batches import Batch
from synth_sdk.sinks.documents import Document
from synth_sdk.sinks.encoding import to_lines
from synth_sdk.sinks.formats import Shape


@dataclass(frozen=True, slots=True)
class JsonEncoder:
    def encode(self, batch: Batch, start: int) -> bytes:
        """The lines of JSON Lines, which hold no line end within, with commas between them."""
        if not len(batch):
            return b""
        return (b",\n" if start else b"") + to_lines(batch, start)[:-1].replace(b"\n", b",\n")

    def open(self, stream: BinaryIO) -> Document:
        return Document(stream, head=b"[\n", tail=b"\n]\n", empty=b"[]\n")


class JsonFormat:
    """`.json`: an array of all records, in UTF-8."""

    name = "json"
    suffixes = (".json",)

    def encoder(self, shape: Shape) -> JsonEncoder:
        return JsonEncoder()

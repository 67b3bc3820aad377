"""Documents of text: a head, what the encoder made, a tail."""

from dataclasses import dataclass
from typing import BinaryIO


@dataclass(slots=True)
class Document:
    """Writes to `stream`. `empty` is the whole document if there are no records."""

    stream: BinaryIO
    head: bytes = b""
    tail: bytes = b""
    empty: bytes = b""
    started: bool = False

    def write(self, encoded: bytes) -> None:
        if encoded and not self.started:
            self.stream.write(self.head)
            self.started = True
        self.stream.write(encoded)

    def close(self) -> None:
        self.stream.write(self.tail if self.started else self.empty)

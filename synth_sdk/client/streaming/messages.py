"""The records of blocks as messages, each with an id that the same wish gives it again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from synth_sdk.core.batches import Batch
from synth_sdk.core.streams import Message
from synth_sdk.pipeline.blocks import Block, Encoded
from synth_sdk.sinks import Encoder, Shape, format_for


def lines() -> Encoder:
    """Makes the lines whose each becomes the body of a message."""
    return format_for(None, "jsonl").encoder(Shape())


@dataclass(slots=True)
class Numbering:
    """Numbers the records of consecutive blocks: `{fingerprint}-{index}`, where those that couldn't be made have their numbers too."""

    fingerprint: str
    _next: int = 0
    _missing: set[int] = field(default_factory=set)

    def messages(self, block: Block) -> Iterator[Message]:
        """The records of `block`, which holds them as a batch or as lines. WriteError names one that isn't JSON."""
        content = block.content
        data = content.data if isinstance(content, Encoded) else lines().encode(cast(Batch, content), self._next)
        self._missing.update(index for index, _ in block.missing)
        return (Message(f"{self.fingerprint}-{self._number()}", body) for body in data.split(b"\n")[:-1])

    def _number(self) -> int:
        while self._next in self._missing:
            self._missing.remove(self._next)
            self._next += 1
        self._next += 1
        return self._next - 1

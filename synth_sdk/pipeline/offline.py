"""What can be done with a range of offline rows, here or in another process: each is a picklable function (generator, rows) -> Block."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from synth_sdk.core.batches import Records
from synth_sdk.core.generators import Generator
from synth_sdk.core.measures import Measures
from synth_sdk.pipeline.blocks import Block, Encoded, delivered, measure

if TYPE_CHECKING:
    from synth_sdk.sinks import Encoder


class Work(Protocol):
    """Makes one block of the rows it is given. Depends on nothing but its arguments and its own fields."""

    def __call__(self, generator: Generator, rows: range) -> Block: ...


@dataclass(frozen=True, slots=True)
class Make:
    """Make the records. `measured`: count what a report tells; `plain`: as Python values, which can be sent between processes."""

    measured: bool = True
    plain: bool = False

    def __call__(self, generator: Generator, rows: range) -> Block:
        batch = generator.batch(rows)
        measures = measure(generator, batch) if self.measured else Measures()
        content = delivered(generator, batch)
        return Block(content=Records(list(content.records())) if self.plain else content, count=len(batch), measures=measures)


@dataclass(frozen=True, slots=True)
class Encode:
    """Make the records and turn them into the bytes of a format."""

    encoder: "Encoder"

    def __call__(self, generator: Generator, rows: range) -> Block:
        batch = generator.batch(rows)
        data = self.encoder.encode(delivered(generator, batch), rows.start)
        return Block(content=Encoded(data), count=len(batch), measures=measure(generator, batch))

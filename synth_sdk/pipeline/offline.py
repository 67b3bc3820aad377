"""What can be done with a range of offline rows, here or in another process: each is a picklable function (generator, rows) -> Block."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from synth_sdk.core.batches import Batch, Records
from synth_sdk.core.generators import Generator
from synth_sdk.pipeline.blocks import Block, Encoded, delivered
from synth_sdk.pipeline.inspection import PLAIN, Inspected, Inspection

if TYPE_CHECKING:
    from synth_sdk.sinks import Encoder


class Work(Protocol):
    """Makes one block of the rows it is given. Depends on nothing but its arguments and its own fields (which `dataclasses.replace` sets);
    `inspection` says what becomes of a batch before it is delivered.
    """

    @property
    def inspection(self) -> Inspection: ...

    def __call__(self, generator: Generator, rows: range) -> Block: ...


def make(generator: Generator, rows: range, inspection: Inspection, known: Inspected) -> Batch:
    """The records of `rows` as they are delivered; what is found of them is added to `known`."""
    with known.seconds.timed("batches"):
        batch = generator.batch(rows)
    return delivered(generator, inspection(generator, batch, rows.start, known))


@dataclass(frozen=True, slots=True)
class Make:
    """Make the records. `plain`: as Python values, which can be sent between processes."""

    inspection: Inspection = PLAIN
    plain: bool = False

    def __call__(self, generator: Generator, rows: range) -> Block:
        known = Inspected()
        batch = make(generator, rows, self.inspection, known)
        return Block(content=Records(list(batch.records())) if self.plain else batch, count=len(batch), known=known)


@dataclass(frozen=True, slots=True)
class Encode:
    """Make the records and turn them into the bytes of a format."""

    encoder: "Encoder"
    inspection: Inspection = PLAIN

    def __call__(self, generator: Generator, rows: range) -> Block:
        known = Inspected()
        batch = make(generator, rows, self.inspection, known)
        with known.seconds.timed("write"):
            data = self.encoder.encode(batch, rows.start)
        return Block(content=Encoded(data), count=len(batch), known=known)

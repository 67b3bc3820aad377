"""Records on their way to delivery, a block at a time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from synth_sdk.core.batches import Batch, Records
from synth_sdk.core.generators import Generator, Made, Provenance
from synth_sdk.core.measures import Measures
from synth_sdk.pipeline.inspection import PLAIN, Inspected, Inspection

OFFLINE = Provenance(origin="offline")
_FIRST = 64
_GROWTH = 8


@dataclass(frozen=True, slots=True)
class Encoded:
    """Records as the bytes of a format, ready for its sink."""

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """A file of a folder, written whole. `receipt` is what its folder needs to show it."""

    file: str
    rows: int
    bytes: int
    sha256: str
    receipt: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Records `start` to `stop` - 1 in a file of their own, or `partitioned` in several. `row_digest` as `Measures` tells it."""

    start: int
    stop: int
    files: tuple[WrittenFile, ...]
    row_digest: str
    partitioned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Consecutive delivered records: held as they are, as bytes, or in a file of their own.

    `known` is what was found of the records on their way.
    `provenance` is parallel to the records; None: all have that of `source`, which models had no part in or a blueprint only. `stand_ins` are the reasons of those that
    were made offline in place of a bought one; `missing` are the indices of those that couldn't be made, with their reasons.
    """

    content: Batch | Encoded | Part
    count: int
    known: Inspected = field(default_factory=Inspected)
    provenance: Sequence[Provenance] | None = None
    source: Provenance = OFFLINE
    stand_ins: Sequence[str] = ()
    missing: Sequence[tuple[int, str]] = ()

    @property
    def measures(self) -> Measures:
        return self.known.measures

    def sources(self) -> Iterable[Provenance]:
        """The provenance of each delivered record."""
        return repeat(self.source, self.count) if self.provenance is None else self.provenance


def block_of(generator: Generator, made: Sequence[Made], inspection: Inspection = PLAIN) -> Block:
    """The block of records made one by one."""
    there = [one for one in made if one.provenance is not None]
    known = Inspected()
    batch = inspection(generator, Records([one.record for one in there]), made[0].index if made else 0, known)
    return Block(
        content=delivered(generator, batch),
        count=len(batch),
        known=known,
        provenance=[one.provenance for one in there if one.provenance is not None],
        stand_ins=[one.reason for one in there if one.reason],
        missing=[(one.index, one.reason) for one in made if one.provenance is None],
    )


def delivered(generator: Generator, batch: Batch) -> Batch:
    """`batch` as it is handed out: in the dialect that the generator was asked for, if any."""
    convert = getattr(generator, "convert", None)
    return batch if convert is None else Records([convert(record) for record in batch.records()])


def grid(rows: range, size: int) -> Iterator[range]:
    """`rows` in pieces of `size`, the last one shorter."""
    for start in range(rows.start, rows.stop, size):
        yield range(start, min(start + size, rows.stop))


def growing_grid(count: int, size: int) -> Iterator[range]:
    """The rows 0..count-1 in pieces that grow from a few to `size`: whoever reads along sees the first records at once."""
    start, step = 0, min(_FIRST, size)
    while start < count:
        yield range(start, min(start + step, count))
        start, step = start + step, min(step * _GROWTH, size)

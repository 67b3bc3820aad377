"""What happens to a batch between its making and its delivery: compliance looks through it, and it is measured."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from synth_sdk.compliance.mending import Mended
from synth_sdk.core.batches import Batch, ColumnBatch, LineBatch, PickableBatch, RemeasuredBatch
from synth_sdk.core.findings import Findings
from synth_sdk.core.generators import Generator
from synth_sdk.core.measures import Measures, digests_of
from synth_sdk.core.models import Json
from synth_sdk.core.stages import Stages

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from synth_sdk.compliance.guard import Guard
    from synth_sdk.quality.integrity import ForeignKeys, Integrity
    from synth_sdk.quality.profile import Profile


@dataclass(slots=True)
class Inspected:
    """What is known of some records; merges into what is known of all. `integrity` is of the keys of a set's tables, `seconds` are those of
    the stages of a run.
    """

    measures: Measures = field(default_factory=Measures)
    findings: Findings = field(default_factory=Findings)
    profile: "Profile | None" = None
    integrity: "Integrity | None" = None
    seconds: Stages = field(default_factory=Stages)

    def merge(self, other: "Inspected") -> None:
        self.measures.merge(other.measures)
        self.findings.merge(other.findings)
        self.seconds.merge(other.seconds.seconds)
        self.profile = _merged(self.profile, other.profile)
        self.integrity = _merged(self.integrity, other.integrity)


class _Mergeable(Protocol):
    def merge(self, other: Any) -> None: ...


M = TypeVar("M", bound=_Mergeable)


def _merged(mine: M | None, theirs: M | None) -> M | None:
    if mine is None or theirs is None:
        return mine or theirs
    mine.merge(theirs)
    return mine


@dataclass(frozen=True, slots=True)
class TableKeys:
    """The table that a run makes, and the keys by which the tables of its set refer to one another."""

    table: str
    foreign_keys: "ForeignKeys"

    def of(self, batch: Batch) -> "Integrity":
        """What `batch` has in the columns of keys."""
        from synth_sdk.quality.integrity import Integrity

        integrity = Integrity(self.foreign_keys)
        integrity.add(self.table, batch.arrow() if isinstance(batch, ColumnBatch) else batch.records())
        return integrity


@dataclass(frozen=True, slots=True)
class Inspection:
    """How the batches of a run are looked at; pickles, so that it is done where records are made.

    `guard` masks, and finds what should not be there. `measured`: count what every report tells; `profiled`: all that docs/quality.md tells, of
    `keys` too.
    """

    guard: "Guard | None" = None
    measured: bool = True
    profiled: bool = False
    keys: TableKeys | None = None

    def __call__(self, generator: Generator, batch: Batch, start: int, known: Inspected) -> Batch:
        """`batch` as it may be delivered; what was found of it is added to `known`. `start` records stand before it."""
        with known.seconds.timed("validate"):
            if self.guard is not None:
                batch, findings = self.guard.inspect(batch, start)
                known.findings.merge(findings)
        with known.seconds.timed("metrics"):
            if self.measured:
                known.measures.merge(measure(generator, batch))
            if self.profiled:
                keys = self.keys.of(batch) if self.keys else None
                known.merge(Inspected(profile=profile(generator, batch, start), integrity=keys))
        return batch


PLAIN = Inspection()


def measure(generator: Generator, batch: Batch) -> Measures:
    """What every report tells of `batch`, before it is put into a dialect."""
    if isinstance(batch, ColumnBatch):
        return batch.measures()
    if isinstance(batch, Mended) and (told := _remeasured(generator, batch)) is not None:
        return told
    measures = Measures()
    for record in batch.records():
        measures.add(record, generator.features(record))
    return measures


def _remeasured(generator: Generator, batch: Mended) -> Measures | None:
    """The measures of the columns that were mended; None where other records would have other features."""
    if not isinstance(batch.whole, RemeasuredBatch):
        return None
    if any(generator.features(before) != generator.features(after) for before, after in batch.changes()):
        return None
    return batch.whole.remeasured({row: digests_of(record) for row, record in batch.changed.items()})


def profile(generator: Generator, batch: Batch, start: int) -> "Profile":
    """What `batch` is like in every field: of records without columns, in what their kind says of them."""
    from synth_sdk.quality.profile import Profile, take_records
    from synth_sdk.quality.thinning import looked_at

    by_features = getattr(generator, "profiled_by_features", False)
    found = Profile.unseen(len(batch), start, True if by_features else generator.record_schema)
    for rows, weight in looked_at(start, len(batch)):
        if isinstance(batch, ColumnBatch) and not by_features:
            found.take_columns(_columns(batch, rows), start + rows, weight)
        else:
            records = _records(batch, rows)
            features = [generator.features(record) for record in records]
            take_records(found, features if by_features else records, features, start + rows, weight)
    return found


def _columns(batch: ColumnBatch, rows: "NDArray[np.int64]") -> "pa.RecordBatch":
    """These rows of `batch`, which are no more than it has."""
    from synth_sdk.quality.profile import some_rows

    if len(rows) < len(batch) and isinstance(batch, PickableBatch):
        return batch.arrow_of(rows)
    return some_rows(batch.arrow(), rows)


def _records(batch: Batch, rows: "NDArray[np.int64]") -> Sequence[Json]:
    """These records of `batch`; of one that is held as lines no others are read."""
    if len(rows) < len(batch) and isinstance(batch, LineBatch):
        lines = batch.lines().split(b"\n")
        return [json.loads(lines[row]) for row in rows.tolist()]
    records = batch.records()
    return [records[row] for row in rows.tolist()]

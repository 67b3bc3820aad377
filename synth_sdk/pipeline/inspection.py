"""What happens to a batch between its making and its delivery: compliance looks through it, and it is measured."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from synth_sdk.core.batches import Batch, ColumnBatch
from synth_sdk.core.findings import Findings
from synth_sdk.core.generators import Generator
from synth_sdk.core.measures import Measures
from synth_sdk.core.stages import Stages

if TYPE_CHECKING:
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
    measures = Measures()
    for record in batch.records():
        measures.add(record, generator.features(record))
    return measures


def profile(generator: Generator, batch: Batch, start: int) -> "Profile":
    """What `batch` is like in every field: of records without columns, in what their kind says of them."""
    from synth_sdk.quality.profile import Profile, profile_records

    by_features = getattr(generator, "profiled_by_features", False)
    schema = True if by_features else generator.record_schema
    if not Profile.looks_at(start, len(batch)):
        return Profile.unseen(len(batch), start, schema)
    if isinstance(batch, ColumnBatch) and not by_features:
        return Profile.of(batch.arrow(), start, schema)
    records = batch.records()
    features = [generator.features(record) for record in records]
    return profile_records(features if by_features else records, features, start, schema)

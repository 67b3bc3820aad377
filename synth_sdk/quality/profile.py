"""What records are like, gathered batch by batch: a Profile merges exactly, in bounded memory, whatever the batches and their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa

from synth_sdk.core.models import Json
from synth_sdk.quality.declared import UNKNOWN, Declared, Path, declared, dotted
from synth_sdk.quality.fields import FieldProfile
from synth_sdk.quality.leaves import profiles
from synth_sdk.quality.objects import gather, table_of
from synth_sdk.quality.sampling import MOST_ROWS, RowSample
from synth_sdk.quality.stretches import stretches

if TYPE_CHECKING:
    from synth_sdk.core.measures import Measures

_MOST_FIELDS = 1000  # that are told of: the first by name, so that the choice doesn't depend on the order of records


@dataclass(slots=True)
class Profile:
    """Of `records` records of `schema`: what each field is like, and a sample of the rows for what needs them side by side.

    Which figures come from how many records is told in docs/quality.md and by `metrics()["notes"]`.
    """

    schema: Json
    records: int = 0
    looked_at: int = 0  # of those (`stretches.py`)
    fields: dict[Path, FieldProfile] = field(default_factory=dict)
    rows: RowSample = field(default_factory=RowSample)
    cut: bool = False  # there were more fields than are told of

    @classmethod
    def of(cls, table: pa.RecordBatch, first_row: int, schema: Json) -> Self:
        """Of records held as columns, the first of which is record `first_row`. What is null may be absent: columns can't tell."""
        found = cls.unseen(len(table), first_row, schema)
        for part, weight in stretches(first_row, len(table)):
            some = table[part.start : part.stop]
            for path, one in profiles(some, declared(schema), weight):
                found._take_field(path, one)
            found._take_rows(some, first_row + part.start)
        return found

    @classmethod
    def unseen(cls, count: int, first_row: int, schema: Json) -> Self:
        """Of `count` records that needn't be looked at (`looks_at`): what they would add, without their columns."""
        found = cls(schema, count)
        found.rows.end = first_row + count
        return found

    @staticmethod
    def looks_at(first_row: int, count: int) -> bool:
        """Whether any of `count` records from `first_row` on is looked at. If not, nobody need lay them out as columns."""
        return any(True for _ in stretches(first_row, count))

    def merge(self, other: "Profile") -> None:
        """Take in the profile of other records of the same kind."""
        self.records += other.records
        self.looked_at += other.looked_at
        self.cut |= other.cut
        for path, one in other.fields.items():
            self._merge_field(path, one)
        self.rows.merge(other.rows)

    def metrics(self, measures: "Measures | None" = None) -> dict[str, Any]:
        """The figures of a report. What `measures` of the same records count is of all of them, and tells absent from null: it wins."""
        from synth_sdk.quality.telling import metrics

        return metrics(self, measures)

    def sample(self) -> pa.Table:
        """At most 100,000 rows: members of objects under dotted names, lists as their lengths, texts up to 200 characters."""
        return self.side_by_side()

    def side_by_side(self, most: int = MOST_ROWS) -> pa.Table:
        """At most so many rows of the sample, give or take a few."""
        return self.rows.table([dotted(path) for path in declared(self.schema)], most)

    def declared(self, path: Path) -> Declared:
        """What the schema says of a field."""
        return declared(self.schema).get(path, UNKNOWN)

    def _take_rows(self, table: pa.RecordBatch, first_row: int) -> None:
        self.looked_at += len(table)
        self.rows.add(table, np.arange(first_row, first_row + len(table), dtype=np.int64))

    def _merge_field(self, path: Path, one: FieldProfile) -> None:
        if self._tells_of(path):
            self.fields.setdefault(path, FieldProfile()).merge(one)

    def _take_field(self, path: Path, one: FieldProfile) -> None:
        """The same for a profile that nobody else holds."""
        if path not in self.fields and self._tells_of(path):
            self.fields[path] = one
        elif path in self.fields:
            self.fields[path].merge(one)

    def _tells_of(self, path: Path) -> bool:
        """Whether the field is among those that are told of. One that is given up stays so: more names only come."""
        if path not in self.fields and len(self.fields) >= _MOST_FIELDS:
            self.cut = True
            last = max(self.fields)
            if path > last:
                return False
            del self.fields[last]
        return True


def profile_records(
    records: Sequence[Json], features: Sequence[Mapping[str, str | float | bool | None]], first_row: int, schema: Json
) -> Profile:
    """The profile of records held as Python values: of their fields at any depth where these are what is measured of them, else of
    their `features`.
    """
    wrapped = [record if isinstance(record, dict) else {"value": record} for record in records]
    own = all(record.keys() == told.keys() for record, told in zip(wrapped, features, strict=True))
    objects: Sequence[Mapping[str, Json]] = wrapped if own else features
    facts = declared(schema) if own else {}
    found = Profile.unseen(len(objects), first_row, schema)
    for part, weight in stretches(first_row, len(objects)):
        some = objects[part]
        columns = gather(some)
        for path, column in columns.items():
            found._take_field(path, column.profile(facts.get(path, UNKNOWN), weight))
        found._take_rows(table_of(columns, len(some)), first_row + part.start)
    return found

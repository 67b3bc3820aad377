"""What records are like, gathered batch by batch: a Profile merges exactly, in bounded memory, whatever the batches and their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from synth_sdk.core.arrow import of_numpy
from synth_sdk.core.batches import ITEMS
from synth_sdk.core.models import Json
from synth_sdk.quality.declared import UNKNOWN, Declared, Path, declared, dotted
from synth_sdk.quality.fields import FieldProfile
from synth_sdk.quality.hashing import I64
from synth_sdk.quality.leaves import profiles
from synth_sdk.quality.objects import gather, table_of
from synth_sdk.quality.sampling import MOST_ROWS, RowSample
from synth_sdk.quality.thinning import looked_at

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
    looked_at: int = 0  # of those (`thinning.py`)
    fields: dict[Path, FieldProfile] = field(default_factory=dict)
    rows: RowSample = field(default_factory=RowSample)
    cut: bool = False  # there were more fields than are told of

    @classmethod
    def of(cls, table: pa.RecordBatch, first_row: int, schema: Json) -> Self:
        """Of records held as columns, the first of which is record `first_row`. What is null may be absent: columns can't tell."""
        found = cls.unseen(len(table), first_row, schema)
        for rows, weight in looked_at(first_row, len(table)):
            found.take_columns(some_rows(table, rows), first_row + rows, weight)
        return found

    @classmethod
    def unseen(cls, count: int, first_row: int, schema: Json) -> Self:
        """Of `count` records from `first_row` on of which none was looked at yet."""
        found = cls(schema, count)
        found.rows.end = first_row + count
        return found

    def take_columns(self, table: pa.RecordBatch, rows: I64, weight: int) -> None:
        """Look at the records of these numbers, held as columns, each of which stands for `weight` of those that were counted."""
        for path, one in profiles(table, declared(self.schema), weight):
            self._take_field(path, one)
        self._take_rows(table, rows)

    def take_objects(self, objects: Sequence[Mapping[str, Json]], rows: I64, weight: int, facts: Mapping[Path, Declared]) -> None:
        """The same for records held as Python values, of whose fields `facts` are declared."""
        columns = gather(objects)
        for path, column in columns.items():
            self._take_field(path, column.profile(facts.get(path, UNKNOWN), weight))
        self._take_rows(table_of(columns, len(objects)), rows)

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

    def places(self, path: Path) -> int:
        """How many places the field has in what was looked at, there or not: records, or objects that could hold it. A batch of records held
        as Python values doesn't tell of a field that is absent from all of them.
        """
        known, holder = self.fields[path].rows, self.fields.get(path[:-1])
        if len(path) == 1:
            return max(known, self.looked_at)
        return known if holder is None or path[-1] == ITEMS else max(known, holder.tally["objects"])

    def facts(self) -> dict[Path, Declared]:
        """What the schema says of each field."""
        known = declared(self.schema)
        return {path: known.get(path, UNKNOWN) for path in self.fields}

    def _take_rows(self, table: pa.RecordBatch, rows: I64) -> None:
        self.looked_at += len(table)
        self.rows.add(table, rows)

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


def some_rows(table: pa.RecordBatch, rows: I64) -> pa.RecordBatch:
    """These rows of `table`, in order."""
    there = not len(rows) or int(rows[-1]) - int(rows[0]) + 1 == len(rows)
    return table.slice(int(rows[0]) if len(rows) else 0, len(rows)) if there else table.take(of_numpy(rows))


def profile_records(
    records: Sequence[Json], features: Sequence[Mapping[str, str | float | bool | None]], first_row: int, schema: Json
) -> Profile:
    """The profile of records held as Python values: of their fields at any depth where these are what is measured of them, else of
    their `features`.
    """
    found = Profile.unseen(len(records), first_row, schema)
    for rows, weight in looked_at(first_row, len(records)):
        places = rows.tolist()
        take_records(found, [records[place] for place in places], [features[place] for place in places], first_row + rows, weight)
    return found


def take_records(
    profile: Profile, records: Sequence[Json], features: Sequence[Mapping[str, Any]], rows: I64, weight: int
) -> None:
    """Look at these records, which have these numbers, as `profile_records` says; each stands for `weight` of them."""
    wrapped = [record if isinstance(record, dict) else {"value": record} for record in records]
    own = all(record.keys() == told.keys() for record, told in zip(wrapped, features, strict=True))
    profile.take_objects(wrapped if own else features, rows, weight, declared(profile.schema) if own else {})

"""Some of the rows, chosen by a hash of their numbers: the same rows however they come, merged in any order."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth_sdk.core.arrow import of_numpy
from synth_sdk.quality.hashing import I64, U64, of_rows
from synth_sdk.quality.leaves import flat, names
from synth_sdk.quality.thinning import ALL, EVERY, weights

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ROWS = 100_000
MOST_CELLS = 600_000
_WHOLE = 1 - 2.0**-53
_SLACK = 2


@dataclass(slots=True)
class RowSample:
    """Of the rows that are looked at those whose hash is low enough for the highest row number seen: all of few, a share of more.

    Row n is made among at least n + 1 rows, so a batch of late rows gives few at once. What is kept depends on the set of rows
    and of columns alone. A table of many columns is sampled more thinly (`MOST_CELLS`).
    """

    end: int = 0  # one more than the highest row
    names: frozenset[str] = frozenset()
    _parts: list[tuple[I64, pa.RecordBatch]] = field(default_factory=list)

    def add(self, table: pa.RecordBatch, rows: I64) -> None:
        """Rows with their numbers: nested columns as `leaves.flat` takes them apart."""
        if not len(rows):
            return
        self.end = max(self.end, int(rows.max()) + 1)
        self.names |= names(table.schema)
        rows, table = _filtered(rows, table, self.share)
        if len(rows):
            self._keep(rows, flat(table))

    def merge(self, other: "RowSample") -> None:
        self.end = max(self.end, other.end)
        self.names |= other.names
        for rows, table in other._parts:
            self._keep(rows, table)

    @property
    def most(self) -> int:
        """How many rows are kept at most."""
        return min(MOST_ROWS, MOST_CELLS // max(1, len(self.names)))

    @property
    def share(self) -> float:
        """The share of rows that is kept."""
        return _share(self.most, self.end)

    def __len__(self) -> int:
        """How many rows are kept."""
        self._thin()
        return sum(len(rows) for rows, _ in self._parts)

    def table(self, order: "Sequence[str]" = (), most: int = MOST_ROWS) -> pa.Table:
        """The kept rows in the order of their numbers, `most` of them, give or take a few; columns in `order`, then by name."""
        self._thin()
        share = min(self.share, _share(most, self.end))
        parts = [part for part in (_filtered(*each, share) for each in self._parts) if len(part[0])]
        if not parts:
            return pa.table({})
        rows = np.concatenate([rows for rows, _ in parts])
        table = united([pa.Table.from_batches([part]) for _, part in parts])
        if not (rows[1:] > rows[:-1]).all():
            table = table.take(of_numpy(np.argsort(rows, kind="stable")))
        known = [*dict.fromkeys(name for name in order if name in self.names)]  # `a.b` may be two paths
        names = [*known, *sorted(self.names - {*known})]
        there = {*table.column_names}
        columns = [table.column(name) if name in there else pa.chunked_array([pa.nulls(len(table))]) for name in names]
        return pa.table(columns, names=names).combine_chunks()

    def _keep(self, rows: I64, table: pa.RecordBatch) -> None:
        kept = _filtered(rows, table, self.share)
        if len(kept[0]):
            self._parts.append(kept)
            if sum(len(some) for some, _ in self._parts) > _SLACK * self.most:
                self._thin()

    def _thin(self) -> None:
        self._parts = [part for part in (_filtered(*each, self.share) for each in self._parts) if len(part[0])]

    def __getstate__(self) -> Any:
        self._thin()
        return self.end, self.names, self._parts

    def __setstate__(self, state: Any) -> None:
        self.end, self.names, self._parts = state


def _share(most: int, end: int) -> float:
    """So that of `end` rows at most so many are kept, five standard deviations fewer being aimed at; and no more of the rows that are all
    looked at than there can be of the others.
    """
    share = 1.0 if end <= most else max(most / 2, most - 5 * most**0.5) / end
    return share if end <= ALL else min(share, 1 / EVERY)


def low(rows: I64, share: float) -> NDArray[np.bool_]:
    """Which rows have a hash so low that a `share` (below 1) of all is kept: of those that stand for others, more."""
    hashes: U64 = of_rows(rows)
    shares = np.minimum(share * weights(rows), _WHOLE)
    return hashes < (shares * 2.0**64).astype(np.uint64)


def _filtered(rows: I64, table: pa.RecordBatch, share: float) -> tuple[I64, pa.RecordBatch]:
    kept = np.flatnonzero(low(rows, share)) if share < 1 else rows
    return (rows, table) if len(kept) == len(rows) else (rows[kept], table.take(of_numpy(kept)))


def united(tables: "Sequence[pa.Table]") -> pa.Table:
    """One table; a column that is text in one of them and something else in another becomes text in all."""
    kinds: dict[str, set[str]] = {}
    for table in tables:
        for each in table.schema:
            kinds.setdefault(each.name, set()).update(_kind(each.type))
    mixed = {name for name, found in kinds.items() if len(found) > 1}
    return pa.concat_tables([_as_text(table, mixed) for table in tables], promote_options="permissive")


def _kind(type: pa.DataType) -> set[str]:
    if pa.types.is_null(type):
        return set()
    return {"number" if pa.types.is_integer(type) or pa.types.is_floating(type) else str(type)}


def _as_text(table: pa.Table, names: set[str]) -> pa.Table:
    for place, each in enumerate(table.schema):
        if each.name in names:
            table = table.set_column(place, each.name, table.column(place).cast(pa.string()))
    return table

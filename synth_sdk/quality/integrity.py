"""Do the references of a relational set lead somewhere? Keys are held as digests in bounded memory; what is kept merges in any order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from synth_sdk.core.batches import ITEMS
from synth_sdk.quality.declared import UNKNOWN, Path, dotted
from synth_sdk.quality.distinct import Digests
from synth_sdk.quality.fields import FieldProfile, of_column
from synth_sdk.quality.objects import gather
from synth_sdk.quality.tidy import tidy
from synth_sdk.schema.foreign_keys import ForeignKey

MOST_KEYS = 1_000_000  # different ones of a column; of more, the same share of both columns is looked at
ForeignKeys = Mapping[str, Iterable[ForeignKey]]


@dataclass(slots=True)
class Keys:
    """The values of one column: how many there are, how many places hold none, and their digests."""

    digests: Digests = field(default_factory=lambda: Digests(kept=MOST_KEYS))
    values: int = 0
    nulls: int = 0

    def add(self, profile: FieldProfile) -> None:
        self.digests.merge(profile.close.digests)
        self.values += profile.values
        self.nulls += profile.rows - profile.values

    def merge(self, other: "Keys") -> None:
        self.digests.merge(other.digests)
        self.values += other.values
        self.nulls += other.nulls


class Integrity:
    """Gathers the key columns of a set's tables, batch by batch and in any order."""

    def __init__(self, foreign_keys: ForeignKeys) -> None:
        self._links = [
            (child, path_of(key.pointer), key.table, (key.column,)) for child, keys in foreign_keys.items() for key in keys
        ]
        ends = [(child, path) for child, path, _, _ in self._links] + [(parent, column) for _, _, parent, column in self._links]
        self._keys: dict[tuple[str, Path], Keys] = {end: Keys() for end in ends}

    def add(self, table: str, rows: pa.RecordBatch | Sequence[Mapping[str, Any]]) -> None:
        """Take in rows of `table`, as columns or as records."""
        paths = [path for name, path in self._keys if name == table]
        found = _of_columns(rows, paths) if isinstance(rows, pa.RecordBatch) else _of_records(rows, paths)
        for path, profile in found.items():
            self._keys[table, path].add(profile)

    def merge(self, other: "Integrity") -> None:
        """Take in what was gathered of other rows of the same set."""
        for end, keys in other._keys.items():
            self._keys[end].merge(keys)

    def told(self) -> dict[str, Any]:
        """For each foreign key the references, those that lead nowhere, and the parents that nobody refers to."""
        links = [self._link(*link) for link in self._links]
        references, orphans = sum(link["references"] for link in links), sum(link["orphans"] for link in links)
        notes = (
            ["of columns with more than a million different keys a share is looked at"]
            if any(link["estimated"] for link in links)
            else []
        )
        return {"score": tidy(1 - orphans / references) if references else 1.0, "keys": links, "notes": notes}

    def _link(self, child: str, path: Path, parent: str, column: Path) -> dict[str, Any]:
        ours, theirs = self._keys[child, path], self._keys[parent, column]
        (keys, times), (known, _), whole = _side_by_side(ours.digests, theirs.digests)
        there = np.isin(keys, known, assume_unique=True)
        used = np.isin(known, keys, assume_unique=True)
        lost = int(times[~there].sum()) / max(1, int(times.sum()))
        distinct = theirs.digests.estimate(theirs.values)
        return {
            "child": f"{child}.{dotted(path)}",
            "parent": f"{parent}.{dotted(column)}",
            "references": ours.values,
            "nulls": ours.nulls,
            "orphans": round(lost * ours.values),
            "parents": distinct,
            "parents_without_children": round(np.count_nonzero(~used) / max(1, len(known)) * distinct),
            "most_children": int(times[there].max(initial=0)),
            "estimated": not whole,
        }


def referential_integrity(tables: Mapping[str, Any], foreign_keys: ForeignKeys) -> dict[str, Any]:
    """The integrity of a set: each table an Arrow table, record batches, or records; keys as `schema.tables.parse_tables` finds them."""
    found = Integrity(foreign_keys)
    for name, rows in tables.items():
        for batch in _batches(rows):
            found.add(name, batch)
    return found.told()


def path_of(pointer: str) -> Path:
    """The field that a place in a schema describes: /properties/items/items/properties/sku is `items[].sku`."""
    steps, path = iter(pointer.split("/")), []
    for step in steps:
        if step == "properties":
            path.append(next(steps).replace("~1", "/").replace("~0", "~"))
        elif step == "items":
            path.append(ITEMS)
    return tuple(path)


def _side_by_side(ours: Digests, theirs: Digests) -> "tuple[tuple[Any, Any], tuple[Any, Any], bool]":
    """The digests of both up to where both know all, their counts, and whether that is all there are."""
    ours.settle()
    theirs.settle()
    ends = [keys.digests[-1] for keys in (ours, theirs) if keys.full]
    cut = [int(np.searchsorted(keys.digests, min(ends), side="right")) if ends else len(keys.digests) for keys in (ours, theirs)]
    mine, others = ((keys.digests[:end], keys.counts[:end]) for keys, end in zip((ours, theirs), cut, strict=True))
    return mine, others, not ends


def _batches(rows: Any) -> Iterator[Any]:
    """Record batches, or records all at once."""
    if isinstance(rows, pa.Table):
        yield from rows.to_batches()
    elif isinstance(rows, pa.RecordBatch) or (
        isinstance(rows, Sequence) and not isinstance(next(iter(rows), None), pa.RecordBatch)
    ):
        yield rows
    else:
        yield from rows


def _of_columns(batch: pa.RecordBatch, paths: Iterable[Path]) -> dict[Path, FieldProfile]:
    found = {}
    for path in paths:
        if path[0] in batch.schema.names:
            found[path] = of_column(_at(batch.column(path[0]), path[1:]), UNKNOWN)
    return found


def _at(column: pa.Array, path: Path) -> pa.Array:
    for step in path:
        column = column.flatten() if step == ITEMS else column.flatten()[column.type.get_field_index(step)]
    return column


def _of_records(records: Sequence[Mapping[str, Any]], paths: Iterable[Path]) -> dict[Path, FieldProfile]:
    columns = gather(records)
    return {path: columns[path].profile(UNKNOWN) for path in paths if path in columns}

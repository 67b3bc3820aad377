"""The fields of records held as Python values: what stands at each path, and the records as a table of scalars."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from synth_sdk.core.arrow import of_values
from synth_sdk.core.batches import ITEMS
from synth_sdk.core.models import Json
from synth_sdk.quality.declared import Declared, Path, dotted
from synth_sdk.quality.fields import FieldProfile, encodable
from synth_sdk.quality.leaves import LONGEST
from synth_sdk.schema.layout.json_text import to_text

_DEEPEST = 16


@dataclass(slots=True)
class Values:
    """What stands at one path, and in which rows; `places`: how often something could. Items of lists have no row."""

    values: list[Json] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    places: int = 0

    @property
    def objects(self) -> bool:
        """Nothing but objects stands here."""
        kinds = set(map(type, self.values)) - {type(None)}
        return kinds == {dict}

    def profile(self, declared: Declared, weight: int = 1) -> FieldProfile:
        """The profile of the field. What is absent isn't counted; it is a misfit where it has to be there."""
        found = FieldProfile(max(self.places, len(self.values)), weight)
        found.add_values(self.values, declared)
        if declared.types and declared.required:
            found.tally["misfits"] += found.rows - len(self.values)
        return found


def gather(objects: Sequence[Mapping[str, Json]]) -> dict[Path, Values]:
    """The values at each path, in the order in which paths first occur."""
    found: dict[Path, Values] = {}
    for row, one in enumerate(objects):
        _take_members((), one, row, found)
    parents = {(): len(objects)} | {path: sum(isinstance(one, dict) for one in told.values) for path, told in found.items()}
    for path, told in found.items():
        told.places = parents.get(path[:-1], 0)
    return found


def _take_members(path: Path, members: Mapping[str, Json], row: int, found: dict[Path, Values]) -> None:
    for name, value in members.items():
        _take((*path, name), value, row, found)


def _take(path: Path, value: Json, row: int, found: dict[Path, Values]) -> None:
    told = found.setdefault(path, Values())
    told.values.append(value)
    told.rows.append(row)
    if len(path) >= _DEEPEST:
        return
    if isinstance(value, dict):
        _take_members(path, value, row, found)
    elif isinstance(value, list):
        for item in value:
            _take((*path, ITEMS), item, row, found)


def table_of(columns: Mapping[Path, Values], count: int) -> pa.RecordBatch:
    """The scalars of each record under dotted names, lists as their lengths, texts cut when long; as `leaves.flat` has them."""
    arrays: dict[str, pa.Array] = {}
    for path, told in columns.items():
        if ITEMS not in path and not told.objects:
            arrays.setdefault(dotted(path), _array(told, count))
    return pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))


def _array(told: Values, count: int) -> pa.Array:
    cells: list[Json] = [None] * count
    for row, value in zip(told.rows, told.values, strict=True):
        cells[row] = len(value) if isinstance(value, list) else None if _is_nan(value) else value
    kinds = {type(cell) for cell in cells if cell is not None}
    if not kinds:
        return pa.nulls(count)
    if kinds == {bool}:
        return of_values(cells, pa.bool_())
    if kinds == {int} and all(-(2**63) <= cell < 2**63 for cell in cells if cell is not None):
        return of_values(cells, pa.int64())
    if kinds <= {int, float} and all(abs(cell) < 2**1000 for cell in cells if cell is not None):
        return of_values([None if cell is None else float(cell) for cell in cells], pa.float64())
    return of_values([None if cell is None else _text(cell) for cell in cells], pa.string())


def _is_nan(value: Json) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _text(cell: Json) -> str:
    return encodable(cell if isinstance(cell, str) else to_text(cell))[:LONGEST]

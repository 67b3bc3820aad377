"""The texts of records held as columns: a field at a time, each different value once."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth_sdk.compliance.scanning.leaves import TOLD_BY_SIZE, Leaf, leaves_of, path_of, under, words
from synth_sdk.core.arrow import of_numpy, text_scalar, to_mask, to_numbers
from synth_sdk.core.batches import ITEMS

if TYPE_CHECKING:
    from numpy.typing import NDArray

Steps = tuple[str, ...]
_SILENT = (pa.types.is_null, pa.types.is_boolean, pa.types.is_floating)  # tell nothing of people


@dataclass(frozen=True, slots=True)
class Field:
    """The texts, or whole numbers, at the end of `steps`: which are there, and in which rows each stands."""

    steps: Steps
    name: str
    values: pa.StringArray
    places: "NDArray[np.int32]"
    rows: "NDArray[np.int64]"
    whole: bool

    @property
    def path(self) -> str:
        """The steps with dots between names."""
        return path_of(self.steps)

    @property
    def said(self) -> pa.StringArray:
        """Each value behind the field's name, as a `Leaf` says it."""
        return pc.binary_join_element_wise(text_scalar(f"{self.name}: "), self.values, text_scalar(""))

    def leaf(self, row: int, place: int) -> Leaf:
        """The value at `place` as it stands in `row`."""
        text = self.values[place].as_py()
        return Leaf(row, self.steps, self.name, None, 0, int(text) if self.whole else text)

    def standing(self, wanted: Collection[int]) -> Iterator[tuple[int, int]]:
        """Each time that one of the `wanted` values stands in a row: its place, and the row."""
        here = np.flatnonzero(np.isin(self.places, np.array([*wanted], np.int32))) if wanted else ()
        return ((int(self.places[one]), int(self.rows[one])) for one in here)


def columns_of(table: pa.RecordBatch, rows: "NDArray[np.int64]", exempt: frozenset[str]) -> tuple[list[Field], list[Leaf]]:
    """The fields of those rows but what is at or within the paths `exempt`; of columns of JSON text, the leaves."""
    some = table if len(rows) == len(table) else table.take(of_numpy(rows))
    found = [
        one
        for name, column in zip(some.schema.names, some.columns, strict=True)
        for one in _fields(column, (name,), words(name), rows)
        if not (exempt and under(one.path, exempt))
    ]
    return [one for one in found if isinstance(one, Field)], [one for one in found if isinstance(one, Leaf)]


def _fields(column: pa.Array, steps: Steps, name: str, rows: "NDArray[np.int64]") -> Iterator[Field | Leaf]:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_struct(kind):
        for field, inner in zip(kind, column.flatten(), strict=True):
            yield from _fields(inner, (*steps, field.name), words(field.name), rows)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        counts = to_numbers(
            pc.fill_null(pc.list_value_length(column), 0)
        )  # a null list may still have items beneath: flattened it has none
        yield from _fields(column.flatten(), (*steps, ITEMS), name, np.repeat(rows, counts))
    elif isinstance(kind, pa.JsonType):
        yield from _leaves(column.storage, steps, name, rows)
    elif not any(is_silent(kind) for is_silent in _SILENT):
        yield _field(column, steps, name, rows)


def _field(column: pa.Array, steps: Steps, name: str, rows: "NDArray[np.int64]") -> Field:
    whole = pa.types.is_integer(column.type)
    there = column.is_valid()
    if whole and not name:
        there = pc.fill_null(pc.greater_equal(pc.abs(column.cast(pa.float64())), TOLD_BY_SIZE), False)
    if pc.any(pc.invert(there)).as_py():
        column, rows = column.filter(there), rows[to_mask(there)]
    found = column.dictionary_encode()
    return Field(steps, name, found.dictionary.cast(pa.string()), to_numbers(found.indices), rows, whole)


def _leaves(texts: pa.Array, steps: Steps, name: str, rows: "NDArray[np.int64]") -> Iterator[Leaf]:
    for row, text in zip(rows.tolist(), texts.to_pylist(), strict=True):
        if text is not None:
            yield from leaves_of([json.loads(text)], row, steps, name)

"""The fields of a batch of columns: nested objects and lists taken apart, each field a column by its path."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth_sdk.core.arrow import to_mask, to_numbers
from synth_sdk.core.batches import ITEMS
from synth_sdk.quality.declared import UNKNOWN, Declared, Path, dotted
from synth_sdk.quality.fields import FieldProfile, of_column
from synth_sdk.quality.hashing import I64

LONGEST = 200  # characters of a text in a sample; the rest is cut


def profiles(table: pa.RecordBatch, declared: Mapping[Path, Declared], weight: int) -> Iterator[tuple[Path, FieldProfile]]:
    """The profile of each field of `table`, at any depth, spread as `weight` times as many records would be."""
    for name, column in zip(table.schema.names, table.columns, strict=True):
        yield from _profiles((name,), column, len(column), declared, weight)


def _profiles(
    path: Path, column: pa.Array, rows: int, declared: Mapping[Path, Declared], weight: int
) -> Iterator[tuple[Path, FieldProfile]]:
    facts = declared.get(path, UNKNOWN)
    if pa.types.is_struct(column.type):
        yield path, _of_sizes("dict", _members(path, column, declared), rows, facts, weight)
        for place, inner in enumerate(column.flatten()):
            step = column.type.field(place).name
            yield from _profiles((*path, step), inner, len(column) - column.null_count, declared, weight)
    elif _is_list(column.type):
        yield path, _of_sizes("list", _lengths(column.drop_null()), rows, facts, weight)
        items = column.flatten()
        yield from _profiles((*path, ITEMS), items, len(items), declared, weight)
    else:
        yield path, of_column(column, facts, rows, weight)


def _of_sizes(kind: str, sizes: I64, rows: int, facts: Declared, weight: int) -> FieldProfile:
    found = FieldProfile(rows, weight)
    found.add_missing(rows - len(sizes), facts)
    found.add_sizes(kind, sizes, facts)
    return found


def _members(path: Path, column: pa.StructArray, declared: Mapping[Path, Declared]) -> I64:
    """How many members each object has: those that have to be there, and those that aren't null."""
    sizes = np.zeros(len(column), np.int64)
    for place, inner in enumerate(column.flatten()):
        facts = declared.get((*path, column.type.field(place).name), UNKNOWN)
        sizes += 1 if facts.required or not inner.null_count else to_mask(inner.is_valid())
    return sizes if not column.null_count else sizes[to_mask(column.is_valid())]


def flat(table: pa.RecordBatch) -> pa.RecordBatch:
    """The fields of the records themselves: members of objects under dotted names, lists as their lengths, texts cut when long."""
    arrays: dict[str, pa.Array] = {}
    for name, column in zip(table.schema.names, table.columns, strict=True):
        for path, array in _flat((name,), column):
            arrays.setdefault(dotted(path), array)
    return pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))


def _flat(path: Path, column: pa.Array) -> Iterator[tuple[Path, pa.Array]]:
    if pa.types.is_struct(column.type):
        for place, inner in enumerate(column.flatten()):
            yield from _flat((*path, column.type.field(place).name), inner)
    elif _is_list(column.type):
        yield path, pc.list_value_length(column).cast(pa.int64())
    elif isinstance(column, pa.ExtensionArray):
        yield path, _cut(column.storage)
    elif pa.types.is_dictionary(column.type) or pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type):
        yield path, _cut(column.cast(pa.string()))
    else:
        yield path, _cut(column) if pa.types.is_string(column.type) else column


@lru_cache(maxsize=64)
def names(schema: pa.Schema) -> frozenset[str]:
    """The names of the columns that `flat` makes."""
    return frozenset(flat(pa.RecordBatch.from_arrays([pa.nulls(0, each.type) for each in schema], schema=schema)).schema.names)


def _cut(texts: pa.StringArray) -> pa.StringArray:
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    return pc.utf8_slice_codeunits(texts, 0, LONGEST) if longest > LONGEST else texts


def _is_list(type: pa.DataType) -> bool:
    return bool(pa.types.is_list(type) or pa.types.is_large_list(type))


def _lengths(lists: pa.Array) -> I64:
    return to_numbers(pc.list_value_length(lists)).astype(np.int64)

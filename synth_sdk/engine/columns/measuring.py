"""Measures of a batch of columns: what `core.measures` would count record by record."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from synth_sdk.core.measures import FieldMeasure, Measures, exact_total, feature_of
from synth_sdk.engine.columns.lanes import I64, U64, Mask, mix
from synth_sdk.engine.columns.pools import Block
from synth_sdk.engine.columns.values import (
    Bank,
    Choice,
    Column,
    Decimal,
    Either,
    Fixed,
    Items,
    Nullable,
    Struct,
    Text,
    Values,
    Whole,
)

_MOST_VALUES = 1000  # different texts of a field that are told of
_FIRST = 1536  # rows that mostly show whether there are more


def measure(root: Column, block: Block, count: int) -> Measures:
    """The measures of the records that `root` holds."""
    members = root.members if isinstance(root, Struct) else []
    fields = {member.name: _field(member.column, block, member.shown) for member in members}
    if not isinstance(root, Struct):
        fields = {"value": _field(root, block, None)}
    return Measures.of_columns(count, mix(root.digest()), fields)


def _field(column: Column, block: Block, shown: Mask | None) -> FieldMeasure:
    """Of the rows where the property is `shown` (None: all)."""
    match column:
        case Nullable(inner, null):
            there = ~null if shown is None else shown & ~null
            found = _field(inner, block, there)
            nulls = int(np.count_nonzero(null if shown is None else shown & null))
            found.count += nulls
            found.nulls += nulls
            return found
        case Either(where, first, second):
            found = _field(first, block, where if shown is None else where & shown)
            found.merge(_field(second, block, ~where if shown is None else ~where & shown))
            return found
        case Whole(values):
            return _of_numbers(values if shown is None else values[shown])
        case Decimal():
            numbers = column.numbers()
            return _of_numbers(numbers if shown is None else numbers[shown])
        case Choice(places, bank):
            return _of_choice(places if shown is None else places[shown], bank)
        case Struct(members, count):
            sizes = sum(
                (np.ones(count, np.int64) if one.shown is None else one.shown.astype(np.int64) for one in members),
                np.zeros(count, np.int64),
            )
            return _of_sizes("dict", sizes if shown is None else sizes[shown])
        case Items(counts):
            return _of_sizes("list", counts if shown is None else counts[shown])
        case Text() | Fixed():
            return _of_texts(column, block, shown)
        case Values(values):
            found = FieldMeasure()
            for place in range(len(values)) if shown is None else np.flatnonzero(shown).tolist():
                found.add(feature_of(values[place]))
            return found
    raise TypeError(f"no measure for {type(column).__name__}")


def _of_numbers(values: np.ndarray) -> FieldMeasure:
    if not len(values):
        return FieldMeasure()
    return FieldMeasure.of_numbers(len(values), 0, len(values), exact_total(values), values.min().item(), values.max().item())


def _of_choice(places: I64, bank: Bank) -> FieldMeasure:
    found = FieldMeasure()
    for place, times in enumerate(np.bincount(places).tolist() if len(places) else ()):
        if times:
            one = FieldMeasure()
            one.add(feature_of(bank.values[place]))
            found.merge(_times(one, times))
    return found


def _times(one: FieldMeasure, times: int) -> FieldMeasure:
    """What `times` such measures make."""
    values = Counter({value: count * times for value, count in one.values.items()})
    return FieldMeasure(one.count * times, one.nulls * times, one.numbers * times, one.total * times, one.low, one.high, values)


def _of_sizes(kind: str, sizes: I64) -> FieldMeasure:
    counts = np.bincount(sizes).tolist() if len(sizes) else []
    return FieldMeasure.of_values(
        len(sizes), 0, Counter({f"{kind} of {size}": times for size, times in enumerate(counts) if times})
    )


def _of_texts(column: Text | Fixed, block: Block, shown: Mask | None) -> FieldMeasure:
    rows = np.arange(len(column)) if shown is None else np.flatnonzero(shown)
    if _distinct(column.some(rows[:_FIRST]).digest()) > _MOST_VALUES:
        return FieldMeasure(len(rows), overflowed=True)
    first, counts = _different(column, rows)
    if len(first) > _MOST_VALUES:
        return FieldMeasure(len(rows), overflowed=True)
    values: Counter[str] = Counter()
    for text, times in zip(column.some(first).arrow(block).to_pylist(), counts.tolist(), strict=True):
        values[text] += times
    return FieldMeasure.of_values(len(rows), 0, values)


def _distinct(digests: U64) -> int:
    ordered = np.sort(digests)
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + 1 if len(ordered) else 0


def _different(column: Text | Fixed, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], I64]:
    """Rows with different texts, and how often each text occurs."""
    lanes = [lane for lane in column.lanes if not isinstance(lane, int)] if isinstance(column, Text) else []
    if len(lanes) != 1:
        _, first, counts = np.unique(column.digest()[rows], return_index=True, return_counts=True)
        return rows[first], counts
    places = lanes[0][rows]  # one piece says it all: count its positions
    base = int(places.min()) if len(places) else 0
    counts = np.bincount(places - base)
    last = np.zeros(len(counts), np.intp)
    last[places - base] = rows
    used = np.flatnonzero(counts)
    return last[used], counts[used]

"""Columns with other values in one field: each different value is changed once, the other columns stay as they are."""

import json
from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
import pyarrow as pa

from synth_sdk.core.arrow import of_numpy, to_numbers
from synth_sdk.core.batches import ITEMS, Change
from synth_sdk.core.models import Json
from synth_sdk.engine.columns.lanes import I64, Mask
from synth_sdk.engine.columns.pools import Block, Pool
from synth_sdk.engine.columns.values import (
    Column,
    Either,
    Fixed,
    Items,
    Member,
    Nullable,
    Struct,
    Text,
    Values,
    Whole,
    nulled,
    write,
)

_LARGEST = 1 << 63
_PLAIN = (pa.types.is_string, pa.types.is_floating, pa.types.is_boolean)


class Mixed(Values):
    """Values of no one type: JSON text, where nulls are null as they are in columns that are laid out from records."""

    def arrow(self, block: Block) -> pa.Array:
        return nulled(super().arrow(block), np.array([value is None for value in self.values], np.bool_))


def mapped(column: Column, steps: Sequence[str], change: Change, block: Block, rows: Mask) -> Column:
    """`column` with `change` done, in `rows`, to what stands at `steps`: names of properties, and `[]` for the items of a list.

    Nulls, and what is absent, stay; a field that is not there is no fault. Where a value has to be taken whole, `change` is told the
    steps that are left.
    """
    if not rows.any():
        return column
    match column:
        case Nullable(inner, null):
            return Nullable(mapped(inner, steps, change, block, rows & ~null), null)
        case Either(where, first, second) if steps:
            one = mapped(first, steps, change, block, rows & where)
            return Either(where, one, mapped(second, steps, change, block, rows & ~where))
        case Struct(members, count) if steps:
            return Struct([_member(member, steps, change, block, rows) for member in members], count)
        case Items(counts, inner) if steps:
            items = mapped(inner, steps[1:], change, block, np.repeat(rows, counts)) if steps[0] == ITEMS else inner
            return Items(counts, items)
    return _changed(column, lambda value: value if value is None else change(value, steps), block, rows)


def _member(member: Member, steps: Sequence[str], change: Change, block: Block, rows: Mask) -> Member:
    if member.name != steps[0]:
        return member
    there = rows if member.shown is None else rows & member.shown
    return Member(member.name, mapped(member.column, steps[1:], change, block, there), member.shown)


def _changed(column: Column, change: Callable[[Json], Json], block: Block, rows: Mask) -> Column:
    """Whatever the column is made of: its values in `rows` are read, changed and held anew."""
    texts, read = _texts(column, block, len(rows))
    found = texts.filter(of_numpy(rows)).dictionary_encode()
    made = [change(read(text)) for text in found.dictionary.to_pylist()]
    places = np.zeros(len(rows), np.int64)
    places[rows] = to_numbers(found.indices)
    if all(value is None for value in made):
        return Nullable(column, rows)
    new = _column(made, places, _type(column, block), block)
    if rows.all():
        return new or Mixed([made[place] for place in places.tolist()])
    if new is not None:
        return Either(rows, new, column)
    listed = zip(rows.tolist(), places.tolist(), texts.to_pylist(), strict=True)
    return Mixed([made[place] if here else read(text) for here, place, text in listed])


def _texts(column: Column, block: Block, count: int) -> tuple[pa.StringArray, Callable[[str], Json]]:
    """The values as texts, and how to read one: texts as they are, the rest as JSON."""
    if isinstance(column, Text | Fixed):
        return column.arrow(block), str
    return write(column.json(block), block, count), json.loads


def _type(column: Column, block: Block) -> pa.DataType:
    return pa.string() if isinstance(column, Text | Fixed) else column.arrow(block).type


def _column(values: Sequence[Json], places: I64, type: pa.DataType, block: Block) -> Column | None:
    """A column of `values` at `places` whose arrow array is of `type`; None where they aren't, or where it is no plain one."""
    if pa.types.is_string(type) and all(isinstance(value, str) for value in values):
        return _text_column(cast(Sequence[str], values), places, block)
    if pa.types.is_int64(type) and all(_is_whole(value) for value in values):
        return Whole(np.array(values, np.int64)[places])
    if not any(is_plain(type) for is_plain in _PLAIN):
        return None
    listed = [values[place] for place in places.tolist()]
    try:
        pa.array(listed, type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return None
    return Values(listed, type)


def _text_column(values: Sequence[str], places: I64, block: Block) -> Text:
    pool = Pool(values)
    lane = (places + block.own(pool)).astype(np.int32)
    return Text([lane], len(places), pool.raw.take(of_numpy(places)))


def _is_whole(value: Json) -> bool:
    """Is it a whole number that arrow holds?"""
    return type(value) is int and -_LARGEST <= value < _LARGEST

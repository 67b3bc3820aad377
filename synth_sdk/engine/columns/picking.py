"""Some rows of a column: what is asked of a few records need not be laid out for all."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_sdk.engine.columns.times import Moments
from synth_sdk.engine.columns.values import (
    Choice,
    Column,
    Decimal,
    Either,
    Fixed,
    Items,
    Member,
    Nullable,
    Struct,
    Text,
    Values,
    Whole,
)

Rows = NDArray[np.intp]
_KNOWN = (Text, Moments, Fixed, Whole, Decimal, Choice, Nullable, Either, Struct, Items, Values)


def can_pick(column: Column) -> bool:
    """Whether `picked` knows the column, and all columns that it is made of."""
    return type(column) in _KNOWN and all(map(can_pick, _inner(column)))


def picked(column: Any, rows: Rows) -> Any:
    """The column of these rows, in order; it reads as the same rows of `column` do."""
    match column:
        case Text() | Fixed():
            return column.some(rows)
        case Whole(values):
            return Whole(values[rows])
        case Decimal(scaled, places):
            return Decimal(scaled[rows], places)
        case Choice(places, bank):
            return Choice(places[rows], bank)
        case Nullable(inner, null):
            return Nullable(picked(inner, rows), null[rows])
        case Either(where, first, second):
            return Either(where[rows], picked(first, rows), picked(second, rows))
        case Struct(members, _):
            return Struct([_member(member, rows) for member in members], len(rows))
        case Items(counts, inner):
            return Items(counts[rows], picked(inner, _items(column, rows)))
        case Values(values, kind):
            return Values([values[row] for row in rows.tolist()], kind)
    raise TypeError(f"no rows can be picked of {type(column).__name__}")


def _inner(column: Column) -> list[Column]:
    match column:
        case Nullable(inner, _) | Items(_, inner):
            return [inner]
        case Either(_, first, second):
            return [first, second]
        case Struct(members, _):
            return [member.column for member in members]
    return []


def _member(member: Member, rows: Rows) -> Member:
    return Member(member.name, picked(member.column, rows), None if member.shown is None else member.shown[rows])


def _items(lists: Items, rows: Rows) -> Rows:
    """The places of the items of these rows' lists."""
    counts, starts = lists.counts[rows], lists.bounds[:-1][rows]
    before = np.concatenate([[0], np.cumsum(counts)])
    return np.repeat(starts - before[:-1], counts) + np.arange(int(before[-1]))

"""A column of objects of several kinds: each row has the properties of its own kind only."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth_sdk.core.arrow import of_numpy
from synth_sdk.engine.columns.lanes import U64, Mask
from synth_sdk.engine.columns.pools import Block, Piece, Pool
from synth_sdk.engine.columns.values import Column, Member, Struct, Text, write


@dataclass(slots=True, eq=False)
class Case:
    """The objects of one kind: at which rows they stand."""

    rows: NDArray[np.intp]
    objects: Struct


@dataclass(slots=True, eq=False)
class Cases(Struct):
    """`cases` together have every row once. Its `members` only tell which properties are there."""

    cases: Sequence[Case] = ()
    order: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp))

    @classmethod
    def of(cls, cases: Sequence[Case], names: Sequence[str], count: int) -> "Cases":
        """`names` are all properties of all kinds, in order."""
        order = np.empty(count, np.intp)
        order[np.concatenate([case.rows for case in cases]) if cases else []] = np.arange(count)
        members = [Member(name, Struct([], count), _shown(name, cases, count)) for name in names]
        return cls(members, count, cases, order)

    def json(self, block: Block) -> list[Piece]:
        if not self.cases:
            return ["{}"]
        parts = [write(case.objects.json(block), block, len(case.rows)) for case in self.cases]
        made = pa.concat_arrays(parts).take(of_numpy(self.order))
        return Text.of(Pool.of_ascii(made), block).bare(block)  # JSON already: nothing left to escape

    def arrays(self, block: Block) -> dict[str, pa.Array]:
        return {member.name: self._array(member.name, block) for member in self.members}

    def digest(self) -> U64:
        total = np.zeros(self.count, np.uint64)
        for case in self.cases:
            total[case.rows] = case.objects.digest()
        return total

    def _array(self, name: str, block: Block) -> pa.Array:
        arrays = [_member_array(case, name, block) for case in self.cases]
        kind = _common([array.type for array in arrays if array is not None])
        parts = [
            pa.nulls(len(case.rows), kind) if array is None else array.cast(kind)
            for case, array in zip(self.cases, arrays, strict=True)
        ]
        return pa.concat_arrays(parts).take(of_numpy(self.order)) if parts else pa.nulls(0)


def _member_array(case: Case, name: str, block: Block) -> pa.Array | None:
    return Struct([member for member in case.objects.members if member.name == name], len(case.rows)).arrays(block).get(name)


def _common(kinds: Sequence[pa.DataType]) -> pa.DataType:
    """Whole numbers beside others are doubles."""
    known = list(dict.fromkeys(kinds))
    return pa.float64() if len(known) > 1 and pa.float64() in known else known[0] if known else pa.null()


def _shown(name: str, cases: Sequence[Case], count: int) -> Mask:
    shown = np.zeros(count, np.bool_)
    for case in cases:
        for member in case.objects.members:
            if member.name == name:
                shown[case.rows] = True if member.shown is None else member.shown
    return shown


def numeric(column: Column) -> tuple[NDArray[np.int64], int] | None:
    """The numbers of a column as whole multiples of 10**-places, null as 0; None if they aren't numbers."""
    from synth_sdk.engine.columns.values import Choice, Decimal, Either, Nullable, Whole

    match column:
        case Whole(values):
            return values, 0
        case Decimal(scaled, places):
            return scaled, places
        case Nullable(inner, null):
            found = numeric(inner)
            return found and (np.where(null, 0, found[0]), found[1])
        case Either(where, first, second):
            one, other = numeric(first), numeric(second)
            if one is None or other is None:
                return None
            places = max(one[1], other[1])
            return np.where(where, scaled_to(one, places), scaled_to(other, places)), places
        case Choice(at, bank):
            return _of_bank(at, bank.values)
    return None


def scaled_to(numbers: tuple[NDArray[np.int64], int], places: int) -> NDArray[np.int64]:
    """`numbers` in multiples of 10**-places."""
    return numbers[0] * np.int64(10 ** (places - numbers[1]))


def _of_bank(at: NDArray[np.int64], values: Sequence[object]) -> tuple[NDArray[np.int64], int] | None:
    from decimal import Decimal as Exact

    if not all(isinstance(value, int | float) for value in values):
        return None
    exact = [Exact(repr(value)) for value in values]
    places = max(0, *(-int(value.as_tuple().exponent) for value in exact))
    return np.array([int(value.scaleb(places)) for value in exact], np.int64)[at], places

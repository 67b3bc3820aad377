"""Columns of drawn values: what a block of rows holds for one field, and how it becomes JSON, an arrow array and a digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth_sdk.core.arrow import null_scalar, of_numpy, of_texts, to_mask, to_numbers
from synth_sdk.core.models import Json
from synth_sdk.engine.columns.digests import FACTOR, factor, hash_codes, hash_texts, sums_between
from synth_sdk.engine.columns.digits import digits, fraction
from synth_sdk.engine.columns.lanes import I64, U64, Mask, mix
from synth_sdk.engine.columns.pools import Block, Lane, Piece, Pool, fixed_width, spans
from synth_sdk.schema.layout.json_text import one_line, to_text


class Column(Protocol):
    """The values of one field for a block of rows."""

    def json(self, block: Block) -> list[Piece]:
        """The pieces that, one behind the other, are the value as compact JSON."""

    def arrow(self, block: Block) -> pa.Array: ...

    def digest(self) -> U64:
        """64 bits for each row that tell different values apart."""


def masked(pieces: list[Piece], shown: Mask, block: Block) -> list[Piece]:
    """`pieces` where `shown`, nothing elsewhere."""
    places = (block.structure(piece) if isinstance(piece, str) else piece for piece in pieces)
    return [np.where(shown, place, 0).astype(np.int32, copy=False) for place in places]


def joined(pieces: list[Piece]) -> list[Piece]:
    """The same with neighbouring constants as one."""
    result: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and result and isinstance(result[-1], str):
            result[-1] += piece
        elif not isinstance(piece, str) or piece:
            result.append(piece)
    return result


def write(pieces: list[Piece], block: Block, count: int) -> pa.StringArray:
    """The finished text of each row."""
    return block.gather(_lanes(pieces, block, count), count, for_json=True)


def write_bytes(pieces: list[Piece], block: Block, count: int) -> bytes:
    """The finished texts of all rows, one behind the other."""
    return b"".join(_data(run) for run in block.runs(_lanes(pieces, block, count), count, for_json=True))


def _lanes(pieces: list[Piece], block: Block, count: int) -> list[Lane]:
    lanes: list[Lane] = [block.structure(piece) if isinstance(piece, str) else piece for piece in joined(pieces)]
    return lanes if any(not isinstance(lane, int) for lane in lanes) else [*lanes, np.zeros(count, np.int32)]


def _data(texts: pa.StringArray) -> memoryview:
    _, bounds, data = texts.buffers()
    ends = np.frombuffer(bounds, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return memoryview(data)[int(ends[0]) : int(ends[-1])]


@dataclass(slots=True, eq=False)
class Text:
    """Text in pieces. `made`: the finished texts, where a block has made them itself (then there is one lane)."""

    lanes: list[Lane]
    count: int
    made: pa.StringArray | None = None

    def __len__(self) -> int:
        return self.count

    @classmethod
    def of(cls, texts: Pool, block: Block) -> "Text":
        """Texts made for each row of the block."""
        base = block.own(texts)
        return cls([np.arange(base, base + len(texts), dtype=np.int32)], len(texts), texts.raw)

    def json(self, block: Block) -> list[Piece]:
        return ['"', *self.bare(block), '"']

    def bare(self, block: Block) -> list[Piece]:
        """The pieces without quotes."""
        return [np.full(self.count, lane, np.int32) if isinstance(lane, int) else lane for lane in self.lanes]

    def some(self, rows: NDArray[np.intp]) -> "Text":
        """The texts of those rows."""
        lanes: list[Lane] = [lane if isinstance(lane, int) else lane[rows] for lane in self.lanes]
        return Text(lanes, len(rows), None if self.made is None else self.made.take(of_numpy(rows)))

    def arrow(self, block: Block) -> pa.Array:
        return self.made if self.made is not None else block.gather(self.lanes, self.count, for_json=False)

    def digest(self) -> U64:
        if self.made is not None:
            return hash_texts(self.made)
        total = np.zeros(self.count, np.uint64)
        for place, lane in enumerate(self.lanes):
            if not isinstance(lane, int):
                total += lane.astype(np.uint64) * factor(place)
        return total


@dataclass(slots=True, eq=False)
class Fixed:
    """ASCII text of the same width in all rows, as a matrix of character codes; nothing in it needs an escape."""

    codes: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.codes)

    def some(self, rows: NDArray[np.intp]) -> "Fixed":
        """The texts of those rows."""
        return Fixed(self.codes[rows])

    def json(self, block: Block) -> list[Piece]:
        return ['"', *Text.of(Pool.of_ascii(fixed_width(self.codes)), block).bare(block), '"']

    def arrow(self, block: Block) -> pa.Array:
        return fixed_width(self.codes)

    def digest(self) -> U64:
        return hash_codes(self.codes)


@dataclass(slots=True, eq=False)
class Whole:
    """Whole numbers."""

    values: I64

    def json(self, block: Block) -> list[Piece]:
        return digits(self.values, block)

    def arrow(self, block: Block) -> pa.Array:
        return of_numpy(self.values)

    def digest(self) -> U64:
        return self.values.astype(np.uint64)


@dataclass(slots=True, eq=False)
class Decimal:
    """Numbers with `places` decimals, held as whole multiples of 10**-places; |scaled| is at most 2**53, so that the quotient is
    the double nearest to the decimal number.
    """

    scaled: I64
    places: int

    def json(self, block: Block) -> list[Piece]:
        whole, rest = np.divmod(np.abs(self.scaled), 10**self.places)
        pieces: list[Piece] = [*digits(whole, block), *fraction(rest, self.places, block)]
        if (self.scaled < 0).any():
            pieces.insert(0, np.where(self.scaled < 0, block.structure("-"), 0).astype(np.int32))
        return pieces

    def arrow(self, block: Block) -> pa.Array:
        return of_numpy(self.numbers())

    def numbers(self) -> NDArray[np.float64]:
        """As doubles."""
        return self.scaled / 10.0**self.places

    def digest(self) -> U64:
        return self.scaled.astype(np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Fixed values, also as an arrow array; `base` is where the JSON text of the first stands in the table."""

    values: Sequence[Json]
    array: pa.Array
    base: int

    def __len__(self) -> int:
        return len(self.values)


@dataclass(slots=True, eq=False)
class Choice:
    """One of a few values."""

    places: I64
    bank: Bank

    def json(self, block: Block) -> list[Piece]:
        return [(self.places + self.bank.base).astype(np.int32)]

    def arrow(self, block: Block) -> pa.Array:
        return pc.take(self.bank.array, of_numpy(self.places))

    def digest(self) -> U64:
        return self.places.astype(np.uint64)


@dataclass(slots=True, eq=False)
class Nullable:
    """`column`, but null in some rows."""

    column: Column
    null: Mask

    def json(self, block: Block) -> list[Piece]:
        inner = joined(self.column.json(block))
        first, rest = (inner[0], inner[1:]) if isinstance(inner[0], str) else ("", inner)
        opening = np.where(self.null, block.structure("null"), block.structure(str(first)) if first else 0).astype(np.int32)
        return [opening, *masked(rest, ~self.null, block)]

    def arrow(self, block: Block) -> pa.Array:
        return nulled(self.column.arrow(block), self.null)

    def digest(self) -> U64:
        return np.where(self.null, np.uint64(0x6E756C6C), self.column.digest())


@dataclass(slots=True, eq=False)
class Either:
    """`first` in some rows, `second` in the others; both hold values of one type."""

    where: Mask
    first: Column
    second: Column

    def json(self, block: Block) -> list[Piece]:
        return [*masked(self.first.json(block), self.where, block), *masked(self.second.json(block), ~self.where, block)]

    def arrow(self, block: Block) -> pa.Array:
        second = self.second.arrow(block)
        return pc.if_else(of_numpy(self.where), self.first.arrow(block).cast(second.type), second)

    def digest(self) -> U64:
        return np.where(self.where, ~self.first.digest(), self.second.digest())


@dataclass(slots=True, eq=False)
class Member:
    """One property of an object; `shown`: in which rows it is there at all (None: in all)."""

    name: str
    column: Column
    shown: Mask | None = None


@dataclass(slots=True, eq=False)
class Struct:
    """Objects."""

    members: list[Member]
    count: int

    def json(self, block: Block) -> list[Piece]:
        pieces: list[Piece] = ["{"]
        begun: bool | Mask = False
        for member in self.members:
            key = f"{one_line(to_text(member.name))}:"
            value = member.column.json(block)
            if member.shown is None:
                pieces += [_comma(begun, key, block), *value]
                begun = True
                continue
            pieces += masked([_comma(begun, key, block), *value], member.shown, block)
            begun = begun if begun is True else member.shown | begun
        return [*pieces, "}"]

    def arrow(self, block: Block) -> pa.Array:
        arrays = self.arrays(block)
        if not arrays:
            return pa.array([{}] * self.count, pa.struct([]))
        return pa.StructArray.from_arrays(list(arrays.values()), names=list(arrays))

    def arrays(self, block: Block) -> dict[str, pa.Array]:
        """An arrow array for each property; what is absent is null."""
        return {member.name: _shown(member, block) for member in self.members}

    def digest(self) -> U64:
        total = np.full(self.count, 1, np.uint64)
        for member in self.members:
            own = member.column.digest() + np.uint64(1)
            total *= FACTOR
            total += own if member.shown is None else np.where(member.shown, own, np.uint64(0))
        return mix(total)


@dataclass(slots=True, eq=False)
class Items:
    """Lists: `counts` items in each row, the items of all rows one behind the other in `column`."""

    counts: I64
    column: Column

    @property
    def bounds(self) -> I64:
        """Where each list begins, and the end of the last."""
        return np.concatenate([[0], np.cumsum(self.counts)])

    def json(self, block: Block) -> list[Piece]:
        bounds = self.bounds
        comma = np.full(int(bounds[-1]), block.structure(","), np.int32)
        comma[bounds[:-1][self.counts > 0]] = 0
        items = write([comma, *self.column.json(block)], block, len(comma))
        lists = Pool.of_ascii(spans(items, bounds))  # JSON already: nothing left to escape
        return ["[", *Text.of(lists, block).bare(block), "]"]

    def arrow(self, block: Block) -> pa.Array:
        return pa.ListArray.from_arrays(of_numpy(self.bounds.astype(np.int32)), self.column.arrow(block))

    def digest(self) -> U64:
        own = mix(self.column.digest() + np.uint64(1))
        places = np.arange(len(own), dtype=np.uint64) - np.repeat(self.bounds[:-1].astype(np.uint64), self.counts)
        own *= mix(places + FACTOR) | np.uint64(1)
        return sums_between(own, self.bounds) + self.counts.astype(np.uint64)


@dataclass(slots=True, eq=False)
class Values:
    """Any JSON values, made one at a time; `type` is that of their arrow array, None: JSON text."""

    values: Sequence[Json]
    type: pa.DataType | None = None

    def json(self, block: Block) -> list[Piece]:
        return Text.of(Pool([one_line(text) for text in self._texts()], json_text=True), block).bare(block)

    def arrow(self, block: Block) -> pa.Array:
        if self.type is not None:
            return pa.array(self.values, self.type)
        return pa.ExtensionArray.from_storage(pa.json_(pa.string()), of_texts(self._texts()))

    def digest(self) -> U64:
        return hash_texts(of_texts(self._texts()))

    def _texts(self) -> list[str]:
        return [to_text(value) for value in self.values]


def _comma(begun: bool | Mask, key: str, block: Block) -> Piece:
    if isinstance(begun, bool):
        return f",{key}" if begun else key
    return np.where(begun, block.structure(f",{key}"), block.structure(key)).astype(np.int32)


def _shown(member: Member, block: Block) -> pa.Array:
    array = member.column.arrow(block)
    return array if member.shown is None else nulled(array, ~member.shown)


def _nulled_lists(lists: pa.ListArray, null: Mask) -> pa.ListArray:
    """Null lists hold no items: not every reader expects some there."""
    counts = np.diff(to_numbers(lists.offsets))
    items = lists.values.filter(of_numpy(np.repeat(~null, counts)))
    bounds = np.concatenate([[0], np.cumsum(np.where(null, 0, counts))]).astype(np.int32)
    return pa.ListArray.from_arrays(of_numpy(bounds), items, mask=of_numpy(null))


def nulled(array: pa.Array, null: Mask) -> pa.Array:
    """`array` with nulls where `null`."""
    if isinstance(array, pa.ExtensionArray):
        return pa.ExtensionArray.from_storage(array.type, nulled(array.storage, null))
    mask = of_numpy(null)
    if isinstance(array, pa.StructArray):
        members = [array.field(place) for place in range(array.type.num_fields)]
        return pa.StructArray.from_arrays(members, fields=list(array.type), mask=pc.or_(mask, array.is_null()))
    if isinstance(array, pa.ListArray):
        return _nulled_lists(array, null | to_mask(array.is_null()))
    return pc.if_else(mask, null_scalar(array.type), array)

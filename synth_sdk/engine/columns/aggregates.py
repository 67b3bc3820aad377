"""Columns that sum up the rows of another table, which are made again for the parents at hand: a child is a function of its number."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synth_sdk.engine.columns.computed import check_fits, refuse, with_nulls
from synth_sdk.engine.columns.exact import Extent, extent_of, units
from synth_sdk.engine.columns.lanes import I64, Mask, Rows, label
from synth_sdk.engine.columns.parents import Births
from synth_sdk.engine.columns.places import Place
from synth_sdk.engine.columns.pools import Block
from synth_sdk.engine.columns.samplers import Field, NullableSampler, ObjectSampler, Sampler, is_empty
from synth_sdk.engine.columns.scene import Scope
from synth_sdk.engine.columns.times import MomentText, Timed, fineness, moment_column, timed
from synth_sdk.engine.columns.values import Column, Decimal, Member, Nullable, Whole
from synth_sdk.engine.constraints.facts import Facts
from synth_sdk.schema.annotations import Aggregate, Annotation

if TYPE_CHECKING:
    from synth_sdk.engine.columns.compile import Compiler

_MOST_CHILDREN = 1 << 16  # made at once; a parent's own are always made together
_FAR = {"min_of": np.iinfo(np.int64).max, "max_of": np.iinfo(np.int64).min}
_GAPS = (
    "there may be no row to take it from, or none with a value: allow null here, or say min: 1 under 'per' and let none be null"
)


@dataclass(frozen=True, slots=True, eq=False)
class Children:
    """The rows of the table called `name`, as born by `births`. `row` makes `column` of them, and what that is derived from; None where
    no column is wanted.
    """

    name: str
    births: Births
    column: str = ""
    row: ObjectSampler | None = None

    def field(self) -> Field:
        """The column that is wanted."""
        assert self.row is not None  # noqa: S101 - its column was named
        return next(field for field in self.row.fields if field.name == self.column)

    def families(self, scope: Scope) -> tuple[I64, I64, I64 | slice]:
        """Of each parent, once: its first child and the number of its children; and which of them each row of `scope` means."""
        parents, which = scope.once("families", lambda: _distinct(_numbers(scope)))
        first, counts = scope.once(("children", self.name), lambda: self.births.children(parents))
        return first, counts, which


def _distinct(numbers: I64) -> tuple[I64, I64 | slice]:
    """The numbers, each once, and where each of `numbers` stands among them."""
    if (numbers[1:] > numbers[:-1]).all():
        return numbers, slice(None)
    return np.unique(numbers, return_inverse=True)


def _numbers(scope: Scope) -> I64:
    assert scope.rows.index is not None  # noqa: S101 - refused in lists when they are compiled
    return scope.rows.index


def runs(first: I64, counts: I64) -> Iterator[tuple[I64, I64]]:
    """The numbers of the children of so many parents at a time that they are not too many, and how many each parent has."""
    ends = np.cumsum(counts)
    start = 0
    while start < len(counts):
        before = int(ends[start - 1]) if start else 0
        stop = max(int(np.searchsorted(ends, before + _MOST_CHILDREN, side="right")), start + 1)
        own = counts[start:stop]
        shift = first[start:stop] - (np.cumsum(own) - own)
        yield np.repeat(shift, own) + np.arange(int(own.sum()), dtype=np.int64), own
        start = stop


@dataclass(slots=True, eq=False)
class CountSampler:
    """How many children each row has."""

    children: Children
    extent: Extent
    whole: bool
    lane: int

    def draw(self, scope: Scope) -> Column:
        _, counts, which = self.children.families(scope)
        values = counts[which]
        return Whole(values) if self.whole else Decimal(values, 0)

    def with_nulls(self, nullable: bool, rate: float | None, facts: Facts) -> Sampler:
        """The same, null in a share of `rate` if the type is `nullable`."""
        return with_nulls(self, False, nullable, rate, self.lane, facts, _GAPS)


@dataclass(slots=True, eq=False)
class NumberAggregateSampler:
    """The sum, least or largest of the numbers that the children have, exactly as they are written."""

    children: Children
    kind: str
    extent: Extent
    whole: bool
    lane: int

    def draw(self, scope: Scope) -> Column:
        first, counts, which = self.children.families(scope)
        parts = [self._reduced(rows, own, scope.block) for rows, own in runs(first, counts)]
        values, empty = (np.concatenate([part[place] for part in parts])[which] for place in (0, 1))
        column = Whole(values) if self.whole else Decimal(values, self.extent.places)
        return Nullable(column, empty) if self.extent.empty else column

    def _reduced(self, rows: I64, counts: I64, block: Block) -> tuple[I64, Mask]:
        member, missing = _drawn(self.children, rows, block)
        values, null = units(member.column, self.extent.places)
        if null is not None:
            missing = null if missing is None else null | missing
        return _sums(values, counts, missing) if self.kind == "sum" else _ends(values, counts, missing, self.kind)

    @property
    def nullable(self) -> bool:
        """Some rows may have no value."""
        return self.extent.empty

    def with_nulls(self, nullable: bool, rate: float | None, facts: Facts) -> Sampler:
        """The same, null in a share of `rate` beside. SchemaError where nulls can't be avoided."""
        return with_nulls(self, self.extent.empty, nullable, rate, self.lane, facts, _GAPS)


@dataclass(slots=True, eq=False)
class MomentAggregateSampler:
    """The first or last of the moments that the children have, written by the strftime `format`. `empty`: there may be none."""

    children: Children
    kind: str
    theirs: Timed
    format: str
    empty: bool
    lane: int

    def draw(self, scope: Scope) -> Column:
        values, null = self._found(scope)
        if self.empty:
            values = np.where(null, values[~null].max() if not null.all() else self._some, values)
        column = moment_column(values, self.format, self.days, scope.block.table)
        return Nullable(column, null) if self.empty else column

    @property
    def _some(self) -> int:
        return self.days.start * 86400 if self.days else 0

    @property
    def timed(self) -> Timed:
        return self

    @property
    def days(self) -> range | None:
        """The days since 1970 on which they can lie; None: that depends on the number of records."""
        return self.theirs.days

    def moments(self, scope: Scope) -> I64:
        """Seconds since 1970; a moment of no matter when where there is none."""
        values, null = self._found(scope)
        return np.where(null, self._some, values)

    def _found(self, scope: Scope) -> tuple[I64, Mask]:
        def reckon() -> tuple[I64, Mask]:
            first, counts, which = self.children.families(scope)
            parts = [self._reduced(rows, own, scope.block) for rows, own in runs(first, counts)]
            values, null = (np.concatenate([part[place] for part in parts])[which] for place in (0, 1))
            return values, null

        return scope.once(("moments", id(self)), reckon)

    def _reduced(self, rows: I64, counts: I64, block: Block) -> tuple[I64, Mask]:
        missing = _drawn(self.children, rows, block)[1] if is_empty(self.children.field()) else None
        return _ends(self.theirs.moments(Scope(Rows.at(rows), block)), counts, missing, self.kind)

    @property
    def nullable(self) -> bool:
        """Some rows may have no value."""
        return self.empty

    def with_nulls(self, nullable: bool, rate: float | None, facts: Facts) -> Sampler:
        """The same, null in a share of `rate` beside. SchemaError where nulls can't be avoided."""
        return with_nulls(self, self.empty, nullable, rate, self.lane, facts, _GAPS)


def _drawn(children: Children, rows: I64, block: Block) -> tuple[Member, Mask | None]:
    """The wanted column of those children, and where there is no value in it."""
    assert children.row is not None  # noqa: S101 - its column was named
    made = children.row.draw(Scope(Rows.at(rows), Block(block.table)))
    member = next(member for member in made.members if member.name == children.column)
    missing = None if member.shown is None else ~member.shown
    column = member.column
    while isinstance(column, Nullable):
        missing, column = (column.null if missing is None else missing | column.null), column.column
    return member, missing


def _sums(values: I64, counts: I64, missing: Mask | None) -> tuple[I64, Mask]:
    """The sums of runs of `counts` values; 0 of none."""
    running = np.concatenate([[0], np.cumsum(values if missing is None else np.where(missing, 0, values))])
    ends = np.cumsum(counts)
    return running[ends] - running[ends - counts], np.zeros(len(counts), np.bool_)


def _ends(values: I64, counts: I64, missing: Mask | None, kind: str) -> tuple[I64, Mask]:
    """The least or largest of runs of `counts` values, and where there are none."""
    found, left = np.zeros(len(counts), np.int64), counts
    if missing is not None:
        values = np.where(missing, _FAR[kind], values)
        left = _sums((~missing).astype(np.int64), counts, None)[0]
    filled = counts > 0
    if filled.any():
        starts = (np.cumsum(counts) - counts)[filled]
        found[filled] = (np.minimum if kind == "min_of" else np.maximum).reduceat(values, starts)
    return np.where(left > 0, found, 0), left == 0


def aggregate_sampler(
    compiler: "Compiler", annotation: Annotation, aggregate: Aggregate, facts: Facts, place: Place
) -> CountSampler | NumberAggregateSampler | MomentAggregateSampler:
    """The sampler of a column that sums up the rows of another table. SchemaError for what can't be summed up, and results that the schema
    may not allow.
    """
    children = compiler.children(aggregate, facts, place)
    lane, whole = label(compiler.seed, place.path, "null"), facts.typed and "number" not in facts.types
    births, told = children.births, f"{aggregate.kind} {aggregate.table}"
    if aggregate.kind == "count":
        extent = Extent(births.least, births.most, 0)
        check_fits(extent, told, facts)
        return CountSampler(children, extent, whole, lane)
    told = f"{told}.{aggregate.column}"
    field = children.field()
    theirs = _timed(field)
    if theirs is not None and aggregate.kind != "sum":
        written = _written(compiler, annotation, theirs, told, facts, place)
        return MomentAggregateSampler(children, aggregate.kind, theirs, written, not births.least or is_empty(field), lane)
    each = extent_of(field.sampler)
    if each is None:
        what = "numbers with a few decimals" if aggregate.kind == "sum" else "numbers with a few decimals, nor moments"
        refuse(f"{told}: it isn't made of {what}; take another column, and leave edge cases and Faker out of it", facts)
    empty = each.empty or is_empty(field)
    extent = _extent(aggregate.kind, each, births, empty)
    _check_places(extent, annotation, whole, told, facts)
    check_fits(extent, told, facts)
    return NumberAggregateSampler(children, aggregate.kind, extent, whole, lane)


def _timed(field: Field) -> Timed | None:
    return timed(field.sampler.inner if isinstance(field.sampler, NullableSampler) else field.sampler)


def _extent(kind: str, each: Extent, births: Births, empty: bool) -> Extent:
    """What can come of `births` numbers in `each`."""
    if kind != "sum":
        return Extent(each.low, each.high, each.places, empty or not births.least)
    fewest = 0 if empty else births.least
    ends = [count * end for count in (fewest, births.most) for end in (each.low, each.high)]
    return Extent(min(ends), max(ends), each.places)


def _check_places(extent: Extent, annotation: Annotation, whole: bool, told: str, facts: Facts) -> None:
    own = 0 if whole else annotation.decimals
    if own is not None and own < extent.places:
        way_out = "declare type number" if whole else f"leave decimals out, or say {extent.places}"
        refuse(f"{told}: that has {extent.places} decimals and is not rounded; {way_out}", facts)


def _written(compiler: "Compiler", annotation: Annotation, theirs: Timed, told: str, facts: Facts, place: Place) -> str:
    """The strftime format of the moment: its own, or that of the column it is found in."""
    if not fineness(theirs.format):
        refuse(f"{told}: that is written {theirs.format!r}, which doesn't follow the order of time; take another column", facts)
    if not facts.formats and annotation.strftime is None:
        return theirs.format
    own = compiler.plain("string", facts, place)
    if not isinstance(own, MomentText):
        refuse(f"{told}: those are moments, and this is none; leave the format out", facts)
    if own.format != theirs.format and fineness(own.format) > fineness(theirs.format):
        refuse(f"{told}: that is written {theirs.format!r}, too coarse for {own.format!r}; leave the format out", facts)
    return own.format

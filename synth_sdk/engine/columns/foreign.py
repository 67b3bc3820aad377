"""Columns of foreign keys: the values of rows of another table, which are made again where they are needed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from synth_sdk.core.errors import SchemaError
from synth_sdk.engine.columns.lanes import I64, Mask, Rows
from synth_sdk.engine.columns.parents import Births, Earlier, Parents
from synth_sdk.engine.columns.samplers import Field, NullableSampler, ObjectSampler, Sampler, is_empty
from synth_sdk.engine.columns.scene import Scope
from synth_sdk.engine.columns.times import Timed, timed
from synth_sdk.engine.columns.values import Column, Nullable
from synth_sdk.engine.meaning.customs import NULL_SHARE
from synth_sdk.schema.annotations import KEYWORD, Aggregate, Reference

if TYPE_CHECKING:
    from synth_sdk.engine.columns.aggregates import Children
    from synth_sdk.engine.columns.compile import Compiler
    from synth_sdk.engine.columns.places import Place
    from synth_sdk.engine.constraints.facts import Facts


class References(Protocol):
    """Knows the other tables of a set."""

    def sampler(self, compiler: "Compiler", reference: Reference, facts: "Facts", place: "Place") -> "ForeignSampler":
        """The sampler of the key at `place`. SchemaError if it can't be followed."""

    def children(self, compiler: "Compiler", aggregate: Aggregate, facts: "Facts", place: "Place") -> "Children":
        """The rows that `aggregate` sums up. SchemaError if they can't be known."""


@dataclass(slots=True, eq=False)
class ForeignSampler:
    """The values of `column`, a property of the objects that `row` makes, at the rows that are `parents`.

    `role` names the parents within an object, so that they are found once; `lane` is theirs. Null where the parent has no value, and
    in the first row of a table that refers to itself, if `nullable`.
    """

    parents: Parents
    row: ObjectSampler
    column: str
    role: Any
    lane: int
    nullable: bool = False

    def draw(self, scope: Scope) -> Column:
        made = self.row.draw(self.theirs(scope))
        member = next(member for member in made.members if member.name == self.column)
        null = self._null(scope.rows, member.shown)
        return member.column if null is None else Nullable(member.column, null)

    def theirs(self, scope: Scope) -> Scope:
        """The scope of the parents."""
        places: I64 = scope.once(self.role, lambda: self.parents.of(scope.rows))
        return Scope(Rows.at(places), scope.block)

    @property
    def timed(self) -> "ForeignMoment | None":
        """The moments behind the values, if that is what they are."""
        theirs = timed(self.inner)
        return None if theirs is None else ForeignMoment(self, theirs)

    @property
    def field(self) -> Field:
        """The property of the other table."""
        return next(field for field in self.row.fields if field.name == self.column)

    @property
    def inner(self) -> Sampler:
        """What makes its values there."""
        sampler = self.field.sampler
        return sampler.inner if isinstance(sampler, NullableSampler) else sampler

    @property
    def empty(self) -> bool:
        """Some rows of the other table may have no value."""
        return is_empty(self.field)

    def _null(self, rows: Rows, shown: Mask | None) -> Mask | None:
        absent = None if shown is None else ~shown
        if not (self.nullable and isinstance(self.parents, Earlier) and rows.index is not None):
            return absent
        first: Mask = rows.index == 0
        return first if absent is None else first | absent

    def with_nulls(self, nullable: bool, rate: float | None, facts: "Facts") -> Sampler:
        """The same, null in a share of `rate`. Keys of one role are null together. SchemaError where nulls can't be avoided."""
        self.nullable = nullable
        empty = self.empty
        if empty and not nullable:
            refuse(f"{self.column!r} may be absent or null in the other table: require it there, or allow null here", facts)
        usual = 0.0 if empty or isinstance(self.parents, Births) else NULL_SHARE
        share = (usual if rate is None else rate) if nullable else 0.0
        return NullableSampler(self, share, self.lane + 1) if share else self


@dataclass(frozen=True, slots=True, eq=False)
class ForeignMoment:
    """Moments of the rows of another table, for what is derived from them."""

    foreign: ForeignSampler
    theirs: Timed

    @property
    def format(self) -> str:
        return self.theirs.format

    @property
    def days(self) -> range | None:
        return self.theirs.days

    def moments(self, scope: Scope) -> I64:
        return self.theirs.moments(self.foreign.theirs(scope))


def refuse(told: str, facts: "Facts") -> NoReturn:
    """A key that can't be followed."""
    raise SchemaError(told, pointer=facts.pointer, keyword=KEYWORD)

"""Samplers: each makes the column of one place in the schema."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from synth_sdk.engine.columns.distributions import Distribution
from synth_sdk.engine.columns.lanes import I64, Mask, Rows, between, chance, mix, permute
from synth_sdk.engine.columns.pools import Block, Lane
from synth_sdk.engine.columns.scene import Scope
from synth_sdk.engine.columns.texts import Drawn, UniqueText
from synth_sdk.engine.columns.values import Bank, Choice, Column, Fixed, Items, Member, Nullable, Struct, Text
from synth_sdk.engine.grammar.model import Grammar

_OTHER_GENDER_SHARE = 0.03


class Sampler(Protocol):
    """Makes the values of one field for the rows of a scope."""

    def draw(self, scope: Scope) -> Column: ...


@dataclass(slots=True, eq=False)
class GrammarSampler:
    """Text from a grammar of its own."""

    grammar: Grammar
    drawn: Drawn

    def draw(self, scope: Scope) -> Column:
        return Text(self.drawn.lanes(scope.rows, scope.block), len(scope.rows))


@dataclass(slots=True, eq=False)
class UniqueSampler:
    """Text from a grammar, another one in every record."""

    unique: UniqueText

    def draw(self, scope: Scope) -> Column:
        return Text(self.unique.lanes(scope.rows), len(scope.rows))


@dataclass(slots=True, eq=False)
class SceneSampler:
    """Text that the scene dictates."""

    lanes: Callable[[Scope], list[Lane]]

    def draw(self, scope: Scope) -> Column:
        return Text(self.lanes(scope), len(scope.rows))


@dataclass(slots=True, eq=False)
class CodeSampler:
    """Codes with rules of their own."""

    make: Callable[[Rows, int, Block], list[Lane] | Fixed]
    lane: int
    unique: bool = False  # so many that none ever comes twice

    def draw(self, scope: Scope) -> Column:
        made = self.make(scope.rows, self.lane, scope.block)
        return made if isinstance(made, Fixed) else Text(made, len(scope.rows))


@dataclass(slots=True, eq=False)
class ChoiceSampler:
    """One of a few values. `unique_key`: every record another one."""

    bank: Bank
    distribution: Distribution | Any
    lane: int
    unique_key: int | None = None

    def draw(self, scope: Scope) -> Column:
        return Choice(self.places(scope.rows), self.bank)

    def places(self, rows: Rows) -> I64:
        """Positions in the bank."""
        if self.unique_key is not None and rows.index is not None:
            return permute(rows.index, len(self.bank), self.unique_key)
        drawn: I64 = self.distribution.draw(rows.draw(self.lane))
        return drawn


@dataclass(slots=True, eq=False)
class GenderSampler:
    """The gender of the scene's person, where it is one of the values; a few people are none of both if there is a word for it."""

    choice: ChoiceSampler
    is_female: Callable[[Scope], Mask]
    female: int
    male: int

    def draw(self, scope: Scope) -> Column:
        places = np.where(self.is_female(scope), self.female, self.male)
        if len(self.choice.bank) > 2:
            other = chance(scope.rows.draw(self.choice.lane + 1), _OTHER_GENDER_SHARE)
            places = np.where(other, self.choice.places(scope.rows), places)
        return Choice(places, self.choice.bank)


@dataclass(slots=True, eq=False)
class NullableSampler:
    """Null in a share of the rows."""

    inner: Sampler
    share: float
    lane: int

    def draw(self, scope: Scope) -> Column:
        return Nullable(self.inner.draw(scope), chance(scope.rows.draw(self.lane), self.share))


@dataclass(slots=True, eq=False)
class Field:
    """A property: `share` of the objects show it (None: all)."""

    name: str
    sampler: Sampler
    share: float | None
    lane: int


def is_empty(field: Field) -> bool:
    """Some objects have no value there: it is null, or left out."""
    return field.share is not None or isinstance(field.sampler, NullableSampler) or getattr(field.sampler, "nullable", False)


@dataclass(slots=True, eq=False)
class ObjectSampler:
    """Objects whose properties are `fields`, in the order of the document; they are drawn in `order`, so that derived ones come last."""

    fields: Sequence[Field]
    order: Sequence[int]
    annex: bool = False  # about the same person and place as the object around it

    def draw(self, scope: Scope) -> Struct:
        inner = Scope(scope.rows, scope.block, memo=scope.memo if self.annex else {})
        members: dict[int, Member] = {}
        for place in self.order:
            one = self.fields[place]
            column = one.sampler.draw(inner)
            inner.columns[one.name] = column
            shown = None if one.share is None else chance(scope.rows.draw(one.lane), one.share)
            if shown is not None:
                inner.shown[one.name] = shown
            members[place] = Member(one.name, column, shown)
        return Struct([members[place] for place in range(len(self.fields))], len(scope.rows))


@dataclass(slots=True, eq=False)
class ArraySampler:
    """Lists of `least` to `most` items; each item is about someone or something else."""

    item: Sampler
    least: int
    most: int
    lane: int

    def draw(self, scope: Scope) -> Items:
        counts = between(scope.rows.draw(self.lane), self.least, self.most)
        rows = scope.rows.items(counts, self.lane + 1)
        return Items(counts, self.item.draw(Scope(rows, scope.block)))


@dataclass(slots=True, eq=False)
class SubsetSampler:
    """Lists of different values out of a few: a stretch of a walk through all of them with a step that shares no divisor."""

    choice: ChoiceSampler
    least: int
    most: int
    lane: int
    steps: I64

    def draw(self, scope: Scope) -> Items:
        bits = scope.rows.draw(self.lane)
        counts = between(bits, self.least, self.most)
        size = len(self.choice.bank)
        begin = (mix(bits + np.uint64(1)) % np.uint64(size)).view(np.int64)
        step = self.steps[(mix(bits + np.uint64(2)) % np.uint64(len(self.steps))).view(np.int64)]
        starts = np.cumsum(counts) - counts
        place = np.arange(int(counts.sum()), dtype=np.int64) - np.repeat(starts, counts)
        places = (np.repeat(begin, counts) + place * np.repeat(step, counts)) % size
        return Items(counts, Choice(places, self.choice.bank))

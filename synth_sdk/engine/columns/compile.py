"""From a schema to samplers, where that is possible: see `Compiler.compile`."""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa

from synth_sdk.core.arrow import of_texts, of_values
from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.engine.columns.aggregates import Children, CountSampler, MomentAggregateSampler, NumberAggregateSampler
from synth_sdk.engine.columns.annotated import Capacity, annotated, refuse
from synth_sdk.engine.columns.derived import RowSampler
from synth_sdk.engine.columns.distributions import Uniform
from synth_sdk.engine.columns.failure import NotColumnarError
from synth_sdk.engine.columns.foreign import ForeignSampler, References
from synth_sdk.engine.columns.formulas import FormulaSampler
from synth_sdk.engine.columns.lanes import Weighted, label
from synth_sdk.engine.columns.numbers import NumberSampler, distribution_of, grid_of, limits_of
from synth_sdk.engine.columns.outlook import MOST_BY_ROWS, Outlook
from synth_sdk.engine.columns.places import FACTORS, Place
from synth_sdk.engine.columns.pools import Pool, Table
from synth_sdk.engine.columns.samplers import (
    ArraySampler,
    ChoiceSampler,
    Field,
    GenderSampler,
    NullableSampler,
    ObjectSampler,
    Sampler,
    SubsetSampler,
)
from synth_sdk.engine.columns.scene import Scenery
from synth_sdk.engine.columns.values import Bank
from synth_sdk.engine.columns.words import text_sampler
from synth_sdk.engine.constraints.facts import Facts, Part, type_names
from synth_sdk.engine.constraints.merge import Merger
from synth_sdk.engine.meaning.customs import NULL_SHARE, OPTIONAL_SHARE, TOTALS, lateness
from synth_sdk.engine.meaning.naming import meaning_of, person_role
from synth_sdk.engine.rows.engine import RowEngine
from synth_sdk.schema.annotations import KEYWORD, NOTHING, Aggregate, Annotation, Reference, read_annotation
from synth_sdk.schema.derivation import derivation_order, in_order, source_paths
from synth_sdk.schema.layout.json_text import one_line, to_text
from synth_sdk.schema.names import snake

_DEEP_SHARE = 0.3  # the same for optional containers from the third level down
_DEEP = 3
_DEEPEST = 12
_MOST_COLUMNS = 400
_MOST_ITEMS = 100
_LARGEST_ENUM = 5_000
_USUAL_EXTRA = 3
_COMPUTED = (
    ForeignSampler | FormulaSampler | CountSampler | NumberAggregateSampler | MomentAggregateSampler
)  # know their own nulls


class Compiler:
    """Compiles the schema of one engine. Whatever can't be made in columns raises NotColumnarError."""

    def __init__(
        self,
        merger: Merger,
        seed: int,
        locale: str,
        start: datetime,
        *,
        table: Table | None = None,
        column: str | None = None,
        references: References | None = None,
        rows: RowEngine | None = None,
    ) -> None:
        """`table`: the texts of another compiler, to which those of this one are added. `column`: the only property of the root
        that is wanted, with those that it is derived from. `references`: the other tables, where the schema is one of a set. `rows` makes the properties that can't be made in
        columns; without it there must be none.
        """
        self.merger = merger
        self.table = table or Table()
        self._column, self._references = column, references
        self.seed, self.locale, self._start = seed, locale, start
        self.capacities: list[Capacity] = []
        self._under_way: list[tuple[Part, ...]] = []
        self._rows = rows
        self._columns = self._made_by_rows = 0

    @property
    def by_rows(self) -> bool:
        """Some property is made a row at a time."""
        return self._made_by_rows > 0

    def compile(self) -> Sampler:
        """The sampler of the whole schema."""
        if self._column is None:
            Outlook(self.merger, self._settled, self._declared).check(by_rows=self._rows is not None)
        place = Place("", "", 0, Scenery(self.table, self.seed, self.locale, self._start, ""), frozenset())
        return self._value((self.merger.root,), place)

    def _value(self, parts: tuple[Part, ...], place: Place) -> Sampler:
        if parts in self._under_way or place.depth > _DEEPEST:
            raise NotColumnarError("recursion")
        self._under_way.append(parts)
        try:
            return self._of_facts(self.merger.facts(parts), place)
        finally:
            self._under_way.pop()

    def _of_facts(self, facts: Facts, place: Place) -> Sampler:
        self._columns += 1
        if self._columns > _MOST_COLUMNS:
            raise NotColumnarError("too many columns")
        facts, nullable = self._settled(facts)
        if facts.dead or facts.residual or facts.choices:
            raise NotColumnarError("alternatives")
        note = self._annotation(facts)
        kinds = [kind for kind in facts.likely_types() if kind != "null"]
        if facts.enum is None:
            nullable = nullable or (len(kinds) < len(facts.likely_types()) and bool(kinds))
        elif note.weights or note.null_rate is not None:
            nullable = None in facts.enum
        if len(kinds) > 1 and facts.enum is None:
            raise NotColumnarError("several types")
        kind = kinds[0] if kinds else "null"
        steered = note != NOTHING and (note.null_rate is None or note != Annotation(null_rate=note.null_rate))
        sampler = annotated(self, note, kind, facts, place) if steered else self.plain(kind, facts, place)
        if isinstance(sampler, _COMPUTED):
            return sampler.with_nulls(nullable, note.null_rate, facts)
        if not nullable or note.null_rate == 0:
            return sampler
        share = NULL_SHARE if note.null_rate is None else note.null_rate
        return NullableSampler(sampler, share, self._label(place, "null"))

    def _annotation(self, facts: Facts) -> Annotation:
        hint = facts.hints.get(KEYWORD)
        if hint is None:
            return NOTHING
        around = {KEYWORD: hint} | ({"enum": facts.enum} if facts.enum is not None else {})
        return read_annotation(around | ({"type": sorted(facts.types)} if facts.typed else {}), facts.pointer)

    def _settled(self, facts: Facts) -> tuple[Facts, bool]:
        """`facts` with the choices merged in that leave no choice but null, and whether null is one."""
        nullable = False
        while len(facts.choices) == 1 and facts.choices[0].keyword == "anyOf" and facts.enum is None:
            choice = facts.choices[0]
            others = [option for option in choice.options if option.schema != {"type": "null"}]
            if len(others) != 1 or ("null" not in facts.types and len(choice.options) > 1):
                break
            nullable = nullable or len(choice.options) > 1
            facts = self.merger.choose(facts, choice, others[0])
        return facts, nullable

    def plain(self, kind: str, facts: Facts, place: Place) -> Sampler:
        """The sampler of a column of type `kind` about which no annotation says more."""
        if facts.enum is not None:
            return self._listed(facts, place)
        match kind:
            case "object":
                return self._object(facts, place)
            case "array":
                return self._array(facts, place)
            case "string":
                return text_sampler(facts, place, self.table, self.seed)
            case "integer" | "number":
                return self._number(facts, place, whole=kind == "integer")
            case "boolean":
                return self.choice([True, False], None, place)
        return self.choice([None], None, place)

    def is_valid(self, value: Json, facts: Facts) -> bool:
        """Does `value` satisfy the subschemas behind `facts`?"""
        return self.merger.is_valid(value, facts.parts)

    def sampler_at(self, place: Place, path: Sequence[str]) -> Sampler:
        """The sampler of the property at `path` beside `place`, without its nulls. NotColumnarError if it isn't there."""
        samplers: Mapping[str, Sampler] = place.samplers
        for name in path[:-1]:
            inner = samplers.get(name)
            samplers = {one.name: one.sampler for one in inner.fields} if isinstance(inner, ObjectSampler) else {}
        found = samplers.get(path[-1])
        if found is None:
            raise SchemaError(
                f"from {'.'.join(path)!r}: there is no such property beside this one", pointer=place.path, keyword=KEYWORD
            )
        return found.inner if isinstance(found, NullableSampler) else found

    def reference(self, reference: Reference, facts: Facts, place: Place) -> Sampler:
        """The sampler of a foreign key."""
        if self._references is None:
            told = f"ref {reference.table}.{reference.column}: there is no table {reference.table!r}"
            refuse(f"{told}; declare it under 'tables'", facts)
        return self._references.sampler(self, reference, facts, place)

    def children(self, aggregate: Aggregate, facts: Facts, place: Place) -> Children:
        """The rows of another table that `aggregate` sums up."""
        if self._references is None:
            refuse(f"{aggregate.kind}: there is no table {aggregate.table!r}; declare it under 'tables'", facts)
        return self._references.children(self, aggregate, facts, place)

    def _listed(self, facts: Facts, place: Place) -> Sampler:
        values = facts.enum or []
        if len(values) > _LARGEST_ENUM:
            raise NotColumnarError("a long enum")
        if len(values) > 200:  # shorter ones are filtered by the merger
            values = [value for value in values if self.merger.is_valid(value, facts.parts)]
        if facts.forbidden:
            values = [value for value in values if self.merger.is_valid(value, facts.parts)]
        if not values:
            raise NotColumnarError("no listed value is valid")
        choice = self.choice(values, None, place)
        return _by_gender(choice, place) if meaning_of(place.name)[0] == "gender" else choice

    def choice(self, values: list[Json], weights: list[float] | None, place: Place) -> ChoiceSampler:
        """One of `values`; `weights` as many, or all alike."""
        if weights is None:
            values = list({json.dumps(value, sort_keys=True): value for value in values}.values())
        spread = Weighted.of(weights) if weights else Uniform(len(values))
        return ChoiceSampler(self.bank(values), spread, self._label(place, "choice"))

    def bank(self, values: list[Json]) -> Bank:
        """`values`, written as JSON in the table."""
        texts = [to_text(value) for value in values]
        return Bank(values, _array(values, texts), self.table.add(Pool([one_line(text) for text in texts], json_text=True)))

    def _number(self, facts: Facts, place: Place, *, whole: bool) -> Sampler:
        if facts.forbidden:
            raise NotColumnarError("forbidden numbers")
        grid = grid_of(facts, whole, place.name)
        spread = distribution_of(grid, place.name, None)
        lane = self._label(place, "number")
        return NumberSampler(grid, spread, whole, lane, limits_of(facts, grid), place.agreement(grid))

    def _array(self, facts: Facts, place: Place) -> Sampler:
        if facts.contains or self.merger.prefix_length(facts):
            raise NotColumnarError("items by place")
        parts = self.merger.item_parts(facts, 0)
        most = facts.min_items + _USUAL_EXTRA if facts.max_items is None else facts.max_items
        usual = max(facts.min_items, 1)
        least, most = (usual, min(most, usual + _USUAL_EXTRA)) if most else (0, 0)
        if most > _MOST_ITEMS or any(part.schema is False for part in parts):
            raise NotColumnarError("items that can't be")
        item = self._value(parts, place.item())
        if not facts.unique:
            return ArraySampler(item, min(least, most), most, self._label(place, "items"))
        if isinstance(item, ChoiceSampler) and len(item.bank) >= facts.min_items:
            size = len(item.bank)
            steps = np.array([step for step in range(1, size + 1) if math.gcd(step, size) == 1], np.int64)
            return SubsetSampler(item, min(least, size), min(most, size), self._label(place, "items"), steps)
        raise NotColumnarError("unique items")

    def _object(self, facts: Facts, place: Place) -> Sampler:
        names = self._declared(facts)
        inner = place.inside(frozenset(snake(name) for name in names))
        fields: dict[str, Field] = {}
        drawing = self._drawing_order(facts, names)
        if self._column is not None and not place.depth:
            drawing = self._needed(facts, drawing, self._column)
        for name in drawing:
            field = self._field(facts, name, inner)
            if field is not None:
                fields[name] = field
                inner.samplers[name] = field.sampler
                inner.optional.update([name] if field.share is not None else [])
        shown = [name for name in names if name in fields]
        order = [shown.index(name) for name in drawing if name in fields]
        if not place.depth and self._made_by_rows > len(fields) * MOST_BY_ROWS:
            raise NotColumnarError("most properties have to be made a row at a time")
        return ObjectSampler([fields[name] for name in shown], order, annex=inner.scenery is place.scenery and place.depth > 0)

    def _drawing_order(self, facts: Facts, names: list[str]) -> list[str]:
        """What others are derived from comes first, sums come last."""
        order = sorted(names, key=lateness)
        if KEYWORD not in self.merger.schema.keys:
            return order
        told = {name: self._told(facts, name) for name in names}
        in_turn = derivation_order(
            {"properties": {name: {KEYWORD: note} if note else {} for name, note in told.items()}}, facts.pointer
        )
        return list(in_order(sorted(in_turn, key=lateness), self._sources(facts, names)))

    def _needed(self, facts: Facts, drawing: list[str], column: str) -> list[str]:
        """Of the names in the order of drawing, `column` and those that it is derived from."""
        sources = self._sources(facts, drawing)
        needed, waiting = {column}, [column]
        while waiting:
            fresh = [name for name in sources[waiting.pop()] if name not in needed]
            needed.update(fresh)
            waiting += fresh
        return [name for name in drawing if name in needed]

    def _sources(self, facts: Facts, names: list[str]) -> dict[str, list[str]]:
        """For each of `names` those of them that it is made from: as an annotation says, or as a total is from price and quantity."""
        factors = [name for name in names if snake(name) in FACTORS]
        found = {}
        for name in names:
            said = [path[0] for path in source_paths(read_annotation({KEYWORD: self._told(facts, name)}, facts.pointer))]
            implied = factors if snake(name) in TOTALS and name not in factors else []
            found[name] = [source for source in dict.fromkeys([*said, *implied]) if source in names]
        return found

    def _told(self, facts: Facts, name: str) -> dict[str, Json]:
        """What the annotation of the property called `name` says of the properties beside it."""
        parts = self.merger.property_parts(facts, name)
        hint = self.merger.facts(parts).hints.get(KEYWORD) if parts else None
        told = hint if isinstance(hint, dict) else {}
        origin = told.get("given") or told.get("from")
        return {"formula": told["formula"]} if "formula" in told else {"from": origin} if origin else {}

    def _declared(self, facts: Facts) -> list[str]:
        """The property names, in the order of the document."""
        if facts.needs or any(part.schema.get("patternProperties") for part in facts.objects):
            raise NotColumnarError("properties that depend on others or on patterns")
        names = list(
            dict.fromkeys((*(name for part in facts.objects for name in part.schema.get("properties") or {}), *facts.required))
        )
        if not names or facts.min_properties > len(facts.required):
            raise NotColumnarError("free properties")
        if facts.max_properties is not None and facts.max_properties < len(names):
            raise NotColumnarError("too many properties")
        if facts.names:
            names = [name for name in names if self.merger.is_valid(name, facts.names)]
            if not facts.required.keys() <= set(names):
                raise NotColumnarError("a required property of a forbidden name")
        return names

    def _field(self, facts: Facts, name: str, inner: Place) -> Field | None:
        parts = self.merger.property_parts(facts, name)
        required = name in facts.required
        if not required and parts and self.merger.facts(parts).dead:
            return None
        sampler = self._value_or_rows(parts, inner.member(name))
        rate = (
            self._annotation(self.merger.facts(parts)).null_rate if parts and not isinstance(sampler, NullableSampler) else None
        )
        if rate is not None and not required:
            return Field(name, sampler, 1 - rate if rate else None, self._label(inner.member(name), "shown"))
        container = isinstance(sampler, ObjectSampler | ArraySampler)
        share = None if required else _DEEP_SHARE if container and inner.depth >= _DEEP else OPTIONAL_SHARE
        return Field(name, sampler, share, self._label(inner.member(name), "shown"))

    def _value_or_rows(self, parts: tuple[Part, ...], place: Place) -> Sampler:
        """The sampler of a property; one that can't be made in columns is made a row at a time, if the record is simple otherwise."""
        try:
            return self._value(parts, place)
        except NotColumnarError:
            if self._rows is None or place.depth != 1:
                raise
        self._made_by_rows += 1
        make = self._rows.part
        return RowSampler(lambda bits: make(parts, place.name, bits), None, self._label(place, "rows"))

    def _label(self, place: Place, lane: str) -> int:
        return label(self.seed, place.path, lane)


def _by_gender(choice: ChoiceSampler, place: Place) -> Sampler:
    """A list of genders agrees with the first name beside it."""
    initials = [str(value)[:1].lower() for value in choice.bank.values]
    female = next((at for at, initial in enumerate(initials) if initial in "fw"), None)
    male = next((at for at, initial in enumerate(initials) if initial == "m"), None)
    if female is None or male is None:
        return choice
    who = person_role(meaning_of(place.name)[1])
    return GenderSampler(choice, lambda scope: place.scenery.female(scope, who), female, male)


def _array(values: list[Json], texts: list[str]) -> pa.Array:
    """The values of an enum as an arrow array: typed where they agree, else as JSON text."""
    kinds = {kind for value in values for kind in (type_names(value) - {"number"} or {"number"})} - {"null"}
    plain = {"string": pa.string(), "boolean": pa.bool_(), "integer": pa.int64(), "number": pa.float64()}
    if kinds <= {"integer", "number"} and len(kinds) == 2:
        kinds = {"number"}
    if not kinds:
        return pa.nulls(len(values))
    if len(kinds) == 1 and (kind := kinds.pop()) in plain:
        try:
            return of_values(values, plain[kind])
        except (pa.ArrowInvalid, OverflowError, UnicodeEncodeError):
            raise NotColumnarError("listed values that arrow can't hold") from None
    return pa.ExtensionArray.from_storage(pa.json_(pa.string()), of_texts(texts))

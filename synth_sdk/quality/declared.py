"""What the schema says of each field: types, format, bounds. Read once; where a schema leaves alternatives open, less is known."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from synth_sdk.core.batches import ITEMS
from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json

if TYPE_CHECKING:
    from synth_sdk.engine.constraints.facts import Facts, Part
    from synth_sdk.engine.constraints.merge import Merger

Path = tuple[str, ...]  # names of properties, "[]" for the items of a list
_DEEPEST = 16
_MOST_FIELDS = 2000
_MOST_LISTED = 1000  # values of an enum


@dataclass(frozen=True, slots=True)
class Declared:
    """One field. `types`: JSON types without "null", none where nothing is said. `listed`: the values of an enum, as JSON knows them."""

    types: frozenset[str] = frozenset()
    nullable: bool = False
    required: bool = True
    format: str = ""
    low: float | None = None
    high: float | None = None
    min_length: int = 0
    max_length: int | None = None
    min_items: int = 0
    max_items: int | None = None
    patterned: bool = False
    listed: tuple[Json, ...] = ()

    @property
    def moment(self) -> str:
        """ "date" or "date-time" if the texts of the field are; else nothing."""
        return self.format if self.format in ("date", "date-time") and "string" in self.types else ""


UNKNOWN = Declared()


def declared(schema: Json) -> Mapping[Path, Declared]:
    """What a JSON Schema says of the properties of its records, at any depth; the path () is the record itself."""
    return _declared(json.dumps(schema, ensure_ascii=False))


def dotted(path: Sequence[str]) -> str:
    """The name of a field in a report: `address.city`, `tags[]`."""
    return ".".join(path).replace(f".{ITEMS}", ITEMS)


@lru_cache(maxsize=32)
def _declared(schema: str) -> Mapping[Path, Declared]:
    from synth_sdk.engine.constraints.merge import Merger
    from synth_sdk.schema.model import Schema

    try:
        merger = Merger(Schema(json.loads(schema)))
        found: dict[Path, Declared] = {}
        _read(merger, (merger.root,), (), True, found)
    except (SchemaError, RecursionError):  # a measurement doesn't fail over what the engine refuses in its own words
        return {}
    return found


def _read(merger: "Merger", parts: "tuple[Part, ...]", path: Path, required: bool, found: dict[Path, Declared]) -> None:
    if len(path) > _DEEPEST or len(found) >= _MOST_FIELDS:
        return
    facts, nullable = _settled(merger, merger.facts(parts))
    found[path] = _of(facts, nullable, required)
    if "array" in facts.types and facts.arrays:
        _read(merger, merger.item_parts(facts, merger.prefix_length(facts)), (*path, ITEMS), True, found)
    for part in facts.objects if "object" in facts.types else ():
        properties = part.schema.get("properties") if isinstance(part.schema, dict) else None
        for name in properties if isinstance(properties, dict) else ():
            if (*path, name) not in found:
                _read(merger, merger.property_parts(facts, name), (*path, name), name in facts.required, found)


def _settled(merger: "Merger", facts: "Facts") -> "tuple[Facts, bool]":
    """The facts of values that aren't null, with alternatives taken where but one is left of them; and whether null is allowed."""
    nullable = not facts.typed and not facts.choices
    for choice in facts.choices:
        options = [merger.choose(facts, choice, option) for option in choice.options]
        some = [one for one in options if not one.dead and one.types != {"null"}]
        nullable = nullable or any(not one.dead and "null" in one.types for one in options)
        if len(some) == 1:
            facts = some[0]
    return facts, nullable or (facts.typed and "null" in facts.types)


def _of(facts: "Facts", nullable: bool, required: bool) -> Declared:
    listed = [value for value in facts.enum or () if value is not None]
    return Declared(
        types=_types(facts, listed),
        nullable=nullable and (facts.enum is None or None in facts.enum),
        required=required,
        format=facts.formats[0] if facts.formats else "",
        low=None if facts.open_low else _bound(facts.low),
        high=None if facts.open_high else _bound(facts.high),
        min_length=facts.min_length,
        max_length=facts.max_length,
        min_items=facts.min_items,
        max_items=facts.max_items,
        patterned=bool(facts.patterns),
        listed=tuple(listed) if len(listed) <= _MOST_LISTED else (),
    )


def _types(facts: "Facts", listed: Sequence[Json]) -> frozenset[str]:
    from synth_sdk.engine.constraints.facts import type_names

    if facts.typed:
        return frozenset(facts.types - {"null"})
    return frozenset(name for value in listed for name in type_names(value))


def _bound(value: Fraction | None) -> float | None:
    """As a double; None for none, and for what no double can be."""
    try:
        return None if value is None else float(value)
    except OverflowError:
        return None

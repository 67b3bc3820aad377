"""The keywords that speak of one value alone: type, listed values, bounds and counts; and when they exclude each other."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.engine.constraints.facts import ALL_TYPES, Facts, Part, json_key, type_names
from synth_sdk.schema.leaves import matches

__all__ = ["ATOMS", "check_bounds", "has_type", "matches"]

_SINGLE = {name: frozenset({name}) for name in ALL_TYPES} | {"number": frozenset({"number", "integer"})}


def has_type(value: Json, types: Json) -> bool:
    return bool(type_names(value) & ({types} if isinstance(types, str) else set(types)))


def _type(facts: Facts, part: Part, declared: Json) -> None:
    types = _SINGLE.get(declared) if isinstance(declared, str) else None
    if types is None:
        listed = [declared] if isinstance(declared, str) else [name for name in declared if isinstance(name, str)]
        types = (
            ALL_TYPES if "any" in listed else frozenset[str]().union(*(_SINGLE.get(name, frozenset({name})) for name in listed))
        )
    facts.types = types if facts.types is ALL_TYPES else facts.types & types
    facts.typed = True
    if not facts.types:
        facts.kill("no type is allowed by all subschemas", part, "type")


def _listed(facts: Facts, part: Part, keyword: str, listed: list[Json]) -> None:
    if facts.enum is None:
        facts.enum = list(listed)
    else:
        keys = {json_key(value) for value in facts.enum}
        facts.enum = [value for value in listed if json_key(value) in keys]
    if not facts.enum:
        facts.kill("no value is allowed by all subschemas", part, keyword)


def _enum(facts: Facts, part: Part, listed: Json) -> None:
    if isinstance(listed, list):
        _listed(facts, part, "enum", listed)


def _const(facts: Facts, part: Part, value: Json) -> None:
    _listed(facts, part, "const", [value])


def _bound(keyword: str, side: str) -> Callable[[Facts, Part, Json], None]:
    switch = f"exclusive{keyword.capitalize()}"  # draft 4 writes `"exclusiveMinimum": true` beside `minimum`
    always = keyword.startswith("exclusive")

    def add(facts: Facts, part: Part, value: Json) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return
        _tighten(facts, side, Fraction(value), always or part.schema.get(switch) is True)

    return add


def _tighten(facts: Facts, side: str, value: Fraction, exclusive: bool) -> None:
    bound: Fraction | None = getattr(facts, side)
    tighter = bound is None or (value > bound if side == "low" else value < bound)
    if tighter or value == bound:
        setattr(facts, side, value)
        setattr(facts, f"open_{side}", exclusive or (not tighter and getattr(facts, f"open_{side}")))


def _least(name: str) -> Callable[[Facts, Part, Json], None]:
    def add(facts: Facts, _part: Part, value: Json) -> None:
        setattr(facts, name, max(getattr(facts, name), int(value)))

    return add


def _most(name: str) -> Callable[[Facts, Part, Json], None]:
    def add(facts: Facts, _part: Part, value: Json) -> None:
        old = getattr(facts, name)
        setattr(facts, name, int(value) if old is None else min(old, int(value)))

    return add


def _unique(facts: Facts, _part: Part, value: Json) -> None:
    facts.unique = facts.unique or value is True


def _multiple(facts: Facts, _part: Part, value: Json) -> None:
    facts.multiples += (value,)


def _pattern(facts: Facts, _part: Part, value: Json) -> None:
    if isinstance(value, str) and value not in facts.patterns:
        facts.patterns += (value,)


def _format(facts: Facts, _part: Part, value: Json) -> None:
    if isinstance(value, str) and value not in facts.formats:
        facts.formats += (value,)


def _required(facts: Facts, _part: Part, value: Json) -> None:
    if isinstance(value, list):
        facts.required = {**facts.required, **dict.fromkeys(value)}


def _hint(keyword: str) -> Callable[[Facts, Part, Json], None]:
    def add(facts: Facts, _part: Part, value: Json) -> None:
        if keyword not in facts.hints:
            facts.hints = {**facts.hints, keyword: value}

    return add


def _samples(facts: Facts, _part: Part, value: Json) -> None:
    if isinstance(value, list):
        facts.samples += tuple(value)


def _sample(facts: Facts, _part: Part, value: Json) -> None:
    facts.samples += (value,)


ATOMS: Mapping[str, Callable[[Facts, Part, Any], None]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "minimum": _bound("minimum", "low"),
    "maximum": _bound("maximum", "high"),
    "exclusiveMinimum": _bound("exclusiveMinimum", "low"),
    "exclusiveMaximum": _bound("exclusiveMaximum", "high"),
    "multipleOf": _multiple,
    "minLength": _least("min_length"),
    "maxLength": _most("max_length"),
    "minItems": _least("min_items"),
    "maxItems": _most("max_items"),
    "minProperties": _least("min_properties"),
    "maxProperties": _most("max_properties"),
    "uniqueItems": _unique,
    "pattern": _pattern,
    "format": _format,
    "required": _required,
    "title": _hint("title"),
    "description": _hint("description"),
    "x-synth": _hint("x-synth"),
    "contentEncoding": _hint("contentEncoding"),
    "examples": _samples,
    "default": _sample,
    "example": _sample,
}


def check_bounds(facts: Facts) -> None:
    """Drop the types whose bounds exclude each other; nothing left is a contradiction."""
    broken: dict[str, str] = {}
    if facts.max_length is not None and facts.min_length > facts.max_length:
        broken["string"] = "minLength"
    if facts.max_items is not None and facts.min_items > facts.max_items:
        broken["array"] = "minItems"
    if facts.max_properties is not None:
        if facts.min_properties > facts.max_properties:
            broken["object"] = "minProperties"
        elif len(facts.required) > facts.max_properties:
            broken["object"] = "maxProperties"
    low, high = facts.low, facts.high
    if low is not None and high is not None and (low > high or (low == high and (facts.open_low or facts.open_high))):
        broken["number"] = broken["integer"] = "minimum"
    if not broken or facts.dead:
        return
    left = facts.types - broken.keys()
    if not left:
        keyword = next(broken[kind] for kind in sorted(facts.types))
        part = next((part for part in facts.parts if isinstance(part.schema, dict) and keyword in part.schema), facts.parts[0])
        facts.kill("the bounds exclude each other", part, keyword)
    facts.types, facts.typed = left, True

"""The keywords that speak of one value alone: type, listed values, bounds and counts; and when they exclude each other."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.engine.facts import Facts, Part, json_key, type_names


def matches(pattern: str, text: str) -> bool:
    """Does `pattern` occur in `text`? SchemaError for an expression that Python can't read (the validator couldn't either)."""
    try:
        return re.search(pattern, text) is not None
    except (re.error, RecursionError) as error:
        raise SchemaError(f"pattern {pattern[:80]!r} is not supported offline: {error}", keyword="pattern") from None


def has_type(value: Json, types: Json) -> bool:
    return bool(type_names(value) & ({types} if isinstance(types, str) else set(types)))


def add_type_and_values(facts: Facts, part: Part) -> None:
    schema = part.schema
    if "type" in schema:
        types = (
            {schema["type"]} if isinstance(schema["type"], str) else {name for name in schema["type"] if isinstance(name, str)}
        )
        if "number" in types or "any" in types:
            types |= {"integer"}
        facts.types = facts.types & types if "any" not in types else facts.types
        facts.typed = True
        if not facts.types:
            facts.kill("no type is allowed by all subschemas", part, "type")
    listed = [schema["const"]] if "const" in schema else schema.get("enum")
    if isinstance(listed, list):
        keys = None if facts.enum is None else {json_key(value) for value in facts.enum}
        facts.enum = [value for value in listed if keys is None or json_key(value) in keys]
        if not facts.enum:
            facts.kill("no value is allowed by all subschemas", part, "const" if "const" in schema else "enum")


def add_bounds(facts: Facts, schema: Mapping[str, Any]) -> None:
    for keyword, side in (("minimum", "low"), ("maximum", "high"), ("exclusiveMinimum", "low"), ("exclusiveMaximum", "high")):
        value = schema.get(keyword)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        exclusive = keyword.startswith("exclusive") or schema.get(f"exclusive{keyword.capitalize()}") is True
        _tighten(facts, side, Fraction(value), exclusive)
    if "multipleOf" in schema:
        facts.multiples.append(schema["multipleOf"])


def _tighten(facts: Facts, side: str, value: Fraction, exclusive: bool) -> None:
    bound: Fraction | None = getattr(facts, side)
    tighter = bound is None or (value > bound if side == "low" else value < bound)
    if tighter or value == bound:
        setattr(facts, side, value)
        setattr(facts, f"open_{side}", exclusive or (not tighter and getattr(facts, f"open_{side}")))


_COUNTS = (("Length", "length"), ("Items", "items"), ("Properties", "properties"))


def add_counts(facts: Facts, schema: Mapping[str, Any]) -> None:
    for word, name in _COUNTS:
        if f"min{word}" in schema:
            setattr(facts, f"min_{name}", max(getattr(facts, f"min_{name}"), int(schema[f"min{word}"])))
        if f"max{word}" in schema:
            most, old = int(schema[f"max{word}"]), getattr(facts, f"max_{name}")
            setattr(facts, f"max_{name}", most if old is None else min(old, most))
    facts.unique = facts.unique or schema.get("uniqueItems") is True
    if isinstance(schema.get("pattern"), str):
        facts.patterns.append(schema["pattern"])
    if isinstance(schema.get("format"), str):
        facts.formats.append(schema["format"])
    if isinstance(schema.get("required"), list):
        facts.required.update(dict.fromkeys(schema["required"]))


def check_bounds(facts: Facts) -> None:
    """Drop the types whose bounds exclude each other; nothing left is a contradiction."""
    broken: dict[str, str] = {}
    for kind, word, name in (("string", "Length", "length"), ("array", "Items", "items"), ("object", "Properties", "properties")):
        most = getattr(facts, f"max_{name}")
        if most is not None and getattr(facts, f"min_{name}") > most:
            broken[kind] = f"min{word}"
    if facts.max_properties is not None and len(facts.required) > facts.max_properties:
        broken.setdefault("object", "maxProperties")
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

"""The opposite of a schema, as alternatives in the same language: `not (A and B)` is `not A` or `not B`."""

from collections.abc import Iterator, Mapping

from synth_sdk.core.models import Json
from synth_sdk.engine.constraints.facts import ALL_TYPES

SOME_PROPERTY = "x-some-property"  # ours: {"name": schema, "value": schema}; an object with such a property
_MIRRORED = {  # keyword: (type it speaks of, keyword of the opposite, what to add to the value)
    "minLength": ("string", "maxLength", -1),
    "maxLength": ("string", "minLength", 1),
    "minItems": ("array", "maxItems", -1),
    "maxItems": ("array", "minItems", 1),
    "minProperties": ("object", "maxProperties", -1),
    "maxProperties": ("object", "minProperties", 1),
}
_BOUNDS = {
    "minimum": "exclusiveMaximum",
    "maximum": "exclusiveMinimum",
    "exclusiveMinimum": "maximum",
    "exclusiveMaximum": "minimum",
}
_SILENT = frozenset({
    "$schema", "$id", "id", "$comment", "title", "description", "default", "examples", "definitions", "$defs", "$anchor",
    "deprecated", "readOnly", "writeOnly",
})  # fmt: skip


def alternatives(schema: Json) -> list[tuple[Json, bool]]:
    """Schemas of which one holds whenever `schema` doesn't; [] when it always holds.

    Each comes with whether whatever satisfies it is sure to break `schema`. Where a keyword's opposite has no expression the last
    alternative is `true`, and the validator has to judge.
    """
    if isinstance(schema, bool):
        return [] if schema else [(True, True)]
    found: list[tuple[Json, bool]] = []
    complete = True
    for keyword, value in schema.items():
        if keyword not in _SILENT:
            opposites = list(_opposites(schema, keyword, value))
            found += [(opposite, keyword not in ("pattern", "format", "multipleOf")) for opposite in opposites]
            complete = complete and bool(opposites)
    return found if complete else [*found, (True, False)]


def _opposites(schema: Mapping[str, Json], keyword: str, value: Json) -> Iterator[Json]:
    match keyword:
        case "type":
            rest = _other_types({value} if isinstance(value, str) else set(value))
            if rest:
                yield {"type": rest}
        case "required" if isinstance(value, list):
            yield from ({"type": "object", "properties": {name: False}} for name in value)
        case "properties":
            yield from (
                {"type": "object", "required": [name], "properties": {name: {"not": inner}}} for name, inner in value.items()
            )
        case "propertyNames":
            yield _some({"not": value}, True)
        case "patternProperties":
            yield from (_some({"pattern": pattern}, {"not": inner}) for pattern, inner in value.items())
        case "additionalProperties":
            yield _some(_name_of_its_own(schema), {"not": value})
        case "const":
            yield {"not": {"const": value}}
        case "enum":
            yield {"not": {"enum": value}}
        case "pattern" | "format" | "multipleOf":
            if _only(schema, keyword):
                yield {"type": "number" if keyword == "multipleOf" else "string"}
        case "not":
            yield value
        case "allOf":
            yield from ({"not": inner} for inner in value)
        case "anyOf":
            yield {"allOf": [{"not": inner} for inner in value]}
        case "items" if isinstance(value, dict | bool) and "prefixItems" not in schema:
            yield {"type": "array", "minItems": 1, "contains": {"not": value}}
        case "contains" if not schema.keys() & {"minContains", "maxContains"}:
            yield {"type": "array", "items": {"not": value}}
        case _ if keyword in _BOUNDS and not isinstance(value, bool) and not _has_switch(schema, keyword):
            yield {"type": "number", _BOUNDS[keyword]: value}
        case _ if keyword in _MIRRORED and value + _MIRRORED[keyword][2] >= 0:
            kind, opposite, step = _MIRRORED[keyword]
            yield {"type": kind, opposite: int(value) + step}


def _some(name: Json, value: Json) -> Json:
    return {"type": "object", "minProperties": 1, SOME_PROPERTY: {"name": name, "value": value}}


def _name_of_its_own(schema: Mapping[str, Json]) -> Json:
    """A name that neither `properties` nor `patternProperties` knows."""
    known = [{"enum": list(schema["properties"])}] if schema.get("properties") else []
    patterns = [{"pattern": pattern} for pattern in schema.get("patternProperties") or {}]
    return {"allOf": [{"not": one} for one in (*known, *patterns)]} if known or patterns else True


def _has_switch(schema: Mapping[str, Json], keyword: str) -> bool:
    """Draft 4's `"exclusiveMinimum": true` beside `minimum`."""
    return isinstance(schema.get(f"exclusive{keyword.capitalize()}"), bool)


def _other_types(types: set[str]) -> list[str]:
    rest = ALL_TYPES - types
    if "number" in types:
        rest -= {"integer"}
    elif "integer" in types:
        rest -= {"number"}  # "a number that is no integer" has no keyword
    return sorted(rest)


def _only(schema: Mapping[str, Json], keyword: str) -> bool:
    return all(other == keyword or other in _SILENT or other == "type" for other in schema)

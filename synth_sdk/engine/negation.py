"""The opposite of a schema, as alternatives in the same language: `not (A and B)` is `not A` or `not B`."""

from collections.abc import Iterator, Mapping

from synth_sdk.core.models import Json
from synth_sdk.engine.facts import ALL_TYPES

_MIRRORED = {  # keyword: (type it speaks of, keyword of the opposite, what to add to the value)
    "minLength": ("string", "maxLength", -1),
    "maxLength": ("string", "minLength", 1),
    "minItems": ("array", "maxItems", -1),
    "maxItems": ("array", "minItems", 1),
    "minProperties": ("object", "maxProperties", -1),
    "maxProperties": ("object", "minProperties", 1),
}
_SILENT = frozenset({"$schema", "$id", "id", "$comment", "title", "description", "default", "examples", "definitions", "$defs"})


def alternatives(schema: Json) -> list[Json]:
    """Schemas of which one holds whenever `schema` doesn't; [] when it always holds.

    Where a keyword's opposite has no expression the last alternative is `true`, and the validator has to judge.
    """
    if isinstance(schema, bool):
        return [] if schema else [True]
    found: list[Json] = []
    complete = True
    for keyword, value in schema.items():
        if keyword not in _SILENT:
            opposites = list(_opposites(schema, keyword, value))
            found += opposites
            complete = complete and bool(opposites)
    return found if complete else [*found, True]


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
        case "const":
            yield {"not": {"const": value}}
        case "enum":
            yield {"not": {"enum": value}}
        case "pattern" | "format" | "multipleOf":
            if _only(schema, keyword):
                yield {"type": "number" if keyword == "multipleOf" else "string"}
        case "minimum" if not isinstance(value, bool):
            yield {"type": "number", "exclusiveMaximum": value}
        case "maximum" if not isinstance(value, bool):
            yield {"type": "number", "exclusiveMinimum": value}
        case "exclusiveMinimum" if not isinstance(value, bool):
            yield {"type": "number", "maximum": value}
        case "exclusiveMaximum" if not isinstance(value, bool):
            yield {"type": "number", "minimum": value}
        case "not":
            yield value
        case "allOf":
            yield from ({"not": inner} for inner in value)
        case "anyOf":
            yield {"allOf": [{"not": inner} for inner in value]}
        case "items" if isinstance(value, dict):
            yield {"type": "array", "minItems": 1, "contains": {"not": value}}
        case _ if keyword in _MIRRORED and value + _MIRRORED[keyword][2] >= 0:
            kind, opposite, step = _MIRRORED[keyword]
            yield {"type": kind, opposite: int(value) + step}


def _other_types(types: set[str]) -> list[str]:
    rest = ALL_TYPES - types
    if "number" in types:
        rest -= {"integer"}
    elif "integer" in types:
        rest -= {"number"}  # "a number that is no integer" has no keyword
    return sorted(rest)


def _only(schema: Mapping[str, Json], keyword: str) -> bool:
    return all(other == keyword or other in _SILENT or other == "type" for other in schema)

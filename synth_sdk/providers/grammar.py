"""A response schema as Claude's constrained decoding takes it: weaker, never stronger, with what was dropped told in words.

The grammar knows types, properties, enums, `anyOf` and local references. A bound (`minItems: 2`, `maxLength`, `minimum`) is
answered with a 400, so it moves into the description, where the model still reads it; every object is closed, so a schema with free
keys can't be sent, nor one that contains itself. Source: "Structured outputs" in Anthropic's and Amazon Bedrock's guides, November
2026. Whatever satisfies the original satisfies the reduced schema; the caller validates against the original anyway.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

_BOUNDS = (
    *("minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains", "prefixItems", "unevaluatedItems"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern"),
    *("minProperties", "maxProperties", "propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedProperties"),
    *("if", "then", "else", "not"),
)
_FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}


def reduced(schema: Any) -> dict[str, Any] | None:
    """`schema` without what the grammar refuses; None when it can't be said soundly (free keys, recursion, foreign references)."""
    if _recursive(schema, schema, ()) or any(_open(part) for part in _parts(schema)):
        return None
    result: dict[str, Any] = _weaken(schema)
    return result


def _weaken(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    dropped = {key: schema[key] for key in _BOUNDS if key in schema}
    if schema.get("format") not in _FORMATS | {None}:
        dropped["format"] = schema["format"]
    kept = {key: _inside(key, value) for key, value in schema.items() if key not in dropped}
    if "oneOf" in kept:
        kept["anyOf"] = kept.pop("oneOf")
    if dropped:
        told = ", ".join(f"{key} {json.dumps(value)}" for key, value in dropped.items())
        kept["description"] = f"{kept['description']} ({told})" if "description" in kept else told
    return kept


def _inside(key: str, value: Any) -> Any:
    if key in ("properties", "$defs", "definitions"):
        return {name: _weaken(part) for name, part in value.items()}
    if key in ("anyOf", "oneOf", "allOf"):
        return [_weaken(part) for part in value]
    return _weaken(value) if key == "items" else value


def _parts(schema: Any) -> Iterator[Mapping[str, Any]]:
    """`schema` and every schema within it that `_weaken` would keep."""
    if not isinstance(schema, Mapping):
        return
    yield schema
    for key, value in schema.items():
        if key in ("properties", "$defs", "definitions"):
            inner = list(value.values())
        else:
            inner = value if key in ("anyOf", "oneOf", "allOf") else [value] if key == "items" else []
        for part in inner:
            yield from _parts(part)


def _open(schema: Mapping[str, Any]) -> bool:
    """Whether keys beyond the named ones are part of the wish, or a part of the schema is left to anything."""
    extra = schema.get("additionalProperties", False)
    free = schema.get("type") == "object" and "properties" not in schema
    return free or extra not in (False, None) or "patternProperties" in schema or not schema or "allOf" in schema


def _recursive(schema: Any, root: Any, above: tuple[str, ...]) -> bool:
    """Whether a reference leads back to itself, or out of the document's `$defs`."""
    references = [
        part["$ref"] for part in _parts(schema if above else {**schema, "$defs": {}, "definitions": {}}) if "$ref" in part
    ]
    for reference in references:
        found: Any = root
        for step in str(reference).removeprefix("#/").split("/"):
            found = found.get(step) if isinstance(found, Mapping) else None
        if reference in above or not isinstance(found, Mapping):
            return True
        if _recursive(found, root, (*above, reference)):
            return True
    return False

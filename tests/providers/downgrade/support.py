"""What every reduced schema must keep to, and two validators that know nothing of ours."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator

from synth_sdk.providers.downgrade import Target

NEWEST = "https://json-schema.org/draft/2020-12/schema"


def accepted(schema: Any, value: Any) -> bool:
    """Valid to jsonschema and to jsonschema-rs, formats included."""
    python = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    rust = jsonschema_rs.Draft202012Validator(schema, validate_formats=True, ignore_unknown_formats=True)
    return python.is_valid(value) and rust.is_valid(value)


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every subschema, found without the code under test."""
    if isinstance(schema, dict):
        yield schema
        for key in ("properties", "$defs"):
            for inner in schema.get(key, {}).values():
                yield from nodes(inner)
        for key in ("anyOf", "prefixItems"):
            for inner in schema.get(key, ()):
                yield from nodes(inner)
        for key in ("items", "additionalProperties"):
            yield from nodes(schema.get(key))


def breaches(schema: dict[str, Any], target: Target) -> list[str]:
    """Where `schema` leaves what `target` takes."""
    found: list[str] = []
    for node in nodes(schema):
        found += [f"keyword {key}" for key in node if key not in target.keywords]
        if target.closed and "object" in _types(node):
            found += ["an open object"] if node.get("additionalProperties") is not False else []
            missing = set(node.get("properties", {})) - set(node.get("required", ()))
            found += [f"optional {sorted(missing)}"] if target.all_required and missing else []
        if "$ref" in node and len(node) > 1 and "$defs" not in node:
            found.append("something beside $ref")
        if node.get("format", None) not in (None, *target.formats):
            found.append(f"format {node['format']}")
        if any(isinstance(value, dict | list) for value in node.get("enum", ())):
            found.append("a composite in an enum")
        if target.least_items is not None and node.get("minItems", 0) > target.least_items:
            found.append("minItems")
    if not target.recursion and _cyclic(schema):
        found.append("recursion")
    return found


def _types(node: dict[str, Any]) -> list[str]:
    told = node.get("type", [])
    return told if isinstance(told, list) else [told]


def _cyclic(schema: dict[str, Any]) -> bool:
    definitions = schema.get("$defs", {})
    leads = {
        name: {str(node["$ref"]).rpartition("/")[2] for node in nodes(inner) if "$ref" in node}
        for name, inner in definitions.items()
    }

    def reaches(name: str, seen: frozenset[str]) -> bool:
        return name in seen or any(reaches(other, seen | {name}) for other in leads[name])

    return any(reaches(name, frozenset()) for name in leads)

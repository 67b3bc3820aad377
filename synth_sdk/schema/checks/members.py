"""Objects and arrays whose properties, names or items can't be had as declared."""

from collections.abc import Iterator, Mapping

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.schema.checks.places import Finding, Place
from synth_sdk.schema.leaves import matches

_COMPOSED = (
    "allOf",
    "anyOf",
    "oneOf",
    "$ref",
    "if",
    "$dynamicRef",
    "$recursiveRef",
    "dependentSchemas",
    "dependencies",
    "extends",
)


def members(place: Place) -> Iterator[Finding]:
    """Required properties that are forbidden or nowhere declared, counts that can't be reached, closed objects that are composed."""
    yield from _required(place)
    yield from _counts(place)
    yield from _closed(place)
    yield from _items(place)


def _names(schema: Mapping[str, Json], keyword: str) -> Mapping[str, Json]:
    found = schema.get(keyword)
    return found if isinstance(found, dict) else {}


def _required(place: Place) -> Iterator[Finding]:
    required = place.schema.get("required")
    if not isinstance(required, list):
        return
    declared, patterns = _names(place.schema, "properties"), _names(place.schema, "patternProperties")
    closed = place.schema.get("additionalProperties") is False
    for name in dict.fromkeys(name for name in required if isinstance(name, str)):
        if declared.get(name) is False:
            yield from _if_object(place, f"unsatisfiable: the property {name!r} is required, and its schema is false")
        elif name in declared or any(_matches(pattern, name) for pattern in patterns):
            continue
        elif closed:
            yield from _if_object(
                place, f"unsatisfiable: {name!r} is required, not declared, and additionalProperties is false; declare it"
            )
        elif (
            declared
            and not any(word in place.schema for word in _COMPOSED)
            and not {"allOf", "anyOf", "oneOf", "then", "else"} & set(map(str, place.path))
        ):
            yield place.found(
                "warning", "required", f"{name!r} is not declared under properties, so it may be anything; declare it"
            )


def _if_object(place: Place, told: str) -> Iterator[Finding]:
    if place.types() and "object" not in place.types():
        return
    if place.types() == {"object"}:
        yield from place.contradiction("required", told)
    else:
        yield place.found("warning", "required", told.replace("unsatisfiable", "no object is valid"))


def _matches(pattern: str, name: str) -> bool:
    try:
        return matches(pattern, name)
    except SchemaError:  # told where the pattern stands
        return True


def _counts(place: Place) -> Iterator[Finding]:
    schema = place.schema
    required, most, least = schema.get("required"), schema.get("maxProperties"), schema.get("minProperties")
    if isinstance(required, list) and isinstance(most, int) and len(set(map(str, required))) > most:
        yield from _if_object(place, f"unsatisfiable: {len(required)} properties are required, maxProperties is {most}")
    closed = schema.get("additionalProperties") is False and "patternProperties" not in schema
    declared = _names(schema, "properties")
    if closed and isinstance(least, int) and least > len(declared):
        yield from _if_object(
            place, f"unsatisfiable: minProperties is {least}, only {len(declared)} are declared and no others allowed"
        )


def _closed(place: Place) -> Iterator[Finding]:
    """The classic trap: `additionalProperties: false` doesn't see what `allOf` and its like declare."""
    if place.schema.get("additionalProperties") is not False or "patternProperties" in place.schema:
        return
    declared = _names(place.schema, "properties")
    outside = {
        name: None
        for schema, own in place.conjuncts()
        if not own
        for name in _names(schema, "properties")
        if name not in declared
    }
    if outside:
        told = ", ".join(map(repr, list(outside)[:3]))
        needed = {
            str(name) for schema, own in place.conjuncts() if not own for name in schema.get("required") or ()
        } & outside.keys()
        if needed:
            yield from place.contradiction(
                "additionalProperties",
                f"unsatisfiable: false forbids {', '.join(map(repr, sorted(needed)[:3]))}, which allOf or $ref requires; use unevaluatedProperties",
            )
        else:
            yield place.found(
                "warning",
                "additionalProperties",
                f"false forbids {told}, which only allOf or $ref declares; use unevaluatedProperties",
            )


def _items(place: Place) -> Iterator[Finding]:
    schema = place.schema
    least, items, unique = schema.get("minItems"), schema.get("items"), schema.get("uniqueItems") is True
    if not isinstance(least, int) or place.types() - {"array"}:
        return
    leading = schema.get("prefixItems")
    room = len(leading) if isinstance(leading, list) else 0
    if items is False and least > room:
        yield from place.contradiction("minItems", f"unsatisfiable: {least} items are wanted, and no more than {room} allowed")
    few = items.get("enum") if isinstance(items, dict) else None
    if unique and isinstance(few, list) and not room and least > len(few):
        yield from place.contradiction(
            "uniqueItems", f"unsatisfiable: {least} different items are wanted, the enum has {len(few)}"
        )

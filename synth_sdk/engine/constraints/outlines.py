"""A quick look at two alternatives: can one value satisfy both? Saves ruling the other branches of a `oneOf` out one by one."""

from collections.abc import Mapping
from dataclasses import dataclass

from synth_sdk.core.models import Json
from synth_sdk.engine.constraints.facts import ALL_TYPES, Part, json_key, type_names
from synth_sdk.engine.constraints.parts import Parts
from synth_sdk.schema.drafts import OLD_DRAFTS

_MOST_VALUES = 200
_DEEPEST = 8
_OBJECT = frozenset({"object"})


@dataclass(frozen=True, slots=True)
class Outline:
    """What any value of a schema surely is. `values`: None if they aren't listed; `allowed`: None if any name is; `properties`:
    the parts that declare each.
    """

    types: frozenset[str]
    values: frozenset[Json] | None
    required: frozenset[str]
    allowed: frozenset[str] | None
    properties: Mapping[str, tuple[Part, ...]]


class Outlines:
    """Outlines of the parts of one document, each made once."""

    def __init__(self, draft: str) -> None:
        self._refs_hide = draft in OLD_DRAFTS

    def of(self, document: Parts, part: Part, depth: int = 0) -> Outline:
        """The outline of `part`, `$ref` and `allOf` included as far as they are near."""
        if not isinstance(part.schema, dict) or depth > _DEEPEST:
            return _NOTHING if part.schema is False else _ANYTHING
        found: Outline | None = part.made.get("#outline")
        if found is None:
            found = part.made["#outline"] = self._find(document, part, part.schema, depth)
        return found

    def apart(self, document: Parts, one: Part, other: Part) -> bool:
        """Is it certain that no value satisfies both?"""
        return self._apart(document, self.of(document, one), self.of(document, other))

    def _find(self, document: Parts, part: Part, schema: Mapping[str, Json], depth: int) -> Outline:
        target = document.followed(part, "$ref") if isinstance(schema.get("$ref"), str) else None
        if target is not None and self._refs_hide:
            return self.of(document, target, depth + 1)
        near = [target] if target is not None else []
        near += [document.under(part, f"/allOf/{place}", inner) for place, inner in enumerate(schema.get("allOf") or [])]
        return _joined([_own(part, schema), *(self.of(document, other, depth + 1) for other in near)])

    def _apart(self, document: Parts, one: Outline, other: Outline) -> bool:
        if not one.types & other.types:
            return True
        if one.values is not None and other.values is not None:
            return not one.values & other.values
        if one.types != _OBJECT and other.types != _OBJECT:
            return False
        required = one.required | other.required
        if not all(outline.allowed is None or required <= outline.allowed for outline in (one, other)):
            return True
        shared = required & one.properties.keys() & other.properties.keys()
        return any(
            _unequal(self._property(document, one, name), self._property(document, other, name)) for name in sorted(shared)
        )

    def _property(self, document: Parts, outline: Outline, name: str) -> Outline:
        parts = outline.properties[name]
        return _joined(
            [self.of(document, document.under(part, f"/properties/{name}", part.schema["properties"][name])) for part in parts]
        )


def _own(part: Part, schema: Mapping[str, Json]) -> Outline:
    declared, required = schema.get("properties"), schema.get("required")
    properties = declared if isinstance(declared, dict) else {}
    closed = schema.get("additionalProperties") is False and not schema.get("patternProperties")
    return Outline(
        _types(schema),
        _values(schema),
        frozenset(required) if isinstance(required, list) else frozenset(),
        frozenset(properties) if closed else None,
        dict.fromkeys(properties, (part,)),
    )


def _types(schema: Mapping[str, Json]) -> frozenset[str]:
    declared = schema.get("type")
    if declared is None or "any" in (declared if isinstance(declared, list) else [declared]):
        return ALL_TYPES
    types = frozenset(declared if isinstance(declared, list) else [declared])
    return types | {"integer"} if "number" in types else types


def _values(schema: Mapping[str, Json]) -> frozenset[Json] | None:
    listed = [schema["const"]] if "const" in schema else schema.get("enum")
    if not isinstance(listed, list) or len(listed) > _MOST_VALUES:
        return None
    types = _types(schema)
    return frozenset(json_key(value) for value in listed if type_names(value) & types)


def _unequal(one: Outline, other: Outline) -> bool:
    if not one.types & other.types:
        return True
    return one.values is not None and other.values is not None and not one.values & other.values


def _joined(outlines: list[Outline]) -> Outline:
    """The outline of what satisfies all of them."""
    found = outlines[0]
    for other in outlines[1:]:
        found = _both(found, other)
    return found


def _both(one: Outline, other: Outline) -> Outline:
    shared = one.properties.keys() & other.properties.keys()
    return Outline(
        one.types & other.types,
        other.values if one.values is None else one.values if other.values is None else one.values & other.values,
        one.required | other.required,
        other.allowed if one.allowed is None else one.allowed if other.allowed is None else one.allowed & other.allowed,
        {**one.properties, **other.properties, **{name: (*one.properties[name], *other.properties[name]) for name in shared}},
    )


_NOTHING = Outline(frozenset(), None, frozenset(), None, {})
_ANYTHING = Outline(ALL_TYPES, None, frozenset(), None, {})

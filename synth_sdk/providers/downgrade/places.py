"""Subschemas of a document, and those of them that hold at once: references followed, `allOf` spread out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.schema.drafts import OLD_DRAFTS, format_checker
from synth_sdk.schema.references import enter, follow, root_resolver

_UNIONS = ("anyOf", "oneOf")
_CONSTRAINTS = frozenset(
    [
        "$ref",
        "$dynamicRef",
        "$recursiveRef",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "type",
        "enum",
        "const",
        "multipleOf",
        "divisibleBy",
        "maximum",
        "exclusiveMaximum",
        "minimum",
        "exclusiveMinimum",
        "maxLength",
        "minLength",
        "pattern",
        "format",
        "items",
        "prefixItems",
        "additionalItems",
        "contains",
        "maxItems",
        "minItems",
        "uniqueItems",
        "properties",
        "patternProperties",
        "additionalProperties",
        "propertyNames",
        "maxProperties",
        "minProperties",
        "required",
        "dependencies",
        "dependentRequired",
        "dependentSchemas",
        "unevaluatedItems",
        "unevaluatedProperties",
        "extends",
        "disallow",
    ]
)
_LATER = {  # keywords that an older draft doesn't know
    "draft-03": frozenset({"allOf", "anyOf", "oneOf", "const", "prefixItems"}),
    "draft-04": frozenset({"const", "prefixItems"}),
    "draft-06": frozenset({"prefixItems"}),
    "draft-07": frozenset({"prefixItems"}),
    "2019-09": frozenset({"prefixItems"}),
}

Key = tuple[tuple[int, frozenset[str]], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A subschema, where it stands (a JSON pointer), and how references in it are resolved. `without`: keywords left out of account."""

    schema: Json
    resolver: Any
    pointer: str
    without: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[int, frozenset[str]]:
        return (id(self.schema), self.without)

    def get(self, keyword: str) -> Any:
        return None if keyword in self.without else self.schema.get(keyword)

    @property
    def keywords(self) -> list[str]:
        """Those that constrain values."""
        return [name for name in self.schema if name in _CONSTRAINTS and name not in self.without]

    @property
    def union(self) -> str | None:
        """The keyword of its alternatives, if it has any."""
        return next((name for name in _UNIONS if isinstance(self.get(name), list)), None)


class Document:
    """Finds the subschemas of one document; `lost` are (pointer, what) of references that can't be followed."""

    def __init__(self, document: Json, draft: str) -> None:
        self._draft, self._refs_hide, self._unknown = draft, draft in OLD_DRAFTS, _LATER.get(draft, frozenset())
        self.root = Place(document, root_resolver(document, draft), "", self._unknown)
        self.lost: list[tuple[str, str]] = []

    def knows_format(self, name: str) -> bool:
        """Does this draft's validator check the format? What it doesn't check isn't demanded."""
        return name in format_checker(self._draft).checkers

    def inside(self, place: Place, *steps: str | int) -> Place:
        """The subschema at `steps` below `place`."""
        schema = place.schema
        for step in steps:
            schema = schema[step]
        resolver = enter(place.resolver, schema, self._draft) if isinstance(schema, dict) else place.resolver
        names = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
        return Place(schema, resolver, "/".join((place.pointer, *names)), self._unknown)

    def is_reference(self, place: Place) -> bool:
        """Does it say nothing but where its schema is?"""
        return isinstance(place.schema, dict) and isinstance(place.schema.get("$ref"), str) and self._bare(place)

    def _bare(self, place: Place) -> bool:
        return self._refs_hide or place.keywords == ["$ref"]

    def together(self, places: Iterable[Place]) -> tuple[Place, ...] | None:
        """All subschemas that hold where `places` do, none of which is a reference or an `allOf`; None if one of them allows nothing."""
        found: dict[tuple[int, frozenset[str]], Place] = {}
        for place in places:
            for part in self._spread(place, set()):
                if part.schema is False:
                    return None
                found.setdefault(part.key, part)
        return tuple(part for part in found.values() if part.keywords)

    def _spread(self, place: Place, above: set[int]) -> Iterator[Place]:
        schema = place.schema
        if not isinstance(schema, dict):
            if schema is False:
                yield place
            return
        if id(schema) in above:
            return
        above = above | {id(schema)}
        if isinstance(place.get("$ref"), str):
            if target := self._target(place):
                yield from self._spread(target, above)
            if self._refs_hide:
                return
        if isinstance(place.get("allOf"), list):
            for number in range(len(schema["allOf"])):
                yield from self._spread(self.inside(place, "allOf", number), above)
        yield Place(schema, place.resolver, place.pointer, place.without | {"$ref", "allOf"})

    def _target(self, place: Place) -> Place | None:
        reference = place.schema["$ref"]
        try:
            schema, resolver = follow(place.resolver, reference, place.pointer)
        except SchemaError:
            self.lost.append((place.pointer, f"$ref {reference}"))
            return None
        pointer = reference[1:] if reference.startswith("#/") or reference == "#" else f"{place.pointer}/$ref"
        inner = enter(resolver, schema, self._draft) if isinstance(schema, dict) else resolver
        return Place(schema, inner, pointer, self._unknown)


def key_of(places: Iterable[Place]) -> Key:
    return tuple(place.key for place in places)

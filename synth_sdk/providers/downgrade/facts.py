"""What subschemas that hold at once say together, as far as a reduced schema can repeat it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.providers.downgrade.places import Document, Place

TYPES = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_LOW = ("minimum", "exclusiveMinimum", "minItems", "minLength")
_HIGH = ("maximum", "exclusiveMaximum", "maxItems", "maxLength")
BOUNDS = {
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("minLength", "maxLength", "pattern", "format"),
    "array": ("minItems", "maxItems"),
}
_ALIASES = {"divisibleBy": "multipleOf"}


@dataclass(frozen=True, slots=True)
class Items:
    """What one subschema says of an array: of its first items, of the others (None: nothing), and whether there may be others."""

    first: tuple[Place, ...]
    others: Place | None
    ended: bool


@dataclass(slots=True)
class Facts:
    """`types` holds "integer" beside "number". `enum` are the values that are left of those `listed` somewhere.
    `bounds` maps a keyword to (value, the place it comes from). Of an object's undeclared
    properties `rest` tells (alternatives; None: anything goes). `told` are the types that some keyword speaks of, `hinted`
    the names of properties that conditions speak of, `unsaid` the keywords that no reduced schema can repeat.
    """

    types: frozenset[str] = TYPES
    typed: bool = False
    enum: list[Json] | None = None
    listed: tuple[Place, str] | None = None
    bounds: dict[str, tuple[Any, Place]] = field(default_factory=dict)
    properties: dict[str, list[Place]] = field(default_factory=dict)
    required: dict[str, None] = field(default_factory=dict)
    closed: bool = False
    rest: list[Place] | None = None
    lists: list[Items] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    description: str = ""
    hinted: dict[str, None] = field(default_factory=dict)
    unsaid: list[tuple[Place, str]] = field(default_factory=list)


def facts_of(document: Document, places: Iterable[Place]) -> Facts:
    """The facts of `places`; those keywords that no reduced schema can repeat are left in `unsaid`."""
    facts = Facts()
    for place in places:
        facts.description = facts.description or str(place.schema.get("description") or "")
        for keyword in place.keywords:
            name = _ALIASES.get(keyword, keyword)
            if handler := _HANDLERS.get(name):
                handler(facts, document, place, place.schema[keyword])
            elif name in _LOW or name in _HIGH or name in ("pattern", "format", "multipleOf"):
                _bound(facts, place, name, place.schema[keyword])
            elif keyword not in ("anyOf", "oneOf", "additionalItems"):
                facts.unsaid.append((place, keyword))
        facts.hinted |= dict.fromkeys(_hinted(place))
    return facts


def _hinted(place: Place) -> Iterator[str]:
    """The names of properties that stand behind a condition. Nothing is known of them but that they may occur."""
    conditional = [place.get("then"), place.get("else")] if "if" in place.keywords else []
    for keyword in ("dependentSchemas", "dependencies"):
        if isinstance(place.get(keyword), dict):
            conditional += place.schema[keyword].values()
    for schema in conditional:
        if isinstance(schema, dict) and isinstance(schema.get("properties"), dict):
            yield from schema["properties"]


def _type(facts: Facts, document: Document, place: Place, value: Any) -> None:
    names = value if isinstance(value, list) else [value]
    if not all(isinstance(name, str) and name in TYPES for name in names):
        return  # "any" and schemas among the types of draft 3
    allowed = set(names) | ({"integer"} if "number" in names else set())
    facts.types &= allowed
    facts.typed = True


def _enum(facts: Facts, document: Document, place: Place, value: Any) -> None:
    if isinstance(value, list):
        facts.listed = (place, "enum" if "enum" in place.schema else "const")
        facts.enum = value if facts.enum is None else [item for item in facts.enum if any(_same(item, other) for other in value)]


def _const(facts: Facts, document: Document, place: Place, value: Any) -> None:
    _enum(facts, document, place, [value])


def _bound(facts: Facts, place: Place, name: str, value: Any) -> None:
    facts.told.add(next(kind for kind, names in BOUNDS.items() if name in names))
    if isinstance(value, bool):  # draft 4: it sharpens the plain bound
        plain = place.schema.get("minimum" if name == "exclusiveMinimum" else "maximum")
        if not value or plain is None:
            return
        value = plain
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    known = facts.bounds.get(name)
    if known is None or (name in _LOW and value > known[0]) or (name in _HIGH and value < known[0]):
        facts.bounds[name] = (value, place)
    elif name not in _LOW and name not in _HIGH and known[0] != value:
        facts.unsaid.append((place, name))


def _properties(facts: Facts, document: Document, place: Place, value: Any) -> None:
    facts.told.add("object")
    for name in value:
        facts.properties.setdefault(name, []).append(document.inside(place, "properties", name))


def _required(facts: Facts, document: Document, place: Place, value: Any) -> None:
    if isinstance(value, list):
        facts.told.add("object")
        facts.required |= dict.fromkeys(value)


def _additional(facts: Facts, document: Document, place: Place, value: Any) -> None:
    facts.told.add("object")
    patterns = [document.inside(place, "patternProperties", name) for name in place.get("patternProperties") or {}]
    if value is False and not patterns:
        facts.closed = True
    elif value is False or isinstance(value, dict):
        others = [document.inside(place, "additionalProperties")] if isinstance(value, dict) else []
        facts.rest = facts.rest or [*patterns, *others]


def _pattern_properties(facts: Facts, document: Document, place: Place, value: Any) -> None:
    facts.told.add("object")
    facts.unsaid.append((place, "patternProperties"))


def _items(facts: Facts, document: Document, place: Place, value: Any) -> None:
    facts.told.add("array")
    if isinstance(value, list):
        others = place.get("additionalItems")
        rest = document.inside(place, "additionalItems") if isinstance(others, dict) else None
        facts.lists.append(Items(_each(document, place, "items"), rest, others is False))
    elif not place.get("prefixItems"):
        facts.lists.append(Items((), document.inside(place, "items") if isinstance(value, dict) else None, value is False))


def _prefix_items(facts: Facts, document: Document, place: Place, value: Any) -> None:
    facts.told.add("array")
    others = place.get("items")
    rest = document.inside(place, "items") if isinstance(others, dict) else None
    facts.lists.append(Items(_each(document, place, "prefixItems"), rest, others is False))


def _each(document: Document, place: Place, keyword: str) -> tuple[Place, ...]:
    return tuple(document.inside(place, keyword, number) for number in range(len(place.schema[keyword])))


def _same(left: Any, right: Any) -> bool:
    """Equal as JSON: 1 is 1.0, but not true."""
    return left is right if isinstance(left, bool) or isinstance(right, bool) else bool(left == right)


_HANDLERS: dict[str, Callable[[Facts, Document, Place, Any], None]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "properties": _properties,
    "required": _required,
    "additionalProperties": _additional,
    "patternProperties": _pattern_properties,
    "items": _items,
    "prefixItems": _prefix_items,
}

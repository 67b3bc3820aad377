"""The data type of a record, as far as its JSON Schema settles it: what columns and elements are laid out from.

Keywords that hold together narrow a type (`both`), alternatives widen it (`either`). What the schema leaves open or mixes, is
recursive, or would be too large, has the kind "json": any value. Properties that a schema doesn't mention are taken not to occur,
unless it speaks of further ones (`additionalProperties` that isn't false, `patternProperties`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Literal

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.schema.drafts import OLD_DRAFTS
from synth_sdk.schema.references import REFERENCE_KEYWORDS, follow, root_resolver

Kind = Literal["any", "json", "null", "boolean", "integer", "unsigned", "number", "string", "array", "object"]

_DEEPEST = 48  # schemas within schemas, references counted; deeper parts are "json"
_MOST_LEAVES = 1000  # within one property: a few references can spell out an exponentially large tree
_NUMERIC = ("number", "integer", "unsigned")  # each narrower than the one before
_OBJECT_WORDS = ("properties", "required", "additionalProperties", "patternProperties", "unevaluatedProperties", "minProperties")
_ARRAY_WORDS = ("items", "prefixItems")


@dataclass(frozen=True, slots=True)
class DataType:
    """`item` belongs to arrays, `fields` and `free` to objects.

    `free`: properties beyond `fields` may occur; None if nothing was said. "any" is what no keyword has narrowed yet; `settled`
    leaves no such type behind. `leaves` counts the scalars of one value.
    """

    kind: Kind
    nullable: bool = False
    item: "DataType | None" = None
    fields: tuple["Field", ...] = ()
    free: bool | None = None
    leaves: int = 1


@dataclass(frozen=True, slots=True)
class Field:
    """One property. `optional`: it may be absent."""

    name: str
    type: DataType
    optional: bool


ANY = DataType("any", nullable=True)
JSON = DataType("json", nullable=True)
NULL = DataType("null", nullable=True)


def type_of(document: Json) -> DataType:
    """The settled type of the records of a schema. A root object with declared properties stays one, further properties or not."""
    root = _Reader(document).read(document)
    if root.kind == "object" and root.fields and not root.nullable:
        return _with_settled_fields(root)
    return settled(root)


def settled(type: DataType) -> DataType:
    """`type` with every part that has no uniform shape turned into "json", from the leaves up."""
    if type.kind == "array" and type.item is not None:
        item = settled(type.item)
        return JSON if item.kind == "json" else replace(type, item=item)
    if type.kind == "object" and type.fields and not type.free:
        return _with_settled_fields(type)
    return JSON if type.kind in ("any", "null", "array", "object") else type


def _with_settled_fields(type: DataType) -> DataType:
    return replace(type, fields=tuple(replace(field, type=settled(field.type)) for field in type.fields))


def both(left: DataType, right: DataType) -> DataType:
    """What is of both types."""
    if "json" in (left.kind, right.kind):
        return JSON
    if left.kind == "any" or right.kind == "any":
        return _narrowed(right, left) if left.kind == "any" else _narrowed(left, right)
    nullable = left.nullable and right.nullable
    if left.kind in _NUMERIC and right.kind in _NUMERIC:
        return DataType(max(left.kind, right.kind, key=_NUMERIC.index), nullable)
    if left.kind != right.kind:
        return NULL if nullable else JSON
    if left.kind == "array":
        return _array(both(left.item or ANY, right.item or ANY), nullable)
    if left.kind == "object":
        free = False if False in (left.free, right.free) else left.free or right.free
        return _object(_merged(left, right, both, lambda one, other: one and other, alone=None), free, nullable)
    return replace(left, nullable=nullable)


def _narrowed(type: DataType, open: DataType) -> DataType:
    """What is of `type`, when `open` leaves the kind open; it may still know of properties (see `_loosened`)."""
    if not open.fields or type.kind not in ("any", "object"):
        return type
    fields = _merged(type, open, both, lambda one, other: one and other, alone=None)
    return _object(fields, type.free, type.nullable) if type.kind == "object" else replace(ANY, fields=tuple(fields))


def either(left: DataType, right: DataType) -> DataType:
    """What is of one of the types."""
    if "json" in (left.kind, right.kind):
        return JSON
    if "any" in (left.kind, right.kind):
        return ANY
    nullable = left.nullable or right.nullable
    if "null" in (left.kind, right.kind):
        return replace(right if left.kind == "null" else left, nullable=True)
    if {left.kind, right.kind} == {"number", "integer"}:
        return DataType("number", nullable)
    if left.kind != right.kind:
        return JSON
    if left.kind == "array":
        return _array(either(left.item or ANY, right.item or ANY), nullable)
    if left.kind == "object":
        free = True if True in (left.free, right.free) else None if None in (left.free, right.free) else False
        return _object(_merged(left, right, either, lambda one, other: one or other, alone=True), free, nullable)
    return replace(left, nullable=nullable)


def _array(item: DataType, nullable: bool) -> DataType:
    return DataType("array", nullable, item=item, leaves=item.leaves)


def _object(fields: Iterable[Field], free: bool | None, nullable: bool) -> DataType:
    fields = tuple(field if field.type.leaves <= _MOST_LEAVES else replace(field, type=JSON) for field in fields)
    return DataType("object", nullable, fields=fields, free=free, leaves=sum(field.type.leaves for field in fields) or 1)


def _merged(
    left: DataType,
    right: DataType,
    types: Callable[[DataType, DataType], DataType],
    optional: Callable[[bool, bool], bool],
    alone: bool | None,
) -> list[Field]:
    """The fields of both sides, in order; `alone` is whether a field that only one side has is optional (None: as it was)."""
    others = {field.name: field for field in right.fields}
    found = []
    for field in left.fields:
        other = others.pop(field.name, None)
        if other is not None:
            found.append(Field(field.name, types(field.type, other.type), optional(field.optional, other.optional)))
        else:
            found.append(field if alone is None else replace(field, optional=alone))
    return [*found, *(field if alone is None else replace(field, optional=alone) for field in others.values())]


class _Reader:
    """Reads the types of one document's schemas; each once."""

    def __init__(self, document: Json) -> None:
        named = str(document.get("$schema", "")) if isinstance(document, Mapping) else ""
        self._draft = next((draft for draft in sorted(OLD_DRAFTS) if draft in named), "2020-12")
        self._resolver = root_resolver(document, self._draft) if isinstance(document, Mapping) else None
        self._known: dict[int, DataType] = {}
        self._open: set[int] = set()

    def read(self, schema: Json, resolver: Any = None) -> DataType:
        if not isinstance(schema, Mapping):
            return ANY
        key = id(schema)
        if key in self._known:
            return self._known[key]
        if key in self._open or len(self._open) >= _DEEPEST:
            return JSON
        self._open.add(key)
        found = self._known[key] = self._read(schema, resolver or self._resolver)
        self._open.discard(key)
        return found

    def _read(self, schema: Mapping[str, Json], resolver: Any) -> DataType:
        found = reduce(both, self._references(schema, resolver), ANY)
        if self._draft in OLD_DRAFTS and "$ref" in schema:
            return found
        found = reduce(both, (found, self._typed(schema, resolver), _by_values(schema)))
        found = reduce(both, (self.read(inner, resolver) for inner in _listed(schema.get("allOf"))), found)
        for keyword in ("anyOf", "oneOf"):
            branches = [
                both(found, self.read(branch, resolver)) for branch in _listed(schema.get(keyword)) if branch is not False
            ]
            found = reduce(either, branches) if branches else found
        for inner in self._conditional(schema, resolver):
            found = either(found, both(found, inner)) if found.kind != "any" else both(found, _loosened(inner))
        return found

    def _references(self, schema: Mapping[str, Json], resolver: Any) -> Iterable[DataType]:
        for keyword in REFERENCE_KEYWORDS:
            if isinstance(schema.get(keyword), str):
                try:
                    target, there = follow(resolver, schema[keyword], "", keyword)
                except SchemaError:
                    yield JSON
                else:
                    yield self.read(target, there)

    def _conditional(self, schema: Mapping[str, Json], resolver: Any) -> list[DataType]:
        """What may hold beside the rest: `if`, `then`, `else`, and what depends on a property."""
        inner = [schema[keyword] for keyword in ("if", "then", "else") if "if" in schema and keyword in schema]
        for keyword in ("dependentSchemas", "dependencies", "dependentRequired"):
            inner += dict(schema.get(keyword) or {}).values()
        needed = [Field(name, ANY, optional=True) for names in inner for name in _listed(names)]
        return [
            *(self.read(one, resolver) for one in inner if isinstance(one, Mapping)),
            *(_object([one], None, True) for one in needed),
        ]

    def _typed(self, schema: Mapping[str, Json], resolver: Any) -> DataType:
        declared = schema.get("type")
        if declared is None:
            declared = "object" if _speaks(schema, _OBJECT_WORDS) else "array" if _speaks(schema, _ARRAY_WORDS) else []
        names = declared if isinstance(declared, list) else [declared]
        types = [self._named(name, schema, resolver) for name in names]
        return reduce(either, types) if types else ANY

    def _named(self, name: Json, schema: Mapping[str, Json], resolver: Any) -> DataType:
        match name:
            case "object":
                return self._properties(schema, resolver)
            case "array":
                uniform = "prefixItems" not in schema and isinstance(schema.get("items"), Mapping)
                return _array(self.read(schema["items"], resolver) if uniform else ANY, nullable=False)
            case "integer":
                return _integer(_bound(schema, "minimum", "exclusiveMinimum"), _bound(schema, "maximum", "exclusiveMaximum"))
            case "null":
                return NULL
            case "string" | "number" | "boolean":
                return DataType(name)
        return ANY

    def _properties(self, schema: Mapping[str, Json], resolver: Any) -> DataType:
        properties = schema.get("properties") or {}
        required = _listed(schema.get("required"))
        names = [name for name, inner in properties.items() if inner is not False]
        fields = [Field(name, self.read(properties[name], resolver), name not in required) for name in names]
        fields += [Field(name, ANY, optional=False) for name in dict.fromkeys(required) if name not in properties]
        return _object(fields, _free(schema, len(fields)), nullable=False)


def _free(schema: Mapping[str, Json], declared: int) -> bool | None:
    more = [schema[keyword] for keyword in ("additionalProperties", "unevaluatedProperties") if keyword in schema]
    if schema.get("patternProperties") or any(inner is not False for inner in more):
        return True
    return False if more else True if schema.get("minProperties", 0) > declared else None


def _loosened(inner: DataType) -> DataType:
    """A condition where nothing else is said: if the value is an object, these properties may occur, of whatever type."""
    return replace(ANY, fields=tuple(Field(field.name, ANY, optional=True) for field in inner.fields))


def _by_values(schema: Mapping[str, Json]) -> DataType:
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return reduce(either, map(_of_value, values)) if isinstance(values, list) and values else ANY


def _of_value(value: Json) -> DataType:
    match value:
        case None:
            return NULL
        case bool():
            return DataType("boolean")
        case int():
            return _integer(value, value)
        case float():
            return DataType("number")
        case str():
            return DataType("string")
    return JSON


def _integer(low: float | None, high: float | None) -> DataType:
    """64 bits, signed where they suffice; without bounds they are taken to."""
    if all(bound is None or -(2**63) <= bound < 2**63 for bound in (low, high)):
        return DataType("integer")
    return DataType("unsigned") if low is not None and low >= 0 and high is not None and high < 2**64 else JSON


def _bound(schema: Mapping[str, Json], *keywords: str) -> float | None:
    bounds = (schema.get(keyword) for keyword in keywords)
    return next((bound for bound in bounds if isinstance(bound, int | float) and not isinstance(bound, bool)), None)


def _listed(value: Json) -> list[Json]:
    """Old drafts have other things than lists in some places."""
    return value if isinstance(value, list) else []


def _speaks(schema: Mapping[str, Json], words: tuple[str, ...]) -> bool:
    return any(word in schema for word in words)

"""How deep a value has to be: the least nesting that a subschema demands, read off the document without merging anything."""

from collections.abc import Iterator

from synth_sdk.core.models import Json
from synth_sdk.engine.constraints.facts import Part
from synth_sdk.engine.constraints.parts import Parts

_OBJECT_WORDS = frozenset({"additionalProperties", "patternProperties", "properties", "propertyNames", "required"})
_ARRAY_WORDS = frozenset({"contains", "items", "minItems", "prefixItems"})
_CONTAINERS = frozenset({"array", "object"})
LIMIT = 12  # steps looked ahead; what needs more counts as without end


class Heights:
    """Heights of the parts of one document: 0 for scalars, 1 for `{}` and `[]`, more for what they must hold."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._known: dict[tuple[int, int], int] = {}
        self._flat: dict[int, bool] = {}

    def is_flat(self, part: Part) -> bool:
        """Can a value of `part` be a scalar? The same as a height of 0, but read off at a glance."""
        schema = part.schema
        if not isinstance(schema, dict):
            return schema is not False
        found = self._flat.get(id(part))
        if found is None:
            self._flat[id(part)] = True  # should it lead back here
            found = self._flat[id(part)] = self._may_be_scalar(part, schema)
        return found

    def of(self, part: Part, limit: int = LIMIT) -> int:
        """The height of a value of `part`, at most LIMIT + 1."""
        if limit <= 0 or part.schema is False:
            return LIMIT + 1
        if not isinstance(part.schema, dict):
            return 0
        key = (id(part), limit)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = min(LIMIT + 1, max(self._demands(part, part.schema, limit - 1), default=0))
        return found

    def _may_be_scalar(self, part: Part, schema: dict[str, Json]) -> bool:
        if "enum" in schema or "const" in schema:
            return True
        if _container(schema) or (isinstance(schema.get("$ref"), str) and not self.is_flat(self._parts.followed(part, "$ref"))):
            return False
        if not all(map(self.is_flat, self._branches(part, schema, "allOf"))):
            return False
        return all(any(map(self.is_flat, self._branches(part, schema, word))) for word in ("anyOf", "oneOf") if schema.get(word))

    def _demands(self, part: Part, schema: dict[str, Json], limit: int) -> Iterator[int]:
        """What each keyword asks for; the height is the greatest."""
        if "enum" in schema or "const" in schema:
            yield 0
            return
        if isinstance(schema.get("$ref"), str):
            yield self.of(self._parts.followed(part, "$ref"), limit)
        match _container(schema):
            case "object":
                yield 1 + self._of_required(part, schema, limit)
            case "array":
                yield 1 + (self._of_items(part, schema, limit) if schema.get("minItems") else 0)
        for inner in self._branches(part, schema, "allOf"):
            yield self.of(inner, limit)
        for keyword in ("anyOf", "oneOf"):
            if schema.get(keyword):
                yield min(self.of(inner, limit) for inner in self._branches(part, schema, keyword))

    def _branches(self, part: Part, schema: dict[str, Json], keyword: str) -> Iterator[Part]:
        for place, inner in enumerate(schema.get(keyword) or ()):
            yield self._parts.under(part, f"/{keyword}/{place}", inner)

    def _of_items(self, part: Part, schema: dict[str, Json], limit: int) -> int:
        items = schema.get("items")
        return self.of(self._parts.under(part, "/items", items), limit) if isinstance(items, dict) else 0

    def _of_required(self, part: Part, schema: dict[str, Json], limit: int) -> int:
        declared, required = schema.get("properties") or {}, schema.get("required")
        names = [name for name in required if name in declared] if isinstance(required, list) else []
        under = self._parts.under
        return max((self.of(under(part, f"/properties/{name}", declared[name]), limit) for name in names), default=0)


def _container(schema: dict[str, Json]) -> str:
    """ "object" or "array" if by its own keywords the schema demands one; else the empty string."""
    declared = schema.get("type", ())
    kinds = (declared,) if isinstance(declared, str) else tuple(declared)
    if not _CONTAINERS.issuperset(kinds):
        return ""
    if "object" in kinds or (not kinds and not _OBJECT_WORDS.isdisjoint(schema)):
        return "object"
    return "array" if "array" in kinds or (not kinds and not _ARRAY_WORDS.isdisjoint(schema)) else ""

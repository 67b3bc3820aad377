"""The fields of a schema that somebody who knows the subject could say more about: where they stand, and what is known of them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from synth_sdk.core.models import Json
from synth_sdk.engine.meaning.customs import TOTALS
from synth_sdk.engine.meaning.naming import meaning_of
from synth_sdk.schema.annotations import KEYWORD
from synth_sdk.schema.names import snake
from synth_sdk.schema.pointers import to_pointer

Sort = Literal["text", "number", "choice", "moment", "other"]
Path = tuple[str | int, ...]
_DEEPEST = 6
_SOURCES = frozenset(
    {"faker", "words", "given", "distribution", "from", "every", "ref", "sum", "count", "min_of", "max_of", "formula"}
)  # what already says where a value comes from
# Meanings that are filled with general words: what fits every subject suits none.
_GENERAL = frozenset({
    "", "category", "product", "title", "sentence", "paragraph", "tag", "status", "query", "question", "source", "industry", "department", "measure", "size",
    "device", "role", "plan", "label",
})  # fmt: skip
_LINKED = frozenset({"gender", "birth"})  # what the engine derives other fields of a person from
_AGES = frozenset({"age"})
_FACTORS = frozenset({"unit_price", "price", "unitprice", "unit_cost", "quantity", "qty"})
_MOMENTS = ("_at", "timestamp")
PROSE = frozenset({"sentence", "paragraph", "question"})
_BOUNDED = frozenset({"format", "pattern", "const", "enum", "$ref", "anyOf", "oneOf", "allOf", "not", "if"})
_MOST_CHOICES = 12


@dataclass(frozen=True, slots=True)
class Field:
    """One property. `path` leads to its schema in the document; `name` is how people and models call it: `host.rack`, `tags[]`.

    `owner` is the path of the schema that declares it, by which fields of one object are told from others. `nullable`: it may be
    null, or left out.
    """

    name: str
    path: Path
    owner: Path
    key: str
    node: Mapping[str, Any]
    sort: Sort
    nullable: bool

    @property
    def pointer(self) -> str:
        return to_pointer(self.path)

    @property
    def meaning(self) -> str:
        return meaning_of(self.key)[0]

    @property
    def annotated(self) -> bool:
        """The schema says already where its values come from."""
        told = self.node.get(KEYWORD)
        return isinstance(told, Mapping) and bool(_SOURCES & told.keys() or told.get("unique"))

    def says(self, key: str) -> bool:
        """`x-synth` has this key."""
        told = self.node.get(KEYWORD)
        return isinstance(told, Mapping) and key in told

    @property
    def wants_words(self) -> bool:
        """Free text that the engine would fill with general words."""
        return self.sort == "text" and not self.annotated and not self.says("weights") and self.meaning in _GENERAL

    @property
    def wants_spread(self) -> bool:
        plain = snake(self.key)
        known = self.meaning == "id" or plain.rsplit("_", 1)[-1] in _AGES or plain.endswith(_MOMENTS)
        return self.sort == "number" and not self.annotated and not known and "multipleOf" not in self.node

    @property
    def wants_shares(self) -> bool:
        return self.sort == "choice" and not self.annotated and not self.says("weights") and self.meaning not in _LINKED

    @property
    def wants_order(self) -> bool:
        return self.sort == "moment" and not self.annotated and self.meaning not in _LINKED

    @property
    def wants_gaps(self) -> bool:
        return self.nullable and not self.says("null_rate")

    @property
    def choices(self) -> list[str]:
        """The values of a choice, as JSON writes them; text as it is."""
        if self.node.get("enum") is None:
            return ["true", "false"]
        return [str(value) if isinstance(value, str) else json.dumps(value) for value in self.node["enum"] if value is not None]


def fields_of(document: Json) -> list[Field]:
    """All properties beneath `document`, in its order; each schema once, also if several places refer to it."""
    found: dict[Path, Field] = {}
    for field in _walk(document, document, (), "", 0):
        found.setdefault(field.path, field)
    return list(found.values())


def adds_up(field: Field, fields: Iterable[Field]) -> bool:
    """The engine works `field` out from its neighbours: a total from price and quantity."""
    near = {snake(other.key) for other in fields if other.owner == field.owner}
    return snake(field.key) in TOTALS and bool(near & _FACTORS)


def _walk(document: Json, node: Any, path: Path, prefix: str, depth: int) -> Iterator[Field]:
    """Fields below the schema `node` at `path`; `prefix` is what their names begin with."""
    node, path = _resolved(document, node, path)
    if not isinstance(node, Mapping) or depth > _DEEPEST:
        return
    for place, part in enumerate(node.get("allOf", ())):
        yield from _walk(document, part, (*path, "allOf", place), prefix, depth + 1)
    required = node.get("required", ())
    for key, inner in _items(node.get("properties")):
        at: Path = (*path, "properties", key)
        inner, at = _resolved(document, inner, at)
        if isinstance(inner, Mapping):
            name = f"{prefix}{key}"
            yield Field(name, at, path, key, inner, _sort(inner), key not in required or "null" in _types(inner))
            yield from _walk(document, inner, at, f"{name}.", depth + 1)
            yield from _elements(document, inner, at, name, key, depth)


def _elements(document: Json, node: Mapping[str, Any], path: Path, name: str, key: str, depth: int) -> Iterator[Field]:
    """What stands in the array `node`: a field of its own, if it is not an object."""
    items, at = _resolved(document, node.get("items"), (*path, "items"))
    if not isinstance(items, Mapping):
        return
    if "properties" not in items:
        yield Field(f"{name}[]", at, path, key, items, _sort(items), nullable=False)
    yield from _walk(document, items, at, f"{name}[].", depth + 1)


def _items(properties: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(properties, Mapping):
        yield from properties.items()


def _resolved(document: Json, node: Any, path: Path) -> tuple[Any, Path]:
    """What a bare local reference stands for, and where that is."""
    for _ in range(_DEEPEST):
        reference = node.get("$ref") if isinstance(node, Mapping) and len(node) == 1 else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        path = tuple(step.replace("~1", "/").replace("~0", "~") for step in reference[2:].split("/"))
        node = document
        for step in path:
            node = node.get(step) if isinstance(node, Mapping) else None
    return node, path


def _types(node: Mapping[str, Any]) -> set[str]:
    declared = node.get("type")
    return {declared} if isinstance(declared, str) else set(declared or ())


def _sort(node: Mapping[str, Any]) -> Sort:
    types = _types(node) - {"null"}
    if isinstance(node.get("enum"), list):
        return "choice" if 1 < len(node["enum"]) <= _MOST_CHOICES else "other"
    if types == {"boolean"}:
        return "choice"
    if types and types <= {"integer", "number"} and "const" not in node:
        return "number"
    if types != {"string"}:
        return "other"
    if node.get("format") in ("date", "date-time"):
        return "moment"
    return "other" if _BOUNDED & node.keys() else "text"

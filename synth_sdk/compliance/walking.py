"""The properties of a schema, or of a set of tables, each where it stands: what `review` and `adjust` look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from synth_sdk.compliance.frameworks.fields import Around, Kind, about_person, classify
from synth_sdk.core.models import Json
from synth_sdk.schema.annotations import KEYWORD
from synth_sdk.schema.tables import is_table_set

Node = dict[str, Any]
_TOGETHER = ("allOf", "anyOf", "oneOf")
_BRANCHES = ("then", "else")
_INNER = ("additionalProperties", "unevaluatedProperties")
_DEEPEST = 60
_MOST_MERGED = 10  # schemas that refer one to the next
# Of these a rule speaks only in records about a person: a shop has an address too.
_OF_PERSONS = frozenset(
    {
        "street",
        "city",
        "address",
        "zip",
        "geo",
        "date",
        "age",
        "photo_format",
        "company",
        "device",
        "free_text",
        "gender",
        "fingerprint",
    }
)


@dataclass(slots=True, eq=False)
class Place:
    """A property, or the items of a list, at `path`. `node` is its schema, found at `container[key]`; `view` the same with references
    followed and what must hold besides merged in. `holder` is the schema of the object that declares it (None for items).
    """

    path: str
    name: str
    node: Node
    container: Any
    key: str | int
    holder: Node | None
    view: Node
    around: Around = field(default_factory=Around)
    kind: Kind | None = None

    @property
    def hint(self) -> Mapping[str, Json]:
        """The annotation that holds here."""
        hint = self.view.get(KEYWORD)
        return hint if isinstance(hint, dict) else {}


@dataclass(slots=True, eq=False)
class Record:
    """The places of one table, or of a whole schema (`name` is then ""); `parts` the object schemas at each path, by that path."""

    name: str
    root: Node
    places: list[Place] = field(default_factory=list)
    parts: dict[str, list[Node]] = field(default_factory=dict)

    @property
    def categories(self) -> frozenset[str]:
        return frozenset(place.kind.category for place in self.places if place.kind)

    def spoken_of(self) -> Iterator[tuple[Place, Kind]]:
        """The places that rules may speak of, with what they hold."""
        person = about_person(
            frozenset(one.kind.category for one in self.places if one.kind and one.kind.name not in _OF_PERSONS)
        )
        for place in self.places:
            if place.kind and (person or place.kind.name not in _OF_PERSONS):
                yield place, place.kind


def records(document: Json) -> list[Record]:
    """The records that `document` - a JSON Schema, or a set of tables - declares."""
    if is_table_set(document):
        tables = {name: table.get("schema") for name, table in document["tables"].items()}
        return [_record(name, schema, f"{name}.") for name, schema in tables.items() if isinstance(schema, dict)]
    return [_record("", document, "")] if isinstance(document, dict) else []


def _record(name: str, schema: Node, prefix: str) -> Record:
    record = Record(name, schema)
    walk = _Walk(record)
    walk.object(schema, prefix, name)
    for part in parts_of(schema, schema):  # a document whose records are lists
        walk.items(name, part, prefix.removesuffix("."), Around(), 0)
    return record


class _Walk:
    """Goes through one schema; each part of it once, so that recursion ends."""

    def __init__(self, record: Record) -> None:
        self.record, self.seen, self.listed = record, set[int](), set[int]()

    def object(self, schema: Node, prefix: str, owner: str, depth: int = 0) -> None:
        """The members of the objects that `schema` describes; `prefix` stands before their names."""
        parts = [part for part in parts_of(schema, self.record.root) if id(part) not in self.seen]
        if depth > _DEEPEST:
            return
        self.seen.update(map(id, parts))
        self.record.parts.setdefault(prefix, []).extend(parts)
        around = Around(owner, frozenset(name for part in parts for name in _properties(part)))
        for part in parts:
            for name, node in _properties(part).items():
                if isinstance(node, dict):
                    self._value(name, node, part["properties"], name, part, prefix, around, depth)
            for key in _INNER:
                if isinstance(part.get(key), dict):
                    self._value("", part[key], part, key, None, f"{prefix}*", around, depth)
            patterns = part.get("patternProperties")
            for key, inner in patterns.items() if isinstance(patterns, dict) else ():
                if isinstance(inner, dict):
                    self._value("", inner, patterns, key, None, f"{prefix}*", around, depth)

    def _value(
        self, name: str, node: Node, container: Any, key: str | int, holder: Node | None, prefix: str, around: Around, depth: int
    ) -> None:
        view = view_of(node, self.record.root)
        path = f"{prefix}{name}" if holder is not None else prefix
        place = Place(path, name, node, container, key, holder, view, around)
        place.kind = classify(name, view, around)
        self.record.places.append(place)
        self.object(node, f"{path}.", name, depth + 1)
        for part in parts_of(node, self.record.root):
            self.items(name, part, path, around, depth)

    def items(self, name: str, part: Node, path: str, around: Around, depth: int) -> None:
        """The items of the lists that `part`, the schema of the property `name`, describes."""
        if depth > _DEEPEST or id(part) in self.listed:
            return
        self.listed.add(id(part))
        items = part.get("items")
        if isinstance(items, dict):
            self._value(name, items, part, "items", None, f"{path}[]", around, depth + 1)
        for listed in (items, part.get("prefixItems")):
            for at, item in enumerate(listed) if isinstance(listed, list) else ():
                if isinstance(item, dict):
                    self._value(name, item, listed, at, None, f"{path}[]", around, depth + 1)


def parts_of(schema: Node, root: Node) -> list[Node]:
    """`schema` and all that speak of the same value: what it refers to, its alternatives and conditions; each once."""
    found: dict[int, Node] = {}
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if id(part) in found:
            continue
        found[id(part)] = part
        inner = [target_of(part, root), *(option for keyword in _TOGETHER for option in _listed(part, keyword))]
        inner += [part.get(keyword) for keyword in _BRANCHES]
        waiting.extend(one for one in reversed(inner) if isinstance(one, dict))
    return list(found.values())


def view_of(schema: Node, root: Node, seen: frozenset[int] = frozenset()) -> Node:
    """`schema` with what it refers to, what must hold besides, and its only alternative to null merged in; its own words win."""
    if id(schema) in seen or len(seen) > _MOST_MERGED:
        return {}
    seen |= {id(schema)}
    inner: list[Any] = [target_of(schema, root), *_listed(schema, "allOf")]
    for keyword in ("anyOf", "oneOf"):
        options = [part for part in _listed(schema, keyword) if part != {"type": "null"}]
        inner += options if len(options) == 1 else []
    view: Node = {}
    for part in inner:
        if isinstance(part, dict):
            view = {**view_of(part, root, seen), **view}
    return {**view, **{key: value for key, value in schema.items() if key != "$ref"}}


def target_of(schema: Node, root: Node) -> Node | None:
    """What `$ref` means, if it is a pointer into the document."""
    reference = schema.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    found: Any = root
    for step in reference[1:].split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(key)] if isinstance(found, list) else found[key]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return found if isinstance(found, dict) else None


def _properties(part: Node) -> Mapping[str, Json]:
    found = part.get("properties")
    return found if isinstance(found, dict) else {}


def _listed(schema: Node, keyword: str) -> list[Any]:
    found = schema.get(keyword)
    return found if isinstance(found, list) else []

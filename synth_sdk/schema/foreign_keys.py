"""The foreign keys of a relational set: found, given types, checked against the columns that they refer to."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any, NoReturn

from synth_sdk.core.errors import SchemaError, nearest
from synth_sdk.schema.annotations import KEYWORD, read_annotation
from synth_sdk.schema.pointers import to_pointer

STAND_IN = "string"  # in place of the type of a reference that declares none, while the dialect of its schema is recognised
_DATA = frozenset({"const", "default", "enum", "example", "examples"})  # keywords whose values are no schemas
_NO_LIMITS = frozenset({
    KEYWORD, "type", "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "$comment",
})  # fmt: skip
_JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null", list: "array", dict: "object"}
_MOST_STEPS = 50

Node = dict[str, Any]
Documents = Mapping[str, Node]


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """The schema at `pointer` of a table's schema takes its value from `column` of `table`. `name` is the property's.

    Keys of one object that play the same `role` mean the same parent. `own`: it is a property of the row itself. `of_row`: so is
    one that plays the role.
    """

    pointer: str
    name: str
    table: str
    column: str
    own: bool
    role: str = ""
    of_row: bool = False


def without_types(document: Node, untyped: set[tuple[str, str]]) -> Node:
    """`document` without the types that stand in at those references (name, what it refers to)."""

    def bare(value: Any, name: str) -> Any:
        if isinstance(value, list):
            return [bare(one, name) for one in value]
        if not isinstance(value, Mapping):
            return value
        if (name, _reference_text(value)) in untyped and value.get("type") == STAND_IN:
            return {key: inner for key, inner in value.items() if key != "type"}
        return {key: bare(inner, str(key)) for key, inner in value.items()}

    return bare(document, "") if untyped else document


def foreign_keys(documents: Documents) -> dict[str, tuple[ForeignKey, ...]]:
    """The foreign keys of each table. Those that declare no type get that of the column they refer to, in `documents`.

    SchemaError for unknown tables and columns, values that the key's own schema may refuse, and keys derived in a circle.
    """
    reader = _Reader(documents)
    found = {table: reader.with_roles(list(reader.find(table))) for table in documents}
    reader.check_circles(found)
    for table, keys in found.items():
        for key in keys:
            reader.fit(table, key)
    return found


class _Reader:
    """Looks through the documents of a set."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self._nodes: dict[tuple[str, str], Node] = {}  # by table and pointer
        self._keys: dict[int, ForeignKey] = {}  # by the id of their node

    def find(self, table: str) -> Iterator[ForeignKey]:
        for path, node in _annotated(self.documents[table], ()):
            pointer = to_pointer(path)
            annotation = read_annotation(node, _at(table, pointer))
            note = annotation.ref
            if note is None:
                continue
            if annotation.edge_cases:
                _refuse("a reference has no edge cases: its values are those of the other table", table, pointer)
            if note.table not in self.documents:
                near = nearest(note.table, self.documents) or list(self.documents)[:5]
                _refuse(f"there is no table {note.table!r}: did you mean {' or '.join(near)}?", table, pointer)
            columns = self.columns(note.table)
            if note.column not in columns:
                near = nearest(note.column, columns) or list(columns)[:5]
                told = f"table {note.table!r} has no column {note.column!r}: did you mean {' or '.join(near)}?"
                told = told if near else f"table {note.table!r} has no columns: declare them under 'properties'"
                _refuse(told, table, pointer)
            name = next((step for before, step in zip(path[-2::-1], path[:0:-1], strict=True) if before == "properties"), "")
            key = ForeignKey(pointer, name, note.table, note.column, self.columns(table).get(name) is node)
            self._nodes[table, pointer], self._keys[id(node)] = node, key
            yield key

    def with_roles(self, keys: list[ForeignKey]) -> tuple[ForeignKey, ...]:
        """Keys to the main column of a table say which roles there are in an object: `sender_id` and `receiver_id` are two. All
        others (`sender_name`) play the role that their name begins with, or else the first.
        """
        roles: dict[tuple[str, str], list[str]] = {}  # by object and table
        objects = [key.pointer.rpartition("/properties/")[0] for key in keys]
        for place, key in sorted(zip(objects, keys, strict=True), key=lambda pair: not pair[1].own):
            known = roles.setdefault((place, key.table), [])
            around = [other for where, other in zip(objects, keys, strict=True) if where == place and other.table == key.table]
            if key.column == self._main(around) and _role(key) not in known:
                known.append(_role(key))
        rows = {place for place, key in zip(objects, keys, strict=True) if key.own}
        found = []
        for place, key in zip(objects, keys, strict=True):
            known = roles[place, key.table]
            role = _role(key) if _role(key) in known else known[0]
            of_row = any(role in roles.get((row, key.table), ()) for row in rows)
            found.append(replace(key, role=role, of_row=key.own or of_row))
        return tuple(found)

    def _main(self, keys: Sequence[ForeignKey]) -> str:
        """The column that identifies a parent, of those that `keys` of one table refer to."""
        names = [key.column for key in keys]
        theirs = self.columns(keys[0].table)
        unique = [name for name in names if KEYWORD in theirs[name] and read_annotation(theirs[name]).unique]
        named = [name for name in names if _snake(name) == "id" or _snake(name).endswith("_id")]
        return [*unique, *named, *names][0]

    def columns(self, table: str) -> dict[str, Node]:
        """The properties of a table's rows."""
        return _properties(self.documents[table], self.documents[table], 0)

    def required(self, table: str, column: str) -> bool:
        return column in _required(self.documents[table], self.documents[table], 0)

    def check_circles(self, found: Mapping[str, Sequence[ForeignKey]]) -> None:
        edges: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for table, keys in found.items():
            for name, node in self.columns(table).items():
                origin = read_annotation(node).origin if KEYWORD in node else ()
                edges.setdefault((table, name), set()).update({(table, origin[0])} if origin else ())
            for key in keys:
                if key.own:
                    edges.setdefault((table, key.name), set()).add((key.table, key.column))
        try:
            TopologicalSorter(edges).prepare()
        except CycleError as error:
            circle = list(reversed(error.args[1]))
            told = " from ".join(f"{table}.{column}" for table, column in circle)
            _refuse(f"{told}: derived in a circle", circle[0][0], to_pointer(("properties", circle[0][1])))

    def fit(self, table: str, key: ForeignKey) -> None:
        """Give the key a type, or check that whatever the column holds is valid for it."""
        node, theirs = self._nodes[table, key.pointer], _flat(self._target(key), self.documents[key.table])
        types = self._types(key, 0)
        own = _flat(node, self.documents[table])
        if not own.keys() & {"type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf"}:
            if not types:
                _refuse(f"{key.table}.{key.column} declares no type; say the type here", table, key.pointer)
            node["type"] = sorted(types) if len(types) > 1 else next(iter(types))
        elif types and not types - {"null"} <= _widened(_types_of(own)):
            told = f"{key.table}.{key.column} is {' or '.join(sorted(types - {'null'}))}; declare the same type, or none"
            _refuse(told, table, key.pointer, "type")
        for keyword, value in own.items():
            if keyword not in _NO_LIMITS and theirs.get(keyword) != value:
                _refuse(
                    f"{keyword!r} limits the values of {key.table}.{key.column}: say it there, or leave it out",
                    table,
                    key.pointer,
                    keyword,
                )

    def _target(self, key: ForeignKey) -> Node:
        return self.columns(key.table)[key.column]

    def _types(self, key: ForeignKey, steps: int) -> set[str]:
        """What the column that `key` refers to may hold; null also where it may be absent."""
        node, optional = self._target(key), not self.required(key.table, key.column)
        found = _types_of(_flat(node, self.documents[key.table]))
        if not found and id(node) in self._keys and steps < _MOST_STEPS:  # itself a key without a type
            found = self._types(self._keys[id(node)], steps + 1)
        return found | {"null"} if optional and found else found


def _role(key: ForeignKey) -> str:
    """What stands before the column's name; of a property called like the column the object around it, or the table."""
    name, column = _snake(key.name), _snake(key.column)
    if name == column:
        outer = key.pointer.rpartition("/properties/")[0].rpartition("/properties/")
        return _snake(outer[2]) if outer[2] and "/" not in outer[2] else key.table
    return name.removesuffix("s").removesuffix(f"_{column}") if name.endswith((f"_{column}", f"_{column}s")) else name


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _annotated(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Node]]:
    """The schemas that hold a reference, with their paths."""
    if isinstance(value, dict):
        if _reference_text(value):
            yield path, value
        for key, inner in value.items():
            if (key not in _DATA and key != KEYWORD) or path[-1:] == ("properties",):
                yield from _annotated(inner, (*path, str(key)))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _annotated(inner, (*path, str(place)))


def _reference_text(node: Mapping[str, Any]) -> str:
    note = node.get(KEYWORD)
    text = note.get("ref") if isinstance(note, Mapping) else None
    return text if isinstance(text, str) else ""


def _properties(node: Node, document: Node, steps: int) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for part in _parts(node, document, steps):
        declared = part.get("properties")
        found |= {name: one for name, one in declared.items() if isinstance(one, dict)} if isinstance(declared, dict) else {}
    return found


def _required(node: Node, document: Node, steps: int) -> set[str]:
    return {name for part in _parts(node, document, steps) for name in part.get("required") or () if isinstance(name, str)}


def _parts(node: Any, document: Node, steps: int) -> Iterator[Node]:
    """`node`, and what it refers to or combines."""
    if not isinstance(node, dict) or steps > _MOST_STEPS:
        return
    yield node
    if isinstance(node.get("$ref"), str):
        yield from _parts(_local(node["$ref"], document), document, steps + 1)
    for inner in node.get("allOf") or () if isinstance(node.get("allOf"), list) else ():
        yield from _parts(inner, document, steps + 1)


def _local(reference: str, document: Node) -> Any:
    """What a reference within the document leads to; None for all others."""
    value: Any = document
    for step in reference.removeprefix("#").split("/")[1:] if reference.startswith("#") else ("",):
        step = step.replace("~1", "/").replace("~0", "~")
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _flat(node: Node, document: Node) -> Node:
    """`node` with what it refers to merged in, and a choice of null as a type."""
    flat: Node = {}
    for part in _parts(node, document, 0):
        flat |= {key: value for key, value in part.items() if key not in ("$ref", "allOf", "$defs", "definitions")}
    options = flat.get("anyOf")
    others = [one for one in options if one != {"type": "null"}] if isinstance(options, list) else []
    if isinstance(options, list) and len(others) == 1 and len(options) == 2 and isinstance(others[0], dict):
        inner = _flat(others[0], document)
        return (
            {key: value for key, value in flat.items() if key != "anyOf"} | inner | {"type": sorted(_types_of(inner) | {"null"})}
        )
    return flat


def _types_of(flat: Node) -> set[str]:
    """The types that a schema names or lists; empty: it doesn't say."""
    kind = flat.get("type")
    if isinstance(kind, str | list):
        return {kind} if isinstance(kind, str) else {one for one in kind if isinstance(one, str)}
    values = [flat["const"]] if "const" in flat else flat.get("enum")
    return {_JSON_TYPES[type(value)] for value in values} if isinstance(values, list) else set()


def _widened(types: set[str]) -> set[str]:
    return types | {"integer"} if "number" in types or not types else types


def _at(table: str, pointer: str) -> str:
    return to_pointer(("tables", table, "schema")) + pointer


def _refuse(told: str, table: str, pointer: str, keyword: str = KEYWORD) -> NoReturn:
    raise SchemaError(told, pointer=_at(table, pointer), keyword=keyword)

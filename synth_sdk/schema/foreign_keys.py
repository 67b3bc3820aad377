"""The foreign keys of a relational set: found, given types, checked against the columns that they refer to."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from synth_sdk.core.errors import nearest
from synth_sdk.schema.annotations import DEFAULT_EXPONENT, KEYWORD, read_annotation
from synth_sdk.schema.pointers import to_pointer
from synth_sdk.schema.row_types import RowTypes
from synth_sdk.schema.rows import Documents, Node, annotated, at, columns_of, flat_of, node_at, refuse, said, types_of, widened

_NO_LIMITS = frozenset({
    KEYWORD, "type", "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "$comment",
})  # fmt: skip
_REF = frozenset({"ref"})


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """The schema at `pointer` of a table's schema takes its value from `column` of `table`. `name` is the property's.

    Keys of one object that play the same `role` mean the same parent, which is why they have one `popularity`. `own`: it is a property
    of the row itself. `of_row`: so is one that plays the role.
    """

    pointer: str
    name: str
    table: str
    column: str
    own: bool
    role: str = ""
    of_row: bool = False
    popularity: Literal["uniform", "zipf"] = "zipf"
    exponent: float = DEFAULT_EXPONENT


def foreign_keys(documents: Documents) -> dict[str, tuple[ForeignKey, ...]]:
    """The foreign keys of each table.

    SchemaError for unknown tables and columns, and where keys that mean the same row disagree on how popular it is.
    """
    reader = _Reader(documents)
    return {table: reader.with_roles(table, list(reader.find(table))) for table in documents}


def fit_types(documents: Documents, found: Mapping[str, Sequence[ForeignKey]], types: RowTypes) -> None:
    """Give the keys that declare no type that of the column they refer to, in `documents`.

    SchemaError for values that the key's own schema may refuse.
    """
    for table, keys in found.items():
        for key in keys:
            _fit(table, key, documents, types)


class _Reader:
    """Looks through the documents of a set."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents

    def find(self, table: str) -> Iterator[ForeignKey]:
        for path, node in annotated(self.documents[table], _REF):
            pointer = to_pointer(path)
            annotation = read_annotation(node, at(table, pointer))
            note = annotation.ref
            if note is None:
                continue
            if annotation.edge_cases:
                refuse("a reference has no edge cases: its values are those of the other table", table, pointer)
            if note.table not in self.documents:
                near = nearest(note.table, self.documents) or list(self.documents)[:5]
                refuse(f"there is no table {note.table!r}: did you mean {' or '.join(near)}?", table, pointer)
            columns = self.columns(note.table)
            if note.column not in columns:
                near = nearest(note.column, columns) or list(columns)[:5]
                told = f"table {note.table!r} has no column {note.column!r}: did you mean {' or '.join(near)}?"
                told = told if near else f"table {note.table!r} has no columns: declare them under 'properties'"
                refuse(told, table, pointer)
            name = next((step for before, step in zip(path[-2::-1], path[:0:-1], strict=True) if before == "properties"), "")
            own = self.columns(table).get(name) is node
            yield ForeignKey(pointer, name, note.table, note.column, own, popularity=note.popularity, exponent=note.exponent)

    def with_roles(self, table: str, keys: list[ForeignKey]) -> tuple[ForeignKey, ...]:
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
        return tuple(self._popular(table, found, objects))

    def _popular(self, table: str, keys: list[ForeignKey], objects: list[str]) -> Iterator[ForeignKey]:
        """Each key with the popularity that one of its role says."""
        means = [(key.table, key.role, "" if key.of_row else place) for place, key in zip(objects, keys, strict=True)]
        saying: dict[tuple[str, str, str], ForeignKey] = {}
        for mean, key in zip(means, keys, strict=True):
            if not said(node_at(self.documents[table], key.pointer)).keys() & {"popularity", "exponent"}:
                continue
            first = saying.setdefault(mean, key)
            if (first.popularity, first.exponent) != (key.popularity, key.exponent):
                told = f"{_popularity(key)} here, {_popularity(first)} at {first.name!r}: both mean the same row of {key.table!r}"
                refuse(f"{told}; say the same in both, or in one alone", table, key.pointer)
        for mean, key in zip(means, keys, strict=True):
            first = saying.get(mean, key)
            yield replace(key, popularity=first.popularity, exponent=first.exponent)

    def _main(self, keys: Sequence[ForeignKey]) -> str:
        """The column that identifies a parent, of those that `keys` of one table refer to."""
        names = [key.column for key in keys]
        theirs = self.columns(keys[0].table)
        unique = [name for name in names if KEYWORD in theirs[name] and read_annotation(theirs[name]).unique]
        named = [name for name in names if _snake(name) == "id" or _snake(name).endswith("_id")]
        return [*unique, *named, *names][0]

    def columns(self, table: str) -> dict[str, Node]:
        """The properties of a table's rows."""
        return columns_of(self.documents[table])


def _fit(table: str, key: ForeignKey, documents: Documents, types: RowTypes) -> None:
    """Give the key a type, or check that whatever the column holds is valid for it."""
    node = node_at(documents[table], key.pointer)
    theirs = flat_of(columns_of(documents[key.table])[key.column], documents[key.table])
    held = types.of(key.table, key.column)
    own = flat_of(node, documents[table])
    if not own.keys() & {"type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf"}:
        if not held:
            refuse(f"{key.table}.{key.column} declares no type; say the type here", table, key.pointer)
        node["type"] = sorted(held) if len(held) > 1 else next(iter(held))
    elif held and not held - {"null"} <= widened(types_of(own)):
        told = f"{key.table}.{key.column} is {' or '.join(sorted(held - {'null'}))}; declare the same type, or none"
        refuse(told, table, key.pointer, "type")
    for keyword, value in own.items():
        if keyword not in _NO_LIMITS and theirs.get(keyword) != value:
            refuse(
                f"{keyword!r} limits the values of {key.table}.{key.column}: say it there, or leave it out",
                table,
                key.pointer,
                keyword,
            )


def _popularity(key: ForeignKey) -> str:
    return f"popularity {key.popularity}" + (f" with exponent {key.exponent:g}" if key.popularity == "zipf" else "")


def _role(key: ForeignKey) -> str:
    """What stands before the column's name; of a property called like the column the object around it, or the table."""
    name, column = _snake(key.name), _snake(key.column)
    if name == column:
        outer = key.pointer.rpartition("/properties/")[0].rpartition("/properties/")
        return _snake(outer[2]) if outer[2] and "/" not in outer[2] else key.table
    return name.removesuffix("s").removesuffix(f"_{column}") if name.endswith((f"_{column}", f"_{column}s")) else name


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()

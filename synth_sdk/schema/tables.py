"""Relational sets: several tables in one document, with foreign keys and one-to-many counts between them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, NoReturn, Self

from synth_sdk.core.errors import SchemaError, nearest
from synth_sdk.core.models import Json
from synth_sdk.schema.aggregates import check_aggregates, fit_aggregates
from synth_sdk.schema.circles import check_circles
from synth_sdk.schema.foreign_keys import ForeignKey, fit_types, foreign_keys
from synth_sdk.schema.model import Schema
from synth_sdk.schema.parse import as_document, parse_schema
from synth_sdk.schema.pointers import to_pointer
from synth_sdk.schema.row_types import RowTypes
from synth_sdk.schema.stand_ins import with_types, without_types

MOST_PER_PARENT = 10_000
_MOST_ROWS = 2**53
_NAME = re.compile(r"[^\W\d][\w-]{0,62}")  # is also the name of a file and of an SQL table
_IN_SET = re.compile("/tables/[^/]+/schema")
_TABLE_KEYS = ("count", "per", "schema")
_PER_KEYS = ("table", "min", "max")


@dataclass(frozen=True, slots=True)
class Per:
    """Each row of `table` has from `least` to `most` rows here."""

    table: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of a set. `count` is None where the run's count decides, or `per`."""

    name: str
    schema: Schema
    count: int | None
    per: Per | None
    foreign_keys: tuple[ForeignKey, ...]

    def document(self) -> dict[str, Json]:
        """As it would be declared, in plain JSON."""
        told: dict[str, Json] = {"schema": self.schema.document}
        if self.per is not None:
            return {"per": {"table": self.per.table, "min": self.per.least, "max": self.per.most}, **told}
        return told if self.count is None else {"count": self.count, **told}


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a set by name, parents before children, otherwise as declared."""

    tables: Mapping[str, TableSpec]

    def __getitem__(self, name: str) -> TableSpec:
        return self.tables[name]

    def __iter__(self) -> Iterator[TableSpec]:
        return iter(self.tables.values())

    def counting(self, count: int) -> Self:
        """The same with `count` where neither a count nor a parent decides."""
        counted = {one.name: replace(one, count=count) if one.per is None and one.count is None else one for one in self}
        return replace(self, tables=counted)

    def document(self) -> dict[str, Json]:
        """The set as plain JSON, which `parse_tables` reads."""
        return {"tables": {one.name: one.document() for one in self}}


def is_table_set(source: object) -> bool:
    """Is `source` a document `{"tables": {name: {"schema": ...}}}`? (Otherwise it may be a schema with a field of that name.)"""
    if isinstance(source, Tables):
        return True
    if (
        not isinstance(source, Mapping)
        or not source.keys() <= {"tables", "table"}
        or not isinstance(source.get("tables"), Mapping)
    ):
        return False
    tables = source["tables"].values()
    return any(isinstance(one, Mapping) and bool(one.keys() & set(_TABLE_KEYS)) and "type" not in one for one in tables)


def parse_declared(source: object) -> Json:
    """The document of a set, or else of a schema of any dialect, in plain JSON."""
    return parse_tables(source).document() if is_table_set(source) else parse_schema(source).document


def parse_tables(source: object) -> Tables:
    """The set that `source` declares; each `schema` in any dialect that `parse_schema` reads.

    SchemaError, with the pointer into `source`, for unknown tables and columns, tables or keys that depend on one another in a
    circle, counts that can't be, and whatever `parse_schema` refuses.
    """
    if isinstance(source, Tables):
        return source
    if not isinstance(source, Mapping) or not isinstance(source.get("tables"), Mapping) or not source["tables"]:
        raise SchemaError('a set of tables is an object {"tables": {name: {"schema": ...}}}')
    declared: Mapping[str, Any] = source["tables"]
    for name, told in declared.items():
        _check_table(name, told)
    pers = {name: _per(name, told["per"], declared) for name, told in declared.items() if "per" in told}
    documents = {name: _document(name, told["schema"]) for name, told in declared.items()}
    keys = foreign_keys(documents)
    check_aggregates(documents, pers)
    check_circles(documents)
    types = RowTypes(documents, pers)
    fit_types(documents, keys, types)
    fit_aggregates(documents, types)
    tables = {}
    for name in _ordered(declared, pers, keys):
        with within(name):
            tables[name] = TableSpec(name, Schema(documents[name]), declared[name].get("count"), pers.get(name), keys[name])
    return Tables(tables)


def _check_table(name: object, told: object) -> None:
    at = to_pointer(("tables", str(name)))
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        _refuse(f"the table name {name!r} has to be a letter followed by letters, digits, - and _", at)
    if not isinstance(told, Mapping):
        _refuse('a table is an object such as {"count": 100, "schema": ...}', at)
    _check_keys(told, _TABLE_KEYS, at)
    if "schema" not in told:
        _refuse("a table needs a schema", at, "schema")
    if "count" in told and "per" in told:
        _refuse("'count' and 'per' each say how many rows there are; keep one", at, "per")
    if "count" in told:
        _check_whole("count", told["count"], 1, _MOST_ROWS, at)


def _per(name: str, told: object, tables: Mapping[str, Any]) -> Per:
    at = to_pointer(("tables", name, "per"))
    if not isinstance(told, Mapping) or "table" not in told or "max" not in told:
        _refuse('per is an object such as {"table": "customers", "min": 0, "max": 5}', at, "per")
    _check_keys(told, _PER_KEYS, at)
    if told["table"] not in tables:
        _refuse(f"there is no table {told['table']!r}: did you mean {_nearest(told['table'], tables)}?", at, "table")
    _check_whole("max", told["max"], 1, MOST_PER_PARENT, at)
    _check_whole("min", told.get("min", 0), 0, MOST_PER_PARENT, at)
    if told.get("min", 0) > told["max"]:
        _refuse(f"min {told['min']} is above max {told['max']}; swap them", at, "min")
    return Per(told["table"], told.get("min", 0), told["max"])


def _document(name: str, source: object) -> dict[str, Json]:
    with within(name):
        untyped: set[tuple[str, str]] = set()
        document = as_document(with_types(source, untyped))
        if not isinstance(document, dict):
            raise SchemaError("the rows of a table are objects: declare their properties")
        return without_types(deepcopy(document), untyped)


def _ordered(declared: Mapping[str, Any], pers: Mapping[str, Per], keys: Mapping[str, Sequence[ForeignKey]]) -> list[str]:
    """Parents first. Where tables refer to one another in a circle, `per` alone decides."""
    order: list[str] = []
    while waiting := [name for name in declared if name not in order]:
        born = [name for name in waiting if name not in pers or pers[name].table in order]
        if not born:
            _refuse(
                f"{' and '.join(waiting)}: each has rows per row of the other", to_pointer(("tables", waiting[0], "per")), "per"
            )
        ready = [name for name in born if all(key.table in (*order, name) for key in keys[name])]
        order.append((ready or born)[0])
    return order


@contextmanager
def within(name: str) -> Iterator[None]:
    """Errors of a table's schema, with pointers into the set."""
    try:
        yield
    except SchemaError as error:
        if _IN_SET.match(error.pointer):
            raise
        told = error.message.removeprefix("schema: ").rsplit(" (at ", 1)[0]
        at = to_pointer(("tables", name, "schema")) + error.pointer
        raise SchemaError(told, pointer=at, keyword=error.keyword) from None


def _check_keys(told: Mapping[Any, Any], known: Sequence[str], at: str) -> None:
    for key in told:
        if key not in known:
            _refuse(f"unknown key {key!r}: did you mean {_nearest(str(key), known)}?", at)


def _check_whole(key: str, value: object, low: int, high: int, at: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        _refuse(f"{key} {value!r} is not a whole number from {low} to {high}", at, key)


def _nearest(value: object, known: Iterable[str]) -> str:
    return " or ".join(nearest(str(value), known) or list(known)[:5])


def _refuse(told: str, pointer: str, keyword: str = "") -> NoReturn:
    raise SchemaError(told, pointer=pointer, keyword=keyword)

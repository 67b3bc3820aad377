"""Sums, counts, least and largest values over the rows of another table: checked against that table, given types."""

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from synth_sdk.core.errors import nearest
from synth_sdk.schema.annotations import AGGREGATES, KEYWORD, Aggregate, read_annotation
from synth_sdk.schema.pointers import to_pointer
from synth_sdk.schema.row_types import RowTypes
from synth_sdk.schema.rows import Documents, Node, Path, annotated, at, columns_of, flat_of, refuse, types_of, widened

if TYPE_CHECKING:
    from synth_sdk.schema.tables import Per

_KEYS = frozenset(AGGREGATES)
_NUMBERS = {"integer", "number"}
_SETTLED = {"type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf"}


def check_aggregates(documents: Documents, pers: "Mapping[str, Per]") -> None:
    """SchemaError for tables and columns that there aren't, and tables whose rows don't belong to those of the one that sums them up."""
    for table, document in documents.items():
        for path, node in annotated(document, _KEYS):
            aggregate = read_annotation(node, at(table, to_pointer(path))).aggregate
            if aggregate is not None:
                _check(aggregate, table, path, documents, pers)


def fit_aggregates(documents: Documents, types: RowTypes) -> None:
    """Give those that declare no type that of what they sum up, in `documents`. SchemaError where it is the wrong one."""
    for table, document in documents.items():
        for path, node in annotated(document, _KEYS):
            aggregate = read_annotation(node).aggregate
            if aggregate is not None and aggregate.column:
                _fit(aggregate, table, path, node, documents, types)


def _check(aggregate: Aggregate, table: str, path: Path, documents: Documents, pers: "Mapping[str, Per]") -> None:
    pointer, told = to_pointer(path), f"{aggregate.kind} {aggregate.table}"
    if aggregate.table not in documents:
        near = nearest(aggregate.table, documents) or list(documents)[:5]
        refuse(f"{told}: there is no table {aggregate.table!r}: did you mean {' or '.join(near)}?", table, pointer)
    if aggregate.table not in pers or pers[aggregate.table].table != table:
        way_out = f'declare "per": {{"table": "{table}", "max": ...}} there'
        refuse(f"{told}: the rows of {aggregate.table!r} don't belong to rows of {table!r}: {way_out}", table, pointer)
    if any(step in ("items", "prefixItems") and before != "properties" for before, step in pairwise(path)):
        refuse(f"{told}: the items of a list have no rows of their own: declare it beside the list", table, pointer)
    columns = columns_of(documents[aggregate.table])
    if aggregate.column and aggregate.column not in columns:
        near = nearest(aggregate.column, columns) or list(columns)[:5]
        told = f"table {aggregate.table!r} has no column {aggregate.column!r}"
        refuse(f"{told}: did you mean {' or '.join(near)}?" if near else f"{told}: declare it there", table, pointer)


def _fit(aggregate: Aggregate, table: str, path: Path, node: Node, documents: Documents, types: RowTypes) -> None:
    pointer, column = to_pointer(path), f"{aggregate.table}.{aggregate.column}"
    held = types.of(aggregate.table, aggregate.column)
    if not held:
        refuse(f"{column} declares no type; say it there", table, pointer)
    fitting = _NUMBERS if aggregate.kind == "sum" else _NUMBERS | {"string"}
    if not held - {"null"} <= fitting:
        what = "numbers" if aggregate.kind == "sum" else "numbers and moments"
        told = f"{aggregate.kind} is for {what}, and {column} is {' or '.join(sorted(held - {'null'}))}"
        refuse(f"{told}; choose another column, or count {aggregate.table}", table, pointer)
    own = flat_of(node, documents[table])
    if own.keys() & _SETTLED:
        if not held - {"null"} <= widened(types_of(own)):
            told = f"{column} is {' or '.join(sorted(held - {'null'}))}; declare the same type, or none"
            refuse(told, table, pointer, "type")
        return
    given = types.by_origin(read_annotation({KEYWORD: node[KEYWORD]}))
    node["type"] = sorted(given) if len(given) > 1 else next(iter(given))
    theirs = flat_of(columns_of(documents[aggregate.table])[aggregate.column], documents[aggregate.table])
    if isinstance(theirs.get("format"), str):
        node.setdefault("format", theirs["format"])

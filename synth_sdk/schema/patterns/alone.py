"""A table of a set by itself: what came from other tables is made here."""

from copy import deepcopy
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.schema.annotations import AGGREGATES, KEYWORD
from synth_sdk.schema.rows import annotated
from synth_sdk.schema.tables import Tables, parse_tables

_ROWS = 1000  # of a table whose number of rows nothing says
_OF_OTHERS = (
    *AGGREGATES,
    "formula",
    "from",
    "within",
    "given",
    "unique",
    "every",
)  # what says nothing without other columns or rows


def table_alone(document: Json, name: str) -> Json:
    """The schema of the table called `name` in the set `document`, as JSON Schema that refers to nothing.

    A key into a table of whole-number ids is a number from 1 to how many rows that has; any other value from a table is like those that
    stand there, drawn anew. So are sums over the rows of other tables; counts lie between those that are declared.
    """
    tables = parse_tables(document)
    schema: dict[str, Any] = deepcopy(dict(tables[name].schema.document))  # type: ignore[arg-type]
    for key in tables[name].foreign_keys:
        *way, last = [step.replace("~1", "/").replace("~0", "~") for step in key.pointer.split("/")[1:]]
        holder: Any = schema
        for step in way:
            holder = holder[int(step)] if isinstance(holder, list) else holder[step]
        holder[last] = _like(holder[last], _original(tables, key.table, key.column))
    for _, node in list(annotated(schema, frozenset(AGGREGATES))):
        _draw_instead(node, tables)
    return schema


def _draw_instead(node: dict[str, Any], tables: Tables) -> None:
    """Let `node` no longer sum up the rows of another table."""
    note = node.pop(KEYWORD)
    per = tables[note["count"]].per if "count" in note else None
    if per is not None:
        node |= {"minimum": per.least, "maximum": per.most} | node
    kept = {key: value for key, value in note.items() if key not in AGGREGATES}
    if kept:
        node[KEYWORD] = kept


def _original(tables: Tables, table: str, column: str) -> dict[str, Any]:
    """What a column holds, without what ties it to its own table."""
    node: dict[str, Any] = deepcopy(tables[table].schema.document["properties"][column])  # type: ignore[index]
    note = dict(node.pop(KEYWORD, {}))
    if "ref" in note:
        return _original(tables, *note["ref"].split("."))
    if node.get("type") == "integer" and note.get("unique") and "maximum" not in node:
        node |= {"minimum": 1, "maximum": tables[table].count or _ROWS}
    if isinstance(note.get("words"), dict):
        node["enum"] = list(dict.fromkeys(word for words in note["words"].values() for word in words))
        del note["words"]
    kept = {key: value for key, value in note.items() if key not in _OF_OTHERS}
    return node | ({KEYWORD: kept} if kept else {})


def _like(own: dict[str, Any], original: dict[str, Any]) -> dict[str, Any]:
    """`original` with the nulls that `own` allows."""
    rate = own.get(KEYWORD, {}).get("null_rate")
    if "null" not in own.get("type", ()) or "null" in original.get("type", ()):
        return original
    note = original.get(KEYWORD, {}) | ({} if rate is None else {"null_rate": rate})
    listed = {"enum": [*original["enum"], None]} if "enum" in original else {}
    return original | listed | {"type": [original["type"], "null"]} | ({KEYWORD: note} if note else {})

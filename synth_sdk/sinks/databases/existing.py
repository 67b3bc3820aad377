"""A table that is there already: can it take the records?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synth_sdk.core.errors import OutputError

if TYPE_CHECKING:
    from synth_sdk.schema.layout.flat import Leaf

_LENGTH = re.compile(r"\(\d+(,0)?\)")  # decimals are no mere length
Accepted = Mapping[str, frozenset[str]]  # kinds of `schema.datatypes` -> column types that keep every such value as it is


@dataclass(frozen=True, slots=True)
class Column:
    """`type` is the declared one, in lower case. `optional`: a row may be inserted without it."""

    name: str
    type: str
    nullable: bool
    optional: bool


def check_columns(place: str, table: str, columns: Sequence[Column], leaves: "Sequence[Leaf]", accepted: Accepted) -> None:
    """OutputError for the first column that is missing, of a type that would change values, or without a value for its rows."""
    there = {column.name: column for column in columns}
    known = {leaf.name for leaf in leaves}
    for leaf in leaves:
        flaw = _flaw(there.get(leaf.name), leaf, accepted)
        if flaw:
            raise OutputError(
                f"output {place!r}: table {table!r}, column {leaf.name!r}: {flaw}; change it, use if_exists=replace, or another table"
            )
    for column in columns:
        if column.name not in known and not (column.nullable or column.optional):
            told = f"table {table!r}, column {column.name!r}: the records have no such property, and it takes neither null nor a default"
            raise OutputError(f"output {place!r}: {told}; give it one, or use another table")


def _flaw(column: Column | None, leaf: "Leaf", accepted: Accepted) -> str:
    if column is None:
        return "the records have it, the table doesn't"
    types = accepted["json" if leaf.is_json else leaf.type.kind]
    if _LENGTH.sub("", column.type) not in types:
        return f"its type {column.type} doesn't keep every {leaf.type.kind} as it is ({', '.join(sorted(types))} would)"
    return "it is NOT NULL, and records may have no value there" if leaf.nullable and not column.nullable else ""

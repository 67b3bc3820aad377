"""Tables as SQL defines them: their columns and keys, for the SQL format and for databases."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from synth_sdk.sinks.dialects import Dialect
from synth_sdk.sinks.formats import Keys

if TYPE_CHECKING:
    from synth_sdk.schema.layout.flat import Flat, Leaf


def check_names(flat: "Flat", dialect: Dialect, table: str) -> None:
    """OutputError for more columns than the dialect has, and for names that it hasn't."""
    dialect.check_columns(leaf.name for leaf in flat.columns)
    for name in (table, *(leaf.name for leaf in flat.columns)):
        dialect.identifier(name)


def create_table(flat: "Flat", dialect: Dialect, table: str, keys: Keys) -> str:
    """The statement, without a semicolon."""
    columns = [f"{dialect.identifier(leaf.name)} {column_type(leaf, dialect)}" for leaf in flat.columns]
    lines = ",\n".join(f"  {line}" for line in (*columns, *_constraints(flat, dialect, keys)))
    return f"CREATE TABLE {dialect.identifier(table)} (\n{lines}\n){dialect.table_options}"


def column_type(leaf: "Leaf", dialect: Dialect) -> str:
    return dialect.types["json" if leaf.is_json else leaf.type.kind] + ("" if leaf.nullable else " NOT NULL")


def _constraints(flat: "Flat", dialect: Dialect, keys: Keys) -> Iterator[str]:
    """The keys, of columns that can be keys in this dialect."""
    name = dialect.identifier
    fit = {leaf.name for leaf in flat.columns if dialect.can_be_key(column_type(leaf, dialect))}
    if keys.primary in fit:
        yield f"PRIMARY KEY ({name(keys.primary)})"
    yield from (f"UNIQUE ({name(column)})" for column in keys.unique if column in fit)
    for column, table, theirs in keys.foreign:
        if column in fit:
            yield f"FOREIGN KEY ({name(column)}) REFERENCES {name(table)} ({name(theirs)})"

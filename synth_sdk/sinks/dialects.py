"""SQL dialects: types, names, literals and limits.

Sources: the SQLite documentation ("Implementation limits", "Datatypes", "Literal values"), the PostgreSQL manual ("Lexical
structure", "Limits", "Numeric types", "JSON types"), the MySQL reference manual ("String literals", "Schema object names", "InnoDB
limits").
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from synth_sdk.core.errors import OutputError, UnknownName


@dataclass(frozen=True, slots=True)
class Dialect:
    """`types` maps kinds of `schema.datatypes` to column types; `escapes` are made in strings, in their order.

    `longest_name` counts bytes in UTF-8 (None: no limit). `folds`: column names that differ in case only are the same.
    """

    name: str
    types: Mapping[str, str]
    escapes: Mapping[str, str]
    quote: str
    most_columns: int
    longest_name: int | None
    folds: bool
    booleans: tuple[str, str]  # false, true
    prologue: str = ""
    table_options: str = ""

    def identifier(self, name: str) -> str:
        """`name` in quotes. OutputError if the dialect has no such names."""
        reason = self._flaw(name)
        if reason:
            raise OutputError(f"format sql: the name {name!r} {reason} in {self.name}; rename it, or choose another format")
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote

    def can_be_key(self, column_type: str) -> bool:
        """Can a column declared so be a key? (MySQL's long texts and JSON can't, nor JSON in Postgres.)"""
        return not column_type.startswith(("LONGTEXT", "JSON"))

    def check_columns(self, names: Iterable[str]) -> None:
        """OutputError for more columns than a table may have, and for names that are the same here."""
        names = list(names)
        if len(names) > self.most_columns:
            told = f"{len(names)} columns, and a table in {self.name} has at most {self.most_columns}"
            raise OutputError(f"format sql: the records have {told}; write them as JSON Lines or Parquet")
        folded = Counter(name.lower() for name in names)
        same = [name for name in names if folded[name.lower()] > 1] if self.folds else []
        if same:
            told = f"the columns {' and '.join(map(repr, same[:2]))} are the same in {self.name}"
            raise OutputError(f"format sql: {told}; rename one, or choose another format")

    def _flaw(self, name: str) -> str:
        if self.longest_name is not None and len(name.encode("utf-8", "replace")) > self.longest_name:
            return f"is longer than the {self.longest_name} bytes that names may have"
        if "\0" in name or any("\ud800" <= character <= "\udfff" for character in name):
            return "holds a character that can't be written"
        if self.name == "mysql" and (name.endswith(" ") or any(character > "\uffff" for character in name)):
            return "ends in a space or holds a character beyond U+FFFF, which names can't"
        return "is empty, which names can't be" if not name and self.name != "sqlite" else ""


def dialect_of(name: str) -> Dialect:
    """UnknownName for one that isn't there."""
    if name not in _DIALECTS:
        raise UnknownName("SQL dialect", name, _DIALECTS)
    return _DIALECTS[name]


_QUOTES = {"'": "''"}
_SQLITE = Dialect(
    name="sqlite",
    # A column declared JSON or BOOLEAN would have NUMERIC affinity and turn JSON text that is a number into one. Integers have 63
    # bits and a sign: larger ones are kept as text.
    types={"string": "TEXT", "json": "TEXT", "integer": "INTEGER", "unsigned": "TEXT", "number": "REAL", "boolean": "INTEGER"},
    escapes=_QUOTES,
    quote='"',
    most_columns=2000,
    longest_name=None,
    folds=True,
    booleans=("0", "1"),
)
_POSTGRES = Dialect(
    name="postgres",
    types={
        "string": "TEXT",
        "json": "JSON",  # keeps the text as it is, which JSONB doesn't
        "integer": "BIGINT",
        "unsigned": "NUMERIC(20, 0)",
        "number": "DOUBLE PRECISION",
        "boolean": "BOOLEAN",
    },
    escapes=_QUOTES,
    quote='"',
    most_columns=1600,
    longest_name=63,
    folds=False,
    booleans=("FALSE", "TRUE"),
)
_MYSQL = Dialect(
    name="mysql",
    types={
        "string": "LONGTEXT",
        "json": "JSON",
        "integer": "BIGINT",
        "unsigned": "BIGINT UNSIGNED",
        "number": "DOUBLE",
        "boolean": "BOOLEAN",
    },
    escapes={"\\": "\\\\", "'": "\\'", "\0": "\\0", "\n": "\\n", "\r": "\\r", "\x1a": "\\Z"},
    quote="`",
    most_columns=1017,
    longest_name=64,
    folds=True,
    booleans=("FALSE", "TRUE"),
    prologue="SET NAMES utf8mb4;\n",
    table_options=" DEFAULT CHARACTER SET utf8mb4",
)
DUCKDB = Dialect(  # for databases only: scripts are written for the others
    name="duckdb",
    types={
        "string": "VARCHAR",
        "json": "JSON",
        "integer": "BIGINT",
        "unsigned": "UBIGINT",
        "number": "DOUBLE",
        "boolean": "BOOLEAN",
    },
    escapes=_QUOTES,
    quote='"',
    most_columns=2000,
    longest_name=None,
    folds=True,
    booleans=("FALSE", "TRUE"),
)
_DIALECTS = {dialect.name: dialect for dialect in (_SQLITE, _POSTGRES, _MYSQL)}

"""SQL: what each dialect's own parser makes of it, and what a dialect can't hold."""

import sqlite3

import pytest
import sqlglot
from hypothesis import assume, given, settings
from sqlglot import expressions as sql

from synth_sdk.core.errors import OutputError, UnknownName, WriteError
from synth_sdk.schema.layout import Flat, Layout
from synth_sdk.sinks import Shape
from synth_sdk.sinks.sql import ROWS_PER_INSERT, SqlFormat
from tests.sinks.strategies import CASES, in_columns
from tests.sinks.support import read_sqlite, written

ALL = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "whole": {"type": "integer"},
        "large": {"type": "integer", "minimum": 0, "maximum": 2**64 - 1},
        "number": {"type": "number"},
        "flag": {"type": ["boolean", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["text", "whole", "large", "number", "flag"],
}


def of_literal(node):
    """The value of a literal in a syntax tree."""
    match node:
        case sql.Null():
            return None
        case sql.Boolean():
            return node.this
        case sql.Neg():
            return -of_literal(node.this)
        case sql.Literal() if node.is_string:
            return node.this
        case sql.Literal():
            return float(node.this) if {"e", "."} & set(node.this) else int(node.this)
    raise AssertionError(repr(node))


def read_dialect(data, schema, dialect):
    flat = Flat.of(Layout.of(schema))
    records = []
    for statement in sqlglot.parse(data.decode("utf-8"), dialect):
        if isinstance(statement, sql.Insert):
            assert [name.name for name in statement.this.expressions] == flat.schema.names
            records += [
                flat.to_record([of_literal(cell) for cell in row.expressions]) for row in statement.expression.expressions
            ]
    return records


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
@given(case=CASES)
@settings(max_examples=40, deadline=None)
def test_other_dialects_parse_and_read_back(dialect, case):
    schema, records = case
    try:
        data = written(SqlFormat(), records, schema, dialect=dialect)
    except (OutputError, WriteError):
        assume(False)
    assert read_dialect(data, schema, dialect) == [in_columns(record, schema, flat=True) for record in records]


def test_types_of_each_dialect():
    def types(dialect):
        table = written(SqlFormat(), [], ALL, dialect=dialect).decode().split("(\n")[1].split("\n)")[0]
        return [line.strip().rstrip(",").split(" ", 1)[1] for line in table.splitlines()]

    assert types("sqlite") == ["TEXT NOT NULL", "INTEGER NOT NULL", "TEXT NOT NULL", "REAL NOT NULL", "INTEGER", "TEXT"]
    assert types("postgres") == [
        "TEXT NOT NULL",
        "BIGINT NOT NULL",
        "NUMERIC(20, 0) NOT NULL",
        "DOUBLE PRECISION NOT NULL",
        "BOOLEAN",
        "JSON",
    ]
    assert types("mysql") == [
        "LONGTEXT NOT NULL",
        "BIGINT NOT NULL",
        "BIGINT UNSIGNED NOT NULL",
        "DOUBLE NOT NULL",
        "BOOLEAN",
        "JSON",
    ]


@pytest.mark.parametrize("count", [0, 1, ROWS_PER_INSERT, ROWS_PER_INSERT + 1, 3 * ROWS_PER_INSERT])
def test_rows_come_in_statements_of_a_fixed_size(count):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}, "s": {"type": "string"}}, "required": ["n", "s"]}
    records = [{"n": n, "s": "it's"} for n in range(count)]
    data = written(SqlFormat(), records, schema, name="my table")
    assert data.count(b"INSERT INTO") == -(-count // ROWS_PER_INSERT)
    assert data.endswith(b"COMMIT;\n")
    assert read_sqlite(data, schema, "my table") == records


def test_a_null_character_is_kept_by_sqlite_and_refused_by_postgres():
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    assert read_sqlite(written(SqlFormat(), [{"a": "it's\0é"}], schema), schema) == [{"a": "it's\0é"}]
    with pytest.raises(WriteError, match=r"record 2, column 'a': .* null character, which postgres can't"):
        written(SqlFormat(), [{"a": "x"}, {"a": "\0"}], schema, dialect="postgres")


def columns(*names):
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}}


@pytest.mark.parametrize(
    ("dialect", "schema", "told"),
    [
        ("sqlite", columns(*(f"c{n}" for n in range(2001))), "at most 2000"),
        ("postgres", columns(*(f"c{n}" for n in range(1601))), "at most 1600"),
        ("mysql", columns(*(f"c{n}" for n in range(1018))), "at most 1017"),
        ("sqlite", columns("Name", "name"), "'Name' and 'name' are the same in sqlite"),
        ("mysql", columns("Name", "name"), "the same in mysql"),
        ("postgres", columns("n" * 64), "63 bytes"),
        ("postgres", columns(""), "is empty"),
        ("mysql", columns("end "), "ends in a space"),
        ("sqlite", columns("a\0b"), "can't be written"),
    ],
)
def test_what_a_dialect_cannot_name_is_found_before_anything_is_written(dialect, schema, told):
    with pytest.raises(OutputError, match=told):
        SqlFormat().encoder(Shape(schema, dialect=dialect))


def test_as_many_columns_as_sqlite_takes():
    schema = columns(*(f"c{n}" for n in range(2000)))
    database = sqlite3.connect(":memory:")
    database.executescript(written(SqlFormat(), [{"c7": "x"}] * 3, schema).decode())
    assert database.execute("SELECT c7, c8 FROM record").fetchall() == [("x", None)] * 3
    database.close()


def test_an_unknown_dialect_offers_the_nearest():
    with pytest.raises(UnknownName, match="unknown SQL dialect 'postgresql': did you mean postgres"):
        SqlFormat().encoder(Shape(ALL, dialect="postgresql"))

"""Every format, over any schema: what is read back is what was generated, and bytes don't depend on batches."""

import csv
import io
import json

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import OutputError
from synth_sdk.schema.layout import Flat, Layout
from synth_sdk.sinks import Shape
from synth_sdk.sinks.csv import CsvFormat
from synth_sdk.sinks.json import JsonFormat
from synth_sdk.sinks.jsonl import JsonlFormat
from synth_sdk.sinks.parquet import ParquetFormat
from synth_sdk.sinks.sql import SqlFormat
from synth_sdk.sinks.xml import XmlFormat
from tests.sinks.strategies import CASES, JSON, in_columns
from tests.sinks.support import Columns, document, read_csv, read_parquet, read_sqlite, read_xml, written

few = settings(max_examples=60, deadline=None)


def sql_can(schema):
    try:
        SqlFormat().encoder(Shape(schema))
    except OutputError:
        return False
    return True


@given(CASES)
@few
def test_parquet(case):
    schema, records = case
    assert read_parquet(written(ParquetFormat(), records, schema), schema) == [in_columns(record, schema) for record in records]


@given(CASES)
@few
def test_csv(case):
    schema, records = case
    assume(len(Flat.of(Layout.of(schema)).columns) > 1)
    data = written(CsvFormat(), records, schema)
    assert read_csv(data, schema) == [in_columns(record, schema, flat=True) for record in records]
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert rows[0] == Flat.of(Layout.of(schema)).schema.names
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) == len(records) + 1


def numbers_in(value):
    """Every float within a JSON value."""
    if isinstance(value, dict | list):
        return [number for item in (value.values() if isinstance(value, dict) else value) for number in numbers_in(item)]
    return [value] if isinstance(value, float) else []


@given(CASES)
@few
def test_sqlite(case):
    schema, records = case
    assume(sql_can(schema))
    assume(
        all(abs(number) >= 1e-300 for number in numbers_in(records) if number)
    )  # nearer to 0 SQLite reads the last digit otherwise
    assert read_sqlite(written(SqlFormat(), records, schema), schema) == [
        in_columns(record, schema, flat=True) for record in records
    ]


@given(CASES)
@few
def test_xml(case):
    schema, records = case
    assert read_xml(written(XmlFormat(), records, schema), schema) == records


@given(st.lists(JSON, max_size=4))
@example([{"": {"\ud800": "\udfff"}, "\0": "\0", "xsi:nil": [[], {}, ""]}])
@few
def test_xml_of_anything(records):
    assert read_xml(written(XmlFormat(), records), {}) == records


@given(st.lists(JSON, max_size=4))
@few
def test_anything_in_one_column(records):
    assert read_parquet(written(ParquetFormat(), records), True) == records
    assert read_sqlite(written(SqlFormat(), records), True) == records


@given(CASES)
@few
def test_columns_and_records_make_the_same_document(case):
    schema, records = case
    for made in (JsonlFormat(), JsonFormat(), CsvFormat(), ParquetFormat()):
        by_columns = document(made, [Columns.of(schema, records)], Shape(schema))
        assert by_columns == written(made, records, schema)
    by_columns = document(XmlFormat(), [Columns.of(schema, records)], Shape(schema))
    assert read_xml(by_columns, schema) == records


@pytest.mark.parametrize(
    "made", [CsvFormat(), JsonFormat(), JsonlFormat(), ParquetFormat(), SqlFormat(), XmlFormat()], ids=lambda made: made.name
)
@given(CASES, st.data())
@settings(max_examples=20, deadline=None)
def test_bytes_do_not_depend_on_batches(made, case, data):
    schema, records = case
    assume(made.name != "sql" or sql_can(schema))
    whole = written(made, records, schema)
    cut = data.draw(st.integers(0, len(records)))
    batches = [Records(records[:cut]), Records([]), Records(records[cut:])]
    assert document(made, batches, Shape(schema)) == whole


@given(st.lists(JSON, max_size=4))
@few
def test_json_and_jsonl(records):
    assert json.loads(written(JsonFormat(), records)) == records
    assert [json.loads(line) for line in written(JsonlFormat(), records).decode().splitlines()] == records

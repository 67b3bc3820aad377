"""Parquet: row groups, encodings and types, as the file itself tells."""

import io

import pyarrow as pa
import pytest
from pyarrow import parquet

from synth_sdk.sinks import Shape
from synth_sdk.sinks.parquet import ParquetFormat
from tests.sinks.support import Columns, document

NARROW = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "plan": {"type": "string"}, "more": {}},
    "required": ["id", "name", "plan"],
}
RECORDS = [
    {"id": n, "name": f"name {n}", "plan": ("free", "pro")[n % 3 == 0], **({"more": [n]} if n == 5000 else {})}
    for n in range(140_000)
]


def save(records, schema, sizes):
    batches, start = [], 0
    whole = Columns.of(schema, records)
    while start < len(records):
        size = sizes[len(batches) % len(sizes)]
        batches.append(Columns(whole.table.slice(start, size), records[start : start + size]))
        start += size
    return document(ParquetFormat(), batches, Shape(schema))


@pytest.fixture(scope="module")
def narrow():
    return save(RECORDS, NARROW, [len(RECORDS)])


def test_row_groups_have_a_fixed_size(narrow):
    told = parquet.ParquetFile(io.BytesIO(narrow)).metadata
    assert [told.row_group(group).num_rows for group in range(told.num_row_groups)] == [131072, 140_000 - 131072]


@pytest.mark.parametrize("sizes", [[32768], [1, 4095, 10_000, 3]])
def test_bytes_do_not_depend_on_batches(narrow, sizes):
    assert save(RECORDS, NARROW, sizes) == narrow


def test_encodings_fit_the_columns(narrow):
    group = parquet.ParquetFile(io.BytesIO(narrow)).metadata.row_group(0)
    told = {group.column(at).path_in_schema: group.column(at) for at in range(group.num_columns)}
    assert {path: column.has_dictionary_page for path, column in told.items()} == {
        "id": False,
        "name": False,
        "plan": True,
        "more": True,
    }
    assert {column.compression for column in told.values()} == {"ZSTD"}
    assert (told["id"].statistics.min, told["id"].statistics.max) == (0, 131071)


def test_wide_rows_come_in_smaller_groups():
    schema = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    records = [{"text": "x" * 10_000}] * 9000
    told = parquet.ParquetFile(io.BytesIO(save(records, schema, [500]))).metadata
    assert [told.row_group(group).num_rows for group in range(told.num_row_groups)] == [8192, 808]


def test_json_is_marked_as_json(narrow):
    file = parquet.ParquetFile(io.BytesIO(narrow))
    assert file.schema.column(3).logical_type.type == "JSON"
    assert file.schema_arrow.field("more").type == pa.json_()
    assert file.schema_arrow.field("id") == pa.field("id", pa.int64(), nullable=False)


def test_a_file_without_records_has_its_columns():
    table = parquet.read_table(io.BytesIO(save([], NARROW, [1])))
    assert (table.num_rows, table.column_names) == (0, ["id", "name", "plan", "more"])

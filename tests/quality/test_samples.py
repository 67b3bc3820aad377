"""A file of one's own as a table: the same whatever its format, and clear errors."""

import gzip
import json

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from synth_sdk.core.errors import RequestError
from synth_sdk.engine import Engine
from synth_sdk.quality.comparison import compare
from synth_sdk.quality.profile import Profile
from synth_sdk.quality.samples import read_sample
from synth_sdk.schema import Schema

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "visits": {"type": "integer", "minimum": 0, "maximum": 99},
        "paid": {"type": ["number", "null"], "minimum": 0, "maximum": 10},
        "active": {"type": "boolean"},
        "seen": {"type": "string", "format": "date-time"},
    },
    "required": ["name", "visits", "paid", "active", "seen"],
}


@pytest.fixture(scope="module")
def table():
    return Profile.of(Engine(Schema(SCHEMA), seed=5).batch(range(500)).arrow(), 0, SCHEMA).sample()


def write(table, path):
    lines = "".join(json.dumps(record) + "\n" for record in table.to_pylist())
    match path.name.split(".", 1)[1]:
        case "csv":
            pa.csv.write_csv(table, path)
        case "parquet":
            pa.parquet.write_table(table, path)
        case "json":
            path.write_text(json.dumps(table.to_pylist()))
        case "jsonl.gz":
            path.write_bytes(gzip.compress(lines.encode()))
        case _:
            path.write_text(lines)
    return path


@pytest.mark.parametrize("suffix", ["csv", "parquet", "json", "jsonl", "jsonl.gz"])
def test_every_format_gives_the_same_table(table, suffix, tmp_path):
    found, schema, cut = read_sample(str(write(table, tmp_path / f"s.{suffix}")))
    assert found.to_pydict() == table.to_pydict()
    assert not cut
    assert schema["properties"]["seen"]["format"] == "date-time"
    assert found.schema.types == table.schema.types


def test_it_is_cut_and_says_so(table, tmp_path):
    path = write(table, tmp_path / "s.jsonl")
    found, _, cut = read_sample(str(path), 120)
    assert found.num_rows == 120
    assert cut
    assert not read_sample(str(path), 500)[2]


def test_nested_records_have_the_columns_of_a_profile(tmp_path):
    path = tmp_path / "s.jsonl"
    path.write_text('{"a": {"b": 1}, "t": [1, 2]}\n{"a": null, "t": []}\n5\n')
    assert read_sample(str(path))[0].to_pydict() == {"a.b": [1, None, None], "t": [2, 0, None], "value": [None, None, 5]}


def test_words_for_nothing_in_a_csv(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("n,b,s\n1,true,x\nNA,,NA\n3,False,\n")
    assert read_sample(str(path))[0].to_pydict() == {"n": [1, None, 3], "b": [True, None, False], "s": ["x", "NA", None]}


@pytest.mark.parametrize(
    ("name", "text", "told"), [("s.csv", "", "it is empty"), ("s.jsonl", '{"a": 1}\n{', "line 2"), ("s.txt", "x", "suffix")]
)
def test_a_broken_file_is_one_error_that_names_it(name, text, told, tmp_path):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(RequestError, match=told):
        read_sample(str(path))
    with pytest.raises(RequestError, match="missing"):
        read_sample(str(tmp_path / "missing.csv"))


def test_a_file_is_compared_with_what_was_made_like_it(table, tmp_path):
    like, schema, _ = read_sample(str(write(table, tmp_path / "s.csv")))
    own = Profile.of(Engine(Schema(schema), seed=1).batch(range(500)).arrow(), 0, schema).sample()
    told = compare(own, like, schema)
    assert told["missing_fields"] == []
    assert told["fields"].keys() == {*table.column_names}
    assert told["privacy"]["exact_copies"] == 0

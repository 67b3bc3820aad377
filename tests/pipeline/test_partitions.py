"""Folders named for values: what they are called, what is in them, and that readers get back what was written."""

import hashlib
import json
import pickle
import subprocess
import sys
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk import Synth
from synth_sdk.core.batches import ColumnBatch, Records
from synth_sdk.core.errors import RequestError, UnknownName, WriteError
from synth_sdk.pipeline import partitions
from synth_sdk.pipeline.partitions import NULL, Partitioning, partitioned
from synth_sdk.sinks import Shape
from synth_sdk.sinks.csv import CsvFormat
from synth_sdk.sinks.parquet import ParquetFormat
from tests.sinks.support import Columns, document

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = {"country": TEXTS | st.none(), "n": st.integers(-(2**31), 2**31 - 1) | st.none(), "paid": st.booleans(), "rate": st.floats(allow_nan=False, allow_infinity=False)}  # fmt: skip
SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "country": {"type": ["string", "null"]},
        "n": {"type": ["integer", "null"]},
        "paid": {"type": "boolean"},
        "rate": {"type": "number"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "home": {"type": "object", "properties": {"city": {"type": "string"}}},
        "open": True,
    },
    "required": ["id", "country", "n", "paid", "rate"],
    "additionalProperties": False,
}
RECORDS = st.lists(st.fixed_dictionaries(VALUES), min_size=1, max_size=12).map(
    lambda rows: [{"id": place, **row} for place, row in enumerate(rows)]
)
PLACES = {
    "type": "object",
    "properties": {"country": {"enum": ["DE", "FR", "Côte d'Ivoire", None]}, "plan": {"type": "integer", "minimum": 1, "maximum": 3}, "n": {"type": "number"}, "s": {"type": "string"}},
    "required": ["country", "plan", "n"],
}  # fmt: skip
FORMATS = {"parquet": ".parquet", "jsonl": ".jsonl", "csv": ".csv"}


def cut(records, *columns, batch=Records):
    made, _ = partitioned(columns, Shape(SCHEMA), "jsonl")
    return {folder: list(rows.records()) for folder, rows in made.cut(batch(records))}


def in_columns(records):
    return Columns.of(SCHEMA, records)


@given(records=RECORDS)
def test_the_name_of_a_folder_tells_its_values(records):
    for folder, rows in cut(records, "country", "n", "paid", "rate").items():
        names, texts = zip(*(segment.split("=") for segment in folder.split("/")), strict=True)
        assert names == ("country", "n", "paid", "rate")
        country, n, paid, rate = (None if text == NULL else unquote(text) for text in texts)
        for row in rows:
            record = records[row["id"]]
            assert row == {"id": record["id"]}
            assert country == record["country"]
            assert (n and int(n)) == record["n"]
            assert paid == ("true" if record["paid"] else "false")
            assert float(rate) == record["rate"]


@settings(max_examples=30)
@given(records=RECORDS)
def test_columns_are_cut_as_records_are(records):
    by_record, by_column = cut(records, "country", "n", "rate"), cut(records, "country", "n", "rate", batch=in_columns)
    assert by_column == by_record
    made, shape = partitioned(("country", "paid"), Shape(SCHEMA), "parquet")
    for made_of in (ParquetFormat(), CsvFormat()):
        files = [
            {folder: document(made_of, [rows], shape) for folder, rows in made.cut(batch)}
            for batch in (Records(records), in_columns(records))
        ]
        assert files[0] == files[1]
    assert all(isinstance(rows, ColumnBatch) for _, rows in made.cut(in_columns(records)))


@settings(max_examples=50)
@given(rows=st.lists(st.fixed_dictionaries({"country": TEXTS, "n": VALUES["n"]}), min_size=1, max_size=8))
def test_pyarrow_reads_back_what_was_written(tmp_path_factory, rows):
    from pyarrow import parquet

    records = [{"id": place, "paid": True, "rate": 1.5, **row} for place, row in enumerate(rows)]
    folder = tmp_path_factory.mktemp("hive")
    made, shape = partitioned(("country", "n"), Shape(SCHEMA), "parquet")
    for name, part in made.cut(in_columns(records)):
        (folder / name).mkdir(parents=True)
        (folder / name / "part-00000.parquet").write_bytes(document(ParquetFormat(), [part], shape))
    types = ds.partitioning(pa.schema([("country", pa.string()), ("n", pa.int64())]), flavor="hive")
    table = ds.dataset(folder, partitioning=types).to_table(columns=["id", "country", "n"]).sort_by("id")
    assert table.to_pylist() == [{name: record[name] for name in ("id", "country", "n")} for record in records]
    assert parquet.ParquetFile(next(folder.rglob("*.parquet"))).schema_arrow.names == [
        "id", "paid", "rate", "tags", "home", "open",
    ]  # fmt: skip


def test_what_reading_would_take_for_null_is_turned_down():
    with pytest.raises(WriteError, match="can't be told from null"):
        cut([{"country": NULL}], "country")
    with pytest.raises(WriteError, match="so long a name"):
        cut([{"country": "x" * 300}], "country")
    with pytest.raises(WriteError, match="no Unicode text"):
        cut([{"country": "\ud800"}], "country")


def test_a_partitioning_can_be_sent_to_other_processes():
    made, _ = partitioned(("country",), Shape(SCHEMA), "jsonl")
    assert pickle.loads(pickle.dumps(made)) == made == Partitioning(("country",), ("string",))  # noqa: S301 - as runners send them


def test_formats_that_are_read_file_by_file_keep_the_columns():
    made, shape = partitioned(("country",), Shape(SCHEMA), "sql")
    assert shape == Shape(SCHEMA)
    assert dict(made.cut(Records([{"country": "DE"}]))).keys() == {"country=DE"}
    ((_, rows),) = made.cut(Records([{"country": "DE"}]))
    assert rows.records() == [{"country": "DE"}]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (("contry",), "unknown field to partition by 'contry': did you mean country?"),
        (("home.city",), "partition-by 'home.city': is within 'home'"),
        (("home",), "partition-by 'home': is an object; choose a field of text"),
        (("tags",), "partition-by 'tags': is an array"),
        (("open",), "partition-by 'open': is of no uniform type"),
        (("country", "country"), "each field may be named once"),
        (tuple(SCHEMA["properties"])[:5], None),
    ],
)
def test_fields_that_do_not_do(columns, says):
    if says is None:
        assert partitioned(columns, Shape(SCHEMA), "jsonl")[0].columns == columns
        return
    with pytest.raises(RequestError, match=says.replace("?", r"\?")):
        partitioned(columns, Shape(SCHEMA), "jsonl")


def test_something_must_be_left_for_the_files():
    small = Shape({"type": "object", "properties": {"a": {"type": "string"}}})
    with pytest.raises(RequestError, match="no field would be left"):
        partitioned(("a",), small, "jsonl")
    with pytest.raises(UnknownName):
        partitioned(("a",), Shape({"type": "string"}), "jsonl")
    behind = Shape(
        {"type": "object", "properties": {"b": {"type": "string"}}, "allOf": [{"properties": {"a": {"type": "string"}}}]}
    )
    with pytest.raises(RequestError, match=r"by \$ref or allOf"):
        partitioned(("a",), behind, "jsonl")


# By the public face


def write(folder, **wish):
    return Synth().write(f"{folder}/", "json", schema=PLACES, count=300, seed=3, rows_per_shard=120, **wish)


@pytest.mark.parametrize("format", FORMATS)
def test_a_folder_of_partitions_is_true_to_its_manifest(tmp_path, format):
    report = write(tmp_path / "out", format=format, partition_by=("country", "plan"))
    manifest = json.loads((tmp_path / "out" / "_manifest.json").read_text("utf-8"))
    assert manifest == report.manifest
    assert manifest["partition_by"] == ["country", "plan"]
    assert [shard["rows"] for shard in manifest["shards"]] == [[0, 120], [120, 240], [240, 300]]
    files = {file["file"]: file for shard in manifest["shards"] for file in shard["files"]}
    there = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert there == {*files, "_manifest.json"}
    assert f"country={NULL}/plan=2/part-00001{FORMATS[format]}" in files
    assert sum(file["rows"] for file in files.values()) == 300
    for name, file in files.items():
        data = (tmp_path / "out" / name).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file["bytes"], file["sha256"])


def test_the_rows_are_those_of_the_same_command_without_partitions(tmp_path):
    write(tmp_path / "cut", format="parquet", partition_by=("country", "plan"))
    write(tmp_path / "plain", format="parquet")
    options = {"format": "parquet", "exclude_invalid_files": False}
    whole = ds.dataset(tmp_path / "plain", **options).to_table()
    found = ds.dataset(tmp_path / "cut", partitioning="hive", **options).to_table().select(whole.schema.names)
    assert [field.type for field in found.schema if field.name != "plan"] == [
        field.type for field in whole.schema if field.name != "plan"
    ]
    assert found.schema.field("plan").type == pa.int32()  # as pyarrow reads whole numbers in names
    order = lambda row: json.dumps(row, sort_keys=True)  # noqa: E731
    assert sorted(found.to_pylist(), key=order) == sorted(whole.to_pylist(), key=order)


def test_lines_are_those_of_the_records_without_the_field(tmp_path):
    write(tmp_path / "cut", partition_by=("plan",))
    records = Synth().generate("json", schema=PLACES, count=300, seed=3).records
    for path in (tmp_path / "cut").glob("plan=2/*"):
        start = int(path.stem[-5:]) * 120
        expected = [record for record in records[start : start + 120] if record["plan"] == 2]
        expected = [{name: value for name, value in record.items() if name != "plan"} for record in expected]
        assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == expected


def test_too_many_partitions_leave_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(partitions, "MOST_PARTITIONS", 100)
    with pytest.raises(RequestError, match="more than 100 partitions; choose a field of fewer values"):
        write(tmp_path / "in one part", partition_by=("n",))
    monkeypatch.setattr(partitions, "MOST_PARTITIONS", 125)
    with pytest.raises(RequestError, match="more than 125 partitions"):
        write(tmp_path / "in all", partition_by=("n",))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("output", ["-", "x.parquet", "postgresql://localhost/db", "s3://bucket/x.parquet"])
def test_only_folders_have_partitions(output, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError, match="partition-by 'plan': needs a folder of parts; end the output in /"):
        Synth().write(output, "json", schema=PLACES, partition_by=("plan",))
    assert list(tmp_path.iterdir()) == []


SCRIPT = """
import json, sys
from synth_sdk import Synth
from synth_sdk.client import run

run._FEWEST_BATCHES = 1
schema = json.loads(sys.argv[1])
for workers in (1, 2):
    for format in ("parquet", "jsonl"):
        wish = dict(count=3000, rows_per_shard=1000, format=format, workers=workers, partition_by=("country", "plan"))
        Synth().write(f"{workers}-{format}/", "json", schema=schema, **wish)
"""


def test_workers_change_no_byte(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, "-W", "error", "script.py", json.dumps(PLACES)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for name in ("parquet", "jsonl"):
        contents = [
            {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
            for folder in (tmp_path / f"1-{name}", tmp_path / f"2-{name}")
        ]
        assert len(contents[0]) == 3 * 12 + 1
        assert contents[0] == contents[1]

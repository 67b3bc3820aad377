"""Many records: the laws over block borders, streams without end, workers, and what a result can be turned into."""

import hashlib
import json
import subprocess
import sys
import time
from itertools import islice

import polars as pl
import pyarrow.parquet as pq
import pytest

from synth_sdk import Synth
from synth_sdk.core.errors import RequestError

SCHEMA = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}},
    "required": ["id", "name"],
    "additionalProperties": False,
}


def test_the_first_thousand_of_five_thousand_equal_a_run_of_a_thousand():
    few = Synth().generate("text", count=1000, seed=3)
    many = Synth().generate("text", count=5000, seed=3)
    assert many.records[:1000] == few.records
    assert len(many.records) == len(many.provenance) == 5000
    assert few.report.manifest["row_digest"] != many.report.manifest["row_digest"]


def test_a_stream_begins_at_once_however_long_it_is():
    began = time.monotonic()
    stream = Synth().stream("text", count=10**12, seed=3)
    assert list(islice(stream, 3)) == Synth().generate("text", count=3, seed=3).records
    stream.close()
    assert time.monotonic() - began < 5
    assert Synth().plan("text", count=10**12).split.offline == 10**12


SCRIPT = """
import json
from pathlib import Path
from synth_sdk import Synth
from synth_sdk.client import run

run._FEWEST_BATCHES = 1  # so that these few records are worth the start of processes
synth, told = Synth(), {}
wish = {"count": 2500, "seed": 4, "constraints": {"max_sentences": "2"}}
for workers, output in ((1, "1.jsonl"), (3, "3.jsonl"), (1, "1/"), (2, "2/")):
    report = synth.write(output, "text", workers=workers, rows_per_shard=1000, **wish).to_dict()
    told[output] = [report["data_quality_metrics"], report["origins"], report["manifest"]]
assert list(synth.stream("text", workers=2, **wish)) == [json.loads(line) for line in Path("1.jsonl").read_text().splitlines()]
for workers, output in ((1, "1.parquet"), (2, "2.parquet"), (1, "1.xml"), (2, "2.xml")):
    report = synth.write(output, "user_profile", count=40_000, seed=4, table="people", workers=workers).to_dict()
    told[output] = [report["data_quality_metrics"], report["manifest"]]
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def by_workers(tmp_path_factory):
    """The same records made by one and by several workers: files, folders and reports. The script has no guard for processes."""
    folder = tmp_path_factory.mktemp("workers")
    (folder / "script.py").write_text(SCRIPT)
    command = [sys.executable, "-W", "error", "script.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return folder, json.loads(done.stdout)


def test_workers_change_neither_bytes_nor_report(by_workers):
    folder, told = by_workers
    assert told["1.jsonl"] == told["3.jsonl"]
    assert told["1/"] == told["2/"]
    assert told["1/"][:2] == told["1.jsonl"][:2]
    assert told["1/"][2]["row_digest"] == told["1.jsonl"][2]["row_digest"]
    assert (folder / "1.jsonl").read_bytes() == (folder / "3.jsonl").read_bytes()
    assert len((folder / "1.jsonl").read_bytes().splitlines()) == 2500


def test_workers_change_nothing_of_columns(by_workers):
    folder, told = by_workers
    for suffix in ("parquet", "xml"):
        assert told[f"1.{suffix}"] == told[f"2.{suffix}"]
        assert (folder / f"1.{suffix}").read_bytes() == (folder / f"2.{suffix}").read_bytes()
    assert pq.read_table(folder / "1.parquet").num_rows == 40_000


def test_a_folder_of_parts_is_the_same_for_any_workers_and_its_manifest_is_true(by_workers):
    folder, told = by_workers
    manifest = json.loads((folder / "1" / "_manifest.json").read_text())
    assert manifest == told["1/"][2]
    assert [part["file"] for part in manifest["shards"]] == ["part-00000.jsonl", "part-00001.jsonl", "part-00002.jsonl"]
    assert [part["rows"] for part in manifest["shards"]] == [[0, 1000], [1000, 2000], [2000, 2500]]
    assert manifest["rows"] == 2500
    assert {"synth", "Faker", "pyarrow"} <= set(manifest["versions"])
    assert int(manifest["row_digest"], 16) == sum(int(part["row_digest"], 16) for part in manifest["shards"]) % 2**64
    for part in manifest["shards"]:
        data = (folder / "1" / part["file"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (part["bytes"], part["sha256"])
        assert len(data.splitlines()) == part["rows"][1] - part["rows"][0]
    contents = [{path.name: path.read_bytes() for path in (folder / name).iterdir()} for name in ("1", "2")]
    assert contents[0] == contents[1]
    assert b"".join(contents[1][part["file"]] for part in manifest["shards"]) == (folder / "1.jsonl").read_bytes()
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_a_folder_must_be_new_or_empty(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    for name, says in (("full/", "not empty"), ("file/", "Not a directory"), ("no/such/", "does not exist"), ("a\0b/", "null")):
        with pytest.raises(RequestError, match=says):
            Synth().write(f"{tmp_path}/{name}", "text", count=3)
    Synth().write(f"{tmp_path}/empty/", "json", schema=SCHEMA, count=3, format="parquet")
    assert pq.read_table(tmp_path / "empty" / "part-00000.parquet").num_rows == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file", "full"]


def test_a_folder_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(RequestError, match="unsatisfiable"):
        Synth().write(f"{tmp_path}/out/", "json", schema={"type": "integer", "minimum": 3, "maximum": 2}, count=3)
    with pytest.raises(RequestError, match="did you mean"):
        Synth().write(f"{tmp_path}/out/", "text", count=3, format="parket")
    assert list(tmp_path.iterdir()) == []


def test_a_result_becomes_a_table_of_any_kind(tmp_path):
    result = Synth().generate("json", schema=SCHEMA, count=40, seed=2)
    table = result.to_arrow()
    assert table.column_names == ["id", "name", "tags"]
    assert table.column("id").to_pylist() == [record["id"] for record in result.records]
    frame = result.to_polars()
    assert isinstance(frame, pl.DataFrame)
    assert frame["name"].to_list() == [record["name"] for record in result.records]
    result.save(str(tmp_path / "x.parquet"))
    assert pq.read_table(tmp_path / "x.parquet").column("id").to_pylist() == frame["id"].to_list()
    assert Synth().generate("conversation", count=2).to_arrow().num_rows == 2


@pytest.mark.parametrize(
    ("call", "module", "extra"),
    [("to_pandas", "pandas", "pandas"), ("to_polars", "polars", "polars"), ("to_hf", "datasets", "hf")],
)
def test_a_missing_library_is_named_with_the_way_to_install_it(monkeypatch, call, module, extra):
    monkeypatch.setitem(sys.modules, module, None)
    result = Synth().generate("text", count=2)
    with pytest.raises(RequestError) as caught:
        getattr(result, call)()
    assert f'{call}() needs {module}: install it with pip install "synth-data-sdk[{extra}]"' in caught.value.message


def test_pandas_and_datasets_where_they_are_installed():
    result = Synth().generate("text", count=5)
    texts = [record["text"] for record in result.records]
    pytest.importorskip("pandas")
    assert result.to_pandas()["text"].tolist() == texts
    pytest.importorskip("datasets")
    assert result.to_hf()["text"][:] == texts

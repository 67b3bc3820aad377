"""`synth generate timeseries` from the command line: formats, workers, exit codes."""

import csv
import json
import sqlite3
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest

from synth_sdk import Synth
from synth_sdk.cli.app import main

SEED = {
    "timestamp": "datetime",
    "temperature": {"type": "number", "min": -20, "max": 40},
    "humidity": {"type": "number", "min": 0, "max": 100},
}
RICH = ["--constraint", "entities=a,b", "--constraint", "anomalies=0.2", "--constraint", "missing=0.2"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTH_HOME", str(tmp_path / "home"))
    return tmp_path


def run(*words):
    with pytest.raises(SystemExit) as left:
        main(["generate", "timeseries", *words])
    return left.value.code


@pytest.fixture
def wanted(place):
    assert run("-n", "300", *RICH, "-o", "x.jsonl") == 0
    return [json.loads(line) for line in (place / "x.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("suffix", ["json", "csv", "sql", "xml", "parquet"])
def test_every_format_holds_the_same_records(wanted, place, suffix):
    assert run("-n", "300", *RICH, "-o", f"x.{suffix}") == 0
    found = READ[suffix](place / f"x.{suffix}")
    assert found == [(one["timestamp"], one["entity"], one["value"], one["anomaly"]) for one in wanted]


def _json(path):
    return [tuple(one.values()) for one in json.loads(path.read_text())]


def _csv(path):
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [
        (row["timestamp"], row["entity"], float(row["value"]) if row["value"] else None, row["anomaly"] or None) for row in rows
    ]


def _sql(path):
    with sqlite3.connect(":memory:") as base:
        base.executescript(path.read_text())
        (table,) = next(base.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))
        found = base.execute(f"SELECT timestamp, entity, value, anomaly FROM {table}").fetchall()
    base.close()
    return found


def _xml(path):
    rows = ElementTree.parse(path).getroot()  # noqa: S314 - our own
    texts = [[child.text for child in row] for row in rows]
    return [(at, entity, float(value) if value else None, label) for at, entity, value, label in texts]


def _parquet(path):
    rows = pq.read_table(path).to_pylist()
    return [(_iso(row["timestamp"]), row["entity"], row["value"], row["anomaly"]) for row in rows]


def _iso(moment):
    return moment if isinstance(moment, str) else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


READ = {"json": _json, "csv": _csv, "sql": _sql, "xml": _xml, "parquet": _parquet}


def test_workers_change_no_byte(place):
    assert run("-n", "300000", *RICH, "-o", "one.jsonl", "--report", "one.json") == 0
    assert run("-n", "300000", *RICH, "--workers", "2", "-o", "two.jsonl", "--report", "two.json") == 0
    assert (place / "one.jsonl").read_bytes() == (place / "two.jsonl").read_bytes()
    one, two = (json.loads((place / f"{name}.json").read_text()) for name in ("one", "two"))
    assert one["data_quality_metrics"] == two["data_quality_metrics"]
    assert one["data_quality_metrics"]["uniqueness_score"] == 1.0


def test_the_count_follows_from_the_duration(place, capsys):
    assert run("--constraint", "duration=5m", "--constraint", "sample_rate=10s", "--quiet") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 30
    assert json.loads(lines[-1])["timestamp"] == "2025-01-01T00:04:50Z"


def test_the_seeds_command(place, capsys):
    (place / "schema.json").write_text(json.dumps(SEED))
    assert run("--count", "1000", "--schema", "./schema.json", "--output", "data.json") == 0
    found = json.loads((place / "data.json").read_text())
    assert len(found) == 1000
    assert list(found[0]) == list(SEED)


def test_the_seeds_configuration(place, capsys):
    told = {"generators": {"timeseries": {"defaultSampleRate": "1s", "defaultDuration": "1h"}}}
    (place / ".agentic-synth.json").write_text(json.dumps(told))
    assert run("--quiet") == 0
    assert len(capsys.readouterr().out.splitlines()) == 3600


@pytest.mark.parametrize("wrong", ["noise=-1", "period=0", "sample_rate=abc", "nois=1", "duration=x"])
def test_what_is_wrong_is_one_line_and_exit_2(place, capsys, wrong):
    assert run("--constraint", wrong, "-o", "x.jsonl") == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("synth: error: ")
    assert told.err.count("\n") == 1
    assert not (place / "x.jsonl").exists()


def test_from_python(place):
    synth = Synth()
    made = synth.generate("timeseries", count=50, seed=42, options={"series": {"a": {"base": 5, "noise": 1}, "b": {"base": 1}}})
    assert made.report.status == "success"
    assert list(made.records[0]) == ["timestamp", "a", "b"]
    assert made.to_arrow().num_rows == 50
    assert next(iter(synth.stream("timeseries", count=10**9, constraints={"entities": 2})))["entity"] == "entity-01"

"""The command lines and the configuration file of seed 002, with the program's name replaced."""

import csv
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.client.config.seed import AGENTIC_SYNTH

Synth = Callable[..., Any]

# The shorthand of the seed's SDK example.
SCHEMA = {
    "timestamp": "datetime",
    "temperature": {"type": "number", "min": -20, "max": 40},
    "humidity": {"type": "number", "min": 0, "max": 100},
}
USERS = {"id": "uuid", "name": "string", "age": {"type": "integer", "min": 18, "max": 90}}
BATCH = """\
defaults:
  count: 20
jobs:
  sensors:
    kind: timeseries
  clicks:
    kind: events
  users:
    kind: structured
    schema: user-schema.json
    format: csv
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "user-schema.json").write_text(json.dumps(USERS))
    (tmp_path / "batch-config.yaml").write_text(BATCH)
    return tmp_path


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def words(line: str) -> list[str]:
    return line.split()


def test_time_series(synth: Synth, folder: Path) -> None:
    done = synth(*words("generate timeseries --count 1000 --schema ./schema.json --output data.json --model gemini-pro"))
    assert done.code == 0, done.err
    records = json.loads((folder / "data.json").read_text())
    assert len(records) == 1000
    assert all(-20 <= record["temperature"] <= 40 and 0 <= record["humidity"] <= 100 for record in records)
    assert [record["timestamp"] for record in records] == sorted(record["timestamp"] for record in records)


def test_events_in_real_time(synth: Synth, folder: Path) -> None:
    """At the seed's rate of 100/sec the seed's count of 5,000 takes 50 s."""
    started = time.monotonic()
    done = synth(*words("generate events --count 5000 --rate 5000/sec --stream --output events.jsonl"))
    assert done.code == 0, done.err
    assert time.monotonic() - started >= 0.9
    records = lines((folder / "events.jsonl").read_text())
    assert len(records) == 5000
    assert {"timestamp", "event_type", "metadata"} <= records[0].keys()
    times = [record["timestamp"] for record in records]
    assert times == sorted(times)


def test_structured_data(synth: Synth, folder: Path) -> None:
    done = synth(*words("generate structured --schema ./user-schema.json --count 10000 --format csv --output users.csv"))
    assert done.code == 0, done.err
    rows = list(csv.DictReader(io.StringIO((folder / "users.csv").read_text())))
    assert len(rows) == 10000
    assert all(18 <= int(row["age"]) <= 90 for row in rows)


def test_model_routing(synth: Synth, folder: Path, server: Any) -> None:
    line = "generate timeseries --count 60 --auto-route --fallback gemini-pro,gpt-4 --budget 0.10 --report report.json"
    done = synth(*words(line), env=server.env("gemini"))
    assert done.code in (0, 3), done.err  # ten cents may not buy them all
    assert "model 'gpt-4' is retired: openai/gpt-6.1-sol stands in for it" in done.err
    assert "openai/gpt-6.1-sol can't be used: set OPENAI_API_KEY" in done.err
    assert {request.model for request in server.requests} == {"gemini-3.1-pro-preview"}
    assert 0 < server.bill_micros <= 100_000
    told = json.loads((folder / "report.json").read_text())
    assert told["records_generated"] == len(lines(done.out))
    assert told["origins"]["llm"] > 0


def test_model_routing_without_a_key_names_the_variables(synth: Synth, folder: Path) -> None:
    done = synth(*words("generate timeseries --count 1000 --auto-route --fallback gemini-pro,gpt-4 --budget 0.10"))
    assert (done.code, done.out) == (2, "")
    assert "GEMINI_API_KEY" in done.err
    assert "OPENAI_API_KEY" in done.err
    assert done.err.count("\n") == 1


def test_integrations(synth: Synth, folder: Path) -> None:
    pytest.importorskip("ruvector")
    line = "generate events --count 1000 --stream-to midstreamer --vectorize-with ruvector --cache-policy aggressive"
    done = synth(*words(line))
    assert done.code == 0, done.err
    assert len(lines(done.out)) == 1000
    assert "midstreamer" in done.err  # no pipeline is configured: nothing is published, and that is said
    assert (folder / "data/vectors.db").exists()


def test_batch(synth: Synth, folder: Path) -> None:
    done = synth(*words("batch generate --config ./batch-config.yaml --parallel 4 --output ./output-dir/"))
    assert done.code == 0, done.err
    assert len(lines((folder / "output-dir/sensors.jsonl").read_text())) == 20
    assert len(lines((folder / "output-dir/clicks.jsonl").read_text())) == 20
    assert len((folder / "output-dir/users.csv").read_text().splitlines()) == 21


def test_the_configuration_file_as_it_stands(synth: Synth, folder: Path) -> None:
    """Its default duration of an hour at one a second is the count; nothing is bought, so no key is needed."""
    (folder / ".agentic-synth.json").write_text(AGENTIC_SYNTH)
    done = synth(*words("generate timeseries --output data.jsonl"))
    assert done.code == 0, done.err
    records = lines((folder / "data.jsonl").read_text())
    assert len(records) == 3600
    assert records[1]["timestamp"][:19] == "2025-01-01T00:00:01"
    done = synth(*words("generate structured --schema user-schema.json --count 5"))
    assert (done.code, len(lines(done.out))) == (0, 5)
    (folder / "empty.yaml").touch()
    events = synth(*words("generate events --count 500")).out
    assert events == synth(*words("generate events --count 500 --rate 100/sec --config empty.yaml")).out
    assert events != synth(*words("generate events --count 500 --rate 10/sec")).out

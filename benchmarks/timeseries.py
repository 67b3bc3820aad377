"""Points of a time series per CPU second of the whole process: synth against tuned Python loops that write the same records.

A loop adds up a trend, two sines and `gauss`, and flags one point in a hundred as an anomaly; everything is bound to local names. Three
ways to write a line: `json.dumps`, an f-string with `isoformat`, and an f-string whose times come from a table of the day's seconds.
Each candidate runs as a process of its own, start-up and imports included, in turns, and the least CPU of the rounds counts. JSON Lines
go to /dev/null, so that nobody pays for a disk; with `--file FOLDER` all write a file there.

Usage: python benchmarks/timeseries.py [POINTS] [--file FOLDER]     (points of synth; default 50,000,000)
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

LOOP = """
import json, sys
from datetime import datetime, timedelta
from math import pi, sin
from random import Random

def main(path, count):
    gauss, chance, dumps = Random(0).gauss, Random(1).random, json.dumps
    minute, hour = 2 * pi / 60, 2 * pi / 3600
    clock = [f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z" for second in range(86400)]
    day, at, step = "2025-01-01T", datetime(2025, 1, 1), timedelta(seconds=1)
    with open(path, "w", buffering=1 << 20) as out:
        write = out.write
        for tick in range(count):
            value = 100 + 0.00001 * tick + 10 * sin(minute * tick) + 5 * sin(hour * tick) + gauss(0, 1)
            label = None
            if chance() < 0.01:
                value += 30
                label = "outlier"
            WRITE

main(sys.argv[1], int(sys.argv[2]))
"""
F_STRING = """write(f'{{"timestamp":"TIME","value":{round(value, 2)},"anomaly":null}}\\n' if label is None else
                  f'{{"timestamp":"TIME","value":{round(value, 2)},"anomaly":"{label}"}}\\n')"""
WRITE = {
    "json.dumps": """write(dumps({"timestamp": at.isoformat() + "Z", "value": round(value, 2), "anomaly": label}) + "\\n"); at += step""",
    "f-string": F_STRING.replace("TIME", "{at.isoformat()}Z") + "; at += step",
    "f-string, table of times": F_STRING.replace("TIME", "{day}{clock[tick % 86400]}"),
}
SHAPE = ("base=100", "trend=0.00001", "seasonality=60:10,3600:5", "noise=1", "outliers=0.01")
LOOP_POINTS = 500_000
ROUNDS = 3


@dataclass(frozen=True)
class Cost:
    """Of one process: CPU seconds, peak resident memory in MB, points."""

    cpu: float
    peak: float
    points: int

    @property
    def nanoseconds(self) -> float:
        return self.cpu / self.points * 1e9


def run(command: list[str], points: int) -> Cost:
    """Run `command` in a process of its own and weigh it."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:  # a fresh parent, so that RUSAGE_CHILDREN is of this command alone
        done = subprocess.run(command, check=False)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        os.write(writing, f"{used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024} {done.returncode}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    cpu, peak, code = os.read(reading, 1000).split()
    os.close(reading), os.close(writing)
    assert code == b"0", command
    return Cost(float(cpu), float(peak), points)


def synth(points: int, output: Path) -> Cost:
    """`synth generate timeseries`."""
    constraints = [part for told in SHAPE for part in ("--constraint", told)]
    command = [sys.executable, "-m", "synth_sdk.cli", "generate", "timeseries", "-n", str(points), "--quiet", *constraints]
    return run([*command, "--format", output.suffix[1:] or "jsonl", "-o", str(output)], points)


def loop(way: str, points: int, output: Path) -> Cost:
    """A loop that writes a point at a time."""
    return run([sys.executable, "-c", LOOP.replace("WRITE", WRITE[way]), str(output), str(points)], points)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("points", type=int, nargs="?", default=50_000_000)
    parser.add_argument("--file", type=Path)
    told = parser.parse_args()
    costs: dict[str, list[Cost]] = {}
    with tempfile.TemporaryDirectory(dir=told.file) as folder:
        output = Path(folder) / "points.jsonl" if told.file else Path("/dev/null")
        for _ in range(ROUNDS):
            for way in WRITE:
                costs.setdefault(f"loop, {way}", []).append(loop(way, LOOP_POINTS, output))
            costs.setdefault("short", []).append(synth(told.points // 10, output))
            costs.setdefault("synth, JSONL, whole process", []).append(synth(told.points, output))
        others = {suffix: synth(told.points // 10, Path(folder) / f"other.{suffix}") for suffix in ("csv", "parquet")}
    best = {label: min(found, key=lambda cost: cost.cpu) for label, found in costs.items()}
    short, whole = best.pop("short"), best["synth, JSONL, whole process"]
    best["synth, JSONL, each further"] = Cost(whole.cpu - short.cpu, whole.peak, whole.points - short.points)
    best |= {f"synth, {suffix}, to a file": cost for suffix, cost in others.items()}
    print(f"{'':32}{'points':>12}{'ns/point':>10}" + "".join(f"{f'x {way.split()[-1]}':>14}" for way in WRITE))
    for label, cost in best.items():
        ratios = (best[f"loop, {way}"].nanoseconds / cost.nanoseconds for way in WRITE)
        print(f"{label:32}{cost.points:>12,}{cost.nanoseconds:>10.0f}" + "".join(f"{ratio:>14.1f}" for ratio in ratios))
    print(f"peak memory: {short.peak:.0f} MB for {short.points:,} points, {whole.peak:.0f} MB for {whole.points:,}")


if __name__ == "__main__":
    main()

"""An event log of a web shop, whole process CPU: `synth generate events` against a tuned loop of the standard library.

The loop keeps as many sessions under way as synth does, draws the gaps from `expovariate`, walks the same states with the same weights by
`random.choices` over cumulative weights, makes payloads of the same fields from closures, and writes with one prepared encoder. It has
neither users who come and go nor totals that add up. Each candidate runs as a process of its own, start-up, imports and writing to disk
included. Afterwards: arrivals of each kind and far rows, synth alone.

Usage: python benchmarks/events.py [EVENTS]     (of synth; default 2,000,000; the loop makes a quarter)
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

LOOP = """
import json, random, sys
from datetime import datetime, timezone, timedelta
from itertools import accumulate
import yaml
scenario = yaml.safe_load(open(sys.argv[3]))
rng = random.Random(0)
expovariate, choices, randrange, getrandbits, rand = rng.expovariate, rng.choices, rng.randrange, rng.getrandbits, rng.random

def field(told):
    if isinstance(told, str) and "." in told:
        about, name = told.split(".")
        return lambda session: session[about][name]
    if told == "boolean":
        return lambda session: rand() < 0.5
    if "enum" in told:
        values = told["enum"]
        cumulated = list(accumulate(told.get("x-synth", {}).get("weights", [1] * len(values))))
        return lambda session: choices(values, cum_weights=cumulated)[0]
    if "pattern" in told:
        return lambda session: "P-%05d" % randrange(10000, 100000)
    if told.get("type") == "integer":
        low, high = told["minimum"], told["maximum"]
        return lambda session: min(high, max(low, int(rng.lognormvariate(4, 1))))
    if told.get("type") == "number":
        return lambda session: round(rng.lognormvariate(3.6, 0.8), 2)
    if "count" in told:
        return lambda session: len(session["cart"])
    return lambda session: round(sum(session["cart"]), 2)

def drawer(fields):
    made = [(name, field(told)) for name, told in fields.items()]
    return lambda session: {name: draw(session) for name, draw in made}

def weighted(weights):
    return list(weights), list(accumulate(weights.values()))

states = {name: (state.get("type", name), *weighted(state["next"]), drawer(state.get("payload", {})), "subject" in state)
          for name, state in scenario["states"].items()}
starts, start_weights = weighted(scenario["start"])
user, context, subject = drawer(scenario["user"]), drawer(scenario["session"]), drawer(scenario["subject"])
users = [{"id": "usr_%012x" % getrandbits(48), **user({})} for _ in range(8000)]

def opened():
    who = users[randrange(8000)]
    return {"id": "ses_%016x" % getrandbits(64), "user": who, "session": context({}), "subject": subject({}), "cart": [],
            "state": choices(starts, cum_weights=start_weights)[0]}

sessions = [opened() for _ in range(800)]
encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
epoch = datetime(2025, 1, 1, tzinfo=timezone.utc).timestamp()
fromtimestamp, utc = datetime.fromtimestamp, timezone.utc
at = 0.0
with open(sys.argv[1], "w") as out:
    write = out.write
    for _ in range(int(sys.argv[2])):
        at += expovariate(100.0)
        place = randrange(800)
        session = sessions[place]
        type_, following, weights, payload, opens = states[session["state"]]
        if opens:
            session["subject"] = subject(session)
        if type_ == "add_to_cart":
            session["cart"].append(session["subject"]["price"])
        bits = "%032x" % getrandbits(128)
        write(encode({"id": f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}",
                      "timestamp": fromtimestamp(epoch + at, utc).isoformat(), "event_type": type_,
                      "user_id": session["user"]["id"], "session_id": session["id"], "metadata": payload(session)}) + "\\n")
        after = choices(following, cum_weights=weights)[0]
        if after == "end":
            sessions[place] = opened()
        else:
            session["state"] = after
"""
SCENARIO = Path(__file__).parents[1] / "synth_sdk" / "generators" / "events" / "scenarios" / "web_shop.yaml"
ARRIVALS = ("poisson", "regular", "bursty", "diurnal", "bursty+diurnal")
FAR = 10**12


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one process: CPU seconds, peak resident memory in MB, events, bytes written."""

    cpu: float
    peak: float
    events: int
    size: int

    @property
    def rate(self) -> float:
        return self.events / self.cpu


def run(command: list[str], output: Path, events: int) -> Cost:
    """Run `command` in a process of its own and weigh it."""
    cost = output.with_suffix(".cost")
    child = os.fork()
    if not child:  # a fresh parent, so that RUSAGE_CHILDREN is of this command alone
        done = subprocess.run(command, check=False)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cost.write_text(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, done.returncode]))
        os._exit(0)
    os.waitpid(child, 0)
    cpu, peak, code = json.loads(cost.read_text())
    assert code == 0, command
    size = output.stat().st_size
    output.unlink()
    return Cost(cpu, peak, events, size)


def synth(folder: Path, suffix: str, events: int, *constraints: str) -> Cost:
    """`synth generate events` into a file."""
    output = folder / f"synth.{suffix}"
    told = [word for constraint in constraints for word in ("--constraint", constraint)]
    command = [
        sys.executable,
        "-m",
        "synth_sdk.cli",
        "generate",
        "events",
        "-n",
        str(events),
        "--quiet",
        *told,
        "-o",
        str(output),
    ]
    return run(command, output, events)


def loop(folder: Path, events: int) -> Cost:
    """The loop into a file."""
    output = folder / "loop.jsonl"
    return run([sys.executable, "-c", LOOP, str(output), str(events), str(SCENARIO)], output, events)


def told_of_arrivals(events: int = 1 << 18) -> None:
    """Nanoseconds for the time of one arrival, and of one far away."""
    import numpy as np

    from synth_sdk.core.spec import DEFAULT_START
    from synth_sdk.generators.events.options import Wish
    from synth_sdk.generators.events.setting import timeline_of

    print(f"\n{'arrivals alone':22}{'ns/event':>10}{'from row 10**12 on':>20}")
    for name in ARRIVALS:
        timeline = timeline_of(Wish(arrivals=tuple(name.split("+"))), 0, DEFAULT_START)
        spent = []
        for first in (0, FAR):
            begin = time.process_time()
            for start in range(first, first + events, 16_384):
                timeline.of(np.arange(start, start + 16_384))
            spent.append((time.process_time() - begin) / events * 1e9)
        print(f"{name:22}{spent[0]:>10,.0f}{spent[1]:>20,.0f}")


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = loop(folder, events // 4)
        told = [("loop, JSONL", base)]
        told += [(f"synth, {suffix}", synth(folder, suffix, events)) for suffix in ("jsonl", "parquet")]
        told.append(("late and duplicates", synth(folder, "jsonl", events, "late=0.02", "duplicates=0.01")))
        small = synth(folder, "jsonl", events // 10)
    print(f"{'':22}{'events':>11}{'events/CPU s':>15}{'x loop':>9}{'bytes/event':>14}{'peak MB':>9}")
    for label, cost in told:
        print(
            f"{label:22}{cost.events:>11,}{cost.rate:>15,.0f}{cost.rate / base.rate:>9.1f}{cost.size / cost.events:>14.0f}{cost.peak:>9.0f}"
        )
    print(f"peak memory, jsonl: {small.peak:.0f} MB for {small.events:,} events, {told[1][1].peak:.0f} MB for {events:,}")
    told_of_arrivals()


if __name__ == "__main__":
    main()

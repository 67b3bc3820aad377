"""`python -m benchmarks.peers --curator PYTHON --data-designer PYTHON`: the tables. Without a peer's interpreter it is left out.

Each peer has an environment of its own (`python -m venv E && E/bin/pip install bespokelabs-curator`, or `data-designer`). The
contenders take turns, round by round; figures are medians over the rounds, but records, which are the
fewest of any round. A run of two records shows what starting costs.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks.peers.contenders import Contender, curator, data_designer, synth, version
from benchmarks.peers.measure import Outcome, run

Rows = dict[tuple[str, str], list[Outcome]]  # (case, contender) -> one of each round
CONCURRENCY, FAULT_RATE = 64, 0.1
FEW = 2  # records of the run that shows what starting costs; data-designer's profiler can't do with one


def main(arguments: Sequence[str]) -> None:
    chosen = _parsed(arguments)
    contenders = [synth(), *_peers(chosen)]
    rows: Rows = {}
    with tempfile.TemporaryDirectory() as home:
        for contender in contenders:
            run(contender, FEW, Path(home) / "warm" / contender.name)  # bytecode, page cache
        loads = [os.getloadavg()[0]]
        for number in range(chosen.rounds):
            for case, name, outcome in _round(contenders, chosen.records, Path(home) / str(number)):
                rows.setdefault((case, name), []).append(outcome)
                print(number + 1, case, name, outcome, file=sys.stderr, flush=True)
            loads.append(os.getloadavg()[0])
    print(f"{chosen.rounds} rounds, {CONCURRENCY} in flight, replies after 50 ms, load {min(loads):.1f} to {max(loads):.1f}")
    _tell(rows, max(chosen.records))


def _peers(chosen: argparse.Namespace) -> Iterator[Contender]:
    for peer, python in (("curator", chosen.curator), ("data_designer", chosen.data_designer)):
        print(version(python, peer) if python else f"{peer}: left out, no interpreter was named")
    if chosen.curator:
        yield from (curator(chosen.curator, backend) for backend in ("openai", "litellm"))
    if chosen.data_designer:
        yield data_designer(chosen.data_designer)


def _round(contenders: Sequence[Contender], counts: Sequence[int], home: Path) -> Iterator[tuple[str, str, Outcome]]:
    """Case, contender and outcome of each run. A case is done by all before the next one begins."""
    most, bill = max(counts), 0.0
    for count in (FEW, *counts):
        for one in contenders:
            clean = run(one, count, home / one.name / f"{count}", concurrency=CONCURRENCY)
            bill = clean.bill_micros if (one.name, count) == ("synth", most) else bill
            yield f"{count:,}", one.name, clean
    for one in contenders:
        yield f"{most:,} again", one.name, run(one, most, home / one.name / f"{most}", concurrency=CONCURRENCY)
    for count in counts:
        for one in contenders:
            faulty = run(one, count, home / one.name / f"f{count}", concurrency=CONCURRENCY, fault_rate=FAULT_RATE)
            yield f"{count:,}, 10% faults", one.name, faulty
    yield from _ours_alone(most, bill, home)


def _ours_alone(most: int, bill: float, home: Path) -> Iterator[tuple[str, str, Outcome]]:
    """Our own choice of records per call; and, which no peer has a setting for, half the money that the records cost."""
    yield f"{most:,}", "synth, auto", run(synth("auto"), most, home / "auto", concurrency=CONCURRENCY)
    half = f"{bill / 2e6:.6f}"
    for case, rate in ((f"{most:,} at half", 0.0), ("half, 10% faults", FAULT_RATE)):
        yield case, "synth", run(synth(), most, home / case, concurrency=CONCURRENCY, fault_rate=rate, budget=half)


COLUMNS = {  # heading: (field, divisor, digits, width)
    "records": ("delivered", 1, 0, 9),
    "cut": ("cut", 1, 0, 5),
    "seconds": ("seconds", 1, 1, 9),
    "CPU s": ("cpu", 1, 1, 8),
    "requests": ("requests", 1, 0, 10),
    "paid": ("paid", 1, 0, 7),
    "bill $": ("bill_micros", 1e6, 6, 10),
    "flight": ("most_in_flight", 1, 0, 8),
    "early": ("early", 1, 0, 7),
    "after s": ("after", 1, 1, 9),
    "again": ("again", 1, 0, 7),
}


def _tell(rows: Rows, most: int) -> None:
    print(f"{'case':20}{'contender':18}", *(f"{name:>{width}}" for name, (*_, width) in COLUMNS.items()), sep="")
    for (case, name), outcomes in rows.items():
        figures = (
            f"{(min if of == 'delivered' else median)(getattr(one, of) for one in outcomes) / divisor:{width}.{digits}f}"
            for of, divisor, digits, width in COLUMNS.values()
        )
        trouble = " ".join({one.trouble for one in outcomes if one.trouble})
        print(f"{case:20}{name:18}", *figures, f"  {trouble}" if trouble else "", sep="")
    print(f"\nbeyond start-up: CPU milliseconds of a record, seconds of all {most:,}")
    for name in dict.fromkeys(name for case, name in rows if case == f"{FEW}"):
        cpu, seconds = _beyond_start(rows[f"{FEW}", name], rows[f"{most:,}", name])
        print(f"{name:18}{cpu * 1000 / (most - FEW):8.2f}{seconds:8.1f}")


def _beyond_start(few: Sequence[Outcome], many: Sequence[Outcome]) -> tuple[float, float]:
    """CPU and wall seconds that the many took more than the few did in the same round."""
    pairs = list(zip(few, many, strict=True))
    return median(b.cpu - a.cpu for a, b in pairs), median(b.seconds - a.seconds for a, b in pairs)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description="The same records by synth and by peers.")
    parser.add_argument("--curator", metavar="PYTHON", help="the interpreter of an environment that has bespokelabs-curator")
    parser.add_argument("--data-designer", metavar="PYTHON", help="the interpreter of an environment that has data-designer")
    parser.add_argument("--records", type=int, nargs="+", default=[200, 1000], metavar="N", help="(%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, metavar="K", help="(%(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])

"""`python -m benchmarks.provider_farm`: the tables. `--help` says how to choose."""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context

from benchmarks.provider_farm.run import CONCURRENCY, HASTY_ORACLE, ORACLE, POLICIES, Score, play
from benchmarks.provider_farm.scenarios import SCENARIOS, Scenario, Split, World, worlds
from benchmarks.provider_farm.table import LEGEND, duel, speed, table


def main(arguments: Sequence[str]) -> None:
    chosen = _parsed(arguments)
    split: Split = "tuning" if chosen.tuning else "held-out"
    records, seeds = (400, 3) if chosen.quick else (chosen.records, chosen.seeds)
    policies = [policy for policy in POLICIES if policy == ORACLE or policy in (chosen.policy or POLICIES)]
    print(f"{records:,} records, {CONCURRENCY} in flight, {seeds} {split} worlds\n{LEGEND}")
    for name in chosen.scenario or SCENARIOS:
        shown = [policy for policy in policies if policy != HASTY_ORACLE or SCENARIOS[name].hasty]
        scores = _scores(shown, SCENARIOS[name], worlds(split, seeds), records, chosen.jobs)
        print(f"\n{name}: {SCENARIOS[name].told}\n{table(scores)}{duel(scores)}\n({speed(scores)})", flush=True)


def _scores(
    policies: Sequence[str], scenario: Scenario, chosen: Sequence[World], records: int, jobs: int
) -> dict[str, list[Score]]:
    pairs = [(policy, world) for policy in policies for world in chosen]
    names, places = [policy for policy, _ in pairs], [world for _, world in pairs]
    if jobs == 1:
        runs = list(map(play, names, repeat(scenario), places, repeat(records)))
    else:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            runs = list(pool.map(play, names, repeat(scenario), places, repeat(records)))
    return {policy: runs[place * len(chosen) : (place + 1) * len(chosen)] for place, policy in enumerate(policies)}


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.provider_farm", description="The router in a simulated farm.")
    parser.add_argument("--records", type=int, default=2000, metavar="N", help="records of a run (%(default)s)")
    parser.add_argument("--seeds", type=int, default=7, metavar="K", help="worlds of a scenario, at most 20 (%(default)s)")
    parser.add_argument("--scenario", action="append", choices=SCENARIOS, help="this one only; may be repeated")
    parser.add_argument("--policy", action="append", choices=POLICIES, help="this one and the oracle only; may be repeated")
    parser.add_argument("--quick", action="store_true", help="400 records, 3 worlds: all tables in less than two minutes")
    parser.add_argument("--tuning", action="store_true", help="the worlds for tuning instead of those held out")
    parser.add_argument("--jobs", type=int, default=1, metavar="P", help="processes (%(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])

"""What measuring costs, against making the same records as JSON Lines: CPU, in one process and in two, and peak memory.

`arrow` is laying out as columns what is looked at (a columnar sink does that for all anyway), `profile` looking through them, `merge` taking the block
into the whole (with two workers also sending it), `figures` what is worked out once at the end. `ratio` is all of those against
making; `shared` the same without `arrow`. Each line is a process of its own; what is compared is measured in the same run.

Usage: python benchmarks/quality.py [ROWS]     (default 1,000,000; a tenth of it is measured too, and four times as many for the memory)
"""

import argparse
import itertools
import json
import pickle
import resource
import subprocess
import sys
import time
from multiprocessing import get_context

FIELDS = [
    {"type": "integer"},
    {"type": "number", "minimum": 0, "maximum": 1000},
    {"type": "string"},
    {"enum": ["a", "b", "c"]},
    {"type": "string", "format": "date-time"},
    {"type": "boolean"},
]
WIDE = {"type": "object", "properties": {f"field_{place}": FIELDS[place % 6] for place in range(60)}}
WIDE["required"] = list(WIDE["properties"])
KINDS = ("user_profile", "transaction", "log_event", "wide")


def generator(kind):
    """The generator of a built-in kind, or of the schema with 60 fields."""
    from synth_sdk.core.plugins import load
    from synth_sdk.core.spec import Spec

    spec = Spec(kind="json", document=WIDE) if kind == "wide" else Spec(kind=kind)
    return load("generators", spec.kind)(spec)


def blocks(made, rows):
    return [range(start, min(start + made.rows_per_batch, rows)) for start in range(0, rows, made.rows_per_batch)]


def block(made, rows):
    """The profile of some rows, and the CPU of making, laying out and profiling them."""
    from synth_sdk.quality.profile import Profile
    from synth_sdk.quality.thinning import looked_at

    marks = [time.process_time()]
    batch = made.batch(rows)
    batch.lines()
    marks.append(time.process_time())
    parts = [
        (batch.arrow_of(some) if len(some) < len(rows) else batch.arrow(), rows.start + some, weight)
        for some, weight in looked_at(rows.start, len(rows))
    ]
    marks.append(time.process_time())
    profile = Profile.unseen(len(rows), rows.start, made.record_schema)
    for part in parts:
        profile.take_columns(*part)
    marks.append(time.process_time())
    return profile, [after - before for before, after in itertools.pairwise(marks)]


def sent(kind, rows, _made={}):  # noqa: B006 - one generator for each process
    """The same in a worker: the profile as bytes, and the CPU of packing it too."""
    made = _made.setdefault(kind, None) or generator(kind)
    _made[kind] = made
    profile, costs = block(made, rows)
    start = time.process_time()
    data = pickle.dumps(profile, pickle.HIGHEST_PROTOCOL)
    return data, [*costs, time.process_time() - start]


def measure(kind, rows, workers):
    """CPU seconds of each part, and the peak of resident memory in MB."""
    from synth_sdk.quality.profile import Profile

    made = generator(kind)
    block(made, range(1000))[0].metrics()  # what is loaded and compiled once
    whole, total = Profile(made.record_schema), [0.0] * 5
    if workers == 1:
        for some in blocks(made, rows):
            profile, costs = block(made, some)
            start = time.process_time()
            whole.merge(profile)
            total = [sum(pair) for pair in zip(total, [*costs, time.process_time() - start, 0], strict=True)]
    else:
        with get_context("spawn").Pool(workers) as pool:
            waiting = [pool.apply_async(sent, (kind, some)) for some in blocks(made, rows)]
            for one in waiting:
                data, costs = one.get()
                start = time.process_time()
                whole.merge(pickle.loads(data))  # noqa: S301 - our own
                costs[3] += time.process_time() - start
                total = [sum(pair) for pair in zip(total, [*costs, 0], strict=True)]
    start = time.process_time()
    whole.metrics()
    total[4] = time.process_time() - start
    return {"parts": total, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def run(kind, rows, workers):
    command = [sys.executable, __file__, str(rows), "--one", kind, "--workers", str(workers)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--one", choices=KINDS)
    parser.add_argument("--workers", type=int, default=1)
    told = parser.parse_args()
    if told.one:
        print(json.dumps(measure(told.one, told.rows, told.workers)))
        return
    print(
        f"{'':14}{'records':>10}{'workers':>9}{'make s':>8}{'arrow':>8}{'profile':>9}{'merge':>7}{'figures':>9}{'ratio':>7}{'shared':>8}{'MB':>6}"
    )
    for kind in KINDS:
        for rows, workers in ((told.rows // 10, 1), (told.rows, 1), (told.rows, 2)):
            found = run(kind, rows, workers)
            make, arrow, profile, merge, figures = found["parts"]
            shared = (profile + merge + figures) / make
            print(
                f"{kind:14}{rows:>10,}{workers:>9}{make:>8.2f}{arrow:>8.2f}{profile:>9.2f}{merge:>7.2f}{figures:>9.2f}"
                f"{shared + arrow / make:>7.2f}{shared:>8.2f}{found['peak']:>6.0f}"
            )
    small, large = run("user_profile", told.rows, 1)["peak"], run("user_profile", 4 * told.rows, 1)["peak"]
    print(
        f"peak memory, user_profile: {small:.0f} MB for {told.rows:,} records, {large:.0f} MB for {4 * told.rows:,}: {large / small - 1:+.0%}"
    )


if __name__ == "__main__":
    main()

"""What masking costs: records per second of CPU time, the best of three.

For each set of masks `Guard.inspect` alone, and with the lines of the masked records, over batches as the pipeline makes them. `plain` is the
same record by record, as records that models wrote are masked. The generator's own time, lines included, is the measure for all.

Usage: python benchmarks/masking.py [RECORDS]     (50,000)
"""

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from synth_sdk.compliance.guard import Guard
from synth_sdk.core.batches import Records
from synth_sdk.core.plugins import load
from synth_sdk.core.spec import make_spec
from synth_sdk.sinks.encoding import to_lines

SETS: Mapping[str, Mapping[str, str]] = {
    "redact": {"email": "redact", "phone": "redact", "last_name": "redact"},
    "tokenize": {"email": "tokenize", "phone": "tokenize", "last_name": "tokenize"},
    "one of each": {"email": "tokenize", "phone": "keep_last:4", "birth_date": "generalize:year"},
    "nested": {"address.postcode": "generalize:3", "address.street": "hash", "age": "generalize:10"},
    "pseudonym": {"phone": "pseudonym"},
}


def seconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    generator = load("generators", "user_profile")(make_spec(kind="user_profile", count=count, seed=1))
    starts = range(0, count, generator.rows_per_batch)

    def made() -> list[Any]:
        return [generator.batch(range(start, min(start + generator.rows_per_batch, count))) for start in starts]

    batches, some = made(), Records(made()[0].records()[: count // 10])
    alone = seconds(lambda: [batch.lines() for batch in made()])
    print(f"user_profile, records per CPU second; made and written: {count / alone:,.0f}")
    print(f"{'':14}{'masked':>12}{'written too':>12}{'plain':>12}")
    for label, masks in SETS.items():
        guard = Guard.of([], masks, strict=False, key=b"a key", schema=generator.record_schema)
        masked = seconds(lambda guard=guard: [guard.inspect(batch, 0) for batch in batches])
        written = seconds(lambda guard=guard: [to_lines(guard.inspect(batch, 0)[0], 0) for batch in batches])
        plain = seconds(lambda guard=guard: to_lines(guard.inspect(some, 0)[0], 0))
        print(f"{label:14}" + "".join(f"{rate:12,.0f}" for rate in (count / masked, count / written, len(some) / plain)))


if __name__ == "__main__":
    main()

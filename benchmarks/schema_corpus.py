"""Real schemas: how many of them the offline engine satisfies, and how fast, against json-schema-faker in the same run.

A corpus is a folder with `manifest.jsonl`: one object a line with `path` (of a schema, relative to the folder) and `source`; the sources
`unsat` and `unknown` are left out. For each schema five records are made, each judged by jsonschema and jsonschema-rs with formats on.
Seconds are those of parsing, compiling and making, by the wall clock (CPU clocks are too coarse for the small ones): run it on a quiet
machine. Both engines are warmed up on a schema first.

Usage: python benchmarks/schema_corpus.py CORPUS [--records N] [--peer FOLDER]
(FOLDER: where `npm install json-schema-faker` was run.)
"""

import argparse
import json
import signal
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth_sdk.core.errors import SynthError
from synth_sdk.engine import Engine
from synth_sdk.schema import parse_schema

LIMIT = 5  # CPU seconds for one schema
WARM_UP = {"type": "object", "properties": {name: {"type": "string"} for name in ("name", "email", "city", "company", "note")}}
PEER = """
import { createInterface } from "node:readline";
import * as module from "json-schema-faker";
const generate = module.generate ?? (module.default ?? module.JSONSchemaFaker ?? module).generate;
for await (const line of createInterface({ input: process.stdin })) {
  const { schema, count } = JSON.parse(line);
  const before = performance.now();
  let answer;
  try {
    const records = [];
    for (let n = 0; n < count; n++) records.push(await generate(schema, { seed: n }));
    answer = { records };
  } catch (error) { answer = { error: String(error) }; }
  console.log(JSON.stringify({ ...answer, seconds: (performance.now() - before) / 1000 }));
}
"""
Maker = Callable[[Any, int], tuple[list[Any] | None, float]]


@dataclass(frozen=True)
class Outcome:
    """Of one schema: are all records there and valid, how many differ, and how many seconds it took."""

    source: str
    valid: bool
    distinct: int
    seconds: float
    invalid: bool


def ours(schema: Any, count: int) -> tuple[list[Any] | None, float]:
    """`count` records, or None for an error that says why there are none."""
    start = time.perf_counter()
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    try:
        records = list(Engine(parse_schema(schema)).batch(range(count)).records())
    except (SynthError, TimeoutError):
        records = None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return records, time.perf_counter() - start


def peer_in(folder: str) -> Maker:
    """json-schema-faker in a node process that answers line by line."""
    script = Path(folder) / "synth_peer.mjs"
    script.write_text(PEER)
    node = subprocess.Popen(["node", script.name], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    script_in, script_out = node.stdin, node.stdout
    assert script_in is not None
    assert script_out is not None

    def make(schema: Any, count: int) -> tuple[list[Any] | None, float]:
        script_in.write(json.dumps({"schema": schema, "count": count}) + "\n")
        script_in.flush()
        answer = json.loads(script_out.readline())
        return answer.get("records"), answer["seconds"]

    return make


def judged(schema: Any, records: list[Any]) -> bool:
    """Do both validators accept every record?"""
    import jsonschema_rs
    from jsonschema.validators import validator_for
    from jsonschema_specifications import REGISTRY

    kind = validator_for(schema)
    slow = kind(schema, format_checker=kind.FORMAT_CHECKER, registry=REGISTRY)
    try:
        fast = jsonschema_rs.validator_for(schema, validate_formats=True, ignore_unknown_formats=True)
        return all(slow.is_valid(record) and fast.is_valid(record) for record in records)
    except Exception:  # a validator that can't read the schema is no judge
        return all(slow.is_valid(record) for record in records)


def outcomes(make: Maker, schemas: list[tuple[str, Any]], count: int) -> Iterator[Outcome]:
    make(WARM_UP, count)
    for source, schema in schemas:
        records, seconds = make(schema, count)
        made = records is not None and len(records) == count
        valid = made and judged(schema, records or [])
        distinct = len({json.dumps(record, sort_keys=True) for record in records or []})
        yield Outcome(source, valid, distinct, seconds, invalid=made and not valid)


def show(name: str, all_outcomes: list[Outcome], count: int) -> None:
    by_source = defaultdict(list)
    for one in all_outcomes:
        by_source[one.source].append(one)
    print(f"\n{name:26}{'schemas':>8}{'valid':>8}{'invalid':>9}{'records/s':>11}{'median ms':>11}{'distinct':>10}")
    for source, group in [*sorted(by_source.items()), ("all", all_outcomes)]:
        good = [one for one in group if one.valid]
        if not good:
            continue
        rate = count * len(good) / sum(one.seconds for one in good)
        middle = statistics.median(one.seconds for one in good) * 1000
        share, differ = len(good) / len(group), sum(one.distinct for one in good) / (count * len(good))
        print(
            f"{source:26}{len(group):>8}{share:>8.1%}{sum(one.invalid for one in group):>9}{rate:>11,.0f}{middle:>11.1f}{differ:>10.2f}"
        )


def time_out(*_: object) -> None:
    raise TimeoutError


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("corpus", type=Path)
    options.add_argument("--records", type=int, default=5)
    options.add_argument("--peer")
    told = options.parse_args()
    signal.signal(signal.SIGPROF, time_out)
    sys.setrecursionlimit(10_000)
    rows = [json.loads(line) for line in (told.corpus / "manifest.jsonl").read_text().splitlines()]
    schemas = [
        (row["source"], json.loads((told.corpus / row["path"]).read_text()))
        for row in rows
        if row["source"] not in ("unsat", "unknown")
    ]
    mine = list(outcomes(ours, schemas, told.records))
    show("synth", mine, told.records)
    if told.peer:
        theirs = list(outcomes(peer_in(told.peer), schemas, told.records))
        show("json-schema-faker", theirs, told.records)
        both = [(one, other) for one, other in zip(mine, theirs, strict=True) if one.valid and other.valid]
        ratio = sum(other.seconds for _, other in both) / sum(one.seconds for one, _ in both)
        print(f"\non the {len(both)} schemas that both satisfy, synth is {ratio:.2f} x as fast as json-schema-faker")


if __name__ == "__main__":
    main()

"""What looking for real-looking personal data costs, and how well it is found.

Speed, in records per second of CPU time: `Guard.inspect` under all three frameworks over whole records, in batches as the pipeline makes them; the best of three. `clean` has
nothing to find (phone numbers of user_profile are taken from 555-01xx, as --compliance has them), `1% planted` has a real-looking card, phone
number or address in the free text, or another text, of every hundredth record: those are found and replaced. `plain records` are held as Python
values, as bought ones are. The generator's own time is the measure for all.

Accuracy: the labelled corpus of the tests, for each detector: how many of its values are found, whole, and how many look-alikes are taken for one.

Usage: python benchmarks/compliance_scan.py [RECORDS]     (20,000; conversations a fifth of that)
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from synth_sdk.compliance.guard import Guard
from synth_sdk.compliance.scanning import DETECTORS, Scanner
from synth_sdk.compliance.scanning.citations import detected_for
from synth_sdk.core.batches import Batch, Records
from synth_sdk.core.plugins import load
from synth_sdk.core.spec import make_spec
from tests.compliance.scan_corpus import clean, violating

FRAMEWORKS = ("GDPR", "HIPAA", "PCI-DSS")
BATCH = 4_000
PLANTED = ("card 4539 1488 0343 6467, CVV 123", "call +1 212 534 7788", "write to anna.miller@gmail.com")


class Lines:
    """Records held as their lines, as columns are: what a guard needs of columns."""

    def __init__(self, batch: Batch, change: Callable[[bytes], bytes] = bytes) -> None:
        self._batch, self._lines = batch, change(bytes(batch.lines()))  # type: ignore[attr-defined]

    def __len__(self) -> int:
        return len(self._batch)

    def lines(self) -> bytes:
        return self._lines

    def records(self) -> list[Any]:
        import json

        return [json.loads(line) for line in self._lines.splitlines()]

    def arrow(self) -> Any: ...
    def measures(self) -> Any: ...


def reserved_phones(lines: bytes) -> bytes:
    import re

    return re.sub(rb'("phone":")[^"]*', rb"\g<1>+1-202-555-0142", lines)


def planted(lines: bytes) -> bytes:
    """Every hundredth record says something that it shouldn't: at the end of its first text of some words, or of its first text."""
    import re

    made = []
    for place, line in enumerate(lines.splitlines(keepends=True)):
        text = PLANTED[place // 100 % len(PLANTED)].encode()
        pattern = rb'("(?:content|merchant|street)":"[^"\\]*)' if place % 100 == 0 else None
        made.append(re.sub(pattern, rb"\g<1> " + text, line, count=1) if pattern else line)
    return b"".join(made)


def seconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def messages_only(lines: bytes) -> bytes:
    import json

    return b"".join(
        json.dumps({"messages": json.loads(line)["messages"]}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        for line in lines.splitlines()
    )


def speed(label: str, kind: str, count: int, change: Callable[[bytes], bytes] = bytes) -> None:
    generator = load("generators", kind)(make_spec(kind=kind, count=count, seed=1))
    generator.batch(range(min(count, BATCH)))
    starts = range(0, count, BATCH)
    made = seconds(lambda: [generator.batch(range(start, min(start + BATCH, count))).lines() for start in starts])
    batches = [generator.batch(range(start, min(start + BATCH, count))) for start in starts]
    as_they_are = [Lines(batch, change) for batch in batches]
    dirty = [Lines(batch, lambda lines: planted(change(lines))) for batch in batches]
    plain = [Records(batch.records()) for batch in as_they_are]
    told = []
    for presidio in (False, True) if find_spec("presidio_analyzer") else (False,):
        scanner = Scanner.of(detected_for(FRAMEWORKS), presidio=presidio)
        guard = Guard(FRAMEWORKS, (), scanner, False)
        told += [
            count / seconds(lambda guard=guard, these=these: [guard.inspect(batch, 0) for batch in these])
            for these in (as_they_are, dirty, plain)
        ]
    size = sum(len(batch.lines()) for batch in as_they_are) / count
    print(f"{label:26}{size:8.0f}{count / made:12,.0f}" + "".join(f"{rate:12,.0f}" for rate in told))


def accuracy() -> None:
    scanner = Scanner.of(presidio=False)
    found: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for name, text, value in violating():
        wanted[name] += 1
        found[name] += any(hit.detector.name == name and (hit.text == value or name == "url") for hit in scanner.hits(text))
    alike = clean()
    for _, text in alike:
        false.update({hit.detector.name for hit in scanner.hits(text)})
    resembling = Counter(kind for kind, _ in alike)
    print(f"\n{'detector':18}{'values':>8}{'found':>8}{'recall':>8}{'alike':>8}{'flagged':>9}")
    for name in DETECTORS:
        print(f"{name:18}{wanted[name]:8}{found[name]:8}{found[name] / wanted[name]:8.1%}{resembling[name]:8}{false[name]:9}")
    total, right = sum(wanted.values()), sum(found.values())
    print(f"{'all':18}{total:8}{right:8}{right / total:8.1%}{len(alike):8}{sum(false.values()):9}")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    random.seed(1)
    columns = ["bytes", "made", "clean", "1% planted", "plain recs"]
    more = ["clean +p", "planted +p", "plain +p"] if find_spec("presidio_analyzer") else []
    print(
        "records per CPU second; +p: with presidio\n"
        + f"{'':26}{columns[0]:>8}"
        + "".join(f"{name:>12}" for name in columns[1:] + more)
    )
    speed("user_profile", "user_profile", count, reserved_phones)
    speed("user_profile, real phones", "user_profile", count // 4)
    speed("transaction", "transaction", count)
    speed("log_event", "log_event", count)
    speed("conversation", "conversation", count // 5)
    speed("conversation, its messages", "conversation", count // 5, messages_only)
    accuracy()


if __name__ == "__main__":
    main()

"""What looking for real-looking personal data costs, and how well it is found.

Speed, in records per second of CPU time: `Guard.inspect` under all three frameworks over whole records, in batches as the pipeline makes them; the best of three. `clean` has
nothing to find (phone numbers of user_profile are taken from 555-01xx, as --compliance has them), `1% planted` has a real-looking card, phone
number or address at the end of a text of every hundredth record: those are found and replaced, and the lines are written again. `plain records`
are held as Python values, as bought ones are. The generator's own time is the measure for all.

Accuracy: the labelled corpus of the tests, for each detector: how many of its values are found, whole, and how many look-alikes are taken for one; and values that Faker makes.

Usage: python benchmarks/compliance_scan.py [RECORDS]     (20,000; conversations a fifth of that)
"""

import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from synth_sdk.compliance.guard import Guard
from synth_sdk.compliance.scanning import DETECTORS, Scanner
from synth_sdk.compliance.scanning.citations import detected_for
from synth_sdk.core.batches import Batch, LineBatch, MappableBatch, Records
from synth_sdk.core.plugins import load
from synth_sdk.core.spec import make_spec
from tests.compliance.scan_corpus import clean, violating

FRAMEWORKS = ("GDPR", "HIPAA", "PCI-DSS")
BATCH = 4_000
PLANTED = ("card 4539 1488 0343 6467, CVV 123", "call +1 212 534 7788", "write to anna.miller@gmail.com")


class Changed:
    """Conversations with other lines: they have no columns that could be changed."""

    def __init__(self, batch: Any, change: Callable[[bytes], bytes]) -> None:
        self._batch, self._lines = batch, change(bytes(batch.lines()))

    def __len__(self) -> int:
        return len(self._batch)

    def lines(self) -> bytes:
        return self._lines

    def records(self) -> list[Any]:
        return [json.loads(line) for line in self._lines.splitlines()]

    def arrow(self) -> Any:
        return self._batch.arrow()

    def measures(self) -> Any:
        return self._batch.measures()


def planted(batch: Any) -> Any:
    """`batch`, every hundredth record of which says something that it shouldn't: at the end of its first text of some words."""
    rows = range(0, len(batch), 100)
    if not isinstance(batch, MappableBatch):
        return Changed(batch, _planted_lines)
    field = next(
        steps for steps in (("address", "street"), ("merchant",), ("message",)) if steps[0] in batch.arrow().schema.names
    )
    for kind, text in enumerate(PLANTED):
        batch = batch.mapped(field, lambda value, steps, text=text: f"{value} {text}", rows[kind :: len(PLANTED)])
    return batch


def _planted_lines(lines: bytes) -> bytes:
    made = []
    for place, line in enumerate(lines.splitlines(keepends=True)):
        text = PLANTED[place // 100 % len(PLANTED)].encode()
        made.append(re.sub(rb'("content":"[^"\\]*)', rb"\g<1> " + text, line, count=1) if place % 100 == 0 else line)
    return b"".join(made)


def reserved_phones(batch: Any) -> Any:
    return batch.mapped(("phone",), lambda value, steps: "+1-202-555-0142")


def messages_only(batch: Any) -> Any:
    return Changed(batch, _messages)


def _messages(lines: bytes) -> bytes:
    texts = (
        json.dumps({"messages": json.loads(line)["messages"]}, ensure_ascii=False, separators=(",", ":"))
        for line in lines.splitlines()
    )
    return b"".join(f"{text}\n".encode() for text in texts)


def seconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def speed(label: str, kind: str, count: int, change: Callable[[Any], Any] = lambda batch: batch) -> None:
    generator = load("generators", kind)(make_spec(kind=kind, count=count, seed=1))
    generator.batch(range(min(count, BATCH)))
    starts = range(0, count, BATCH)
    made = seconds(lambda: [generator.batch(range(start, min(start + BATCH, count))).lines() for start in starts])
    batches = [change(generator.batch(range(start, min(start + BATCH, count)))) for start in starts]
    dirty = [planted(batch) for batch in batches]
    plain = [Records(batch.records()) for batch in batches]
    size, _ = (
        sum(len(batch.lines()) for batch in each) / count for each in (batches, dirty)
    )  # lines are made before the clock runs
    told = []
    for presidio in (False, True) if find_spec("presidio_analyzer") else (False,):
        scanner = Scanner.of(detected_for(FRAMEWORKS), presidio=presidio)
        guard = Guard(FRAMEWORKS, (), scanner, False)
        told += [
            count / seconds(lambda guard=guard, these=these: looked_through(guard, these)) for these in (batches, dirty, plain)
        ]
    print(f"{label:26}{size:8.0f}{count / made:12,.0f}" + "".join(f"{rate:12,.0f}" for rate in told))


def looked_through(guard: Guard, batches: Sequence[Batch]) -> None:
    """With the lines where records were replaced in columns: those of the others are there already."""
    for batch in batches:
        made, _ = guard.inspect(batch, 0)
        if isinstance(made, LineBatch):
            made.lines()


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


def of_faker(count: int = 2_000) -> None:
    """Values that Faker makes, in sentences that do and don't say what they are."""
    from faker import Faker

    Faker.seed(1)
    faker, scanner = Faker("en_US"), Scanner.of(presidio=False)
    asked = (
        ("pan", "Here it is: {}", faker.credit_card_number),
        ("pan", "Please charge my card {} today.", faker.credit_card_number),
        ("iban", "Here it is: {}", faker.iban),
        ("email", "Here it is: {}", lambda: faker.company_email().replace("example.", "acme-corp.")),
        ("ssn", "Here it is: {}", faker.ssn),
    )
    print("\nof Faker's values")
    for name, sentence, make in asked:
        values = [make() for _ in range(count)]
        found = sum(
            any(hit.detector.name == name and hit.text == value for hit in scanner.hits(sentence.format(value)))
            for value in values
        )
        print(f"{name:8}{sentence:34}{found:8}{found / count:8.1%}")


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
    of_faker()


if __name__ == "__main__":
    main()

"""Offline conversations per CPU second, against a template renderer that asks Faker for each placeholder.

The baseline is what template-based generators of conversations do: three fixed scripts, `{placeholder}` found by a regular expression, one
Faker call each. It renders no tool traffic. Both are measured on one core, one after the other; the ratio is what counts.

synth is measured in whole processes through its command line: JSON Lines to /dev/null (what making them costs) and to a file (which the
system's own work for every byte joins). `start-up` is what the first 20 conversations cost: the interpreter, imports, the pack. `steady`
is the cost of each further conversation in a long run: the difference between a run and one of half its length, the fastest of three each.

Usage: python benchmarks/conversations.py [COUNT [PACK ...]]
"""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from faker import Faker

from synth_sdk import Synth

PLACEHOLDER = re.compile(r"\{(\w+)\}")
SCRIPTS = [
    [
        ("user", "Hi, I'm {name}. Where is my order {bothify}?"),
        ("assistant", "Hello {first_name}! Could you confirm the email address on the account?"),
        ("user", "It's {email}."),
        ("assistant", "Thanks. Order {bothify} was shipped on {date} to {city} and arrives on {date}."),
        ("user", "Can I change the address to {street_address}?"),
        ("assistant", "I have noted {street_address}. Anything else?"),
        ("user", "No, thank you."),
    ],
    [
        ("user", "How do I write a {word} in Python?"),
        ("assistant", "You can start with {sentence}"),
        ("user", "And how does it behave with {random_int} items?"),
        ("assistant", "{paragraph}"),
        ("user", "Thanks, {first_name}."),
    ],
    [
        ("user", "Summarise the paper {sentence}"),
        ("assistant", "{paragraph}"),
        ("user", "Who wrote it?"),
        ("assistant", "{name} of {company}, {date}."),
        ("user", "Thank you."),
    ],
]
SMALL = (20, 200, 2000, 20_000)
REPEATS = 3  # of runs that are subtracted: a neighbour's load during one of them would be taken for speed


def render_with_faker(count: int) -> int:
    """Render `count` conversations as JSONL; returns the bytes."""
    faker = Faker()
    faker.seed_instance(0)
    size = 0
    for index in range(count):
        turns = [
            {"role": role, "content": PLACEHOLDER.sub(lambda match: str(getattr(faker, match.group(1))()), text)}
            for role, text in SCRIPTS[index % 3]
        ]
        size += len(json.dumps({"messages": turns}))
    return size


def baseline(count: int) -> tuple[float, float]:
    """Conversations and megabytes per CPU second."""
    render_with_faker(20)  # load corpora first
    start = time.process_time()
    size = render_with_faker(count)
    spent = time.process_time() - start
    return count / spent, size / spent / 1e6


def whole_process(pack: str, count: int, output: Path | None) -> float:
    """CPU seconds of the command that makes `count` conversations."""
    command = [sys.executable, "-m", "synth_sdk.cli", "generate", "conversation", "--pack", pack, "-n", str(count), "--quiet"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Path(os.devnull).open("wb") as nothing:
        subprocess.run([*command, "-o", str(output) if output else "-"], stdout=nothing, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def report(pack: str, count: int, base_rate: float, base_bytes: float, folder: Path) -> None:
    path = folder / f"{pack}.jsonl"
    to_file = whole_process(pack, count, path)
    size = path.stat().st_size / count
    path.unlink()
    few, many = (min(whole_process(pack, size, None) for _ in range(REPEATS)) for size in (count // 2, count))
    steady = (many - few) / (count - count // 2)
    for name, each in (("whole run", many / count), ("to a file", to_file / count), ("steady", steady)):
        rate, volume = 1 / each, size / each / 1e6
        ratios = f"{rate / base_rate:8.1f}{volume:8.1f}{volume / base_bytes:8.1f}"
        print(f"{pack:20}{name:10}{rate:16,.0f}{ratios}")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    packs = sys.argv[2:] or Synth(env={}).templates("conversation")
    base_rate, base_bytes = baseline(4000)
    print(f"{'':30}{'conversations/s':>16}{'ratio':>8}{'MB/s':>8}{'ratio':>8}")
    print(f"{'Faker per placeholder':30}{base_rate:16,.0f}{1:8.1f}{base_bytes:8.2f}{1:8.1f}")
    with tempfile.TemporaryDirectory() as folder:
        for pack in packs:
            report(pack, count, base_rate, base_bytes, Path(folder))
    print(f"\nCPU seconds of whole processes, {packs[0]}: ", end="")
    print(", ".join(f"{size:,} in {whole_process(packs[0], size, None):.2f}" for size in SMALL))


if __name__ == "__main__":
    main()

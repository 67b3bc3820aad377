"""Offline conversations per CPU second, against a template renderer that asks Faker for each placeholder.

The baseline is what template-based generators of conversations do: three fixed scripts, `{placeholder}` found by a regular expression, one
Faker call each. It renders no tool traffic. Both run in this process, one after the other, on one core; the ratio is what counts.

Usage: python benchmarks/conversations.py [COUNT]
"""

import json
import re
import sys
import time
from collections.abc import Callable

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


def play_pack(pack: str) -> Callable[[int], int]:
    def play(count: int) -> int:
        return sum(len(json.dumps(record)) for record in Synth(env={}).stream("conversation", pack=pack, count=count))

    return play


def measure(work: Callable[[int], int], count: int) -> tuple[float, float]:
    """Conversations and megabytes per CPU second."""
    work(20)  # load packs and corpora first
    start = time.process_time()
    size = work(count)
    spent = time.process_time() - start
    return count / spent, size / spent / 1e6


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    base_rate, base_bytes = measure(render_with_faker, count)
    print(f"{'':28}{'conversations/s':>18}{'ratio':>8}{'MB/s':>8}{'ratio':>8}")
    print(f"{'Faker per placeholder':28}{base_rate:18,.0f}{1:8.1f}{base_bytes:8.2f}{1:8.1f}")
    for pack in Synth(env={}).templates("conversation"):
        rate, size = measure(play_pack(pack), count)
        print(f"{'synth ' + pack:28}{rate:18,.0f}{rate / base_rate:8.1f}{size:8.2f}{size / base_bytes:8.1f}")


if __name__ == "__main__":
    main()

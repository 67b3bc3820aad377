"""A 13-field user profile, whole process CPU: synth against a loop that asks Faker, and one that asks mimesis, for each field.

Each candidate runs as a process of its own (start-up, imports and writing to disk included); CPU is that of the process and its
children. Peak memory is the largest resident set. The loops write JSON Lines with the same fields.

Usage: python benchmarks/user_profile.py [ROWS]     (rows of synth; default 2,000,000. mimesis is optional.)
"""

import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "first_name": {"type": "string"},
        "last_name": {"type": "string"},
        "email": {"type": "string", "format": "email"},
        "phone": {"type": "string"},
        "street": {"type": "string"},
        "city": {"type": "string"},
        "state": {"type": "string"},
        "postcode": {"type": "string"},
        "birth_date": {"type": "string", "format": "date"},
        "created_at": {"type": "string", "format": "date-time"},
        "plan": {"enum": ["free", "pro", "team"]},
        "balance": {"type": "number", "minimum": 0, "maximum": 10000},
    },
}
SCHEMA["required"] = list(SCHEMA["properties"])

FAKER = """
import json, sys
from faker import Faker
fake = Faker(); fake.seed_instance(0)
with open(sys.argv[1], "w") as out:
    for _ in range(int(sys.argv[2])):
        out.write(json.dumps({"id": fake.uuid4(), "first_name": fake.first_name(), "last_name": fake.last_name(), "email": fake.email(),
            "phone": fake.phone_number(), "street": fake.street_address(), "city": fake.city(), "state": fake.state(),
            "postcode": fake.postcode(), "birth_date": fake.date_of_birth(minimum_age=18, maximum_age=80).isoformat(),
            "created_at": fake.date_time_between("-2y").isoformat() + "Z", "plan": fake.random_element(("free", "pro", "team")),
            "balance": round(fake.random.uniform(0, 10000), 2)}) + "\\n")
"""
MIMESIS = """
import json, random, sys
from mimesis import Address, Datetime, Internet, Person
from mimesis.locales import Locale
person, address, dates = Person(Locale.EN, seed=0), Address(Locale.EN, seed=0), Datetime(seed=0)
pick = random.Random(0)
with open(sys.argv[1], "w") as out:
    for _ in range(int(sys.argv[2])):
        out.write(json.dumps({"id": person.identifier("########-####-4###-8###-############"), "first_name": person.first_name(),
            "last_name": person.last_name(), "email": person.email(), "phone": person.phone_number(), "street": address.address(),
            "city": address.city(), "state": address.state(), "postcode": address.postal_code(),
            "birth_date": person.birthdate(1945, 2006).isoformat(), "created_at": dates.datetime(2023, 2024).isoformat() + "Z",
            "plan": pick.choice(("free", "pro", "team")), "balance": round(pick.uniform(0, 10000), 2)}) + "\\n")
"""


@dataclass(frozen=True)
class Cost:
    """Of one process: CPU seconds, peak resident memory in MB, records, bytes written."""

    cpu: float
    peak: float
    rows: int
    size: int

    @property
    def rate(self) -> float:
        return self.rows / self.cpu


def run(command: list[str], output: Path, rows: int) -> Cost:
    """Run `command` in a process of its own and weigh it."""
    child = os.fork()
    if not child:  # a fresh parent, so that RUSAGE_CHILDREN is of this command alone
        done = subprocess.run(command, check=False)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        output.with_suffix(".cost").write_text(
            json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, done.returncode])
        )
        os._exit(0)
    os.waitpid(child, 0)
    cpu, peak, code = json.loads(output.with_suffix(".cost").read_text())
    assert code == 0, command
    size = output.stat().st_size
    output.unlink()
    return Cost(cpu, peak, rows, size)


def synth(folder: Path, suffix: str, rows: int) -> Cost:
    """`synth generate json` into a file."""
    schema, output = folder / "schema.json", folder / f"synth.{suffix}"
    schema.write_text(json.dumps(SCHEMA))
    command = [
        sys.executable,
        "-m",
        "synth_sdk.cli",
        "generate",
        "json",
        "--schema",
        str(schema),
        "-n",
        str(rows),
        "--quiet",
        "-o",
    ]
    return run([*command, str(output)], output, rows)


def loop(folder: Path, script: str, rows: int) -> Cost:
    """A loop that writes a record at a time."""
    output = folder / "loop.jsonl"
    return run([sys.executable, "-c", script, str(output), str(rows)], output, rows)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = loop(folder, FAKER, 30_000)
        told = [("Faker loop, JSONL", base)]
        if importlib.util.find_spec("mimesis"):
            told.append(("mimesis loop, JSONL", loop(folder, MIMESIS, 200_000)))
        told += [(f"synth, {suffix}", synth(folder, suffix, rows)) for suffix in ("jsonl", "csv", "parquet")]
        small = {suffix: synth(folder, suffix, rows // 10) for suffix in ("jsonl", "parquet")}
    print(f"{'':22}{'records':>11}{'records/CPU s':>15}{'x Faker':>9}{'bytes/record':>14}{'peak MB':>9}")
    for label, cost in told:
        print(
            f"{label:22}{cost.rows:>11,}{cost.rate:>15,.0f}{cost.rate / base.rate:>9.1f}{cost.size / cost.rows:>14.0f}{cost.peak:>9.0f}"
        )
    for suffix, cost in small.items():
        large = next(one for label, one in told if label == f"synth, {suffix}")
        print(
            f"peak memory, {suffix}: {cost.peak:.0f} MB for {cost.rows:,} records, {large.peak:.0f} MB for {large.rows:,}: {large.peak / cost.peak - 1:+.0%}"
        )
    mimesis = next((cost for label, cost in told if label.startswith("mimesis")), None)
    if mimesis:
        print(f"synth JSONL / mimesis: {next(cost.rate for label, cost in told if label == 'synth, jsonl') / mimesis.rate:.1f}")


if __name__ == "__main__":
    main()

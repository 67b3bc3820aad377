"""kill -9 at random moments, then the same command again: what is paid twice, and whether the output is that of an undisturbed run.

Real processes of `synth generate` ask a loopback server over real sockets. The server answers a brief with the same record whenever, by
whichever arm and in whatever company it is asked for, so the output of a killed and resumed run must have the bytes of one that wasn't.

A round kills the command several times - while calls are out, as the last replies come in, while the output is written and named - and lets
it finish. `again` are records paid for a second time, `out` those of the calls that were under way when their process died, by the ledger's own
book: `again` may not be more. Then commands beside one another: the same prompts in runs of other shapes, two commands on one account and one
cache, the same command twice at once, and one of those killed after the other has finished.

Usage: python benchmarks/kill_and_resume.py [ROUNDS] [--seed S]
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))

from tests.support.commands import Place, Running
from tests.support.provider_server import ProviderServer, briefs_of

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0, "maximum": 99}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
OUTPUT = "out.jsonl"
_MOST_KILLS = 4
PHASES = ("calls", "calls", "calls", "last replies", "output")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One command. `more` are words at its end."""

    kind: str = "json"
    records: int = 120
    per_call: int = 2
    concurrency: int = 8
    cache: str = "on"
    budget: str = "1"
    output: str = OUTPUT
    more: tuple[str, ...] = ()

    def words(self, place: Place) -> list[str]:
        told = [
            "generate",
            self.kind,
            "-n",
            self.records,
            "--budget",
            self.budget,
            "--mode",
            "llm",
            "--model",
            "gemini-flash-lite",
        ]
        told += ["--records-per-call", self.per_call, "--concurrency", self.concurrency, "--cache", self.cache, "-o", self.output]
        if self.kind == "json":
            place.folder.mkdir(parents=True, exist_ok=True)
            (place.folder / "schema.json").write_text(json.dumps(SCHEMA))
            told += ["--schema", "schema.json"]
        return [*map(str, told), *self.more]


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a round, or of commands beside one another. Money in micro-dollars."""

    kills: int
    again: int
    out: int
    same: bool
    bill: int
    booked: int

    @property
    def kept(self) -> bool:
        return self.again <= self.out and self.same and self.bill <= self.booked


@dataclass(frozen=True, slots=True)
class Beside:
    """`well`: one was killed, both ended well with the same bytes. Records that the two paid for, and that were out at the kill."""

    well: bool
    quick: int
    slow: int
    out: int
    wanted: int

    @property
    def kept(self) -> bool:
        return self.well and self.quick <= self.wanted and self.slow <= self.wanted + self.out


def undisturbed(server: ProviderServer, place: Place, wish: Wish) -> tuple[bytes, int]:
    """The output of `wish`, and how many records it had to ask for."""
    before = paid(server)
    code, said = place.run(*wish.words(place))
    if code:
        raise RuntimeError(said)
    return (place.folder / wish.output).read_bytes(), paid(server) - before


def paid(server: ProviderServer) -> int:
    """Records that were asked for and answered so far."""
    return sum(request.count for request in list(server.requests))


def killed_and_resumed(
    server: ProviderServer,
    place: Place,
    wish: Wish,
    rng: random.Random,
    whole: bytes,
    needed: int,
    phases: Sequence[str] = PHASES,
) -> Told:
    """`wish`, killed in random phases until it gets through."""
    began, billed, out, kills = paid(server), server.bill_micros, 0, 0
    output = place.folder / wish.output
    for _ in range(_MOST_KILLS):
        with place.running(*wish.words(place)) as running:
            _wait_for(rng.choice(phases), server, place, running, rng, began + needed)
            died = running.alive
            running.kill()
        kills += died
        if output.exists():
            break
        out = place.unsettled() * wish.per_call
    code = 0 if output.exists() else place.run(*wish.words(place))[0]
    same = code == 0 and output.read_bytes() == whole
    return Told(kills, paid(server) - began - needed, out, same, server.bill_micros - billed, sum(place.booked()))


def _wait_for(phase: str, server: ProviderServer, place: Place, running: Running, rng: random.Random, needed: int) -> None:
    """Until `phase` has come, or the command has ended."""
    here = paid(server)
    match phase:
        case "calls":
            mark = here + rng.randint(1, max(1, needed - here))
            _until(lambda: paid(server) >= mark, running)
        case "last replies":
            _until(lambda: paid(server) >= needed and not server.in_flight, running)
        case _:
            _until(lambda: place.closed() or any(part.stat().st_size for part in _parts(place)), running)
            return
    time.sleep(rng.uniform(0, 0.1))


def _parts(place: Place) -> Iterable[Path]:
    return place.folder.glob(".*.part")


def _until(come: Callable[[], bool], running: Running) -> None:
    deadline = time.monotonic() + 60
    while running.alive and time.monotonic() < deadline:
        try:
            if come():
                return
        except OSError:  # a file that has just got its name
            return
        time.sleep(0.0005)


# Commands beside one another


def at_once(place: Place, wishes: Sequence[Wish]) -> list[tuple[int, str]]:
    """All of them at the same time; exit codes and what they said."""
    with place.running(*wishes[0].words(place)) as first:
        rest = at_once(place, wishes[1:]) if len(wishes) > 1 else []
        return [(first.wait(), first.said), *rest]


def repeats(server: ProviderServer, since: int) -> int:
    """Records asked for more than once among the requests from number `since` on."""
    asked = Counter(brief for request in server.requests[since:] for brief in briefs_of(request))
    return sum(asked.values()) - len(asked)


def one_killed_beside_another(fast: ProviderServer, slow: ProviderServer, folder: Path, wish: Wish, *, before: bool) -> Beside:
    """The same command twice at once, each asking a server of its own; the one that asks `slow` is killed `before` the other ends,
    or after that, and repeated. Without the cache, so that only the journal remembers.
    """
    quick, victim = Place(folder, fast.env("gemini")), Place(folder, slow.env("gemini"))
    with victim.running(*replace(wish, output="b.jsonl", concurrency=2, per_call=1).words(victim)) as running:
        _until(lambda: paid(slow) >= wish.records // 4, running)
        with quick.running(*replace(wish, output="a.jsonl").words(quick)) as other:
            if before:
                _until(lambda: paid(fast) > 0, other)
                running.kill()
            code = other.wait()
        died = running.alive or before
        running.kill()
    out, slow.latency = victim.unsettled(), 0.0
    again, _ = victim.run(*replace(wish, output="b.jsonl", per_call=1).words(victim))
    whole = (folder / "a.jsonl").read_bytes() == (folder / "b.jsonl").read_bytes()
    return Beside(died and code == again == 0 and whole, paid(fast), paid(slow), out, wish.records)


def main() -> None:
    reader = argparse.ArgumentParser(description="kill -9 and resume.")
    reader.add_argument("rounds", type=int, nargs="?", default=8)
    reader.add_argument("--seed", type=int, default=0)
    chosen = reader.parse_args()
    rng = random.Random(chosen.seed)
    with ProviderServer(latency=(0.02, 0.12), by_brief=True) as server, tempfile.TemporaryDirectory() as folder:
        _rounds(server, Path(folder), chosen.rounds, rng)
        _beside(server, Path(folder))


def _rounds(server: ProviderServer, folder: Path, rounds: int, rng: random.Random) -> None:
    print(f"{'command':26}{'rounds':>8}{'kills':>7}{'again':>7}{'out':>6}{'bill':>9}{'booked':>9}  same bytes")
    env = server.env("gemini")
    for wish in (Wish(), Wish(per_call=1), Wish(cache="off"), Wish(kind="conversation", records=40)):
        name = f"{wish.kind}, {wish.per_call} per call, cache {wish.cache}"
        whole, needed = undisturbed(server, Place(folder / f"whole {name}", env), wish)
        told = [
            killed_and_resumed(server, Place(folder / f"{name} {number}", env), wish, rng, whole, needed)
            for number in range(rounds)
        ]
        sums = {field: sum(getattr(each, field) for each in told) for field in ("kills", "again", "out", "bill", "booked")}
        row = f"{name:26}{rounds:8}{sums['kills']:7}{sums['again']:7}{sums['out']:6}{sums['bill']:9}{sums['booked']:9}"
        print(
            row,
            f" {sum(each.same for each in told)} of {rounds}",
            "" if all(each.kept for each in told) else " BROKEN",
            flush=True,
        )


def _beside(server: ProviderServer, folder: Path) -> None:
    env = server.env("gemini")

    def say(what: str, figures: dict[str, Any], kept: bool) -> None:
        print(
            f"{what:60}", ", ".join(f"{name} {figure}" for name, figure in figures.items()), "" if kept else " BROKEN", flush=True
        )

    for kind, few, many in (("json", 60, 100), ("conversation", 16, 24)):
        place = Place(folder / f"shapes {kind}", env)
        _, needed = undisturbed(server, place, Wish(kind=kind, records=few))
        other = Wish(kind=kind, records=many, per_call=5, concurrency=3, budget="2", output="other.jsonl")
        more = undisturbed(server, place, other)[1]
        say(f"{kind}: {few} records, then {many} in another shape", {"paid": f"{needed} + {more}"}, more <= many - few)
    for budget in ("1", "0.004"):
        place, since, billed = Place(folder / f"account {budget}", env), len(server.requests), server.bill_micros
        pair = [Wish(records=count, budget=budget, output=f"{count}.jsonl", more=("--account", "team")) for count in (100, 140)]
        codes = [code for code, _ in at_once(place, pair)]
        bill, cap = server.bill_micros - billed, round(float(budget) * 1e6)
        lines = [_whole_lines(place.folder / wish.output) for wish in pair]
        twice, held = repeats(server, since), sum(place.booked())
        kept = twice == 0 and bill <= held <= cap and codes in ([0, 0], [3, 3], [3, 1], [1, 3])
        say(
            f"two commands, one account of ${budget}",
            {"codes": codes, "records": lines, "twice": twice, "bill": bill, "booked": held},
            kept,
        )
    place, since = Place(folder / "twice", env), len(server.requests)
    pair = [Wish(output="a.jsonl"), Wish(output="b.jsonl")]
    codes = [code for code, _ in at_once(place, pair)]
    same = (place.folder / "a.jsonl").read_bytes() == (place.folder / "b.jsonl").read_bytes()
    twice = repeats(server, since)
    say(
        "the same command twice at once",
        {"codes": codes, "twice": twice, "same bytes": same},
        codes == [0, 0] and same and not twice,
    )
    for before in (True, False):
        with ProviderServer(latency=0.05, by_brief=True) as fast, ProviderServer(latency=0.5, by_brief=True) as slow:
            told = one_killed_beside_another(
                fast, slow, folder / f"beside {before}", Wish(cache="off", records=60), before=before
            )
        figures = {"paid": f"{told.quick} + {told.slow}", "wanted": f"2 x {told.wanted}", "out": told.out}
        say(f"one of two killed {'before' if before else 'after'} the other ended, cache off", figures, told.kept)


def _whole_lines(path: Path) -> int:
    return sum(bool(json.loads(line)) for line in path.read_text().splitlines()) if path.exists() else 0


if __name__ == "__main__":
    main()

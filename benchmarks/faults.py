"""What providers' faults cost: records delivered, makespan against a run without faults, tries, stated delays, money.

A loopback server speaks the wire formats of Gemini, OpenRouter and Bedrock over real sockets; the whole stack asks it for records, one a call.
The arms of one provider each stand in a chain, which every provider heads in turn. One request in ten meets the fault: at the first provider, where
others can stand in, or everywhere, where at times nobody can. `dead` refuses connections, `black hole` takes requests and never answers; both are
the first provider. The clean run of the same chain is measured right before.

Columns: records delivered; seconds, and as a multiple of the clean run; calls for each record, on average and at most; requests that came before a
delay was over that their sender had been told; and in micro-dollars the server's whole bill, the part of it that no client was told, and what
the ledger booked: settled, and held for unknown bills. A row that breaks a promise ends in what it breaks. Where others can stand in, the makespan may
be 1.5 times the clean run's; and one timeout more where calls are never answered (slow, eight of them together, black hole).

Usage: python benchmarks/faults.py [RECORDS] [--only WORD]
"""

import argparse
import math
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from synth_sdk import Synth
from tests.support.dead_ends import black_hole, refusing
from tests.support.provider_server import Fault, ProviderServer, briefs_of

ARMS = {"gemini": "gemini-2.5-flash-lite", "openrouter": "deepseek-v4-flash", "bedrock": "nova-lite"}
BASES = {"gemini": ("SYNTH_GEMINI_API_BASE", "/v1beta"), "openrouter": ("SYNTH_OPENROUTER_API_BASE", "/api/v1"), "bedrock": ("SYNTH_BEDROCK_API_BASE", "")}  # fmt: skip
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0, "maximum": 99}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
MOST_CALLS = 12  # for one record (docs/models.md)
SLOWER = 1.5  # than the clean run, at most
CROSSING = 0.2  # seconds in which a request may have crossed a 429 on the wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How large a run is. `latency` is the server's, `stated` the delay that its 429s state; all in seconds."""

    records: int = 400
    concurrency: int = 32
    latency: tuple[float, float] = (0.1, 0.3)
    stated: float = 1.0
    timeout: float = 2.0


@dataclass(frozen=True, slots=True)
class Case:
    """What goes wrong: faults that each meet one request in ten, or a first provider that is gone (`ahead`: "dead" or "black hole")."""

    name: str
    faults: tuple[str, ...] = ()
    ahead: str = ""

    @property
    def silent(self) -> bool:
        """Some calls are never answered: that is known when their timeout is over, and not before."""
        return self.ahead == "black hole" or "slow" in self.faults

    def made(self, scale: Scale, place: str, probability: float) -> list[Fault]:
        """`place`: the provider that is struck, or "*"."""
        return [
            Fault(kind.removesuffix(STATED), place, probability, retry_after=scale.stated if kind.endswith(STATED) else None)
            for kind in self.faults
        ]


STATED = " stated"
SINGLE = (
    "rate_limit" + STATED,
    "rate_limit",
    "server_error",
    "unavailable",
    "truncate",
    "cut_body",
    "broken",
    "garbage",
    "slow",
    "disconnect",
    "reset",
    "cut",
)
TOGETHER = ("rate_limit" + STATED, "rate_limit", "server_error", "truncate", "cut_body", "slow", "disconnect", "cut")
CLEAN = Case("clean")
FAULTY = (*(Case(kind.replace("_", " "), (kind,)) for kind in SINGLE), Case("eight of them together", TOGETHER))
GONE = (Case("dead", ahead="dead"), Case("black hole", ahead="black hole"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One run as its report, its provenance and the server saw it. Money in micro-dollars."""

    delivered: int
    seconds: float
    calls: float
    most_calls: int
    early: int
    bill: int
    unseen: int
    requests: int
    settled: int
    held: int
    errors: Sequence[str] = field(repr=False)

    def broken(self, wanted: int, longest: float = math.inf) -> Iterator[str]:
        """The promises that this run broke. `longest`: seconds that it may take."""
        if self.delivered < wanted:
            yield "records"
        if self.seconds > longest:
            yield "makespan"
        if self.early:
            yield "delays"
        if self.most_calls > MOST_CALLS:
            yield "calls"
        yield from self._wrong_books()

    def _wrong_books(self) -> Iterator[str]:
        """Whatever is billed is settled or held. A reply that came after the client's time was up counts as unseen by nobody, so no more
        can be said of each part."""
        if self.bill > self.settled + self.held:
            yield "bill"
        if self.unseen == 0 and self.settled > self.bill + self.requests:
            yield "settled"


def run(case: Case, chain: Sequence[str], scale: Scale, place: str = "*", probability: float = 0.1) -> Outcome:
    """All records by `chain` (providers, in their order) while `case` happens at `place`; from a home of its own."""
    with ExitStack() as stack:
        server = stack.enter_context(
            ProviderServer(latency=scale.latency, faults=case.made(scale, place, probability), by_brief=True)
        )
        home = stack.enter_context(tempfile.TemporaryDirectory())
        env = {**server.env(*chain), "SYNTH_HOME": home}
        if case.ahead:
            nobody = stack.enter_context(refusing() if case.ahead == "dead" else black_hole())
            variable, path = BASES[chain[0]]
            env[variable] = nobody + path
        names = [ARMS[provider] for provider in chain]
        synth = Synth(env=env, budget=50, model=names[0], fallback=names[1:], mode="llm", cache="off", timeout=scale.timeout)
        result = synth.generate("json", schema=SCHEMA, count=scale.records, concurrency=scale.concurrency, records_per_call=1)
        return _outcome(result, server)


def _outcome(result, server: ProviderServer) -> Outcome:
    asked = Counter(brief for request in server.requests for brief in briefs_of(request))
    cost = result.report.cost
    return Outcome(
        delivered=result.report.records_generated,
        seconds=result.report.execution_time_ms / 1000,
        calls=sum(asked.values()) / max(1, len(asked)),
        most_calls=max([*asked.values(), *(row["attempts"] for row in result.provenance)]),
        early=len(server.log.early(CROSSING)),
        bill=server.bill_micros,
        unseen=server.unseen_micros,
        requests=len(server.requests),
        settled=cost.spent,
        held=cost.held,
        errors=result.report.errors,
    )


def main() -> None:
    reader = argparse.ArgumentParser(description="What providers' faults cost.")
    reader.add_argument("records", type=int, nargs="?", default=400)
    reader.add_argument("--only", default="", metavar="WORD", help="cases whose name has this word")
    reader.add_argument("--providers", default=",".join(ARMS), help="the heads of the chain, one after another")
    chosen = reader.parse_args()
    scale, heads = Scale(records=chosen.records), chosen.providers.split(",")
    least, most = scale.latency
    run(CLEAN, list(ARMS), Scale(records=9, concurrency=3))  # imports, compiles
    print(
        f"{scale.records} records, {scale.concurrency} in flight, replies in {least:g} to {most:g} s, timeout {scale.timeout:g} s"
    )
    print(_HEAD)
    for head in heads:
        chain = sorted(ARMS, key=lambda provider: provider != head)
        clean = run(CLEAN, chain, scale)
        _tell("clean", head, clean, clean, scale.records)
        cases = [(case, head) for case in (*FAULTY, *GONE)] + [(case, "*") for case in FAULTY if head == heads[0]]
        for case, place in cases:
            if chosen.only in case.name:
                told = run(case, chain, scale, place)
                longest = math.inf if place == "*" else SLOWER * clean.seconds + (scale.timeout if case.silent else 0)
                _tell(case.name, place, told, clean, scale.records, longest)


_HEAD = (
    f"{'fault':24}{'where':12}{'records':>8}{'seconds':>9}{'makespan':>10}{'calls':>7}{'most':>6}{'early':>7}"
    f"{'bill':>8}{'unseen':>8}{'settled':>9}{'held':>8}"
)


def _tell(name: str, place: str, told: Outcome, clean: Outcome, wanted: int, longest: float = math.inf) -> None:
    row = (
        f"{name:24}{place.replace('*', 'everywhere'):12}{told.delivered:8}{told.seconds:9.1f}{told.seconds / clean.seconds:9.2f}x{told.calls:7.2f}"
        f"{told.most_calls:6}{told.early:7}{told.bill:8}{told.unseen:8}{told.settled:9}{told.held:8}"
    )
    print(row, *told.broken(wanted, longest), flush=True)


if __name__ == "__main__":
    main()

"""Records on their way: each with what happened to it so far, together in a job as long as that is the same."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from synth_sdk.core.errors import Outcome, Rejected
from synth_sdk.core.models import Completion, Json, Request
from synth_sdk.router.policy import REASKED, Attempt
from synth_sdk.router.replies import Reading

Result = Completion | Exception


@dataclass(frozen=True, slots=True)
class Record:
    """One wanted record, its place in the caller's list, and its tries, oldest first."""

    request: Request
    place: int
    history: tuple[Attempt, ...] = ()

    def after(self, attempt: Attempt) -> "Record":
        return replace(self, history=(*self.history, attempt))

    def fault(self, arm: str) -> Attempt:
        """What a re-ask of `arm` is about."""
        return next(attempt for attempt in reversed(self.history) if attempt.arm == arm and attempt.outcome in REASKED)

    def judged(
        self, arm: str, reading: Reading, position: int, retry_at: float = 0.0, cost_micros: int = 0
    ) -> tuple[Json] | Attempt:
        """The accepted value (in a tuple, since null is a value too), or the try that failed."""
        if position >= len(reading.values):
            return Attempt(arm, reading.lacking, reading.why, reading.text, retry_at, cost_micros)
        value = reading.values[position]
        try:
            return (self.request.check(value),)
        except Rejected as rejection:
            text = json.dumps(value, ensure_ascii=False)
            return Attempt(arm, rejection.outcome, rejection.message, text, cost_micros=cost_micros)

    def completed(self, arm: str, value: Json, cost_micros: int) -> Completion:
        calls = sum(attempt.outcome is not Outcome.UNAFFORDABLE for attempt in self.history)
        return Completion(
            value=value,
            origin="llm",
            model=arm,
            cost_micros=cost_micros,
            failed_micros=sum(attempt.cost_micros for attempt in self.history),
            attempts=calls + 1,
        )


@dataclass(frozen=True, slots=True)
class Job:
    """Records of one family whose tries had the same arms and outcomes; `results` is the caller's list."""

    records: tuple[Record, ...]
    results: list[Result | None]

    @property
    def requests(self) -> list[Request]:
        return [record.request for record in self.records]

    @property
    def history(self) -> tuple[Attempt, ...]:
        """The tries of its first record: arms and outcomes are those of all."""
        return self.records[0].history

    @property
    def tries(self) -> int:
        """How often its records were asked for."""
        return sum(attempt.outcome is not Outcome.UNAFFORDABLE for attempt in self.history)

    def halves(self) -> list["Job"]:
        return self.parts((len(self.records) + 1) // 2)

    def parts(self, most: int) -> list["Job"]:
        """Jobs of at most `most` records, as even as they can be."""
        count = -(-len(self.records) // most)
        edges = [len(self.records) * number // count for number in range(count + 1)]
        return [replace(self, records=self.records[start:end]) for start, end in pairwise(edges)]

    def after(self, attempt: Attempt) -> "Job":
        return replace(self, records=tuple(record.after(attempt) for record in self.records))


def parted(records: Sequence[Record], results: list[Result | None]) -> list[Job]:
    """Jobs of records with the same arms and outcomes behind them, in the order of the records."""
    groups: dict[tuple[tuple[str, Outcome], ...], list[Record]] = {}
    for record in records:
        groups.setdefault(tuple((attempt.arm, attempt.outcome) for attempt in record.history), []).append(record)
    return [Job(tuple(group), results) for group in groups.values()]

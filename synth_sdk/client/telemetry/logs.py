"""Runs as records of the standard library's logger `synth_sdk`: INFO when one begins and ends, DEBUG for each exchange with a model.

The fields that `synth --log-json` prints are attributes of the log record, named `synth_*`.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from synth_sdk.core.money import format_usd
from synth_sdk.core.observing import CallEnd, CallFacts, RunEnd, RunFacts

_log = logging.getLogger("synth_sdk")


class LogObserver:
    """Writes to the logger; who reads it is the application's affair."""

    @contextmanager
    def run(self, facts: RunFacts) -> "Iterator[_Run]":
        told = {"kind": facts.kind, "wanted": facts.count, "seed": facts.seed, "fingerprint": facts.fingerprint}
        _tell(logging.INFO, "run", f"{facts.count:,} {facts.kind} records wanted, seed {facts.seed}", **told)
        yield _Run(facts)


class _Run:
    def __init__(self, facts: RunFacts) -> None:
        self._facts = facts

    @contextmanager
    def call(self, facts: CallFacts) -> "Iterator[_Call]":
        yield _Call(facts)

    def delivered(self, origins: Mapping[str, int]) -> None: ...

    def ended(self, end: RunEnd) -> None:
        level = logging.INFO if end.status in ("success", "stopped") else logging.WARNING
        spent = format_usd(end.spent_micros)
        message = f"{end.records:,} {self._facts.kind} records, {end.status}, ${spent} spent"
        told = {"kind": self._facts.kind, "status": end.status, "records": end.records, "wanted": self._facts.count}
        _tell(level, "summary", message, **told, spent_usd=spent, saved_usd=format_usd(end.saved_micros))


class _Call:
    def __init__(self, facts: CallFacts) -> None:
        self._facts = facts

    def ended(self, end: CallEnd) -> None:
        arm, outcome = self._facts.card.id, end.failure.outcome.value if end.failure else "answered"
        told = {"arm": arm, "records": self._facts.records, "attempt": self._facts.attempt, "outcome": outcome}
        message = f"{arm}: {outcome}, {self._facts.records} records asked for, {end.seconds:.2f} s"
        _tell(logging.DEBUG, "call", message, **told, seconds=round(end.seconds, 3), cost_usd=format_usd(end.cost_micros))


def _tell(level: int, event: str, message: str, **fields: Any) -> None:
    _log.log(level, message, extra={f"synth_{name}": value for name, value in {"event": event, **fields}.items()})

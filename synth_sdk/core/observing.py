"""What can be watched of a run from outside: that it began and ended, each exchange with a model, and what was delivered.

Prompts, replies, keys and addresses aren't told to anybody who watches.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from synth_sdk.core.errors import ModelError
from synth_sdk.core.models import ModelCard, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What a run is asked for."""

    kind: str
    count: int
    seed: int
    mode: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """How a run ended. `status` is "success", "partial", "failed" or, when its reader left early, "stopped"; money in micro-dollars."""

    status: str
    records: int
    spent_micros: int
    saved_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """An exchange that is about to be sent: for how many records, and how often its first one has been asked for, counted from 1."""

    card: ModelCard
    task: str
    records: int
    max_tokens: int
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    """What came of an exchange. `reply` is None where none came; `failure` None where the reply could be read; `seconds` on the wire."""

    reply: Reply | None
    failure: ModelError | None
    cost_micros: int
    seconds: float


class CallWatch(Protocol):
    """Is told of one exchange."""

    def ended(self, end: CallEnd) -> None: ...


class RunWatch(Protocol):
    """Is told of one run."""

    def call(self, facts: CallFacts) -> AbstractContextManager[CallWatch]:
        """Entered before an exchange, left after it, by the task that sends it. Left with an error it wasn't told of, it was broken off."""

    def delivered(self, origins: Mapping[str, int]) -> None:
        """How many records of each origin were delivered so far."""

    def ended(self, end: RunEnd) -> None: ...


class Observer(Protocol):
    """Is told of runs. What it does must not fail, nor wait for anything."""

    def run(self, facts: RunFacts) -> AbstractContextManager[RunWatch]:
        """Entered where the first record is asked for, in the caller's own context; left there with the error that ended the run."""


class _Nobody:
    """Watches nothing, and costs nothing."""

    def __init__(self) -> None:
        self._self = nullcontext(self)

    def run(self, facts: RunFacts) -> "AbstractContextManager[_Nobody]":
        return self._self

    def call(self, facts: CallFacts) -> "AbstractContextManager[_Nobody]":
        return self._self

    def delivered(self, origins: Mapping[str, int]) -> None: ...

    def ended(self, end: RunEnd | CallEnd) -> None: ...


_nobody = _Nobody()
NO_OBSERVER: Observer = _nobody
UNWATCHED: RunWatch = _nobody

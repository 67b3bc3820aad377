"""How each arm fares in this run: closed until, breaker, in-flight limit, dead, unfit, and how often its records are accepted.

Nothing here waits, reads a clock or draws a number: time and draws are handed in, so a simulator can drive it.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from synth_sdk.core.errors import ModelError, Outcome
from synth_sdk.core.models import ModelCard
from synth_sdk.router.waiting import breaker_delay, full_jitter

FIRST_LIMIT = 4  # calls in flight before an arm has ever answered: what a dead arm may cost at once
FAILURES_IN_ROW = 3
WINDOW, FAILURES_IN_WINDOW = 20, 10
PROBES = 3  # failed probes of a tripped breaker before the arm is out for the run
_PRIOR_TRIES, _PRIOR_ACCEPTED = 30.0, 24.0  # acceptance starts at 0.8 for every arm; about 30 records of its own outweigh that


class State(StrEnum):
    OPEN = "open"
    FULL = "busy"  # as many calls in flight as it bears
    LIMITED = "rate limited"
    TRIPPED = "down"  # its breaker is open, or the one probe is under way
    GONE = "out"  # for the run, or for this task


class Gate(NamedTuple):
    """Whether an arm takes a call now; if not, when it may (seconds on the clock; None: when something changes) and why not."""

    state: State
    until: float | None = None
    why: str = ""


@dataclass(slots=True, eq=False)
class Flight:
    """One call in flight."""

    arm: str
    task: str
    started: float
    probe: bool


@dataclass(slots=True)
class Health:
    """One arm. `limit` grows by one per answer up to `ceiling` and halves on a failure (AIMD).

    It stops growing when answers take half of the `timeout`, and shrinks when they take three quarters: a small local server
    that queues what it is sent would otherwise be driven into timeouts.
    """

    card: ModelCard
    ceiling: int
    timeout: float = math.inf
    limit: int = FIRST_LIMIT
    in_flight: int = 0
    answered: bool = False
    dead: str = ""
    unfit: dict[str, str] = field(default_factory=dict)
    fit: set[str] = field(default_factory=set)
    limited_until: float = 0.0
    limited_in_row: int = 0
    tripped: bool = False
    tripped_until: float = 0.0
    failed_probes: int = 0
    probing: bool = False
    failures_in_row: int = 0
    window: deque[bool] = field(default_factory=lambda: deque(maxlen=WINDOW))
    why: str = ""
    cut_at: float = -1.0
    tries: int = 0
    accepted: int = 0
    seconds: float = 5.0  # how long an answer takes, smoothed

    @property
    def acceptance(self) -> float:
        """The chance that a record of this arm is accepted: a common prior, replaced by what was observed."""
        return (self.accepted + _PRIOR_ACCEPTED) / (self.tries + _PRIOR_TRIES)

    def gate(self, task: str, now: float) -> Gate:
        if self.dead or task in self.unfit:
            return Gate(State.GONE, None, self.dead or self.unfit[task])
        if now < self.limited_until:
            return Gate(State.LIMITED, max(self.limited_until, self.tripped_until), self.why)
        if self.tripped and (now < self.tripped_until or self.probing):
            return Gate(State.TRIPPED, None if self.probing else self.tripped_until, self.why)
        if self.in_flight >= self.limit:
            return Gate(State.FULL)
        return Gate(State.OPEN)

    def may_send(self, flight: Flight, now: float) -> bool:
        """A call that was let in and then waited (for money) may still go out."""
        return (
            not self.dead and flight.task not in self.unfit and now >= self.limited_until and (flight.probe or not self.tripped)
        )

    def begin(self, task: str, now: float) -> Flight:
        self.in_flight += 1
        self.probing = self.probing or self.tripped
        return Flight(self.card.id, task, now, probe=self.tripped)

    def leave(self, flight: Flight) -> None:
        self.in_flight -= 1
        if flight.probe:
            self.probing = False

    def alive(self, flight: Flight, now: float) -> None:
        """It answered, whatever the answer was worth."""
        self.failures_in_row = self.limited_in_row = 0
        self.window.append(False)
        self.answered = True
        took = now - flight.started
        self.seconds += 0.2 * (took - self.seconds)
        if took <= self.timeout / 2:
            self.limit = min(self.ceiling, self.limit + 1)
        elif took >= self.timeout * 0.75:
            self.limit = max(1, self.limit - 1)
        self._recover(flight)

    def limited(self, flight: Flight, now: float, retry_after: float | None, draw: float, why: str) -> None:
        """429. The stated delay is never shortened: neither by a later, smaller one nor by a draw."""
        self.limited_in_row += 1
        delay = full_jitter(self.limited_in_row, draw) if retry_after is None else retry_after
        self.limited_until = max(self.limited_until, now + delay)
        self.why = why
        self._recover(flight)
        self._cut(flight, now)

    def failed(self, flight: Flight, now: float, why: str) -> None:
        """5xx, no connection, no answer in time."""
        self.why = why
        self._cut(flight, now)
        if flight.probe and self.tripped:
            self.failed_probes += 1
            if self.failed_probes >= PROBES:
                self.dead = f"{why} (still so after {PROBES} probes)"
            self.tripped_until = now + breaker_delay(self.failed_probes + 1)
        elif not self.tripped:
            self.failures_in_row += 1
            self.window.append(True)
            if self.failures_in_row >= FAILURES_IN_ROW or sum(self.window) >= FAILURES_IN_WINDOW:
                self.tripped, self.tripped_until = True, now + breaker_delay(1)

    def _recover(self, flight: Flight) -> None:
        if flight.probe and self.tripped:
            self.tripped, self.failed_probes, self.failures_in_row = False, 0, 0
            self.window.clear()

    def _cut(self, flight: Flight, now: float) -> None:
        """Halve the limit, once for all the calls that were in flight together."""
        if flight.started > self.cut_at:
            self.limit, self.cut_at = max(1, self.limit // 2), now


class Fleet:
    """The health of all arms of a run, and what one arm's failure says about the others."""

    def __init__(self, cards: Iterable[ModelCard], concurrency: int, timeout: float = math.inf) -> None:
        first = min(FIRST_LIMIT, concurrency)
        self.arms = {card.id: Health(card, ceiling=concurrency, timeout=timeout, limit=first) for card in cards}

    def __getitem__(self, arm: str) -> Health:
        return self.arms[arm]

    def observe(self, flight: Flight, error: ModelError | None, now: float, draw: float) -> None:
        """Book how a call ended: None for an answer that can be read. `draw` in 0-1 places a delay that nobody stated."""
        arm = self.arms[flight.arm]
        why = f"{error.outcome.value}: {error.message.removeprefix(flight.arm + ': ')}" if error else ""
        match error.outcome if error else Outcome.ACCEPTED:
            case Outcome.RATE_LIMITED:
                arm.limited(flight, now, error.retry_after if error else None, draw, why)
            case Outcome.UNAVAILABLE | Outcome.TIMEOUT:
                arm.failed(flight, now, why)
            case Outcome.QUOTA:
                arm.dead = why
            case Outcome.REFUSED:
                self._refused(arm, error.status if error else None, why)
            case Outcome.BAD_REQUEST:
                if flight.task not in arm.fit:  # else it is that one record's fault, not the arm's
                    arm.unfit[flight.task] = why
                arm.alive(flight, now)
            case _:
                arm.alive(flight, now)

    def judge(self, arm: str, task: str, tries: int, accepted: int) -> None:
        """`accepted` of `tries` records of one reply passed their checks."""
        health = self.arms[arm]
        health.tries += tries
        health.accepted += accepted
        if accepted:
            health.fit.add(task)

    def _refused(self, arm: Health, status: int | None, why: str) -> None:
        """404 is about the model id; 403 about the model, or the key - the key when a second arm of a provider that never
        answered says so too; anything else about the key, which all arms of the provider share."""
        arm.dead = why
        kin = [other for other in self.arms.values() if other.card.provider == arm.card.provider and other is not arm]
        key_at_fault = status not in (403, 404) or (
            status == 403 and not any(other.answered for other in (arm, *kin)) and any(other.dead for other in kin)
        )
        for other in kin:
            if key_at_fault:
                other.dead = other.dead or why
            elif status == 403 and not other.answered:
                other.limit = 1

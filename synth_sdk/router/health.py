"""How each arm fares in this run: closed until, breaker, in-flight limit, pace, dead, unfit.

Nothing here waits, reads a clock or draws a number: time and draws are handed in, so a simulator can drive it.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple

from synth_sdk.core.errors import ModelError, Outcome
from synth_sdk.core.models import ModelCard
from synth_sdk.router.rates import Pace
from synth_sdk.router.waiting import breaker_delay, full_jitter
from synth_sdk.router.weights import Limits

FIRST_LIMIT = 4  # calls in flight before an arm has ever answered: what a dead arm may cost at once
FAILURES_IN_ROW = 3
WINDOW, FAILURES_IN_WINDOW = 20, 10
_OVERLOADED = 503
_OVERDUE, _OVERDUE_COUNTS = 4.0, 8  # times as long as answers take; what such a call counts for
_SLOWER, _QUICKER = 0.2, 0.05  # what the last answer counts for in how long answers take: rather too long than too short
PROBES, PROBES_ANSWERED = (
    3,
    6,
)  # failed in a row, of a tripped breaker, before the arm is out for the run; if it has answered in it


class State(StrEnum):
    OPEN = "open"
    FULL = "busy"  # as many calls in flight, or as many a minute, as it bears
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
    """One arm. `limit` grows by one per answer (two while answers are quick) up to `ceiling`, and halves when the arm says or shows
    that it has too much to do: a 429, a 503, no answer in time (AIMD). After one of the latter two it grows by one per two answers. A 500
    or a broken connection says nothing of that.

    It stops growing when answers take half of the `timeout`, and shrinks when they take three quarters: a small local server
    that queues what it is sent would otherwise be driven into timeouts.
    """

    card: ModelCard
    ceiling: int
    timeout: float = math.inf
    limit: int = FIRST_LIMIT
    strained: bool = False  # it was overloaded once
    flights: dict[Flight, None] = field(default_factory=dict)  # those under way, oldest first
    growth: float = 0.0  # of the limit, less than 1, that is still to come
    in_flight: int = 0
    answered: bool = False
    dead: str = ""
    unfit: dict[str, str] = field(default_factory=dict)
    fit: set[str] = field(default_factory=set)
    limited_until: float = 0.0
    limited_in_row: int = 0
    limited_at: float = -1.0
    tripped: bool = False
    tripped_until: float = 0.0
    failed_probes: int = 0
    probing: bool = False
    failures_in_row: int = 0
    window: deque[bool] = field(default_factory=lambda: deque(maxlen=WINDOW))
    why: str = ""
    cut_at: float = -1.0
    seconds: dict[str, float] = field(default_factory=dict)  # that an answer takes, by task, where one came
    good_from: float = -1.0  # when the latest of the calls began that were answered
    pace: Pace = field(default_factory=Pace)

    def gone(self, task: str) -> bool:
        """Out for this run, or for this task."""
        return bool(self.dead) or task in self.unfit

    def gate(self, task: str, now: float, tokens: float = 0.0) -> Gate:
        if self.dead or task in self.unfit:
            return Gate(State.GONE, None, self.dead or self.unfit[task])
        if now < self.limited_until:
            return Gate(State.LIMITED, max(self.limited_until, self.tripped_until), self.why)
        if self.tripped and (now < self.tripped_until or self.probing):
            return Gate(State.TRIPPED, None if self.probing else self.tripped_until, self.why)
        if self.places(now) <= 0:
            return Gate(State.FULL)
        opens = self.pace.opens(tokens, now)
        return Gate(State.OPEN) if opens <= now else Gate(State.FULL, opens, "as many calls a minute as it bears")

    def places(self, now: float) -> int:
        """How many more calls it takes. One that is long overdue has likely come to grief, as may the next: it counts for several."""
        return self.limit - self.in_flight - (_OVERDUE_COUNTS - 1) * self._overdue(now)

    def has_room(self, tokens: float, now: float) -> bool:
        """Whether nothing but overdue calls speaks against another one: better than nothing, when no arm is open."""
        return self.in_flight < self.limit and self.pace.opens(tokens, now) <= now

    def _overdue(self, now: float) -> int:
        """Calls under way that have taken several times as long as answers take."""
        usual = min(self.seconds.values(), default=math.inf)
        old = takewhile(lambda flight: now - flight.started > _OVERDUE * usual, self.flights)
        return sum(now - flight.started > _OVERDUE * self.seconds.get(flight.task, math.inf) for flight in old)

    def worth_waiting(self, gate: Gate, ahead: int, limits: Limits, now: float) -> bool:
        """Whether a record with so many `ahead` of it should stand in line rather than go to a worse arm, this one being FULL.

        A pace says when it lets the next one through. Else the line moves fast as far as anyone knows, unless the arm was overloaded
        or calls are overdue: then it may be as long as what the arm bears at once.
        """
        if gate.until is not None:
            return gate.until - now <= limits.queue
        overdue = self._overdue(now)
        if not self.strained and not overdue:
            return True
        return ahead < limits.queue_calls * (self.limit - _OVERDUE_COUNTS * overdue)

    def may_send(self, flight: Flight, now: float) -> bool:
        """A call that was let in and then waited (for money) may still go out."""
        return (
            not self.dead and flight.task not in self.unfit and now >= self.limited_until and (flight.probe or not self.tripped)
        )

    def standing(self, now: float) -> tuple[object, ...]:
        """What those who wait would want to know of: whether it takes calls at all, and whether it has come to take fewer."""
        return (
            bool(self.dead),
            len(self.unfit),
            now < self.limited_until,
            self.tripped,
            self.tripped_until,
            self.cut_at,
            self._overdue(now) > 0,
        )

    def begin(self, task: str, now: float, tokens: float = 0.0) -> Flight:
        self.in_flight += 1
        self.pace.take(tokens, now)
        self.probing = self.probing or self.tripped
        flight = Flight(self.card.id, task, now, probe=self.tripped)
        self.flights[flight] = None
        return flight

    def leave(self, flight: Flight) -> None:
        self.in_flight -= 1
        self.flights.pop(flight, None)
        if flight.probe:
            self.probing = False

    def alive(self, flight: Flight, now: float) -> None:
        """It answered, whatever the answer was worth."""
        self.failures_in_row = self.limited_in_row = 0
        self.good_from = max(self.good_from, flight.started)
        self.window.append(False)
        self.answered = True
        self.pace.answered(now)
        took = now - flight.started
        usual = self.seconds.get(flight.task, took)
        self.seconds[flight.task] = usual + (took - usual) * (_SLOWER if took > usual else _QUICKER)
        if took <= self.timeout / 2:
            self._grow(quick=took <= self.timeout / 8)
        elif took >= self.timeout * 0.75:
            self.limit = max(1, self.limit - 1)
        self._recover(flight)

    def limited(self, flight: Flight, now: float, retry_after: float | None, draw: float, why: str) -> None:
        """429. The stated delay is never shortened: neither by a later, smaller one nor by a draw.

        Calls that were under way together count as one: only the first of them draws a delay where none is stated.
        """
        self.pace.refused(flight.started, now)
        if flight.started > self.limited_at:
            self.limited_in_row, self.limited_at = self.limited_in_row + 1, now
            retry_after = full_jitter(self.limited_in_row, draw) if retry_after is None else retry_after
        self.limited_until = max(self.limited_until, now + (retry_after or 0.0))
        self.why = why
        self._recover(flight)
        self._cut(flight, now)

    def failed(self, flight: Flight, now: float, why: str, *, overloaded: bool = False) -> None:
        """5xx, no connection, no answer in time.

        In a row stand the failures of calls that began after every call that was answered: good replies come before the
        timeouts of the same moment, which say no more against the arm for being last.
        """
        self.why = why
        if overloaded:
            self.strained = True
            self._cut(flight, now)
        if flight.probe and self.tripped:
            self.failed_probes += 1
            if self.failed_probes >= (PROBES_ANSWERED if self.answered else PROBES):
                self.dead = f"{why} (still so after {self.failed_probes} probes)"
            self.tripped_until = now + breaker_delay(self.failed_probes + 1)
        elif not self.tripped:
            self.failures_in_row += flight.started > self.good_from
            self.window.append(True)
            if self.failures_in_row >= FAILURES_IN_ROW or sum(self.window) >= FAILURES_IN_WINDOW:
                self.tripped, self.tripped_until = True, now + breaker_delay(1)

    def _recover(self, flight: Flight) -> None:
        if flight.probe and self.tripped:
            self.tripped, self.failed_probes, self.failures_in_row = False, 0, 0
            self.window.clear()

    def _grow(self, *, quick: bool) -> None:
        self.growth += 0.5 if self.strained else 2.0 if quick else 1.0
        whole = int(self.growth)
        self.limit, self.growth = min(self.ceiling, self.limit + whole), self.growth - whole

    def _cut(self, flight: Flight, now: float) -> None:
        """Halve the limit, once for all the calls that were in flight together."""
        if flight.started > self.cut_at:
            self.limit, self.cut_at = max(1, self.limit // 2), now


_GOOD_STANDING = (False, 0, False, False, 0.0, False, False)


class Fleet:
    """The health of all arms of a run, and what one arm's failure says about the others."""

    def __init__(self, cards: Iterable[ModelCard], concurrency: int, timeout: float = math.inf) -> None:
        first = min(FIRST_LIMIT, concurrency)
        self.arms = {card.id: Health(card, ceiling=concurrency, timeout=timeout, limit=first) for card in cards}
        self._told: dict[str, tuple[object, ...]] = {}

    def __getitem__(self, arm: str) -> Health:
        return self.arms[arm]

    def observe(self, flight: Flight, error: ModelError | None, now: float, draw: float) -> None:
        """Book how a call ended: None for an answer that can be read. `draw` in 0-1 places a delay that nobody stated."""
        arm = self.arms[flight.arm]
        why = f"{error.outcome.value}: {error.message.removeprefix(flight.arm + ': ')}" if error else ""
        match error.outcome if error else Outcome.ACCEPTED:
            case Outcome.RATE_LIMITED:
                arm.limited(flight, now, error.retry_after if error else None, draw, why)
            case Outcome.UNAVAILABLE | Outcome.TIMEOUT as outcome:
                overloaded = outcome is Outcome.TIMEOUT or (error is not None and error.status == _OVERLOADED)
                arm.failed(flight, now, why, overloaded=overloaded)
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

    def turned(self, arm: str, now: float) -> bool:
        """Whether `arm` has opened or closed since this was last asked."""
        before, standing = self._told.get(arm), self.arms[arm].standing(now)
        self._told[arm] = standing
        return standing != (before or _GOOD_STANDING)

    def served(self, arm: str, task: str) -> None:
        """A record of `task` passed its check: from now on a bad request is that one record's fault."""
        self.arms[arm].fit.add(task)

    def _refused(self, arm: Health, status: int | None, why: str) -> None:
        """404 is about the model id; 403 about the model, or the key - the key when a second arm of a provider that never
        answered says so too; anything else about the key, which all arms of the provider share."""
        arm.dead = why
        kin = [other for other in self.arms.values() if other.card.account == arm.card.account and other is not arm]
        key_at_fault = status not in (403, 404) or (
            status == 403 and not any(other.answered for other in (arm, *kin)) and any(other.dead for other in kin)
        )
        for other in kin:
            if key_at_fault:
                other.dead = other.dead or why
            elif status == 403 and not other.answered:
                other.limit = 1

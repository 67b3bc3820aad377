"""How fast an arm may be asked: token buckets for requests and tokens per minute, learned from what providers state and from 429s.

Asking more slowly than the limit costs nothing but time; a 429 costs a round trip and closes the arm, often for longer than the
line would have been.
"""

import math
from collections import deque
from dataclasses import dataclass, field

from synth_sdk.core.models import Allowance

_WINDOW = 60.0  # seconds over which calls are counted
_LEAST_WINDOW = 3.0  # of them that tell a rate
_CUT = 0.9  # of the rate at which calls were answered
_ENOUGH = 5  # calls since the last cut before the next one
_STRIKES = 2  # cuts in a row that brought no relief: these 429s have nothing to do with the rate
_GIVE_UP_S = 120.0
_GROW = 1.2  # for each calm spell without a 429
_CALM = 3.0
_BURST_S = 2.0  # seconds' worth of calls that may go out at once


@dataclass(slots=True)
class Bucket:
    """Lets `per_minute` units through in a minute, `burst` at once; as the generic cell rate algorithm (ITU-T I.371)."""

    per_minute: float = math.inf
    burst: float = 1.0
    full_at: float = -math.inf

    def opens(self, units: float, now: float) -> float:
        """When `units` may pass: now or later. More than a burst passes when the bucket is full."""
        if math.isinf(self.per_minute):
            return now
        seconds = 60.0 / self.per_minute
        return max(now, self.full_at - max(0.0, self.burst - units) * seconds)

    def take(self, units: float, now: float) -> None:
        if not math.isinf(self.per_minute):
            self.full_at = max(self.full_at, now) + units * 60.0 / self.per_minute


@dataclass(slots=True)
class Pace:
    """The two buckets of one arm. Without a limit they let everything through."""

    requests: Bucket = field(default_factory=Bucket)
    tokens: Bucket = field(default_factory=Bucket)
    sent: int = 0  # calls since the last cut
    answers: deque[float] = field(default_factory=lambda: deque(maxlen=4096))
    began: float = math.inf
    refused_at: float = -math.inf
    cut_at: float = -math.inf
    grown_at: float = -math.inf
    quiet_until: float = -math.inf
    refusals: int = 0
    strikes: int = 0

    def opens(self, tokens: float, now: float) -> float:
        return max(self.requests.opens(1.0, now), self.tokens.opens(tokens, now))

    def take(self, tokens: float, now: float) -> None:
        self.sent += 1
        self.began = min(self.began, now)
        self.requests.take(1.0, now)
        self.tokens.take(tokens, now)

    def stated(self, allowance: Allowance, now: float) -> None:
        """What the provider says of its limits in this minute, or of what is left until they reset."""
        _state(self.requests, allowance.requests_per_minute, allowance.requests_left, allowance.requests_reset_s, now)
        _state(self.tokens, allowance.tokens_per_minute, allowance.tokens_left, allowance.tokens_reset_s, now)

    def refused(self, started: float, now: float) -> None:
        """A 429 for a call that `started` then: from the second on, go on a little below the rate at which calls are answered.

        Where that brings no relief again and again, the 429s aren't about the rate, and the limit is lifted for a while.
        """
        self.refusals += 1
        self.refused_at = now
        if self.refusals < 2 or started <= self.cut_at or self.sent < _ENOUGH or now < self.quiet_until:
            return
        if now - max(self.began, self.cut_at) < _LEAST_WINDOW:
            return  # too early to tell the rate, or what the last cut has brought
        self.strikes = self.strikes + 1 if self.grown_at < self.cut_at else 0
        if self.strikes >= _STRIKES:
            self.strikes, self.quiet_until = 0, now + _GIVE_UP_S
            self.requests.per_minute = math.inf
            return
        rate = _CUT * self._answered(now)
        self.cut_at, self.sent = now, 0
        self._limit(max(1.0, min(rate, self.requests.per_minute)))

    def answered(self, now: float) -> None:
        """No 429: the rate may grow."""
        self.answers.append(now)
        if not math.isinf(self.requests.per_minute) and now - max(self.refused_at, self.grown_at) > _CALM:
            self.grown_at = now
            self._limit(self.requests.per_minute * _GROW)

    def _limit(self, per_minute: float) -> None:
        self.requests.per_minute = per_minute
        self.requests.burst = max(1.0, per_minute * _BURST_S / 60)

    def _answered(self, now: float) -> float:
        """Answers per minute, lately: those since the last cut if that is more recent than the window."""
        since = max(now - _WINDOW, self.cut_at, self.began)
        return sum(at > since for at in self.answers) * 60.0 / (now - since)


def _state(bucket: Bucket, per_minute: float | None, left: float | None, reset_s: float | None, now: float) -> None:
    if per_minute is not None and per_minute > 0:
        bucket.per_minute = per_minute
        bucket.burst = max(1.0, per_minute * _BURST_S / 60)
    if left is not None and left <= 0 and reset_s is not None:
        bucket.full_at = max(bucket.full_at, now + reset_s)
        if math.isinf(bucket.per_minute):
            bucket.per_minute, bucket.burst = 6e6, 1.0

"""Rate limits as providers keep them: the generic cell rate algorithm (ITU-T I.371), which is a token bucket without a timer."""

import math

from benchmarks.provider_farm.arms import Limits


class Bucket:
    """Lets `per_minute` units through in a minute, and `burst_s` seconds' worth of them at once."""

    __slots__ = ("_full_at", "_seconds_per_unit", "_tolerance")

    def __init__(self, per_minute: float, burst_s: float) -> None:
        self._seconds_per_unit = 0.0 if math.isinf(per_minute) else 60.0 / per_minute
        self._tolerance = burst_s
        self._full_at = -math.inf  # when the bucket is full again

    def opens(self, units: float, now: float) -> float:
        """When `units` pass: `now`, or later. What is more than a bucketful passes when the bucket is full."""
        if self._seconds_per_unit == 0:
            return now
        need = min(units * self._seconds_per_unit, self._tolerance)
        return max(now, self._full_at + need - self._tolerance)

    def take(self, units: float, now: float) -> None:
        self._full_at = max(self._full_at, now) + units * self._seconds_per_unit


class Limiter:
    """Both limits of one arm. A call that is turned away uses up neither."""

    __slots__ = ("_requests", "_tokens")

    def __init__(self, limits: Limits) -> None:
        self._requests = Bucket(limits.requests, limits.burst_s)
        self._tokens = Bucket(limits.tokens, limits.burst_s)

    def opens(self, tokens: float, now: float) -> float:
        """When a call of `tokens` passes."""
        return max(self._requests.opens(1, now), self._tokens.opens(tokens, now))

    def take(self, tokens: float, now: float) -> None:
        self._requests.take(1, now)
        self._tokens.take(tokens, now)

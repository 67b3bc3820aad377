"""When requests came, and which delays had been stated by then: what a server needs to tell who came back too early."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple


class Early(NamedTuple):
    """A request that came `after` seconds into a stated delay, `before` seconds ahead of its end."""

    arm: str
    after: float
    before: float


@dataclass(slots=True)
class RequestLog:
    """`clock` in seconds. An arm is "provider/model": a rate limit of one says nothing of the others."""

    clock: Callable[[], float] = time.monotonic
    arrivals: list[tuple[float, str]] = field(default_factory=list)
    stated: list[tuple[float, float, str]] = field(default_factory=list)  # when it was said, when it ends, by whom

    def arrived(self, arm: str) -> None:
        self.arrivals.append((self.clock(), arm))

    def state(self, arm: str, seconds: float) -> None:
        """The arm is about to answer: come back in `seconds`."""
        now = self.clock()
        self.stated.append((now, now + seconds, arm))

    def early(self, crossing: float) -> list[Early]:
        """Requests that came before a delay was over that their sender knew of. Those that came within `crossing` seconds of the
        statement had been sent before it arrived: they crossed it on the wire.
        """
        return [
            Early(arm, at - said, until - at)
            for said, until, limited in self.stated
            for at, arm in self.arrivals
            if arm == limited and said + crossing < at < until
        ]

"""How long to wait, and waiting itself. The shapes of the delays are tenacity's; the clock and the draw are handed in."""

import asyncio
from collections import deque
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, wait_exponential

from synth_sdk.core.clock import Clock

_RETRY = wait_exponential(multiplier=1, max=30)
_BREAKER = wait_exponential(multiplier=5, max=60)
_OWNER = AsyncRetrying()


def full_jitter(failures: int, draw: float) -> float:
    """Seconds before trying again after `failures` in a row: anywhere below 1, 2, 4... 30 s, as `draw` in 0-1 says.

    Full jitter spreads clients that failed together better than any fixed schedule (AWS Architecture Blog, "Exponential Backoff
    And Jitter", 2015).
    """
    return draw * _RETRY(_after(failures))


def breaker_delay(trips: int) -> float:
    """Seconds that a breaker stays open after tripping `trips` times in a row: 5, 10, 20, 40, 60, 60..."""
    return _BREAKER(_after(trips))


def _after(attempts: int) -> RetryCallState:
    state = RetryCallState(_OWNER, None, (), {})
    state.attempt_number = attempts
    return state


class Changes:
    """Tells all who wait that something changed. Take `next` before looking at the state: then no change is missed."""

    def __init__(self) -> None:
        self._next: asyncio.Future[None] | None = None

    def next(self) -> "asyncio.Future[None]":
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        return self._next

    def tell(self) -> None:
        if self._next is not None:
            self._next.set_result(None)
            self._next = None


async def change_or_sleep(change: "asyncio.Future[Any]", seconds: float | None, clock: Clock) -> None:
    """Until `change` happens or `seconds` have passed on `clock`, whichever comes first. None: no limit. `change` stays as it is."""
    if seconds is None:
        await asyncio.wait({change})  # waits without owning: cancelling one who waits must not cancel the others' future
        return
    nap = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({change, nap}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        nap.cancel()


class Lines:
    """Who waits for a place at which arm, first come first served; None stands for whoever waits for any arm to open again.

    Only as many are woken as there are places: with hundreds waiting, waking all for each place would cost more than the calls.
    Whoever is woken and has decided wakes the next one (`free`), unless it waits for the same arm again, at the head of the line.
    A place in line is True when it was that one's turn, False when all were woken.
    """

    def __init__(self) -> None:
        self._lines: dict[str | None, deque[asyncio.Future[bool]]] = {}

    def busy(self, arm: str | None) -> bool:
        """Whether somebody waits there already."""
        line = self._lines.get(arm)
        while line and line[0].done():
            line.popleft()
        return bool(line)

    def waiting(self, arm: str | None) -> int:
        """How many."""
        return sum(not place.done() for place in self._lines.get(arm, ()))

    def join(self, arm: str | None, *, first: bool = False) -> "asyncio.Future[bool]":
        place = asyncio.get_running_loop().create_future()
        line = self._lines.setdefault(arm, deque())
        if first:
            line.appendleft(place)
        else:
            line.append(place)
        return place

    def free(self, arm: str | None, places: int = 1) -> None:
        """Wake as many of those who wait for `arm`."""
        line = self._lines.get(arm)
        while line and places > 0:
            place = line.popleft()
            if not place.done():
                place.set_result(True)
                places -= 1

    def all(self) -> None:
        """Wake everybody: an arm opened, closed or went out."""
        for line in self._lines.values():
            while line:
                place = line.popleft()
                if not place.done():
                    place.set_result(False)

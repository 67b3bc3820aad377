"""Two calls for the same records, the second sent when the first takes unusually long: the first good answer wins.

Both are reserved. The loser is cancelled and its hold stays counted, since the provider may bill it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from synth_sdk.core.clock import Clock

T = TypeVar("T")
SHARE = 0.1  # of the calls may be hedged
_HEAD_START = 5  # hedges that are allowed before the share is counted


class Hedges:
    """How many calls were hedged."""

    def __init__(self) -> None:
        self.calls = self.hedged = 0

    def allowed(self) -> bool:
        return self.hedged < min(_HEAD_START, 1 + self.calls // 4) or self.hedged < SHARE * self.calls


async def first_good(
    start: Callable[[], Awaitable[T]],
    second: Callable[[], Awaitable[T] | None],
    patience: float,
    good: Callable[[T], bool],
    clock: Clock,
) -> list[T]:
    """The results of `start()`, and of `second()` if the first took longer than `patience` seconds, in the order in which they
    came; those after a good one are not waited for. `second` returns None when there is nothing to hedge with.

    An exception of the first call is raised, unless the second one's result is good; an exception of the second is dropped.
    """
    first = asyncio.ensure_future(start())
    nap = asyncio.ensure_future(clock.sleep(patience))
    running: set[asyncio.Future[T]] = {first}
    results: list[T] = []
    fault: BaseException | None = None
    try:
        await asyncio.wait({first, nap}, return_when=asyncio.FIRST_COMPLETED)
        if not first.done() and (other := second()) is not None:
            running.add(asyncio.ensure_future(other))
        while running:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                if each.exception() is None:
                    results.append(each.result())
                elif each is first:
                    fault = each.exception()
            if any(map(good, results)):
                break
        if fault is not None and not any(map(good, results)):
            raise fault
        return results
    finally:
        nap.cancel()
        for each in running:
            each.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await each

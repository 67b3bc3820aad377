"""Single-flight: work that several callers want at the same moment is done once, for all of them."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class _Flight(Generic[T]):
    __slots__ = ("taken", "task", "waiting")

    def __init__(self, task: "asyncio.Task[T]") -> None:
        self.task = task
        self.waiting = 0
        self.taken = False


class Flights(Generic[T]):
    """The work that is under way, by key. For one event loop."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[T]] = {}

    async def share(self, key: str, work: Callable[[], Coroutine[Any, Any, T]]) -> tuple[T, bool]:
        """The outcome of `work`, begun now or joined; True for exactly one of those who get it.

        An error reaches all who wait. A caller that is cancelled leaves the work to the others; when the last one leaves, the
        work is cancelled too, and ends before the cancellation goes on.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.create_task(work()))
            flight.task.add_done_callback(lambda _: self._forget(key, flight))
        flight.waiting += 1
        try:
            outcome = await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                await self._abandon(key, flight)
        first, flight.taken = not flight.taken, True
        return outcome, first

    async def _abandon(self, key: str, flight: _Flight[T]) -> None:
        self._forget(key, flight)  # whoever comes now begins anew
        flight.task.cancel()
        await asyncio.wait([flight.task])

    def _forget(self, key: str, flight: _Flight[T]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if flight.task.done() and not flight.task.cancelled():
            flight.task.exception()  # seen, even if nobody waits for it any more

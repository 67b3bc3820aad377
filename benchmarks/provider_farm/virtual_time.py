"""An asyncio event loop whose time jumps to the next timer: an hour of waiting takes no time."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from synth_sdk.core.clock import Clock

T = TypeVar("T")
START = 1000.0  # seconds; away from 0, so that "never" and "at the start" differ


class _Jumping(selectors.SelectSelector):
    """Watches nothing, since a simulation has no sockets: instead of sleeping it moves the clock."""

    moved = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("the simulation waits for something that never happens")
        self.moved += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return START + self._jumping.moved


def run_virtual(main: Callable[[Clock], Coroutine[Any, Any, T]]) -> T:
    """The result of `main(clock)`. RuntimeError when everything waits and no timer is set: a deadlock."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        return runner.run(main(Clock(now=loop.time, wall=loop.time, sleep=asyncio.sleep)))

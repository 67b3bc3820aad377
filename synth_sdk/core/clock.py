"""Time and sleep as one value that is handed in, so that a virtual clock can drive whatever waits."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """`now()` in seconds, monotonic; `wall()` in seconds since the epoch; `sleep(seconds)`."""

    now: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

"""Time and sleep as one value that is handed in, so that a virtual clock can drive whatever waits; and the day."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """`now()` in seconds, monotonic; `wall()` in seconds since the epoch; `sleep(seconds)`."""

    now: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


def today() -> date:
    """The day by which arms retire, prices age and blueprints are dated: the same everywhere, in UTC."""
    return datetime.now(UTC).date()

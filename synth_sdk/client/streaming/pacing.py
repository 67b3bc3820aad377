"""Real time: records leave at a uniform pace, whatever speed they are made at.

Record k is due at start + k / rate, so no error adds up. At low rates each leaves by itself, at high ones those of a tick leave
together, when the last of them is due. What is late - the records were made too slowly, or their reader was slow - is caught up with at
twice the rate at most.
"""

import select
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from collections.abc import Generator as Yields
from contextlib import suppress
from typing import Any

from synth_sdk.client.background import wait_for
from synth_sdk.client.streaming.pieces import pieces
from synth_sdk.core.clock import Clock
from synth_sdk.core.quantities import parse_rate
from synth_sdk.core.spec import Spec
from synth_sdk.pipeline.blocks import Block

_TICK = 0.01  # seconds
_AHEAD = 0.1  # seconds: so much is made at once, which costs less for each record, and holds up others no longer
_MOST_AT_ONCE = 65_536  # records
DEFAULT_EVENT_RATE = 100.0  # a second
_CATCH_UP = 2.0  # times the rate
_LONGEST_SLEEP = 0.25  # seconds between two looks whether anybody still reads


class Pace:
    """Lets records leave at `rate` a second. `look` is called now and then while nothing is due; what it raises ends the waiting."""

    def __init__(self, rate: float, *, clock: Clock | None = None, look: Callable[[], None] = lambda: None) -> None:
        self.rate = rate
        self._clock, self._look = clock or Clock(), look
        self._start: float | None = None
        self._let_go = 0
        self._earliest = 0.0  # of the next, so that what is late doesn't come in a burst

    @property
    def rows(self) -> int:
        """How many records leave together: those of one tick."""
        return self._within(_TICK)

    @property
    def rows_made(self) -> int:
        """How many records are best made at once."""
        return self._within(_AHEAD)

    def _within(self, seconds: float) -> int:
        return min(max(1, int(self.rate * seconds)), _MOST_AT_ONCE)

    async def turn(self, count: int) -> None:
        """Wait until the next `count` records are due."""
        if self._start is None:
            self._start = self._earliest = self._clock.now()
        due = max(self._start + (self._let_go + count - 1) / self.rate, self._earliest)
        while (left := due - self._clock.now()) > 0:
            self._look()
            await self._clock.sleep(min(left, _LONGEST_SLEEP))
        self._let_go += count
        self._earliest = max(self._clock.now(), due) + count / (_CATCH_UP * self.rate)

    def paced(self, blocks: Iterable[Block]) -> Yields[Block, None, None]:
        """`blocks` cut into what leaves together, each piece when it is due."""
        for block in blocks:
            for piece in pieces(block, self.rows):
                wait_for(self.turn(piece.count))
                yield piece

    async def apaced(self, blocks: AsyncIterator[Block]) -> AsyncGenerator[Block, None]:
        """The asynchronous twin of `paced`."""
        async for block in blocks:
            for piece in pieces(block, self.rows):
                await self.turn(piece.count)
                yield piece


def pace_of(spec: Spec, look: Callable[[], None] = lambda: None) -> Pace | None:
    """The pace of what `spec` streams: its rate, or that of its kind; None when records leave as soon as they are made."""
    rate = spec.rate if spec.stream else None
    if spec.stream and rate is None and spec.kind == "events":
        options: Any = spec.options if isinstance(spec.options, dict) else {}
        rate = parse_rate(options.get("rate") or options.get("default_rate") or DEFAULT_EVENT_RATE)
    return None if rate is None else Pace(rate, look=look)


def check_reader() -> None:
    """BrokenPipeError when nobody reads standard output any more: a pipe tells before it is written to."""
    if not hasattr(select, "poll"):
        return
    with suppress(OSError, ValueError, AttributeError):  # standard output isn't a file
        watched = select.poll()
        watched.register(sys.stdout.fileno(), 0)
        gone = any(what & select.POLLERR for _, what in watched.poll(0))
    if gone:
        raise BrokenPipeError

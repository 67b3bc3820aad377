"""At-least-once delivery to one target: a bounded number of messages under way, sent again after every outage until acknowledged."""

import asyncio
import os
import re
import ssl
from collections import deque
from collections.abc import AsyncIterable, Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from synth_sdk.client.streaming.targets import PATIENCE, Target, open_publisher, parse_target
from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.core.streams import Message, Publisher, TargetBusy

_MOST_WAITING = 2_000  # messages that aren't acknowledged yet; whoever makes more waits
_MOST_WAITING_BYTES = 8 << 20
_LARGEST_STRETCH = 1_000  # messages that are sent before their acknowledgement is waited for
_LARGEST_STRETCH_BYTES = 1 << 20
_FIRST_STRETCH = 16
_QUICK, _SLOW = 0.25, 1.0  # seconds for a stretch: below it the next one is twice as long, above it half
_OPENING, _ANSWERING, _CLOSING = 10.0, 30.0, 2.0  # seconds that a target may take before it counts as gone
_LONGEST_PAUSE = 10.0  # seconds between two tries
_ERROR_NUMBER = re.compile(r"\[Errno (\d+)\]")
_BETWEEN_TRIES = wait_random_exponential(multiplier=0.1, max=_LONGEST_PAUSE)  # full jitter


class Publishing:
    """Sends messages in order through `publisher`, from a task of its own; nothing is forgotten before the target acknowledged it.

    `async with Publishing(...) as publishing` connects (OutputError when that fails: nothing has been sent) and lets go at the end,
    whatever is still under way: `drain` before it. WriteError from `send` and `drain`, with the number acknowledged, once the target
    refused a message for good or gave no sign of progress for `patience` seconds. `target` is what it is called in messages.
    """

    def __init__(self, publisher: Publisher, target: str, *, patience: float = PATIENCE, clock: Clock | None = None) -> None:
        self.acknowledged = 0
        self._publisher, self._target = publisher, target
        self._patience, self._clock = patience, clock or Clock()
        self._waiting: deque[Message] = deque()  # the first of them are under way
        self._bytes = 0
        self._changed = asyncio.Condition()
        self._stretch = _FIRST_STRETCH
        self._connected = False
        self._last_progress = 0.0
        self._worker: asyncio.Task[None] | None = None
        self._failure: Exception | None = None

    @classmethod
    def to(cls, target: "Target | str", *, clock: Clock | None = None) -> Self:
        """To the target of a URL. RequestError for one that can't be right."""
        target = parse_target(target) if isinstance(target, str) else target
        return cls(open_publisher(target.url), target.shown, patience=target.patience, clock=clock)

    @property
    def unacknowledged(self) -> int:
        """How many messages wait, or are under way."""
        return len(self._waiting)

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.timeout(_OPENING):
                await self._publisher.open()
        except (OSError, WriteError) as error:
            await self._let_go()
            raise OutputError(f"stream target {self._target} can't be used: {_reason(error)}; nothing was sent") from error
        self._connected = True
        self._worker = asyncio.create_task(self._work())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._worker:
            self._worker.cancel()
            await asyncio.wait([self._worker])
        if self._connected:
            await self._let_go()

    async def send(self, messages: Iterable[Message]) -> None:
        """Take `messages`; returns when all are waiting or under way. Waits while too many of them are."""
        for message in messages:
            if self._full or self._failure:
                async with self._changed:
                    self._changed.notify_all()
                    await self._changed.wait_for(lambda: self._failure or not self._full)
            self.check()
            if not self._waiting:
                self._last_progress = self._clock.now()
            self._waiting.append(message)
            self._bytes += len(message.body)
        async with self._changed:
            self._changed.notify_all()

    async def drain(self) -> None:
        """Wait until every message is acknowledged."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._failure or not self._waiting)
        self.check()

    def check(self) -> None:
        """Raises what ended the sending, if something did: a WriteError once the target has been given up."""
        if self._failure:
            raise self._failure

    @property
    def _full(self) -> bool:
        return len(self._waiting) >= _MOST_WAITING or self._bytes >= _MOST_WAITING_BYTES

    async def _work(self) -> None:
        try:
            while True:
                async with self._changed:
                    await self._changed.wait_for(lambda: self._waiting)
                await self._deliver()
        except WriteError as error:
            self._failure = WriteError(self._given_up(error.message))
        except OSError as error:
            self._failure = WriteError(self._given_up(f"no progress for {self._patience:g} s: {_reason(error)}"))
        except Exception as error:  # a flaw of the publisher: whoever waits must hear of it
            self._failure = error
        finally:
            with suppress(asyncio.CancelledError):
                async with self._changed:
                    self._changed.notify_all()

    async def _deliver(self) -> None:
        """Send the first stretch of what waits until it is acknowledged."""
        trying = AsyncRetrying(
            wait=_pause,
            stop=self._out_of_patience,
            retry=retry_if_exception_type(OSError),
            sleep=self._clock.sleep,
            reraise=True,
        )
        sent: int = await trying(self._try)
        async with self._changed:
            for _ in range(sent):
                self._bytes -= len(self._waiting.popleft().body)
            self.acknowledged += sent
            self._last_progress = self._clock.now()
            self._changed.notify_all()

    async def _try(self) -> int:
        """One try; how many messages it brought to the target."""
        began = self._clock.now()
        try:
            if not self._connected:
                async with asyncio.timeout(_OPENING):
                    await self._publisher.open()
                self._connected = True
            stretch = self._next_stretch()
            async with asyncio.timeout(_ANSWERING):
                await self._publisher.publish(stretch)
        except OSError as error:
            if isinstance(error, TimeoutError):
                self._stretch = max(1, self._stretch // 2)
            if not isinstance(error, TargetBusy):
                await self._let_go()
            raise
        self._adapt(len(stretch), self._clock.now() - began)
        return len(stretch)

    def _next_stretch(self) -> Sequence[Message]:
        stretch: list[Message] = []
        size = 0
        for message in self._waiting:
            size += len(message.body)
            if stretch and (len(stretch) >= self._stretch or size > _LARGEST_STRETCH_BYTES):
                break
            stretch.append(message)
        return stretch

    def _adapt(self, sent: int, seconds: float) -> None:
        """A slow target gets little at once, so that its acknowledgements keep coming; a quick one much."""
        if seconds > _SLOW:
            self._stretch = max(1, sent // 2)
        elif seconds < _QUICK and sent == self._stretch:
            self._stretch = min(_LARGEST_STRETCH, 2 * sent)

    def _out_of_patience(self, state: RetryCallState) -> bool:
        return self._clock.now() - self._last_progress + state.upcoming_sleep > self._patience

    def _given_up(self, reason: str) -> str:
        told = f"{self.acknowledged:,} record{'s' if self.acknowledged != 1 else ''} acknowledged"
        return f"stream target {self._target}: {reason}; {told}; the same command sends the same ids again"

    async def _let_go(self) -> None:
        self._connected = False
        with suppress(Exception):
            async with asyncio.timeout(_CLOSING):
                await self._publisher.close()


async def publish_all(target: "Target | str", messages: Iterable[Message] | AsyncIterable[Message]) -> int:
    """Send `messages` to `target` at least once, made no faster than it takes them; returns how many it acknowledged."""
    async with Publishing.to(target) as publishing:
        if isinstance(messages, AsyncIterable):
            async for message in messages:
                await publishing.send([message])
        else:
            await publishing.send(messages)
        await publishing.drain()
        return publishing.acknowledged


def _pause(state: RetryCallState) -> float:
    """Seconds before the next try: what the target asked for, else more and more."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, TargetBusy) else None
    return max(asked or 0.0, _BETWEEN_TRIES(state))


def _reason(error: Exception) -> str:
    """A few words for people: what the system said, around which libraries wrap words of their own, else the error's own words."""
    told = str(error) or ("no answer" if isinstance(error, TimeoutError) else type(error).__name__)
    cause: BaseException | None = error
    while cause is not None:
        told = _of_the_system(cause) or told
        cause = cause.__cause__
    return " ".join(told.split()).rstrip(".")


def _of_the_system(error: BaseException) -> str | None:
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "reason", None) or ""  # None where Python made it
        return f"TLS: {getattr(error, 'verify_message', None) or reason.replace('_', ' ').lower() or error}"
    if not isinstance(error, OSError):
        return None
    several = _ERROR_NUMBER.search(str(error))  # one for each address of a host
    number = error.errno or (int(several[1]) if several else 0)
    return os.strerror(number) if number > 0 else error.strerror  # below 0: of the look-up of a name

"""One event loop in a thread of its own: the synchronous face of the async core, also inside a running loop (notebooks)."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
_CLEAN_UP_SECONDS = 30


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="synth", daemon=True).start()
    return loop


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` on the background loop and wait. An interrupt here cancels it there, and waits until it has cleaned up."""
    tasks: list[asyncio.Task[Any] | None] = []

    async def run() -> T:
        tasks.append(asyncio.current_task())
        return await work

    future = asyncio.run_coroutine_threadsafe(run(), _loop())
    try:
        return future.result()
    except BaseException:
        if not future.done():
            asyncio.run_coroutine_threadsafe(_cancel(tasks), _loop()).result(timeout=_CLEAN_UP_SECONDS)
        raise


def iterate(source: AsyncIterator[T]) -> Iterator[T]:
    """The items of `source`, which lives on the background loop. Leaving the iteration early closes it there."""
    nothing = object()

    async def advance() -> Any:
        return await anext(source, nothing)

    try:
        while (item := wait_for(advance())) is not nothing:
            yield item
    finally:
        closing = getattr(source, "aclose", None)
        if closing is not None:
            wait_for(closing())


async def _cancel(tasks: list["asyncio.Task[Any] | None"]) -> None:
    """Cancel and wait for the end; the list is filled by the time that this runs, which was scheduled later."""
    running = [task for task in tasks if task]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running)

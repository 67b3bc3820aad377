"""Asynchronous work of users, run to its end from synchronous code.

It gets an event loop and a thread of its own: it may well call our synchronous methods, which wait for the loop that our own
asynchronous work runs on, and would wait for ever if it ran on that one itself.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns, also inside a running loop (notebooks). An interrupt here cancels it, and waits until it has cleaned up."""
    started: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None]] = []

    async def run() -> T:
        started.append((asyncio.get_running_loop(), asyncio.current_task()))
        return await work

    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(asyncio.run, run())
        try:
            return future.result()
        except BaseException:
            for loop, task in started:
                with suppress(RuntimeError):  # the loop is closed: the work has ended
                    loop.call_soon_threadsafe(task.cancel if task else loop.stop)
            raise

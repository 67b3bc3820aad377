"""Several records in one call: requests of one family that arrive together are asked for together."""

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field

from synth_sdk.core.models import BatchModel, Completion, Request

_IDLE_SECONDS = 0.005


@dataclass(slots=True)
class _Batch:
    requests: list[Request] = field(default_factory=list)
    futures: list["asyncio.Future[Completion]"] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None
    task: "asyncio.Task[None] | None" = None


class Batched:
    """A Model that coalesces concurrent requests of one family into calls of up to `records_per_call`.

    A batch leaves when it is full, or when no further request of its family came for `idle_seconds`. A caller who is cancelled
    doesn't fail its companions; when all are, so is the batch.
    """

    def __init__(self, model: BatchModel, records_per_call: int, *, idle_seconds: float = _IDLE_SECONDS) -> None:
        if records_per_call < 1:
            raise ValueError(f"records_per_call {records_per_call} must be at least 1")
        self._model, self._size, self._idle = model, records_per_call, idle_seconds
        self._open: dict[Hashable, _Batch] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def complete(self, request: Request) -> Completion:
        """One accepted record, as `model.complete_batch` returns it; raises the exception that stands in its place."""
        loop = asyncio.get_running_loop()
        batch = self._open.setdefault(request.family, _Batch())
        future: asyncio.Future[Completion] = loop.create_future()
        batch.requests.append(request)
        batch.futures.append(future)
        if batch.timer:
            batch.timer.cancel()
        if len(batch.requests) >= self._size:
            self._send(request.family)
        else:
            batch.timer = loop.call_later(self._idle, self._send, request.family)
        try:
            return await future
        except asyncio.CancelledError:
            if batch.task and all(other.done() for other in batch.futures):
                batch.task.cancel()
            raise

    def _send(self, family: Hashable) -> None:
        batch = self._open.pop(family)
        live = [place for place, future in enumerate(batch.futures) if not future.done()]
        if live:
            coroutine = self._ask([batch.requests[place] for place in live], [batch.futures[place] for place in live])
            batch.task = asyncio.get_running_loop().create_task(coroutine)
            self._running.add(batch.task)
            batch.task.add_done_callback(self._running.discard)

    async def _ask(self, requests: list[Request], futures: list["asyncio.Future[Completion]"]) -> None:
        try:
            results = await self._model.complete_batch(requests)
        except Exception as error:
            results = [error] * len(requests)
        except BaseException:
            for future in futures:
                future.cancel()
            raise
        for future, result in zip(futures, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

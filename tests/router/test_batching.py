"""Requests that arrive together share a call."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import NoRoute
from synth_sdk.core.models import Completion, Request
from synth_sdk.router import Batched
from tests.router.fakes import request, run_virtual


class Recorder:
    """A BatchModel that answers each record with its brief, or fails those called "bad"."""

    def __init__(self, seconds: float = 1.0) -> None:
        self.seconds, self.batches, self.cancelled = seconds, list[list[str]](), 0

    async def complete_batch(self, requests: Sequence[Request]) -> list[Completion | Exception]:
        self.batches.append([each.brief for each in requests])
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if any(each.brief == "crash" for each in requests):
            raise RuntimeError("crash")
        return [
            NoRoute({"a": "no"}) if each.brief == "bad" else Completion(value=each.brief, origin="llm", model="a")
            for each in requests
        ]


def run(model: Recorder, size: int, *briefs: str, apart: float = 0.0, **wish: Any) -> list[Any]:
    async def main(clock: Clock) -> list[Any]:
        batched, tasks = Batched(model, size), []
        for brief in briefs:
            tasks.append(asyncio.ensure_future(batched.complete(request(brief, **wish))))
            await clock.sleep(apart)
        done = await asyncio.gather(*tasks, return_exceptions=True)
        return [each.value if isinstance(each, Completion) else each for each in done]

    return run_virtual(main)


def test_a_full_batch_leaves_at_once_and_the_rest_when_nothing_more_comes() -> None:
    model = Recorder()
    assert run(model, 3, "1", "2", "3", "4") == ["1", "2", "3", "4"]
    assert model.batches == [["1", "2", "3"], ["4"]]


def test_requests_that_come_apart_do_not_wait_for_each_other() -> None:
    model = Recorder()
    run(model, 3, "1", "2", apart=0.1)
    assert model.batches == [["1"], ["2"]]


def test_families_do_not_mix() -> None:
    model = Recorder()

    async def main(clock: Clock) -> None:
        batched = Batched(model, 4)
        await asyncio.gather(*(batched.complete(request(f"{n}", task=f"task{n % 2}")) for n in range(4)))

    run_virtual(main)
    assert sorted(model.batches) == [["0", "2"], ["1", "3"]]


def test_each_caller_gets_its_own_failure() -> None:
    done = run(Recorder(), 3, "1", "bad", "3")
    assert (done[0], done[2]) == ("1", "3")
    assert isinstance(done[1], NoRoute)


def test_when_the_model_itself_fails_every_caller_hears_of_it() -> None:
    assert [type(each) for each in run(Recorder(), 2, "crash", "2")] == [RuntimeError, RuntimeError]


def test_a_cancelled_caller_does_not_fail_its_companions_and_the_last_one_ends_the_call() -> None:
    model = Recorder()

    async def main(clock: Clock) -> list[Any]:
        batched = Batched(model, 2)
        first, second = (asyncio.ensure_future(batched.complete(request(brief))) for brief in "12")
        await clock.sleep(0.5)
        first.cancel()
        kept = await second
        third, fourth = (asyncio.ensure_future(batched.complete(request(brief))) for brief in "34")
        await clock.sleep(0.5)
        third.cancel()
        fourth.cancel()
        await asyncio.wait([third, fourth])
        await clock.sleep(0)
        return [kept.value, first.cancelled(), third.cancelled(), fourth.cancelled()]

    assert run_virtual(main) == ["2", True, True, True]
    assert model.cancelled == 1


def test_a_caller_cancelled_before_the_batch_leaves_is_not_asked_for() -> None:
    model = Recorder()

    async def main(clock: Clock) -> None:
        batched = Batched(model, 3)
        first, second = (asyncio.ensure_future(batched.complete(request(brief))) for brief in "12")
        await clock.sleep(0)
        first.cancel()
        await second

    run_virtual(main)
    assert model.batches == [["2"]]


def test_a_size_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Batched(Recorder(), 0)

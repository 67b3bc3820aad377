"""The router's levers, through the one loop: sizes, room, pace, frozen beliefs, who is woken."""

import asyncio
import random
from typing import Any

import pytest

from synth_sdk.core.clock import Clock
from synth_sdk.core.models import Allowance, Call, Completion, Reply, Usage
from synth_sdk.router import Beliefs, Router, policy
from synth_sdk.router.bounds import input_bound as plain_input_bound
from synth_sdk.router.calls import call_for, input_bound
from synth_sdk.router.jobs import Job, Record
from synth_sdk.router.waiting import Lines
from tests.router.conftest import OpenAccount
from tests.router.fakes import FakeProvider, card, reject, reply, request, run_virtual

A, B = card("a", "1", "1"), card("b", "2", "2")


def run(open_account: OpenAccount, provider: FakeProvider, work: Any, cards: Any = (A, B), **options: Any) -> Any:
    async def main(clock: Clock) -> Any:
        account = open_account(100_000_000, clock=clock)
        router = Router(
            cards, {"fake": provider}, account, key=lambda wanted: wanted.brief, clock=clock, rng=random.Random(7), **options
        )
        return await work(router)

    return run_virtual(main)


def sizes(provider: FakeProvider) -> list[int]:
    return [call.count for _, call in provider.calls]


@pytest.mark.parametrize(
    ("waiting", "fixed", "calls"),
    [(16, None, [4, 4, 4, 4]), (5, None, [5]), (7, None, [3, 4]), (16, 16, [16]), (7, 3, [2, 2, 3]), (3, 1, [1, 1, 1])],
)
def test_records_that_wait_together_are_split_as_the_arm_takes_them(
    open_account: OpenAccount, waiting: int, fixed: int | None, calls: list[int]
) -> None:
    provider = FakeProvider()
    wanted = [request(f"{n}") for n in range(waiting)]
    done = run(open_account, provider, lambda router: router.complete_batch(wanted), records_per_call=fixed)
    assert all(isinstance(each, Completion) for each in done)
    assert sorted(sizes(provider)) == calls


def test_a_long_shared_prefix_fills_calls_once_the_arm_has_proved_itself(open_account: OpenAccount) -> None:
    provider = FakeProvider()

    async def work(router: Router) -> None:
        for turn in range(20):
            await router.complete_batch([request(f"{turn}-{n}", instructions="Write. " * 1000) for n in range(16)])

    run(open_account, provider, work)
    assert sizes(provider)[:4] == [4, 4, 4, 4]
    assert sizes(provider)[-1] == 16


def test_the_room_for_a_reply_shrinks_to_what_replies_take(open_account: OpenAccount) -> None:
    def short(call: Call) -> Reply:
        return reply({"name": "x"}, usage=Usage(input_tokens=20, output_tokens=50))

    provider = FakeProvider({"a": [short] * 100})

    async def work(router: Router) -> None:
        for n in range(50):
            await router.complete(request(f"{n}", output_tokens=1000))

    run(open_account, provider, work)
    rooms = [call.max_tokens for _, call in provider.calls]
    assert rooms[0] == 1016
    assert 50 < rooms[-1] < 120


def test_stated_requests_per_minute_are_kept_without_a_single_429(open_account: OpenAccount) -> None:
    def told(call: Call) -> Reply:
        return reply(*[{"name": "x"}] * call.count, allowance=Allowance(requests_per_minute=60))

    provider = FakeProvider({"a": [told] * 100})

    async def work(router: Router) -> None:
        await router.complete(request("first"))
        await asyncio.gather(*(router.complete(request(f"{n}")) for n in range(30)))

    run(open_account, provider, work, cards=(A,))
    times = sorted(at for at, _ in provider.calls)
    assert times[-1] - times[0] > 25
    assert max(sum(start <= at < start + 10 for at in times) for start in times) <= 13


def test_frozen_beliefs_decide_and_stay_as_they_are(open_account: OpenAccount) -> None:
    beliefs, provider = Beliefs((A, B)), FakeProvider()
    only_b = request("x", check=lambda value: value if value["name"] == "b" else reject()(value))

    async def work(router: Router) -> None:
        for _ in range(60):
            await router.complete(only_b)

    run(open_account, provider, work, beliefs=beliefs, frozen=True)
    assert provider.arms() == ["a", "b"] * 60
    assert beliefs.take_fresh() == ({}, {})
    free = FakeProvider()
    run(open_account, free, work, beliefs=beliefs)
    assert free.arms()[-10:] == ["b"] * 10
    assert beliefs.take_fresh()[0]["a", "task"].records > 10


def test_what_failed_tries_cost_stands_beside_the_record(open_account: OpenAccount) -> None:
    only_b = request("x", check=lambda value: value if value["name"] == "b" else reject()(value))
    done = run(open_account, FakeProvider(), lambda router: router.complete(only_b))
    assert (done.cost_micros, done.failed_micros, done.attempts) == (40, 20, 2)


def test_waiters_are_woken_for_places_and_not_all_for_each(open_account: OpenAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    decisions, choose = [], policy.choose

    def counted(*args: Any, **options: Any) -> Any:
        decisions.append(1)
        return choose(*args, **options)

    monkeypatch.setattr(policy, "choose", counted)
    provider = FakeProvider(seconds=1.0)

    async def work(router: Router) -> None:
        await asyncio.gather(*(router.complete(request(f"{n}")) for n in range(400)))

    run(open_account, provider, work)
    assert len(provider.calls) == 400
    assert len(decisions) < 4 * 400


def test_a_cancelled_waiter_does_not_strand_those_behind_it(open_account: OpenAccount) -> None:
    provider = FakeProvider(seconds=1.0)

    async def work(router: Router) -> int:
        tasks = [asyncio.ensure_future(router.complete(request(f"{n}"))) for n in range(60)]
        await asyncio.sleep(0.5)
        for task in tasks[4:40]:
            task.cancel()
        done = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 100)
        return sum(isinstance(each, Completion) for each in done)

    assert run(open_account, provider, work, cards=(A,)) == 24


def test_lines_are_first_come_first_served() -> None:
    async def main(clock: Clock) -> None:
        lines = Lines()
        assert not lines.busy("a")
        first, second, other = lines.join("a"), lines.join("a"), lines.join(None)
        head = lines.join("a", first=True)
        lines.free("a", 1)
        assert (head.done(), first.done()) == (True, False)
        first.cancel()
        lines.free("a", 1)
        assert second.done()
        assert not lines.busy("a")
        lines.all()
        assert other.done()

    run_virtual(main)


def test_the_remembered_input_bound_is_the_plain_one() -> None:
    job = Job((Record(request("some brief"), 0), Record(request("another"), 1)), [])
    call = call_for(job, A, Beliefs((A,)).view("a", "task", 0.0), 60.0)
    assert call is not None
    assert input_bound(call) == plain_input_bound(call) == input_bound(call)

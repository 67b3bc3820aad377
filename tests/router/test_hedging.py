"""Hedging under `fastest`: a second arm after an unusually long wait; the loser's hold is kept."""

import asyncio
import random
from typing import Any

import pytest

from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import NoRoute, Outcome
from synth_sdk.core.models import Call, Completion
from synth_sdk.router import Beliefs, Router
from synth_sdk.router.beliefs import Seen
from synth_sdk.router.hedging import SHARE, Hedges
from tests.router.conftest import OpenAccount
from tests.router.fakes import FakeProvider, card, error, request, run_virtual

A, B = card("a", "1", "1"), card("b", "2", "2")


def quick() -> Beliefs:
    """Both arms answer within a second; a is a little quicker."""
    beliefs = Beliefs((A, B))
    for at in range(60):
        for arm, seconds in (("a", 0.8), ("b", 1.0)):
            beliefs.observe(Seen(arm=arm, task="task", size=1, tried=1, accepted=1, seconds=seconds), at)
    return beliefs


def run(open_account: OpenAccount, provider: FakeProvider, work: Any, policy: str = "fastest") -> Any:
    async def main(clock: Clock) -> Any:
        account = open_account(10_000_000, clock=clock)
        router = Router(
            (A, B),
            {"fake": provider},
            account,
            key=lambda wanted: wanted.brief,
            policy_name=policy,
            beliefs=quick(),
            clock=clock,
            rng=random.Random(7),
        )
        started = clock.now()
        return await work(router), clock.now() - started, account.held_micros, account.spent_micros

    return run_virtual(main)


def slow_a(call: Call) -> float:
    return 50.0 if call.card.id == "a" else 1.0


def test_a_slow_call_is_overtaken_and_its_money_stays_held(open_account: OpenAccount) -> None:
    provider = FakeProvider(seconds=slow_a)
    done, seconds, held, spent = run(open_account, provider, lambda router: router.complete(request()))
    assert (done.model, done.attempts) == ("b", 1)
    assert seconds < 5
    assert provider.arms() == ["a", "b"]
    assert held > 0
    assert spent == 40
    assert provider.in_flight == 0


def test_only_fastest_hedges(open_account: OpenAccount) -> None:
    provider = FakeProvider(seconds=slow_a)
    done, seconds, *_ = run(open_account, provider, lambda router: router.complete(request()), policy="cheapest")
    assert done.model == "a"
    assert seconds >= 50


def test_the_first_call_wins_when_it_answers_after_all(open_account: OpenAccount) -> None:
    provider = FakeProvider(seconds=lambda call: 3.0 if call.card.id == "a" else 20.0)
    done, seconds, held, _ = run(open_account, provider, lambda router: router.complete(request()))
    assert done.model == "a"
    assert seconds < 4
    assert held > 0


def test_when_the_second_fails_the_first_is_waited_for(open_account: OpenAccount) -> None:
    provider = FakeProvider({"b": [error(Outcome.UNAVAILABLE)]}, seconds=lambda call: 5.0 if call.card.id == "a" else 0.5)
    done, seconds, held, _ = run(open_account, provider, lambda router: router.complete(request()))
    assert done.model == "a"
    assert seconds == pytest.approx(5.0, abs=0.5)
    assert held == 0


def test_when_both_fail_the_record_goes_on_with_both_behind_it(open_account: OpenAccount) -> None:
    broken = [error(Outcome.REFUSED, status=404)] * 9
    provider = FakeProvider({"a": list(broken), "b": list(broken)}, seconds=lambda call: 5.0 if call.card.id == "a" else 1.0)

    async def work(router: Router) -> Any:
        with pytest.raises(NoRoute) as caught:
            await router.complete(request())
        return set(caught.value.reasons)

    reasons, *_ = run(open_account, provider, work)
    assert reasons == {"a", "b"}
    assert len(provider.calls) == 2


def test_hedges_stay_a_small_share_of_the_calls(open_account: OpenAccount) -> None:
    provider = FakeProvider(seconds=lambda call: 30.0)

    async def work(router: Router) -> list[Any]:
        return await asyncio.gather(*(router.complete(request(f"{n}")) for n in range(40)))

    done, *_ = run(open_account, provider, work)
    assert all(isinstance(each, Completion) for each in done)
    assert 40 < len(provider.calls) <= 40 * (1 + SHARE) + 5


def test_a_cancelled_caller_leaves_nothing_in_flight(open_account: OpenAccount) -> None:
    provider = FakeProvider(seconds=lambda call: 30.0)

    async def work(router: Router) -> int:
        task = asyncio.ensure_future(router.complete(request()))
        await asyncio.sleep(10)
        assert provider.in_flight == 2
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return sum(health.in_flight for health in router.fleet.arms.values())

    in_flight, _, held, _ = run(open_account, provider, work)
    assert (in_flight, provider.in_flight) == (0, 0)
    assert held > 0


def test_the_share_is_counted_from_few_calls_on() -> None:
    hedges = Hedges()
    hedges.calls = 1
    assert hedges.allowed()
    hedges.hedged = 1
    assert not hedges.allowed()
    hedges.calls = 1000
    hedges.hedged = 100
    assert not hedges.allowed()

"""The one loop: what is asked, paid, accepted, asked again; what a crash leaves; what a script of errors can do at most."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import BudgetExhausted, ModelError, NoRoute, Outcome, Rejected, RequestError, UnknownName
from synth_sdk.core.models import Call, Completion, ModelCard, Reply, Request, Usage
from synth_sdk.router import Constraints, Limits, Router, ranking
from tests.router.conftest import OpenAccount
from tests.router.fakes import FakeProvider, MemoryJournal, Step, card, error, reject, reply, request, run_virtual

A, B, C = card("a", "1", "1"), card("b", "2", "2"), card("c", "4", "4")
ARMS = (A, B, C)
RICH = 10_000_000


class Bench:
    """A router over `FakeProvider`s on a virtual clock."""

    def __init__(self, open_account: OpenAccount, **scripts: list[Step]) -> None:
        self.open_account, self.provider, self.journal = open_account, FakeProvider(scripts), MemoryJournal()
        self.cards: tuple[ModelCard, ...] = ARMS
        self.cap, self.options = RICH, dict[str, Any]()
        self.router: Router

    def run(self, work: Callable[[Router], Any], providers: dict[str, FakeProvider] | None = None) -> Any:
        async def main(clock: Clock) -> Any:
            self.account = self.open_account(self.cap, clock=clock)
            self.router = Router(
                self.cards,
                providers or {"fake": self.provider},
                self.account,
                self.journal,
                key=lambda wanted: wanted.brief,
                clock=clock,
                rng=random.Random(7),
                **self.options,
            )
            return await work(self.router)

        return run_virtual(main)

    def batch(self, *requests: Request) -> list[Completion | Exception]:
        return self.run(lambda router: router.complete_batch(requests))  # type: ignore[no-any-return]

    def one(self, wanted: Request | None = None) -> Completion:
        return self.run(lambda router: router.complete(wanted or request()))  # type: ignore[no-any-return]


@pytest.fixture
def bench(open_account: OpenAccount) -> Callable[..., Bench]:
    return lambda **scripts: Bench(open_account, **scripts)


MakeBench = Callable[..., Bench]


def test_the_cheapest_arm_is_asked_and_its_bill_is_booked(bench: MakeBench) -> None:
    it = bench()
    done = it.one()
    assert done == Completion(value={"name": "a"}, origin="llm", model="a", cost_micros=20, attempts=1)
    assert (it.account.spent_micros, it.account.held_micros, it.account.spent_by_arm) == (20, 0, {"a": 20})
    stats = it.router.stats["a"]
    assert (stats.calls, stats.accepted, stats.spent_micros) == (1, 1, 20)
    assert it.router.errors() == []


def test_a_call_carries_the_briefs_the_schema_and_a_bound_on_the_reply(bench: MakeBench) -> None:
    it = bench()
    it.batch(request("first brief"), request("second brief"))
    (_, call), *rest = it.provider.calls
    assert not rest
    assert (call.instructions, call.count, call.correction) == ("Write.", 2, None)
    assert call.prompt.index("Brief 1:\nfirst brief") < call.prompt.index("Brief 2:\nsecond brief")
    assert 200 <= call.max_tokens <= 300
    assert call.timeout == 60.0


def test_a_batch_shares_its_cost_to_the_last_micro_dollar(bench: MakeBench) -> None:
    it = bench(a=[reply({"n": 0}, {"n": 1}, {"n": 2}, usage=Usage(input_tokens=50, output_tokens=50))])
    done = it.batch(request("0"), request("1"), request("2"))
    assert [each.cost_micros for each in done if isinstance(each, Completion)] == [34, 33, 33]


def test_good_records_are_kept_and_only_the_others_asked_again_elsewhere(bench: MakeBench) -> None:
    def odd(value: Any) -> Any:
        if value["n"] % 2:
            raise Rejected(f"{value['n']} is odd")
        return value["n"]

    it = bench(a=[reply({"n": 0}, {"n": 1}, {"n": 2}, {"n": 3})], b=[reply({"n": 10}, {"n": 12})])
    done = it.batch(*(request(f"brief{n}", odd) for n in range(4)))
    assert [(each.value, each.model, each.attempts) for each in done if isinstance(each, Completion)] == [
        (0, "a", 1),
        (10, "b", 2),
        (2, "a", 1),
        (12, "b", 2),
    ]
    _, second = it.provider.calls[1]
    assert second.count == 2
    assert "brief1" in second.prompt
    assert "brief0" not in second.prompt
    assert second.correction is None


def test_a_record_that_breaks_the_schema_is_asked_for_again_with_the_error(bench: MakeBench) -> None:
    def named(value: Any) -> Any:
        if "name" not in value:
            raise Rejected("'name' is missing", Outcome.BROKEN)
        return value

    it = bench(a=[reply({"name": "x"}, {"nmae": "y"}), reply({"name": "y"})])
    done = it.batch(request("0", named), request("1", named))
    assert [each.value for each in done if isinstance(each, Completion)] == [{"name": "x"}, {"name": "y"}]
    _, again = it.provider.calls[1]
    assert again.card is A
    assert again.count == 1
    assert again.correction is not None
    assert json.loads(again.correction[0]) == {"items": [{"nmae": "y"}]}
    assert "'name' is missing" in again.correction[1]


def test_a_truncated_reply_keeps_its_whole_records_and_the_rest_gets_more_room(bench: MakeBench) -> None:
    cut = Reply(text='{"items": [{"n": 0}, {"n": 1}, {"n', finish="length", usage=Usage(input_tokens=5, output_tokens=5))
    it = bench(a=[cut, reply({"n": 2})])
    done = it.batch(request("0"), request("1"), request("2"))
    assert [each.value["n"] for each in done if isinstance(each, Completion)] == [0, 1, 2]
    (_, first), (_, second) = it.provider.calls
    assert (second.card, second.count, second.correction) == (A, 1, None)
    assert second.max_tokens > first.max_tokens // 3 * 1.5


def test_a_reply_with_too_few_records_is_completed(bench: MakeBench) -> None:
    it = bench(a=[reply({"n": 0}), reply({"n": 1})])
    done = it.batch(request("0"), request("1"))
    assert [each.value["n"] for each in done if isinstance(each, Completion)] == [0, 1]
    assert it.provider.calls[1][1].count == 1


def test_after_one_reask_the_record_escalates_and_then_every_reason_is_told(bench: MakeBench) -> None:
    it = bench()
    with pytest.raises(NoRoute) as caught:
        it.one(request(check=reject("still wrong", Outcome.BROKEN)))
    assert it.provider.arms() == ["a", "a", "b", "b", "c", "c"]
    assert set(caught.value.reasons) == {"a", "b", "c"}
    assert "still wrong" in str(caught.value)
    assert [line.split(":")[0] for line in it.router.errors()] == ["a", "b", "c"]


def test_a_filtered_record_gets_one_more_arm(bench: MakeBench) -> None:
    filtered = Reply(text=None, finish="filter", usage=Usage(input_tokens=5, output_tokens=0))
    it = bench(a=[filtered], b=[filtered])
    with pytest.raises(NoRoute):
        it.one()
    assert it.provider.arms() == ["a", "b"]
    assert it.account.spent_micros == 15


def test_a_stated_delay_is_never_shortened_and_the_record_goes_on_elsewhere_at_once(bench: MakeBench) -> None:
    it = bench(a=[error(Outcome.RATE_LIMITED, retry_after=30.0)])

    async def work(router: Router) -> list[str]:
        first = await router.complete(request("0"))
        second = await router.complete(request("1"))
        await asyncio.sleep(30)
        return [first.model, second.model, (await router.complete(request("2"))).model]

    assert it.run(work) == ["b", "b", "a"]
    times = [at for at, call in it.provider.calls if call.card is A]
    assert times[1] - times[0] >= 30.1


def test_an_only_arm_that_is_limited_is_waited_for_not_less_than_stated(bench: MakeBench) -> None:
    it = bench(a=[error(Outcome.RATE_LIMITED, retry_after=30.0), error(Outcome.RATE_LIMITED, retry_after=5.0)])
    it.cards = (A,)
    assert it.one().attempts == 3
    times = [at for at, _ in it.provider.calls]
    assert 30.1 <= times[1] - times[0] <= 30.5
    assert 5.1 <= times[2] - times[1] <= 5.5
    assert it.account.held_micros == 0


def test_a_long_delay_sends_what_can_be_made_offline_away_at_once(bench: MakeBench) -> None:
    it = bench(a=[error(Outcome.RATE_LIMITED, retry_after=60.0)])
    it.cards, it.options = (A,), {"offline_ready": True}
    with pytest.raises(NoRoute, match="closed for more than 20 s"):
        it.one()
    assert len(it.provider.calls) == 1


def test_an_unavailable_arm_is_retried_once_then_the_next_is_asked(bench: MakeBench) -> None:
    it = bench(a=[error(Outcome.UNAVAILABLE)] * 2)
    assert it.one().model == "b"
    assert it.provider.arms() == ["a", "a", "b"]
    assert (it.account.spent_micros, it.account.held_micros) == (40, 0)


def test_a_timeout_is_not_retried_and_its_money_stays_held(bench: MakeBench) -> None:
    it = bench(a=[error(Outcome.TIMEOUT, may_be_billed=True)])
    assert it.one().model == "b"
    assert it.provider.arms() == ["a", "b"]
    assert it.account.held_micros > 100


def test_a_provider_that_never_returns_is_cut_off(bench: MakeBench) -> None:
    it = bench()
    it.provider.seconds = lambda call: 1e6 if call.card is A else 0.1
    it.options = {"timeout": 10.0}
    assert it.one().model == "b"
    assert it.account.held_micros > 100


def test_what_may_have_been_billed_stays_held_and_what_was_not_comes_back(bench: MakeBench) -> None:
    it = bench(a=[error(Outcome.UNAVAILABLE, may_be_billed=True), error(Outcome.UNAVAILABLE)])
    it.cards = (A, B)
    it.one()
    held = it.account.held_micros
    assert held > 0
    it = bench(a=[error(Outcome.UNAVAILABLE, may_be_billed=True)] * 2)
    it.cards = (A, B)
    it.one()
    assert it.account.held_micros == 2 * held + held  # the account of before goes on


def test_a_dead_arm_costs_a_bounded_number_of_requests(bench: MakeBench) -> None:
    it = bench(a=[error(Outcome.UNAVAILABLE)] * 10_000)
    it.cards = (A, B)
    done = it.batch(*(request(f"{n}", output_tokens=9000) for n in range(300)))
    assert all(isinstance(each, Completion) and each.model == "b" for each in done)
    assert it.provider.arms().count("a") <= 10


def test_a_reason_names_its_arm_once(bench: MakeBench) -> None:
    it = bench(
        a=[ModelError("a: 403 no", outcome=Outcome.REFUSED, status=403)],
        b=[ModelError("b: 400 odd", outcome=Outcome.BAD_REQUEST)],
    )
    with pytest.raises(NoRoute) as caught:
        it.one(request(arms=("a", "b")))
    assert caught.value.reasons == {"a": "refused: 403 no", "b": "bad request: 400 odd"}
    assert it.router.errors() == ["a: refused: 403 no", "b: bad request: 400 odd"]


def test_a_refused_key_costs_at_most_a_handful(bench: MakeBench) -> None:
    it = bench(**{name: [error(Outcome.REFUSED, status=401)] * 1000 for name in "abc"})

    async def work(router: Router) -> list[Any]:
        return await asyncio.gather(*(router.complete(request(f"{n}")) for n in range(200)), return_exceptions=True)

    assert all(isinstance(each, NoRoute) for each in it.run(work))
    assert len(it.provider.calls) <= 5


def test_when_every_arm_is_down_a_run_that_can_go_offline_does_so_at_once(bench: MakeBench) -> None:
    it = bench(**{name: [error(Outcome.UNAVAILABLE)] * 1000 for name in "abc"})
    it.options = {"offline_ready": True}

    async def work(router: Router) -> float:
        started = asyncio.get_running_loop().time()
        await asyncio.gather(*(router.complete(request(f"{n}")) for n in range(200)), return_exceptions=True)
        return asyncio.get_running_loop().time() - started

    assert it.run(work) < 5
    assert len(it.provider.calls) <= 30


def test_arms_that_call_the_task_bad_fail_later_records_without_a_call(bench: MakeBench) -> None:
    it = bench(**{name: [error(Outcome.BAD_REQUEST)] for name in "abc"})

    async def work(router: Router) -> None:
        for n in range(5):
            with pytest.raises(NoRoute):
                await router.complete(request(f"{n}"))

    it.run(work)
    assert it.provider.arms() == ["a", "b", "c"]


def test_pinned_arms_are_asked_in_their_order_and_no_others(bench: MakeBench) -> None:
    it = bench()
    with pytest.raises(NoRoute):
        it.one(request(check=reject(), arms=("c", "a")))
    assert it.provider.arms() == ["c", "a"]
    with pytest.raises(UnknownName):
        it.one(request("two", arms=("nobody",)))


def test_no_usable_provider_is_a_request_error_that_names_the_variable(bench: MakeBench) -> None:
    it = bench()
    it.provider.why_missing = "set FAKE_API_KEY"
    with pytest.raises(RequestError, match="set FAKE_API_KEY"):
        it.one()
    assert it.provider.calls == []


def test_a_free_arm_works_on_a_budget_of_0(bench: MakeBench) -> None:
    it = bench()
    it.cap, it.cards = 0, (A, card("free", None, None, free=True))
    assert it.one().model == "free"
    assert (it.account.spent_micros, it.account.held_micros) == (0, 0)


def test_a_batch_that_the_rest_of_the_budget_cannot_hold_is_split(bench: MakeBench) -> None:
    it = bench()
    it.cap = 700
    done = it.batch(*(request(f"{n}") for n in range(8)))
    assert all(isinstance(each, Completion) for each in done)
    assert max(call.count for _, call in it.provider.calls) < 8
    assert it.account.spent_micros + it.account.held_micros <= 700


def test_when_a_single_record_fits_nowhere_the_budget_is_exhausted(bench: MakeBench) -> None:
    it = bench()
    it.cap = 100
    with pytest.raises(BudgetExhausted, match=r"\$0\.0001"):
        it.one()
    assert it.provider.calls == []


def test_a_cheaper_arm_is_taken_when_the_preferred_one_is_over_the_budget(bench: MakeBench) -> None:
    it = bench()
    it.cap = 400
    assert it.one(request(arms=("c", "a"))).model == "a"


@pytest.mark.parametrize(("tasks", "k"), [(1, 1), (8, 4), (64, 4), (256, 1)])
def test_the_cap_is_kept_and_95_percent_of_it_used_while_work_remains(bench: MakeBench, tasks: int, k: int) -> None:
    it = bench()
    source, bill = random.Random(tasks), Counter[str]()

    def answer(call: Call) -> Reply:
        used = Usage(input_tokens=source.randint(20, 60), output_tokens=source.randint(call.max_tokens // 5, call.max_tokens))
        bill["micros"] += (used.input_tokens + used.output_tokens) * {"a": 1, "b": 2, "c": 4}[call.card.id]
        return reply(*[{"name": "x"}] * call.count, usage=used)

    it.provider.scripts = {name: [answer] * 100_000 for name in "abc"}
    it.provider.seconds = lambda call: source.expovariate(2)
    it.cap = 40 * 4 * 900
    it.options = {"concurrency": tasks}
    over = asyncio.Event()

    async def work(router: Router) -> None:
        async def worker(number: int) -> None:
            turn = 0
            while not over.is_set():
                done = await router.complete_batch([request(f"{number}-{turn}-{n}") for n in range(k)])
                turn += 1
                if any(isinstance(each, BudgetExhausted) for each in done):
                    over.set()

        await asyncio.gather(*(worker(number) for number in range(tasks)))

    it.run(work)
    assert it.account.spent_micros == bill["micros"]
    assert 0.95 * it.cap <= it.account.spent_micros + it.account.held_micros <= it.cap


def test_a_bill_above_its_bound_is_booked_told_and_raises_the_next_bounds(bench: MakeBench) -> None:
    it = bench(a=[reply({"n": 0}, usage=Usage(input_tokens=5000, output_tokens=100))])
    it.one()
    assert it.account.spent_micros == 5100
    assert "a: 1 bills" in str(it.router.drift)
    assert it.router.drift.raised("a", 100) > 1000
    tight = bench()
    tight.cap, tight.journal = 5100 + 300, it.journal

    async def spend(router: Router) -> Completion:
        router.drift.factors.update(it.router.drift.factors)
        return await router.complete(request("another", arms=("a",)))

    with pytest.raises(BudgetExhausted):
        tight.run(spend)


def test_a_cancelled_call_keeps_its_hold(bench: MakeBench) -> None:
    it = bench()

    async def work(router: Router) -> None:
        task = asyncio.ensure_future(router.complete(request()))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert router.fleet["a"].in_flight == 0

    it.run(work)
    assert it.account.held_micros > 100


def test_concurrency_bounds_the_calls_in_flight(bench: MakeBench) -> None:
    it = bench()
    it.options = {"concurrency": 7}

    async def work(router: Router) -> None:
        await asyncio.gather(*(router.complete(request(f"{n}", arms=("abc"[n % 3],))) for n in range(100)))

    it.run(work)
    assert it.provider.max_in_flight == 7
    assert set(it.provider.arms()) == {"a", "b", "c"}


def test_one_faulty_check_fails_its_record_alone(bench: MakeBench) -> None:
    def boom(value: Any) -> Any:
        raise KeyError("bug")

    first, second = bench().batch(request("0", boom), request("1"))
    assert isinstance(first, KeyError)
    assert isinstance(second, Completion)


# What was paid for before


def test_journalled_replies_are_read_before_anything_is_asked(bench: MakeBench) -> None:
    it = bench()
    it.batch(request("0"), request("1"))
    again = bench()
    again.journal = it.journal
    done = again.batch(request("0"), request("1"), request("2"))
    assert [(each.value, each.origin, each.cost_micros) for each in done if isinstance(each, Completion)] == [
        ({"name": "a"}, "llm", 10),
        ({"name": "a"}, "llm", 10),
        ({"name": "a"}, "llm", 20),
    ]
    assert again.provider.calls[0][1].count == 1


def test_a_journalled_reply_that_fails_its_check_counts_as_history(bench: MakeBench) -> None:
    it = bench()
    it.one(request("0"))
    again = bench()
    again.journal = it.journal

    def not_a(value: Any) -> Any:
        if value == {"name": "a"}:
            raise Rejected("not by a")
        return value

    done = again.one(request("0", not_a))
    assert (done.model, done.attempts) == ("b", 2)
    assert again.provider.arms() == ["b"]


def test_a_record_that_is_asked_for_again_is_replayed_in_the_same_sequence(bench: MakeBench) -> None:
    async def twice(router: Router) -> list[Any]:
        first = await router.complete(request("0"))
        return [first, await router.complete(request("0", avoid=frozenset({first.model})))]

    it = bench()
    live = it.run(twice)
    assert it.provider.arms() == ["a", "b"]
    again = bench()
    again.journal = it.journal
    assert [each.value for each in again.run(twice)] == [each.value for each in live]
    assert again.provider.calls == []
    only = bench()
    only.journal = it.journal
    assert only.one(request("0", avoid=frozenset({"a"}))).model == "b"
    assert only.provider.calls == []


def test_the_reply_is_on_disk_before_it_is_booked_and_a_failing_disk_still_books_it(bench: MakeBench) -> None:
    it = bench()
    seen: list[int] = []

    class Disk(MemoryJournal):
        def record(self, *row: Any) -> None:
            seen.append(it.account.held_micros)
            raise OSError("disk full")

    it.journal = Disk()
    with pytest.raises(OSError, match="disk full"):
        it.one()
    assert seen[0] > 0
    assert (it.account.spent_micros, it.account.held_micros) == (20, 0)


# Whatever happens

FAULTS: list[Step] = [
    error(Outcome.RATE_LIMITED, retry_after=13.0),
    error(Outcome.RATE_LIMITED, retry_after=2.0),
    error(Outcome.RATE_LIMITED),
    error(Outcome.UNAVAILABLE),
    error(Outcome.UNAVAILABLE, may_be_billed=True),
    error(Outcome.TIMEOUT, may_be_billed=True),
    error(Outcome.CONTEXT_TOO_LONG),
    error(Outcome.BAD_REQUEST),
    error(Outcome.REFUSED, status=404),
    error(Outcome.QUOTA),
    Reply(text=None, finish="filter", usage=Usage(input_tokens=5, output_tokens=0)),
    Reply(text='{"items": [{"name": "x"}, {"na', finish="length", usage=Usage(input_tokens=5, output_tokens=9)),
    Reply(text="I am sorry", finish="stop", usage=Usage(input_tokens=5, output_tokens=9)),
    reply({"name": "rejected"}),
    reply({"name": "broken"}, {"name": "fine"}),
    lambda call: reply(*[{"name": "fine"}] * call.count),
]


def judge(value: Any) -> Any:
    if value["name"] in ("rejected", "broken"):
        raise Rejected("as scripted", Outcome(Outcome.REJECTED if value["name"] == "rejected" else Outcome.BROKEN))
    return value


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scripts=st.fixed_dictionaries({name: st.lists(st.integers(0, len(FAULTS) - 1), max_size=40) for name in "abc"}),
    k=st.integers(1, 3),
    batches=st.integers(1, 6),
    offline=st.booleans(),
    cap=st.sampled_from([700, 5000, RICH]),
)
def test_under_any_script_of_errors_calls_are_bounded_delays_kept_and_the_cap_holds(
    open_account: OpenAccount, scripts: dict[str, list[int]], k: int, batches: int, offline: bool, cap: int
) -> None:
    it = Bench(open_account, **{name: [FAULTS[number] for number in numbers] for name, numbers in scripts.items()})
    open_one = it.open_account
    it.open_account = lambda cap, **more: open_one(cap, name=str(random.SystemRandom().random()), **more)
    it.cap, it.options = cap, {"offline_ready": offline, "concurrency": 8}
    closed: dict[str, float] = {}
    asked = Counter[tuple[str, str]]()
    ask = it.provider.ask

    async def watched(call: Call, on_reply: Callable[[Reply], None]) -> list[Any]:
        now = asyncio.get_running_loop().time()
        assert now >= closed.get(call.card.id, 0.0), "asked before the stated delay was over"
        asked.update((brief, call.card.id) for brief in _briefs(call))
        try:
            return await ask(call, on_reply)
        except Exception as failure:
            if getattr(failure, "retry_after", None):
                until = asyncio.get_running_loop().time() + failure.retry_after  # type: ignore[attr-defined]
                closed[call.card.id] = max(closed.get(call.card.id, 0.0), until)
            raise

    it.provider.ask = watched  # type: ignore[method-assign]

    async def work(router: Router) -> list[Any]:
        wanted = [[request(f"<{b}.{n}>", judge) for n in range(k)] for b in range(batches)]
        done = await asyncio.gather(*(router.complete_batch(each) for each in wanted))
        return [each for batch in done for each in batch]

    done = it.run(work)
    assert len(done) == k * batches
    assert all(isinstance(each, Completion | NoRoute | BudgetExhausted) for each in done)
    assert it.account.spent_micros + it.account.held_micros <= cap
    per_record = Counter[str]()
    for (brief, _), calls in asked.items():
        per_record[brief] += calls
    assert max(per_record.values(), default=0) <= Limits().calls
    assert all(health.in_flight == 0 and not health.probing for health in it.router.fleet.arms.values())


def _briefs(call: Call) -> list[str]:
    import re

    return re.findall(r"<\d+\.\d+>", call.prompt)


def test_the_ranking_of_a_new_run_needs_no_router() -> None:
    order = ranking(ARMS, request(), Constraints({"fake": None}, 1, deny=("a",)), "cheapest")
    assert [one.id for one in order] == ["b", "c"]
    with pytest.raises(RequestError, match="is not installed"):
        ranking(ARMS, request(), Constraints({}, 1))


@pytest.mark.parametrize(
    ("step", "answered"),
    [
        (reply({"name": "x"}), True),
        (Reply(text="I am sorry", finish="stop", usage=Usage(input_tokens=5, output_tokens=9)), True),
        (error(Outcome.UNAVAILABLE), False),
        (error(Outcome.TIMEOUT, may_be_billed=True), False),
        (error(Outcome.REFUSED, status=404), False),
        (error(Outcome.BAD_REQUEST), False),
    ],
)
def test_a_record_that_is_given_up_says_whether_arms_answered_it(bench: MakeBench, step: Step, answered: bool) -> None:
    it = bench(a=[step] * 40)
    it.cards = (A,)
    with pytest.raises(NoRoute) as caught:
        it.one(request(check=reject()))
    assert caught.value.answered is answered


@pytest.mark.parametrize(
    "fault",
    [
        error(Outcome.RATE_LIMITED, retry_after=1.0),
        error(Outcome.RATE_LIMITED),
        error(Outcome.UNAVAILABLE, status=500),
        error(Outcome.UNAVAILABLE, status=503),
        error(Outcome.TIMEOUT, may_be_billed=True),
    ],
    ids=["429 stated", "429", "500", "503", "timeout"],
)
def test_one_fault_in_ten_at_the_first_arm_costs_no_record_and_little_time(bench: MakeBench, fault: ModelError) -> None:
    source, timeout = random.Random(1), 2.0

    def seconds(faulty: bool) -> float:
        it = bench()
        struck = set[int]()

        def lasts(call: Call) -> float:
            slow = len(it.provider.calls) in struck and fault.outcome is Outcome.TIMEOUT
            return timeout if slow else source.uniform(0.1, 0.3)

        def script() -> list[Step]:
            return [fault if source.random() < 0.1 else lambda call: reply({"name": "x"}) for _ in range(2000)]

        it.options, it.provider.seconds = {"concurrency": 32, "timeout": timeout}, lasts
        it.provider.scripts = {"a": script()} if faulty else {}
        ask = it.provider.ask

        async def watched(call: Call, on_reply: Callable[[Reply], None]) -> list[Any]:
            if call.card is A and it.provider.scripts.get("a", [None])[0] is fault:
                struck.add(len(it.provider.calls) + 1)
            return await ask(call, on_reply)

        it.provider.ask = watched  # type: ignore[method-assign]

        async def work(router: Router) -> float:
            started = asyncio.get_running_loop().time()
            done = await asyncio.gather(*(router.complete(request(f"{n}")) for n in range(400)))
            assert len(done) == 400
            return asyncio.get_running_loop().time() - started

        return it.run(work)  # type: ignore[no-any-return]

    assert seconds(True) <= 1.5 * seconds(False) + (timeout if fault.outcome is Outcome.TIMEOUT else 0.0)

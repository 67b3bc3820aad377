"""The outcome table, row by row, and the order of arms."""

import time
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core.errors import Outcome, RequestError
from synth_sdk.core.models import ModelCard
from synth_sdk.router.beliefs import Beliefs, Seen
from synth_sdk.router.constraints import Constraints, admitted, ranked
from synth_sdk.router.features import Features
from synth_sdk.router.health import Fleet
from synth_sdk.router.policy import ALONE, Attempt, Decision, GiveUp, Try, Wait, choose
from synth_sdk.router.routes import Routes
from synth_sdk.router.weights import WEIGHTS, Limits
from tests.router.fakes import card, error

A, B, C = card("a", "1", "1", quality=0.3), card("b", "2", "2", quality=0.6), card("c", "9", "9", quality=0.9)
WANT = Features(task="t", input_tokens=400, output_tokens=400)


def attempt(arm: str, outcome: Outcome, retry_at: float = 0.0) -> Attempt:
    return Attempt(arm, outcome, "why", retry_at=retry_at)


def decide(
    *history: Attempt,
    cards: tuple[ModelCard, ...] = (A, B, C),
    fleet: Fleet | None = None,
    now: float = 0.0,
    policy: str = "cheapest",
    **more: Any,
) -> Decision:
    features = more.pop("features", WANT)
    routes = more.pop("routes", None) or routes_for(policy, more.pop("limits", None), more.pop("beliefs", None), cards)
    return choose(features, history, fleet or Fleet(cards, 64), now, cards=cards, routes=routes, **more)


def routes_for(
    policy: str, limits: Limits | None = None, beliefs: Beliefs | None = None, cards: tuple[ModelCard, ...] = (A, B, C)
) -> Routes:
    return Routes(beliefs or Beliefs(cards), WEIGHTS[policy], limits or Limits())


def useless(arm: str, records: int = 60) -> Beliefs:
    """Beliefs after `arm` had all of its records turned down."""
    beliefs = Beliefs((A, B, C))
    for at in range(records):
        beliefs.observe(Seen(arm=arm, task="t", size=1, tried=1, accepted=0), float(at))
    return beliefs


def test_the_default_is_the_cheapest_first_cascade() -> None:
    assert decide() == Try(A)
    assert decide(attempt("a", Outcome.REJECTED)) == Try(B)
    assert decide(attempt("a", Outcome.REJECTED), attempt("b", Outcome.DUPLICATE)) == Try(C)


@pytest.mark.parametrize("outcome", [Outcome.BROKEN, Outcome.TRUNCATED])
def test_a_broken_reply_is_asked_for_once_more_then_the_next_arm(outcome: Outcome) -> None:
    assert decide(attempt("a", outcome)) == Try(A, reask=True)
    assert decide(attempt("a", outcome), attempt("a", outcome)) == Try(B)
    assert decide(attempt("a", outcome), attempt("a", Outcome.REJECTED)) == Try(B)


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome.REJECTED,
        Outcome.DUPLICATE,
        Outcome.BAD_REQUEST,
        Outcome.REFUSED,
        Outcome.QUOTA,
        Outcome.FILTERED,
        Outcome.UNAFFORDABLE,
    ],
)
def test_no_second_try_of_the_same_arm(outcome: Outcome) -> None:
    assert decide(attempt("a", outcome)) == Try(B)
    assert isinstance(decide(attempt("a", outcome), cards=(A,)), GiveUp)


def test_an_unavailable_arm_is_retried_once_after_its_delay() -> None:
    first = attempt("a", Outcome.UNAVAILABLE, retry_at=0.7)
    assert decide(first, now=0.2) == Wait(pytest.approx(0.5), ALONE)  # type: ignore[arg-type]
    assert decide(first, now=0.7) == Try(A)
    assert decide(first, first, now=5.0) == Try(B)


def test_arms_that_were_down_have_another_turn_when_no_other_is_left() -> None:
    down, slow = attempt("a", Outcome.UNAVAILABLE), attempt("a", Outcome.TIMEOUT)
    assert decide(slow) == Try(B)
    assert decide(slow, cards=(A,)) == Try(A)
    assert decide(slow, attempt("b", Outcome.REJECTED), cards=(A, B)) == Try(A)
    assert decide(down, down, attempt("b", Outcome.TIMEOUT), cards=(A, B)) == Try(B)
    assert isinstance(decide(*[down] * 12, cards=(A,)), GiveUp)
    assert isinstance(decide(*[slow] * 6, cards=(A,)), GiveUp)


def test_a_reask_stays_a_reask_when_the_arm_was_limited_or_down_in_between() -> None:
    assert decide(attempt("a", Outcome.BROKEN), attempt("a", Outcome.RATE_LIMITED)) == Try(A, reask=True)
    assert decide(attempt("a", Outcome.BROKEN), attempt("a", Outcome.UNAVAILABLE)) == Try(A, reask=True)


def test_a_limited_arm_is_passed_over_at_once_and_waited_for_when_it_is_the_only_one() -> None:
    def closed(*names: str) -> Fleet:
        fleet = Fleet([A, B, C], 64)
        for seconds, name in enumerate(names, start=10):
            fleet.observe(fleet[name].begin("t", 0), error(Outcome.RATE_LIMITED, retry_after=float(seconds)), 0, 0.5)
        return fleet

    assert decide(attempt("a", Outcome.RATE_LIMITED), fleet=closed("a")) == Try(B)
    assert decide(fleet=closed("a", "b", "c"), now=3.0) == Wait(7.0)
    assert decide(attempt("a", Outcome.RATE_LIMITED), fleet=closed("a"), now=10.0) == Try(A)
    assert isinstance(decide(fleet=closed("a", "b", "c"), offline_ready=True), Wait)
    late = Limits(patience=9.0)
    assert isinstance(decide(fleet=closed("a", "b", "c"), limits=late), GiveUp)
    assert isinstance(decide(fleet=closed("a", "b", "c"), limits=Limits(offline_patience=9.0), offline_ready=True), GiveUp)


def test_only_arms_with_a_larger_window_follow_a_prompt_that_was_too_long() -> None:
    wide = card("wide", "20", "20", context_tokens=500_000)
    assert decide(attempt("a", Outcome.CONTEXT_TOO_LONG), cards=(A, B, C, wide)) == Try(wide)
    assert isinstance(decide(attempt("a", Outcome.CONTEXT_TOO_LONG)), GiveUp)


def test_a_filtered_record_gets_one_more_arm() -> None:
    assert decide(attempt("a", Outcome.FILTERED)) == Try(B)
    assert isinstance(decide(attempt("a", Outcome.FILTERED), attempt("b", Outcome.FILTERED)), GiveUp)


def test_each_arm_may_call_a_request_bad_once() -> None:
    assert decide(attempt("a", Outcome.BAD_REQUEST), attempt("b", Outcome.BAD_REQUEST)) == Try(C)


def test_when_every_breaker_is_open_what_can_be_made_offline_does_not_wait() -> None:
    fleet = Fleet([A, B], 64)
    for name in ("a", "b"):
        for _ in range(3):
            fleet.observe(fleet[name].begin("t", 0), error(Outcome.UNAVAILABLE), 0, 0.5)
    assert decide(cards=(A, B), fleet=fleet, now=1.0) == Wait(4.0)
    gone = decide(cards=(A, B), fleet=fleet, now=1.0, offline_ready=True)
    assert isinstance(gone, GiveUp)
    assert set(gone.reasons) == {"a", "b"}


def test_the_cascade_waits_for_the_cheaper_arm_that_is_busy_and_fastest_does_not() -> None:
    fleet = Fleet([A, B, C], 64)
    for _ in range(4):
        fleet["a"].begin("t", 0)
    assert decide(fleet=fleet) == Wait(None, "a")
    fast = Fleet([A, B], 64)
    first = ranked((A, B), WANT, routes_for("fastest", cards=(A, B)))[0]
    for _ in range(4):
        fast[first.id].begin("t", 0)
    assert decide(cards=(A, B), fleet=fast, policy="fastest") == Try(B if first is A else A)


def test_an_arm_whose_calls_are_overdue_is_asked_only_when_no_other_is_open() -> None:
    fleet = Fleet([A, B], 64)
    for name in ("a", "b"):
        fleet.observe(fleet[name].begin("t", 0.0), None, 1.0, 0.5)
        fleet[name].begin("t", 0.0)
        if name == "a":
            assert decide(cards=(A, B), fleet=fleet, now=10.0) == Try(B)
    assert decide(cards=(A, B), fleet=fleet, now=10.0) == Try(A)
    for _ in range(5):
        fleet["a"].begin("t", 9.0)
        fleet["b"].begin("t", 9.0)
    assert decide(cards=(A, B), fleet=fleet, now=10.0) == Wait(None)


def test_arms_that_made_the_record_in_vain_are_avoided_but_an_only_arm_gets_another_chance() -> None:
    avoid_a = Features(task="t", input_tokens=4, output_tokens=4, avoid=frozenset({"a"}))
    assert decide(features=avoid_a) == Try(B)
    assert decide(features=avoid_a, cards=(A,)) == Try(A)
    assert isinstance(decide(features=avoid_a, cards=(A, B), fleet=_dead("b")), GiveUp)


def _dead(name: str) -> Fleet:
    fleet = Fleet([A, B, C], 64)
    fleet[name].dead = "quota used up"
    return fleet


def test_giving_up_carries_a_reason_for_each_arm() -> None:
    fleet = _dead("b")
    fleet["c"].unfit["t"] = "bad request"
    over = decide(attempt("a", Outcome.REJECTED), fleet=fleet)
    assert isinstance(over, GiveUp)
    assert over.reasons == {"a": "rejected by a check: why", "b": "quota used up", "c": "bad request"}


def test_policies_weigh_price_against_quality() -> None:
    order = {name: [one.id for one in ranked((A, B, C), WANT, routes_for(name))] for name in WEIGHTS}
    assert order["cheapest"] == ["a", "b", "c"]
    assert order["best"] == ["c", "b", "a"]
    assert order["balanced"][0] == "b"


def test_a_free_arm_comes_first_and_ties_go_to_quality() -> None:
    free, twin = card("free", None, None, free=True, quality=0.1), card("twin", "1", "1", quality=0.8)
    cards = (A, free, twin)
    assert [one.id for one in ranked(cards, WANT, routes_for("cheapest", cards=cards))] == ["free", "twin", "a"]


def test_pinned_arms_keep_their_order_under_any_policy() -> None:
    pinned = Features(task="t", input_tokens=4, output_tokens=4, pinned=("c", "a"))
    for name in WEIGHTS:
        assert [one.id for one in ranked((A, C), pinned, routes_for(name))] == ["c", "a"]


def test_an_arm_whose_records_are_never_accepted_loses_its_place() -> None:
    assert ranked((A, B, C), WANT, routes_for("cheapest", beliefs=useless("a")), now=60.0)[0] is B


RULES = Constraints({"fake": None}, 1_000_000)


@pytest.mark.parametrize(
    ("cards", "rules", "named"),
    [
        ((A, B), Constraints({"fake": None}, 1, allow=("z",)), "named by --model and --fallback"),
        ((A, B), Constraints({"fake": None}, 1, deny=("a", "b")), "denied"),
        ((A, B), Constraints({"fake": "set FAKE_KEY"}, 1), "usable provider: set FAKE_KEY"),
        ((A, B), Constraints({}, 1), "provider 'fake' is not installed"),
        ((A, B), Constraints({"fake": None}, 1, regions=("eu",)), "region eu"),
        ((A, B), Constraints({"fake": None}, 1, min_quality=0.95), "quality of at least 0.95: the best has 0.6"),
        ((card("u", None, None),), RULES, "a known price"),
        ((A, B), Constraints({"fake": None}, 0), "a budget of $0"),
        ((card("s", context_tokens=700, max_output_tokens=600),), RULES, "a context of 800 tokens: the largest has 700"),
        ((card("s", max_output_tokens=300),), RULES, "400 output tokens: the largest gives 300"),
        ((A, B), Constraints({"fake": None}, 1, max_record_micros=10), "at most $0.00001 a record"),
        (
            (card("old", retires_on=date(2026, 1, 31)),),
            replace(RULES, today=date(2026, 2, 1)),
            "not retired: the last one was served until 2026-01-31",
        ),
        ((), RULES, "catalogue is empty"),
    ],
)
def test_an_empty_choice_names_the_constraint_that_emptied_it(
    cards: tuple[ModelCard, ...], rules: Constraints, named: str
) -> None:
    with pytest.raises(RequestError) as caught:
        admitted(cards, WANT, rules)
    assert named in str(caught.value)


def test_an_arm_is_asked_until_its_last_day() -> None:
    old = card("old", retires_on=date(2026, 1, 31))
    assert admitted((A, old), WANT, replace(RULES, today=date(2026, 1, 31))) == [A, old]
    assert admitted((A, old), WANT, replace(RULES, today=date(2026, 2, 1))) == [A]
    assert admitted((A, old), WANT, RULES) == [A, old]


def test_a_budget_of_0_admits_free_arms() -> None:
    free = card("free", None, None, free=True)
    assert admitted((A, free), WANT, Constraints({"fake": None}, 0)) == [free]


OUTCOMES = st.sampled_from([outcome for outcome in Outcome if outcome is not Outcome.ACCEPTED])


@given(script=st.lists(OUTCOMES, min_size=60, max_size=60), offline=st.booleans(), policy=st.sampled_from(sorted(WEIGHTS)))
def test_under_any_script_a_record_ends_and_no_arm_is_tried_beyond_the_rules(
    script: list[Outcome], offline: bool, policy: str
) -> None:
    cards = (A, B, C, card("d", "3", "3", context_tokens=900_000))
    fleet, history, now = Fleet(cards, 64), list[Attempt](), 0.0
    for outcome in script:
        decision = decide(*history, cards=cards, fleet=fleet, now=now, policy=policy, offline_ready=offline)
        while isinstance(decision, Wait):
            assert decision.seconds is not None
            assert decision.seconds > 0
            now += decision.seconds
            decision = decide(*history, cards=cards, fleet=fleet, now=now, policy=policy, offline_ready=offline)
        if isinstance(decision, GiveUp):
            break
        flight = fleet[decision.card.id].begin("t", now)
        failure = (
            error(outcome, retry_after=3.0)
            if outcome not in (Outcome.REJECTED, Outcome.DUPLICATE, Outcome.UNAFFORDABLE)
            else None
        )
        fleet.observe(flight, failure, now, 0.5)
        fleet[decision.card.id].leave(flight)
        history.append(attempt(decision.card.id, outcome, retry_at=now + 0.5))
    else:
        pytest.fail("60 outcomes and still trying")
    calls = [one for one in history if one.outcome is not Outcome.UNAFFORDABLE]
    assert len(calls) <= Limits().calls
    for one in cards:
        mine = [each.outcome for each in history if each.arm == one.id and each.outcome is not Outcome.RATE_LIMITED]
        rest = [each for each in mine if each not in (Outcome.UNAVAILABLE, Outcome.TIMEOUT)]
        assert len(rest) <= 2
        assert len(rest) < 2 or rest[0] in (Outcome.BROKEN, Outcome.TRUNCATED)


def test_a_decision_among_twenty_arms_takes_less_than_half_a_millisecond() -> None:
    cards = tuple(card(f"arm{n}", str(n + 1), str(n + 1)) for n in range(20))
    fleet = Fleet(cards, 64)
    history = [attempt(f"arm{n}", Outcome.REJECTED) for n in range(5)]
    routes = routes_for("cheapest", cards=cards)

    def seconds() -> float:
        started = time.perf_counter()
        for _ in range(100):
            decide(*history, cards=cards, fleet=fleet, routes=routes)
        return (time.perf_counter() - started) / 100

    assert min(seconds() for _ in range(5)) < 0.0005


def test_paid_tries_are_capped_and_calls_that_cost_nothing_are_capped_apart() -> None:
    cards = tuple(card(f"arm{n}", str(n + 1), str(n + 1)) for n in range(20))
    paid = [attempt(f"arm{n}", Outcome.REJECTED) for n in range(6)]
    assert decide(*paid[:5], cards=cards) == Try(cards[5])
    over = decide(*paid, cards=cards)
    assert isinstance(over, GiveUp)
    assert "6 paid tries" in over.hint
    free = [attempt(f"arm{n}", Outcome.BAD_REQUEST) for n in range(12)]
    assert decide(*free[:11], cards=cards) == Try(cards[11])
    assert isinstance(decide(*free, cards=cards), GiveUp)


def test_a_reask_goes_to_the_arm_that_was_asked_although_another_ranks_first_now() -> None:
    beliefs = useless("a")
    assert decide(beliefs=beliefs, now=60.0) == Try(B)
    assert decide(attempt("a", Outcome.BROKEN), beliefs=beliefs, now=60.0) == Try(A, reask=True)

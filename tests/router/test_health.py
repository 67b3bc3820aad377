"""Closed until, breaker, in-flight limit, dead and unfit."""

from synth_sdk.core.errors import Outcome
from synth_sdk.router.health import Fleet, Flight, Gate, State
from synth_sdk.router.weights import Limits
from tests.router.fakes import card, error

DOWN = error(Outcome.UNAVAILABLE)


def fleet(*names: str, concurrency: int = 64, **providers: str) -> Fleet:
    return Fleet([card(name, provider=providers.get(name, "p")) for name in names], concurrency)


def end(arms: Fleet, flight: Flight, now: float, failure: object = None, draw: float = 0.5) -> None:
    arms.observe(flight, failure, now, draw)  # type: ignore[arg-type]
    arms[flight.arm].leave(flight)


def hit(arms: Fleet, now: float, failure: object = None, arm: str = "a", draw: float = 0.5) -> None:
    end(arms, arms[arm].begin("t", now), now + 0.1, failure, draw)


def test_a_stated_delay_closes_the_arm_and_is_never_shortened() -> None:
    arms = fleet("a")
    first, second = arms["a"].begin("t", 0), arms["a"].begin("t", 0)
    end(arms, first, 1, error(Outcome.RATE_LIMITED, retry_after=30))
    end(arms, second, 2, error(Outcome.RATE_LIMITED, retry_after=1))
    assert arms["a"].gate("t", 30.9)[:2] == (State.LIMITED, 31)
    assert arms["a"].gate("t", 31).state is State.OPEN


def test_without_a_stated_delay_the_wait_is_a_draw_below_a_doubling_ceiling() -> None:
    arms = fleet("a")
    now, waits = 0.0, []
    for _ in range(7):
        end(arms, arms["a"].begin("t", now), now, error(Outcome.RATE_LIMITED), draw=1.0)
        waits.append(arms["a"].limited_until - now)
        now = arms["a"].limited_until
    assert waits == [1, 2, 4, 8, 16, 30, 30]


def test_the_breaker_opens_after_three_failures_in_a_row() -> None:
    arms = fleet("a")
    hit(arms, 0, DOWN)
    hit(arms, 1, DOWN)
    hit(arms, 2)
    hit(arms, 3, DOWN)
    hit(arms, 4, DOWN)
    assert arms["a"].gate("t", 5).state is State.OPEN
    hit(arms, 5, DOWN)
    assert arms["a"].gate("t", 5.2)[:2] == (State.TRIPPED, 10.1)


def test_the_breaker_opens_when_half_of_the_last_twenty_failed() -> None:
    arms = fleet("a")
    for turn in range(9):
        hit(arms, turn, DOWN)
        hit(arms, turn)
    assert arms["a"].gate("t", 20).state is State.OPEN
    hit(arms, 20, DOWN)
    assert arms["a"].gate("t", 20.2).state is State.TRIPPED


def test_one_probe_goes_out_of_an_open_breaker_and_a_good_one_closes_it() -> None:
    arms = fleet("a")
    for _ in range(3):
        hit(arms, 0, DOWN)
    probe = arms["a"].begin("t", 6)
    assert arms["a"].gate("t", 6)[:2] == (State.TRIPPED, None)
    end(arms, probe, 7)
    assert arms["a"].gate("t", 7).state is State.OPEN


def test_failed_probes_double_the_delay_and_the_third_kills_the_arm() -> None:
    arms = fleet("a")
    for _ in range(3):
        hit(arms, 0, DOWN)
    now, delays = arms["a"].tripped_until, []
    for _ in range(3):
        end(arms, arms["a"].begin("t", now), now, DOWN)
        delays.append(arms["a"].tripped_until - now)
        now = arms["a"].tripped_until
    assert delays[:2] == [10, 20]
    assert arms["a"].gate("t", 1e9).state is State.GONE
    assert "3 probes" in arms["a"].dead


def test_stragglers_that_were_sent_before_the_breaker_opened_are_no_probes() -> None:
    arms = fleet("a")
    flights = [arms["a"].begin("t", 0) for _ in range(10)]
    for flight in flights:
        end(arms, flight, 1, DOWN)
    assert arms["a"].gate("t", 2)[:2] == (State.TRIPPED, 6)
    assert not arms["a"].dead


def test_the_limit_starts_at_four_grows_with_answers_and_halves_once_for_calls_that_failed_together() -> None:
    arms = fleet("a", concurrency=10)
    for _ in range(20):
        hit(arms, 0)
    assert arms["a"].limit == 10
    flights = [arms["a"].begin("t", 1) for _ in range(10)]
    assert arms["a"].gate("t", 1).state is State.FULL
    for flight in flights[:5]:
        end(arms, flight, 2, error(Outcome.RATE_LIMITED, retry_after=0))
    assert arms["a"].limit == 5
    assert fleet("a", concurrency=2)["a"].limit == 2


def test_a_refused_key_takes_all_arms_of_its_provider_out_a_missing_model_only_itself() -> None:
    arms = fleet("a", "b", "c", c="q")
    hit(arms, 0, error(Outcome.REFUSED, status=404))
    assert [arms[arm].gate("t", 1).state for arm in "abc"] == [State.GONE, State.OPEN, State.OPEN]
    hit(arms, 2, error(Outcome.REFUSED, status=401), arm="b")
    assert [arms[arm].gate("t", 3).state for arm in "abc"] == [State.GONE, State.GONE, State.OPEN]


def test_a_second_403_of_a_provider_that_never_answered_is_the_keys_fault() -> None:
    forbidden = error(Outcome.REFUSED, status=403)
    arms = fleet("a", "b", "c")
    hit(arms, 0, forbidden)
    assert arms["b"].limit == 1
    hit(arms, 1, forbidden, arm="b")
    assert arms["c"].dead
    arms = fleet("a", "b", "c")
    hit(arms, 0, arm="c")
    hit(arms, 0, forbidden)
    hit(arms, 1, forbidden, arm="b")
    assert not arms["c"].dead


def test_a_bad_request_makes_the_arm_unfit_for_that_task_unless_it_has_served_it() -> None:
    bad = error(Outcome.BAD_REQUEST)
    arms = fleet("a", "b")
    hit(arms, 0, bad)
    assert arms["a"].gate("t", 1).state is State.GONE
    assert arms["a"].gate("other", 1).state is State.OPEN
    arms.served("b", "t")
    hit(arms, 0, bad, arm="b")
    assert arms["b"].gate("t", 1).state is State.OPEN


def test_a_call_that_waited_for_money_may_not_go_to_an_arm_that_closed_meanwhile() -> None:
    arms = fleet("a")
    waiting, other = arms["a"].begin("t", 0), arms["a"].begin("t", 0)
    assert arms["a"].may_send(waiting, 1)
    end(arms, other, 1, error(Outcome.RATE_LIMITED, retry_after=5))
    assert not arms["a"].may_send(waiting, 2)
    assert arms["a"].may_send(waiting, 6)


def test_a_500_says_nothing_of_load_a_503_and_a_timeout_do() -> None:
    for failure, limit in (
        (error(Outcome.UNAVAILABLE, status=500), 8),
        (DOWN, 8),
        (error(Outcome.UNAVAILABLE, status=503), 4),
        (error(Outcome.TIMEOUT), 4),
    ):
        arms = fleet("a")
        arms["a"].limit = 8
        hit(arms, 1, failure)
        assert arms["a"].limit == limit
        for _ in range(4):
            hit(arms, 2)
        assert arms["a"].limit == (16 if limit == 8 else 6), "it regains its places more slowly after it was overloaded"


def test_timeouts_that_come_after_the_good_replies_of_the_same_moment_are_not_in_a_row() -> None:
    arms = fleet("a")
    flights = [arms["a"].begin("t", 0) for _ in range(8)]
    for flight in flights[:4]:
        end(arms, flight, 1)
    for flight in flights[4:]:
        end(arms, flight, 10, error(Outcome.TIMEOUT))
    assert arms["a"].gate("t", 11).state is State.OPEN
    late = [arms["a"].begin("t", 11) for _ in range(3)]
    for flight in late:
        end(arms, flight, 21, error(Outcome.TIMEOUT))
    assert arms["a"].gate("t", 22).state is State.TRIPPED


def test_429s_of_calls_that_were_under_way_together_draw_one_delay() -> None:
    arms = fleet("a")
    flights = [arms["a"].begin("t", 0) for _ in range(4)]
    for flight in flights:
        end(arms, flight, 1, error(Outcome.RATE_LIMITED), draw=1.0)
    assert arms["a"].limited_until == 2
    assert arms["a"].limited_in_row == 1


def test_an_overdue_call_counts_for_several_until_it_ends() -> None:
    arms = fleet("a")
    arms["a"].limit = 12
    hit(arms, 0)
    stuck = arms["a"].begin("t", 1)
    assert arms["a"].places(1.2) == 13
    assert arms["a"].places(2) == 6
    assert arms["a"].worth_waiting(Gate(State.FULL), 5, Limits(), 2)
    assert not arms["a"].worth_waiting(Gate(State.FULL), 6, Limits(), 2)
    end(arms, stuck, 3)
    assert arms["a"].places(3) > 12
    assert arms["a"].worth_waiting(Gate(State.FULL), 500, Limits(), 3)


def test_an_arm_that_has_answered_in_this_run_gets_more_probes() -> None:
    arms = fleet("a")
    hit(arms, 0)
    for _ in range(3):
        hit(arms, 1, DOWN)
    for probes in range(6):
        assert not arms["a"].dead, probes
        now = arms["a"].tripped_until
        end(arms, arms["a"].begin("t", now), now, DOWN)
    assert "6 probes" in arms["a"].dead


def test_a_slow_server_is_not_driven_into_timeouts() -> None:
    arms = Fleet([card("a")], 64, timeout=10.0)
    for seconds, limit in ((1, 6), (5, 7), (6, 7), (7.5, 6), (9, 5)):
        end(arms, arms["a"].begin("t", 0), seconds)
        assert arms["a"].limit == limit

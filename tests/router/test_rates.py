"""Token buckets, learned from what is stated and from 429s."""

from synth_sdk.core.errors import Outcome
from synth_sdk.core.models import Allowance
from synth_sdk.router.health import Fleet, State
from synth_sdk.router.rates import Bucket, Pace
from tests.router.fakes import card, error


def test_a_bucket_lets_so_many_through_in_a_minute() -> None:
    bucket, now, passed = Bucket(per_minute=60, burst=5), 0.0, 0
    while now < 60:
        if bucket.opens(1, now) <= now:
            bucket.take(1, now)
            passed += 1
        else:
            now = bucket.opens(1, now)
    assert 60 <= passed <= 66
    assert Bucket().opens(1e9, 3.0) == 3.0


def test_stated_limits_are_kept_before_any_429() -> None:
    pace = Pace()
    pace.stated(Allowance(requests_per_minute=60, tokens_per_minute=6000), now=0.0)
    for _ in range(2):
        pace.take(100, 0.0)
    assert pace.opens(100, 0.0) > 0.0
    assert pace.opens(100, 10.0) == 10.0
    assert pace.opens(10_000, 10.0) == 10.0, "a call of more than a bucketful passes when the bucket is full"
    pace.stated(Allowance(requests_left=0, requests_reset_s=30.0), now=10.0)
    assert pace.opens(1, 10.0) >= 39.0


def test_without_a_word_from_the_provider_the_rate_is_learned_from_429s() -> None:
    """Ten calls a second are sent, of which the arm takes five in each."""
    pace, now, rates = Pace(), 0.0, []
    while now < 60:
        taken = 0
        for _ in range(10):
            if pace.opens(1, now) > now:
                break
            pace.take(1, now)
            taken += 1
            if taken > 5:
                pace.refused(now, now + 0.1)
            else:
                pace.answered(now + 0.1)
        now += 1
        rates.append(taken)
    assert sum(rates[-20:]) / 20 < 7
    assert sum(min(5, rate) for rate in rates[-20:]) / 20 > 3


def test_429s_that_have_nothing_to_do_with_the_rate_do_not_slow_a_run_down() -> None:
    pace, now, sent = Pace(), 0.0, 0
    while now < 120:
        while pace.opens(1, now) <= now and sent < 10 * (now + 1):
            pace.take(1, now)
            sent += 1
            if sent % 10 == 9:
                pace.refused(now, now + 0.05)
            else:
                pace.answered(now + 0.05)
        now += 0.1
    assert sent > 0.9 * 10 * 120


def test_an_arm_at_its_pace_is_busy_until_the_next_call_fits() -> None:
    fleet = Fleet([card("a")], 64)
    health = fleet["a"]
    health.pace.stated(Allowance(requests_per_minute=30), now=0.0)
    health.leave(health.begin("t", 0.0))
    gate = health.gate("t", 0.0)
    assert gate.state is State.FULL
    assert gate.until == 2.0
    assert health.gate("t", 2.0).state is State.OPEN
    fleet.observe(health.begin("t", 2.0), error(Outcome.RATE_LIMITED, retry_after=30.0), 2.0, 0.5)
    assert health.gate("t", 10.0).state is State.LIMITED

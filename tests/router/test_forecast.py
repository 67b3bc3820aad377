"""The forecast is what the router does."""

import random

import pytest

from synth_sdk.router import WEIGHTS, Beliefs, Features, Limits, expected
from synth_sdk.router.beliefs import Seen
from tests.router.fakes import card
from tests.router.worlds import Arm, play

A, B = card("a", "1", "1"), card("b", "4", "4")
WANT = Features(task="t", input_tokens=400, output_tokens=400)


def test_by_priors_alone_the_order_is_the_price_list_and_the_doubt_is_large() -> None:
    told = expected((B, A), WANT, Beliefs((A, B)), WEIGHTS["cheapest"], Limits())
    assert told.order == ("a", "b")
    assert 500 <= told.micros <= 1500
    assert told.sd_micros > 0.2 * told.micros
    assert 0.85 < told.accepted < 1
    assert told.output_tokens == pytest.approx(200)
    assert told.sample(random.Random(1)) in told.draws


def test_with_evidence_the_doubt_shrinks_and_the_forecast_is_near_the_fact() -> None:
    arms = [Arm(A, lambda record, hard: 0.6), Arm(B, lambda record, hard: 0.95)]
    beliefs = Beliefs((A, B))
    fresh = expected((A, B), WANT, beliefs, WEIGHTS["cheapest"], Limits())
    play(arms, 300, beliefs=beliefs)
    told = expected((A, B), WANT, beliefs, WEIGHTS["cheapest"], Limits(), now=300.0)
    fact = play(arms, 600, beliefs=beliefs)
    assert told.sd_micros < 0.5 * fresh.sd_micros
    assert told.micros == pytest.approx(1e6 * fact.usd / 600, rel=0.12)
    assert told.accepted == pytest.approx(fact.accepted / 600, abs=0.03)


def test_more_records_in_a_call_share_its_prefix() -> None:
    long = Features(task="t", input_tokens=2000, output_tokens=100, shared_tokens=1900, records=16)
    alone = expected((A,), long, Beliefs((A,)), WEIGHTS["cheapest"], Limits(), 1)
    together = expected((A,), long, Beliefs((A,)), WEIGHTS["cheapest"], Limits(), 8)
    assert (alone.records_per_call, together.records_per_call) == (1, 8)
    assert together.micros < 0.5 * alone.micros
    assert expected((A,), long, Beliefs((A,)), WEIGHTS["cheapest"], Limits()).records_per_call == 4


def test_time_and_nothing_to_choose_from() -> None:
    beliefs = Beliefs((A, B))
    for at in range(30):
        beliefs.observe(Seen(arm="a", task="t", size=1, tried=1, accepted=1, seconds=20.0), at)
        beliefs.observe(Seen(arm="b", task="t", size=1, tried=1, accepted=1, seconds=1.0), at)
    assert expected((A, B), WANT, beliefs, WEIGHTS["fastest"], Limits(), now=30.0).order[0] == "b"
    assert expected((A, B), WANT, beliefs, WEIGHTS["cheapest"], Limits(), now=30.0).order[0] == "a"
    nothing = expected((), WANT, beliefs, WEIGHTS["cheapest"], Limits())
    assert (nothing.order, nothing.sd_micros, nothing.sample(random.Random(0))) == ((), 0.0, 0.0)

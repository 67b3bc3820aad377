"""Difficulty: what failures tell, and how a hint earns its trust."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.router import difficulty
from synth_sdk.router.beliefs import Beliefs, Seen
from synth_sdk.router.evidence import TaskEvidence
from tests.router.fakes import card, request


@settings(max_examples=40)
@given(log_odds=st.floats(-3, 3))
def test_the_chance_over_all_difficulties_is_the_marginal_one(log_odds: float) -> None:
    state = difficulty.prior(TaskEvidence())
    chance = sum(w * c for w, c in zip(state, difficulty.chances(log_odds), strict=True))
    assert sum(state) == pytest.approx(1.0, abs=1e-4)
    assert chance == pytest.approx(1 / (1 + math.exp(-log_odds)), abs=0.02)


def test_each_failure_makes_the_next_arm_less_likely_to_succeed() -> None:
    state, chance = difficulty.prior(TaskEvidence()), difficulty.chances(1.0)
    odds = []
    for _ in range(4):
        odds.append(sum(w * c for w, c in zip(state, chance, strict=True)))
        state = difficulty.after_failure(state, chance)
    assert odds == sorted(odds, reverse=True)
    assert odds[-1] < odds[0] - 0.2


def learned(informative: float, records: int = 1500) -> TaskEvidence:
    beliefs, draw = Beliefs([card("a")]), random.Random(3)
    for at in range(records):
        hint = draw.random()
        chance = 1 / (1 + math.exp(-(1.0 - informative * (hint - 0.5))))
        good = int(draw.random() < chance)
        beliefs.observe(Seen(arm="a", task="t", size=1, tried=1, accepted=good, signals=(hint, 5.0, 6.0)), at)
    return beliefs.task("t")


def test_trust_in_a_hint_starts_at_nothing_and_grows_with_evidence() -> None:
    assert difficulty.shift(TaskEvidence(), (0.9, 5.0, 6.0)) == 0.0
    task = learned(informative=5.0)
    assert difficulty.shift(task, (0.95, 5.0, 6.0)) > 0.8
    assert difficulty.shift(task, (0.05, 5.0, 6.0)) < -0.8
    assert difficulty.shift(task, (None, 5.0, 6.0)) == 0.0


def test_a_hint_that_tells_nothing_moves_nothing() -> None:
    assert abs(difficulty.shift(learned(informative=0.0), (0.95, 5.0, 6.0))) < 0.15


def test_signals_are_the_mean_hint_and_the_lengths_of_brief_and_reply() -> None:
    some = [request("x", difficulty=0.2), request("y", difficulty=0.6), request("z")]
    hint, brief, reply = difficulty.signals(some, 30.0)
    assert hint == pytest.approx(0.4)
    assert (brief, reply) == (pytest.approx(math.log(31)), pytest.approx(math.log(101)))  # type: ignore[comparison-overlap]
    assert difficulty.signals([request("z")], 1.0)[0] is None


def test_how_alike_arms_fail_is_learned_from_records_that_failed_once() -> None:
    def evidence(second: float) -> list[float]:
        beliefs, draw = Beliefs([card("a"), card("b")]), random.Random(5)
        for at in range(400):
            beliefs.observe(Seen(arm="b", task="t", size=1, tried=1, accepted=int(draw.random() < 0.8)), at)
            beliefs.observe(Seen(arm="a", task="t", size=1, tried=1, accepted=int(draw.random() < 0.8)), at)
            if at % 5 == 0:
                beliefs.observe(Seen(arm="b", task="t", size=1, tried=1, accepted=int(draw.random() < second), failed=("a",)), at)
        return difficulty.prior(beliefs.task("t"))

    assert evidence(second=0.8)[0] > 0.5, "independent"
    assert evidence(second=0.25)[0] < 0.05, "alike"

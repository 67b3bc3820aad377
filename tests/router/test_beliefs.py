"""What is believed before anything was seen, after some records, and after things have changed."""

import math
import time

import pytest

from synth_sdk.router.beliefs import PRIOR_VALIDITY, Beliefs, Seen
from tests.router.fakes import card

CARDS = (card("a", quality=0.55), card("b", quality=0.55), card("guess", quality=0.55, quality_sd=0.3))


def feed(
    beliefs: Beliefs, records: int, accepted_of_ten: int, *, arm: str = "a", task: str = "t", at: float = 0.0, **more: object
) -> None:
    for number in range(records):
        good = int(number * accepted_of_ten % 10 < accepted_of_ten)
        beliefs.observe(Seen(arm=arm, task=task, size=1, tried=1, accepted=good, **more), at + number)  # type: ignore[arg-type]


def test_the_prior_is_the_same_for_cards_alike_and_wider_where_it_is_a_guess() -> None:
    beliefs = Beliefs(CARDS)
    known, guess = beliefs.view("a", "t", 0), beliefs.view("guess", "t", 0)
    assert known.validity() == guess.validity() == pytest.approx(PRIOR_VALIDITY)
    assert guess.sd > known.sd
    assert known.proof == 0
    assert known.ceiling is None
    assert known.quality == 0.55


@pytest.mark.parametrize("truth", [2, 5, 9])
def test_after_a_few_dozen_records_observation_has_replaced_the_prior(truth: int) -> None:
    beliefs = Beliefs(CARDS)
    feed(beliefs, 40, truth)
    assert beliefs.view("a", "t", 40).validity() == pytest.approx(truth / 10, abs=0.1)
    feed(beliefs, 200, truth, at=40)
    assert beliefs.view("a", "t", 240).validity() == pytest.approx(truth / 10, abs=0.05)


def test_another_task_starts_from_what_the_arm_did_elsewhere() -> None:
    beliefs = Beliefs(CARDS)
    feed(beliefs, 100, 2)
    assert beliefs.view("a", "other", 100).validity() < 0.5
    assert beliefs.view("b", "other", 100).validity() == pytest.approx(PRIOR_VALIDITY)


def test_a_sudden_change_is_believed_soon_and_idle_evidence_loses_weight() -> None:
    beliefs = Beliefs(CARDS)
    feed(beliefs, 300, 9)
    feed(beliefs, 15, 0, at=300)
    assert beliefs.view("a", "t", 315).validity() < 0.45
    sure = beliefs.view("b", "t", 0).sd
    feed(beliefs, 100, 9, arm="b")
    assert beliefs.view("b", "t", 100).sd < beliefs.view("b", "t", 100 + 3 * 3600).sd < sure


def test_companions_in_a_call_cost_validity_as_far_as_was_seen() -> None:
    beliefs = Beliefs(CARDS)
    for at in range(200):
        beliefs.observe(Seen(arm="a", task="t", size=1, tried=1, accepted=1), at)
        beliefs.observe(Seen(arm="a", task="t", size=8, tried=8, accepted=4), at)
    view = beliefs.view("a", "t", 200)
    assert view.validity(8) == pytest.approx(0.5, abs=0.08)
    assert view.validity(1) > 0.85


def test_bills_tokens_and_times_are_learned_apart() -> None:
    beliefs = Beliefs(CARDS)
    for at in range(60):
        beliefs.observe(
            Seen(
                arm="a",
                task="t",
                size=1,
                tried=1,
                accepted=1,
                seconds=2.0 if at % 10 else 6.0,
                bound_input=1000,
                input_tokens=800,
                cached_tokens=400,
                bound_output=100,
                output_tokens=30 if at % 20 else 60,
                paid_usd=0.03,
                listed_usd=0.01,
            ),
            at,
        )
    view = beliefs.view("a", "t", 60)
    assert view.price == pytest.approx(3.0, abs=0.4)
    assert view.input == pytest.approx(0.8, abs=0.02)
    assert view.output == pytest.approx(0.33, abs=0.05)
    assert view.ceiling == pytest.approx(0.6, rel=0.1)
    assert view.cached == pytest.approx(0.5, abs=0.1)
    assert beliefs.view("a", "t", 60 + 400).cached == 0.0, "its prompt cache is cold by then"
    assert 2.0 < view.latency(1) < 3.0
    assert 2.5 < view.latency(1, 0.9) < 8
    assert beliefs.view("b", "t", 60).output == pytest.approx(0.33, abs=0.06), (
        "how long replies are is much the same for all arms"
    )


def test_a_judge_moves_quality_and_nothing_else() -> None:
    beliefs = Beliefs(CARDS)
    before = beliefs.view("a", "t", 0)
    beliefs.judged("a", "t", win_rate=0.9, pairs=40)
    after = beliefs.view("a", "t", 0)
    assert before.quality < 0.8 < after.quality < 0.9
    assert after.quality_sd < before.quality_sd
    assert after.level == before.level


def test_what_a_store_is_given_is_what_was_seen_since_the_last_time() -> None:
    beliefs = Beliefs(CARDS)
    feed(beliefs, 10, 5)
    arms, tasks = beliefs.take_fresh()
    assert arms["a", "t"].records == 10
    assert list(tasks) == ["t"]
    assert beliefs.take_fresh() == ({}, {})
    again = Beliefs(CARDS)
    for (arm, task), evidence in arms.items():
        again.add(arm, task, evidence)
    assert again.view("a", "t", 0).validity() == pytest.approx(beliefs.view("a", "t", 9).validity(), abs=0.02)


def test_learning_from_a_call_takes_a_fraction_of_a_millisecond() -> None:
    beliefs = Beliefs(CARDS)

    def seconds() -> float:
        started = time.perf_counter()
        feed(beliefs, 100, 8, failed=("b",), signals=(0.4, 5.0, 6.0), seconds=1.0)
        return (time.perf_counter() - started) / 100

    assert min(seconds() for _ in range(5)) < 0.0005
    assert math.isfinite(beliefs.view("a", "t", 0).level)

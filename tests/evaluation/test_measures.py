"""Each measure on something small enough to work out by hand, and all of them on a corpus that never changes."""

import math
import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.evaluation.dialogues import Dialogue, Sample
from synth_sdk.evaluation.diversity import compression, distinct, repeated_turns, self_bleu, variety
from synth_sdk.evaluation.envelope import corpora, envelope
from synth_sdk.evaluation.likeness import copied, jensen_shannon
from synth_sdk.evaluation.measures import NEEDS_EXTRA, measure
from synth_sdk.evaluation.surface import flow, manner, slips, spread
from synth_sdk.evaluation.templates import templated_turn_rate
from synth_sdk.evaluation.words import anonymous, count_words, masked, month_day, tokens
from tests.dialogue.dialects.support import agent, record, user
from tests.evaluation.support import CORPUS, dialogues

FIGURES = {
    "turns.p50": 4.0,
    "turns.cv": 0.0,
    "words_user_turn.mean": 6.508333,
    "words_user_turn.cv": 0.488706,
    "words_assistant_turn.mean": 7.158333,
    "ttr": 0.019795,
    "distinct2": 0.048989,
    "distinct3": 0.076872,
    "templated_turn_rate": 1.0,
    "turn_exact_dup": 0.763441,
    "opening_user.distinct": 0.041667,
    "closing.distinct": 0.025,
    "question_rate_user": 0.291667,
    "short_user_turn_rate": 0.3375,
    "lower_start_user": 0.279167,
    "flow_shapes_distinct": 0.008333,
}


def said(*texts):
    """One dialogue of these turns, the user first."""
    return record(*(user(text) if i % 2 == 0 else agent(text) for i, text in enumerate(texts)))


def test_values_are_masked_and_names_are_not_words_of_their_own():
    assert masked("Mail ann@x.org by 2025-03-09 about AB-12345, $45.50 or 3 pieces").split() == [
        "Mail", "EMAIL_", "by", "DATE_", "about", "ID_", ",", "MONEY_", "or", "NUM_", "pieces",
    ]  # fmt: skip
    assert anonymous("it is for Ann Lee today") == "it is for NAME_ today"
    assert tokens("I don't KNOW!") == ["i", "don't", "know", "!"]
    assert count_words("I don't know, x-1") == 4
    assert {month_day(text) for text in ("2024-03-09", "March 9th", "mar. 9", "3/9/24")} == {"03-09"}
    assert month_day("noday") == "noday"


def test_distinct_shares():
    words = [["a", "b", "a"], ["b", "a"]]
    assert distinct(words, 1) == 2 / 5
    assert distinct(words, 2) == 2 / 3
    assert distinct(words, 1, budget=2) == 1.0
    assert distinct([], 2) == 0


def test_self_bleu_is_one_for_copies_and_low_for_strangers():
    assert self_bleu(["the same old turn again"] * 60) == pytest.approx(1.0)
    strangers = [" ".join(f"{chr(97 + n % 26)}{chr(97 + n // 26)}{letter}" for letter in "abcdef") for n in range(60)]
    assert self_bleu(strangers) < 0.001
    assert self_bleu(["far too short"] * 100) is None


def test_repeats_and_edges():
    assert repeated_turns(
        ["I paid $5 for it all.", "I paid $9 for it all.", "Something else is said here now.", "Short."]
    ) == pytest.approx(1 / 3)
    found = variety(["Hi, a b", "Hi, a c", "Hello there you", "Hello there you"])
    assert found["distinct"] == 3 / 4
    assert found["top1"] == 1 / 2
    assert found["prefix3_entropy_bits"] == 1.0
    assert variety([]) == {}
    assert compression(["a" * 1000])["gzip_ratio"] > 30


def test_spreads():
    assert spread([1, 2, 3, 4]) == {
        "mean": 2.5,
        "p10": 1.3,
        "p50": 2.5,
        "p90": pytest.approx(3.7),
        "max": 4,
        "cv": math.sqrt(1.25) / 2.5,
    }
    assert spread([]) == {}
    found = manner(["um, what? ok", "fine"], ["Yes."])
    assert found["question_rate_user"] == 0.5
    assert found["disfluency_per_100w_user"] == 50
    assert found["no_end_punct_user"] == 1.0
    assert manner([], [])["question_rate_user"] is None
    assert flow(dialogues([said("a", "b"), said("c", "d"), said("e", "f", "g", "h")])) == {
        "flow_shapes_distinct": 2 / 3,
        "flow_top1": 2 / 3,
    }


def test_slips_are_rare_neighbours_of_common_words_but_no_inflections():
    common = ["where is my order and the other order"] * 20
    assert slips(common) == 0
    assert slips([*common, "where is my ordder"]) == pytest.approx(1000 / 164)
    assert slips([*common, "two orders"]) == 0


def test_templated_turns():
    frame = [said(f"Can you cancel order {word} for me please", "Done") for word in ("apple", "berry", "cedar", "delta")]
    own = [said("Why would anybody sell such rubbish here", "Sorry")]
    assert templated_turn_rate(dialogues(frame)) == 1.0
    assert templated_turn_rate(dialogues([*frame, *own])) == 4 / 4, "a turn of rare words alone has no frame"
    assert templated_turn_rate(dialogues([said("Hi", "Hello")])) is None


@given(st.lists(st.integers(0, 5), min_size=1), st.lists(st.integers(0, 5), min_size=1))
@settings(max_examples=50)
def test_the_divergence_is_a_bounded_symmetric_distance(left, right):
    p, q = Counter(left), Counter(right)
    assert jensen_shannon(p, q) == pytest.approx(jensen_shannon(q, p))
    assert 0 <= jensen_shannon(p, q) <= 1 + 1e-9
    assert jensen_shannon(p, p) == pytest.approx(0)
    assert jensen_shannon(Counter({9: 1}), q) == pytest.approx(1)
    assert jensen_shannon(Counter(), q) is None


def test_what_was_copied_is_found():
    real = dialogues([said("Could you please tell me where my parcel is", "It is on its way to you at the moment")])
    copy = dialogues([said("Could you please tell me where my parcel is", "I see it on its way to you at the moment, sir")])
    assert copied(copy, real) == {"turns": 1 / 2, "runs_of_8_words": 3 / 8}
    assert copied(real, dialogues([said("Something new", "Nothing old")])) == {"turns": 0, "runs_of_8_words": 0}
    assert copied([], real) == {"turns": None, "runs_of_8_words": None}


def test_figures_of_a_corpus_that_never_changes():
    figures = measure(dialogues(CORPUS))
    assert {name: round(figures[name], 6) for name in FIGURES} == FIGURES


def test_figures_do_not_depend_on_the_order_of_the_file():
    assert measure(dialogues(CORPUS[::-1])) == measure(dialogues(CORPUS))


def test_the_sample_is_bounded_and_the_same_for_any_order():
    made = [Dialogue.of(one, number) for number, one in enumerate(CORPUS, 1)]
    forth, back = Sample(25), Sample(25)
    for one, other in zip(made, made[::-1], strict=True):
        forth.add(one)
        back.add(other)
    assert len(forth) == 25
    assert list(forth) == list(back) == sorted(made, key=lambda one: one.digest)[:25]


def test_nothing_is_measured_of_nothing():
    figures = measure([])
    assert figures["templated_turn_rate"] is None
    assert envelope(figures)


def test_the_envelope_counts_what_lies_within_a_tenth_of_the_range():
    assert len(corpora()) == 5
    low, high = (next(one for one in envelope({"turns.p50": value})).inside for value in (2.9, 2.7))
    assert (low, high) == (True, False)
    assert envelope({"unknown": 1.0}) == []


def test_without_scikit_learn_the_rest_is_measured(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    figures = measure(dialogues(CORPUS))
    assert all(figures[name] is None for name in NEEDS_EXTRA)
    assert figures["ttr"] is not None
    assert len(envelope(figures)) == 29

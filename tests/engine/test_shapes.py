"""Operations on grammars, against a plain listing of all that they can say."""

import time
from collections import Counter

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from synth_sdk.engine.dice import Dice
from synth_sdk.engine.grammar.model import Number, OneOf, Series, Words
from synth_sdk.engine.grammar.shapes import draw, flatten, full_match, literal, longest, matcher, pieces, sampler, shortest, size
from tests.engine.grammars import grammars, odds, ways

few = settings(max_examples=60, deadline=None)


@few
@given(grammars)
def test_extent(grammar):
    assume(size(grammar) < 20_000)  # before they are all said: there may be millions
    said = ways(grammar)
    assert size(grammar) == len(said)
    assert longest(grammar) == max(len(text) for text, _ in said)
    assert shortest(grammar) == min(len(text) for text, _ in said)


@few
@given(grammars, st.lists(st.text("ab0 1", max_size=6), max_size=5))
def test_full_match_says_exactly_what_the_grammar_says(grammar, others):
    assume(size(grammar) < 3_000)
    said, says = odds(grammar), matcher(grammar)
    assert all(map(says, list(said)[:200]))
    assert [says(text) for text in others] == [text in said for text in others]


@few
@given(grammars, st.integers(0, 2**64 - 1))
def test_draws_are_matched(grammar, seed):
    assert full_match(grammar, draw(grammar, Dice(seed)))
    assert draw(grammar, Dice(seed)) == sampler(grammar)(Dice(seed))


@few
@given(grammars, st.sampled_from([1, 7, 60, 5_000]))
def test_flatten_keeps_texts_and_odds(grammar, limit):
    assume(size(grammar) < 3_000)
    flat = flatten(grammar, limit)
    before, after = odds(grammar), odds(flat)
    assert before.keys() == after.keys()
    assert all(abs(before[text] - after[text]) < 1e-9 for text in before)
    assert pieces(flat) <= max(1, pieces(grammar))
    _check_canonical(flat)


@few
@given(grammars)
def test_what_is_small_becomes_one_piece(grammar):
    assume(size(grammar) <= 500)
    assert isinstance(flatten(grammar, 500), Words | Number)


def _check_canonical(grammar):
    if isinstance(grammar, Series):
        assert len(grammar.parts) > 1
        assert not any(isinstance(part, Series) or part == literal("") for part in grammar.parts)
        for part in grammar.parts:
            _check_canonical(part)
    elif isinstance(grammar, OneOf):
        assert len(grammar.options) > 1
        assert not any(isinstance(option, OneOf) for option in grammar.options)
        assert len(set(grammar.options)) == len(grammar.options)
        assert sum(isinstance(option, Words) for option in grammar.options) <= 1
        for option in grammar.options:
            _check_canonical(option)
    elif isinstance(grammar, Words):
        assert len(set(grammar.texts)) == len(grammar.texts)
        assert grammar.weights is None or min(grammar.weights) > 0


def test_digits_join_before_words_do():
    digit = Number(0, 9)
    phone = Series((Number(2, 9), digit, digit, literal("-"), digit, digit, digit, digit))
    assert flatten(phone, 1) == Series((Number(200, 999), literal("-"), Number(0, 9999, 4)))


def test_options_that_differ_in_their_edge_are_factored():
    tail = (literal("-"), Number(0, 9999, 4))
    flat = flatten(OneOf((Series((literal("a"), *tail)), Series((literal("b"), *tail))), (1, 3)), 1)
    assert flat == Series((Words(("a-", "b-"), (0.25, 0.75)), Number(0, 9999, 4)))


def test_draws_follow_the_weights():
    grammar = OneOf((Words(("a", "b", "c"), (1, 0, 2)), Number(0, 1)), (3, 1))
    one = sampler(grammar)
    seen = Counter(one(Dice(seed)) for seed in range(8_000))
    assert seen["b"] == 0
    for text, share in {"a": 0.25, "c": 0.5, "0": 0.125, "1": 0.125}.items():
        assert abs(seen[text] / 8_000 - share) < 0.025  # five standard deviations


def test_matching_an_ambiguous_grammar_takes_no_time():
    step = OneOf((literal(""), literal("a"), literal("aa"), Words(("a", "aaa"))))
    started = time.process_time()
    assert not full_match(Series((step,) * 200), "a" * 200 + "b")
    assert full_match(Series((step,) * 200), "a" * 200)
    assert time.process_time() - started < 2


def test_a_grammar_without_weight_is_an_error():
    with pytest.raises(ValueError, match="weight"):
        flatten(Words(("a",), (0.0,)), 10)

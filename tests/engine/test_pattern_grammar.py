"""Grammars of regular expressions: every draw is found by Python's re and by jsonschema-rs, and has the length asked for."""

import re
import time

import jsonschema_rs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from synth_sdk.engine.dice import Dice
from synth_sdk.engine.grammar.from_pattern import grammar_of_pattern
from synth_sdk.engine.grammar.model import Number, Series
from synth_sdk.engine.grammar.shapes import flatten, literal, longest, pieces, sampler, shortest, size

EVERYDAY = [
    r"^[A-Z]{3}-\d{4}$", r"^\d+$", r"[a-z]+", r"^.*$", r"^.+@.+\.[a-z]{2,3}$", r"^(red|green|blue)$", r"^#[0-9a-fA-F]{6}$",
    r"^[^/]+/[^/]+$", r"^\w{1,20}$", r"^(\d{3}-)?\d{3}-\d{4}$", r"^\S+$", r"^([a-z]+\.)+[a-z]+$", r"^[1-9]\d{0,2}$", r"\.json$",
    r"^v\d+(\.\d+){2}$", r"^(a|b)*c?$", r"^$", r"^[-+]?\d+(\.\d+)?$", r"^(?:[01]\d|2[0-3]):[0-5]\d$", r"^[A-Z][a-z]+( [A-Z][a-z]+)*$",
    r"(^x$)|(^y$)", r"^\$\{[a-z_]+\}$", r"^[\w.+-]+$", r"^[\x20-\x7e]{5}$", r"^[à-ü]{3}$", r"^pkg:", r"", r"^a{250}$",
]  # fmt: skip


def accepted(pattern):
    return jsonschema_rs.validator_for({"pattern": pattern}).is_valid


def check(pattern, low=0, high=None, draws=60):
    grammar = grammar_of_pattern(pattern, low, high)
    assert grammar is not None, (pattern, low, high)
    draw, accepts = sampler(grammar), accepted(pattern)
    for text in (draw(Dice(seed)) for seed in range(draws)):
        assert re.search(pattern, text), (pattern, text)
        assert accepts(text), (pattern, text)
        assert low <= len(text) <= (len(text) if high is None else high), (pattern, text)
    return grammar


@pytest.mark.parametrize("pattern", EVERYDAY)
def test_everyday_patterns(pattern):
    check(pattern)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(EVERYDAY), st.integers(0, 12), st.integers(0, 30))
def test_bounds_are_kept(pattern, low, more):
    grammar = grammar_of_pattern(pattern, low, low + more)
    assume(grammar is not None)
    assert low <= shortest(grammar) <= longest(grammar) <= low + more
    check(pattern, low, low + more, 15)


@pytest.mark.parametrize(
    ("pattern", "low", "high"),
    [
        (r"^[a-z0-9-]*$", 40, 50), (r"^\d+$", 30, 30), (r"^(ab)+$", 7, 9), (r"^[a-z]+@[a-z]+$", 25, None), (r"^x", 20, 20),
        (r"y$", 3, 3), (r"\d", 10, 12), (r"^(\w+ )*\w+$", 0, 6), (r"^(a|bbb)$", 2, 5), (r"^[A-Z]{0,9}$", 4, 5), (r"^.{0,500}$", 0, 100),
    ],
)  # fmt: skip
def test_bounds_that_shape_the_text(pattern, low, high):
    check(pattern, low, high)


classes = st.sampled_from(["[a-f]", "[A-Z0-9]", r"\d", r"\w", ".", "[^a-z]", r"[^\s/]", "x", r"\.", "[aeiou-]", r"\S", "[0-4]"])
repeats = st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "{0,5}", "+?"])


@st.composite
def expressions(draw, inner):
    body = draw(st.sampled_from(["row", "any", "group"]))
    parts = draw(st.lists(inner, min_size=1, max_size=3))
    if body == "row":
        return "".join(parts)
    times = draw(st.sampled_from(["", "?", "{2}"]))  # more would give Python's matcher something to explode on
    return f"({'|'.join(parts)}){times}" if body == "any" else f"(?:{''.join(parts)}){times}"


patterns = st.recursive(st.builds(str.__add__, classes, repeats), expressions, max_leaves=6)


@settings(max_examples=120, deadline=None)
@given(patterns, st.sampled_from(["", "^"]), st.sampled_from(["", "$"]))
def test_made_up_patterns(body, opens, closes):
    pattern = f"{opens}({body}){closes}"
    assume(grammar_of_pattern(pattern) is not None)
    check(pattern, draws=25)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(?=a)a$", r"^(?!x)\w+$", r"(?<=a)b", r"^(a|b)\1$", r"\bword\b", r"a^b", r"(a$)b", r"(^a)+b$", r"^a++a$", r"(?>a|ab)c",
        r"(?P<a", "[", "a{99999}", r"^(x)?(?(1)y|z)$", r"^\<a\>$",
    ],
)  # fmt: skip
def test_what_cannot_be_promised_has_no_grammar(pattern):
    assert grammar_of_pattern(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "low", "high"), [("^abc$", 4, 9), (r"^\d{3}$", 0, 2), ("^(ab)+$", 3, 3), ("a", 5, 4), ("^a+$", 60_000, None)]
)
def test_lengths_that_cannot_be_had_have_no_grammar(pattern, low, high):
    assert grammar_of_pattern(pattern, low, high) is None


def test_digits_are_numbers():
    assert grammar_of_pattern(r"^\d{4}$") == Number(0, 9999, 4)
    assert grammar_of_pattern(r"^[1-9]\d{2}$") == Number(100, 999)
    assert grammar_of_pattern(r"^\d{1,3}$") == Number(0, 999)
    assert grammar_of_pattern(r"^\d{2,3}$") == Number(0, 999, 2)
    assert grammar_of_pattern(r"^A\d{5}-[0-4]$") == Series((literal("A"), Number(0, 99999, 5), literal("-"), Number(0, 4)))
    assert pieces(grammar_of_pattern(r"^\d{40}$")) == 3


def test_runs_flatten_into_few_pieces():
    assert size(grammar_of_pattern("^[A-Z]{3}$")) == 26**3
    assert pieces(grammar_of_pattern("^[A-Z]{3}$")) == 3
    assert pieces(flatten(grammar_of_pattern("^[A-Z]{3}$"), 65_536)) == 1


def test_texts_look_like_something():
    draw = sampler(grammar_of_pattern(r"^.+$"))
    assert all(draw(Dice(seed)).isalpha() for seed in range(50))
    draw = sampler(grammar_of_pattern(r"^\S{6}$"))
    assert all(draw(Dice(seed)).isalnum() for seed in range(50))


def test_open_ends_are_used():
    draw = sampler(grammar_of_pattern("^pkg:"))
    assert len({draw(Dice(seed)) for seed in range(50)}) > 30


@pytest.mark.parametrize("pattern", [r"^(a+)+$", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"^((a|b)*)*c$", "(" * 60 + "a" + ")*" * 60, "(a?){60}a{60}", "(((x{9}){9}){9}){9}"])  # fmt: skip
def test_hostile_patterns_take_no_time(pattern):
    started = time.process_time()
    grammar_of_pattern(pattern)
    assert time.process_time() - started < 3

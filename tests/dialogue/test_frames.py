import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.dialogue.frames import BadFrame, always, first_words, parse_frame, render, slots_of


def say(text, seed=0):
    return "".join(
        piece for piece, _ in render(parse_frame(text), random.Random(seed), lambda slot: f"<{slot.name}:{slot.form}>")
    )


def test_slots_choices_and_optional_words():
    outcomes = {say("It's (late|over(due| due))[ again], {item|short}.", seed) for seed in range(60)}
    assert outcomes == {
        f"It's {word}{again}, <item:short>." for word in ("late", "overdue", "over due") for again in ("", " again")
    }


def test_optional_words_may_have_alternatives():
    assert {say("no[ thanks|, thank you]", seed) for seed in range(60)} == {"no", "no thanks", "no, thank you"}


def test_escapes_are_the_characters_themselves():
    assert say(r"a \(b\) \[c\] \{d\} \| e") == "a (b) [c] {d} | e"


def test_a_bar_outside_of_brackets_is_text():
    assert say("a | b") == "a | b"


@pytest.mark.parametrize(
    "text",
    ["", "  ", "(a", "a)", "[a", "{a", "{a b}", "{}", "a]", "two\nlines", "(" * 20 + "a" + ")" * 20, "{a|b|c}", "x" * 3000],
)
def test_flaws(text):
    with pytest.raises(BadFrame):
        parse_frame(text)


@given(st.text(alphabet="ab {}()[]|\\", max_size=40))
def test_any_text_parses_or_is_refused(text):
    with suppress(BadFrame):
        say(text)


def test_what_a_frame_needs():
    parts = parse_frame("{a} (x {b}|y {b} {c})[ {d}]")
    assert {slot.name for slot in slots_of(parts)} == {"a", "b", "c", "d"}
    assert always(parts) == {"a", "b"}
    assert first_words(parse_frame("(Hi|Hey) there {a} b")) == "hi there"

"""Paragraphs offline."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.dates import MONTHS, WEEKDAYS
from synth_sdk.core.errors import UnknownName
from synth_sdk.engine.text import TextSource
from synth_sdk.engine.themes import THEMES

ENDS = re.compile(r"[.!?](?=\s|$)")


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.integers(0, 10), st.integers(0, 2**40), st.integers(0, 10**9))
def test_the_number_of_sentences_keeps_the_bounds(fewest, more, seed, index):
    text = TextSource(seed, "en_US", fewest, fewest + more).record(index)["text"]
    assert fewest <= len(ENDS.findall(text)) <= fewest + more
    assert text.endswith(".")
    assert "{" not in text


@pytest.mark.parametrize("locale", ["de_DE", "fr_FR", "es_MX"])
def test_other_languages_keep_them_too(locale):
    source = TextSource(1, locale, 2, 4)
    assert {len(ENDS.findall(source.record(index)["text"])) for index in range(60)} == {2, 3, 4}


def test_every_length_within_the_bounds_occurs():
    source = TextSource(1)
    assert {len(ENDS.findall(source.record(index)["text"])) for index in range(200)} == {1, 2, 3, 4, 5}


def test_records_differ_even_when_they_are_one_sentence():
    source = TextSource(0, "en_US", 1, 1)
    assert len({source.record(index)["text"] for index in range(3000)}) == 3000


def test_record_n_depends_on_seed_and_n_alone():
    one, other = TextSource(9), TextSource(9)
    assert [one.record(index) for index in range(20)] == [other.record(index) for index in reversed(range(20))][::-1]
    assert TextSource(10).record(0) != one.record(0)


def test_a_paragraph_does_not_repeat_a_sentence():
    source = TextSource(2, "en_US", 8, 8)
    for index in range(100):
        sentences = ENDS.split(source.record(index)["text"])
        assert len(set(sentences)) == len(sentences)


def test_a_paragraph_is_about_one_person():
    text = TextSource(4, "en_US", 6, 6)
    for index in range(50):
        record = text.record(index)["text"]
        assert "  " not in record
        assert not re.search(r"\b[a-z]+\. [a-z]", record)  # each sentence starts with a capital


def test_the_wording_holds_one_sentence_each():
    for theme in THEMES:
        for frame in (*theme.openings, *theme.middles, *theme.closings):
            assert frame.count(".") == 1, frame
            assert frame.endswith("."), frame
        assert all("{name}" in frame and "{town}" in frame for frame in theme.openings)
    assert len(WEEKDAYS) == 7
    assert len(MONTHS) == 12


def test_an_unknown_locale():
    with pytest.raises(UnknownName, match="locale"):
        TextSource(0, "xx_XX")

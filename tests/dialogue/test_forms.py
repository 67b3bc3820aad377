import random

import pytest

from synth_sdk.dialogue.forms import BUILT_IN, article, ordinal


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("long", "March 9"),
        ("short", "Mar 9"),
        ("ord", "March 9th"),
        ("day", "the 9th"),
        ("weekday", "Sunday"),
        ("iso", "2025-03-09"),
    ],
)
def test_dates(form, text):
    assert BUILT_IN["date"].text("2025-03-09", form, "2025-03-05", random.Random(0)) == text


def test_far_dates_keep_their_month():
    for form in ("day", "weekday"):
        assert BUILT_IN["date"].text("2025-03-09", form, "2025-05-05", random.Random(0)) == "March 9"


def test_default_forms_all_occur():
    texts = {BUILT_IN["date"].text("2025-03-09", "", "2025-03-05", random.Random(seed)) for seed in range(40)}
    assert texts == {"March 9", "Mar 9", "March 9th"}


def test_money():
    money = BUILT_IN["money"]
    assert money.text("1045.5", "", "2025-01-01", random.Random(0)) == "$1,045.50"
    assert money.text(45.0, "short", "2025-01-01", random.Random(0)) == "$45"
    assert money.text(45.5, "short", "2025-01-01", random.Random(0)) == "$45.50"


def test_small_words():
    assert [ordinal(day) for day in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30)] == [
        "1st",
        "2nd",
        "3rd",
        "4th",
        "11th",
        "12th",
        "13th",
        "21st",
        "22nd",
        "23rd",
        "30th",
    ]
    assert (article("oak table"), article("lamp")) == ("an oak table", "a lamp")

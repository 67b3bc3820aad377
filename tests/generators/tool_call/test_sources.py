import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.generators.tool_call.sources import Sources, stems

TOLD = Sources(
    'Ask Ines Moreau of Lima about order AB-1043, "due": "2025-03-14T14:30:00Z", 5 pieces at $1440.50 each, twelve boxes, mail i.moreau@example.com'
)


@pytest.mark.parametrize(
    "text",
    [
        "It is due on March 14.",
        "It is due on the 14th of March, a Friday.",
        "It is due at 2:30 pm.",
        "Five pieces, 12 boxes, $1,440.50 each.",
        "Ines has it, order ab-1043.",
        "Write to I.Moreau@example.com, OK?",
        "Nothing of weight, I'd say.",
    ],
)
def test_what_was_told_may_be_said_in_other_forms(text):
    assert TOLD.news(text) is None


@pytest.mark.parametrize(
    ("text", "news"),
    [
        ("It is due on March 15.", "03-15"),
        ("It is due on a Monday.", "Monday"),
        ("It takes seven pieces.", "seven"),
        ("It takes 7 pieces.", "7"),
        ("It costs $12.", "12.00"),
        ("So Ines of Bergen has it.", "Bergen"),
        ("It is order AB-1044.", "ab-1044"),
        ("Write to moreau@example.org.", "moreau@example.org"),
    ],
)
def test_what_nobody_told_is_news(text, news):
    assert TOLD.news(text) == news


def test_texts_of_a_later_result_are_foretold_until_they_are_heard():
    sources = Sources("Look for the report.")
    later = {"rows": [{"note": "Three chairs are missing", "state": "sent", "n": 12}]}
    assert sources.foretold("I know: three chairs are missing by now.", later) == "three chairs are missing"
    assert sources.foretold("It was sent, all 12.", later) is None  # too short to tell from chance; figures are news anyway
    sources.hear("three chairs are missing")
    assert sources.foretold("I know: three chairs are missing by now.", later) is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_that_was_heard_is_news(one, other):
    assert Sources(one, other).news(one) is None
    assert stems(one) <= stems(f"{one} {other}")


@settings(max_examples=60, deadline=None)
@given(st.dates(), st.integers(0, 10**15 - 1))
def test_any_date_and_number_can_be_heard(day, number):
    assert Sources(f"{day} {number}").news(f"It was {number:,} on {day:%B} {day.day}, {day.year}, {day:%A}.") is None

"""What is counted in every record."""

import pytest

from synth_sdk.evaluation.mentions import mentions
from synth_sdk.evaluation.tallies import mention_counts, takes_turns, tool_counts
from tests.dialogue.dialects.support import PARALLEL, TOOLS, agent, called, calling, record, result, user

CALL = calling(called("get_weather", {"place": "Ghent"}, "c1"))


def test_mentions_meet_in_whatever_form():
    assert mentions("Ann@X.org. March 9th, $1,045.50, #AB-12345, 123456") == {
        ("email", "ann@x.org"), ("date", "03-09"), ("money", "$1045.50"), ("id", "ab-12345"), ("id", "123456"),
    }  # fmt: skip
    assert mentions("2025-03-09") == mentions("3/9") == {("date", "03-09")}
    assert mentions("nothing at 9") == set()


@pytest.mark.parametrize(
    ("messages", "sound"),
    [
        (PARALLEL["messages"], True),
        ([user(), agent()], True),
        ([agent(), user(), agent()], True),
        ([user(), user(), agent()], False),
        ([user(), agent(), agent()], False),
        ([user(), CALL, agent()], False),
        ([user(), CALL, result("c2"), agent()], False),
        ([user(), CALL, result("c1"), result("c1"), agent()], False),
        ([user(), CALL], False),
        ([user(), calling(*CALL["tool_calls"] * 2), result("c1"), agent()], False),
        ([user(), agent(" ")], False),
        ([user(), {"role": "system", "content": "x"}, agent()], False),
        ([agent()], False),
        ([], False),
    ],
)
def test_turn_taking(messages, sound):
    assert takes_turns(messages) is sound


def test_calls_and_results():
    messages = [
        user("Weather in Ghent?"), CALL, result("c1", '{"sky": "grey", "wind": 3}'), agent("It's grey."),
        user("And?"), calling(called("get_weather", {"days": 0}, "c2")), result("c2", "no such place"), agent("Sorry."),
        user("Then?"), calling(called("guess", {}, "c3")), result("c3"), agent("Hm."),
        user("?"), {"role": "assistant", "content": None, "tool_calls": [{"id": "c4", "function": {"name": "clock", "arguments": "{"}}]}, result("c4"), agent("So."),
    ]  # fmt: skip
    counts = tool_counts(messages, TOOLS)
    assert (counts["calls"], counts["arguments_not_json"], counts["undeclared_tool"], counts["arguments_schema_invalid"]) == (
        4,
        1,
        1,
        1,
    )
    assert (counts["argument_values"], counts["argument_values_grounded"]) == (2, 1)
    assert (counts["results"], counts["results_used"]) == (4, 1)
    assert tool_counts([user(), agent()], TOOLS).total() == 0


def test_what_nobody_gave():
    given = [
        user("I'm ann@x.org, order AB-12345"),
        agent("AB-12345, ann@x.org: it comes on March 9th, call 555123."),
        agent("March 9th"),
    ]
    counts = mention_counts(given)
    assert (counts["mentions"], counts["mentions_unsourced"]) == (4, 2)
    assert (counts["mailed"], counts["email_conflict"]) == (1, 0)
    told = mention_counts(
        [user("Hi"), CALL, result("c1", '{"due": "2025-03-09", "ref": "XY-777888"}'), agent("XY-777888, on March 9th.")]
    )
    assert (told["mentions"], told["mentions_unsourced"]) == (2, 0)


def test_another_address_than_the_users_is_a_conflict():
    counts = mention_counts(
        record(user("ann@x.org"), agent("Sent to bob@y.org."), user("What?"), agent("To eve@z.org."))["messages"]
    )
    assert (counts["mailed"], counts["email_conflict"], counts["mentions_unsourced"]) == (1, 1, 2)

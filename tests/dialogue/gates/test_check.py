import copy
import json

import pytest

from synth_sdk.core.errors import Rejected
from synth_sdk.dialogue import check, play

TOOLS = [{"type": "function", "function": {"name": "look", "description": "", "parameters": {
    "type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"], "additionalProperties": False}}}]  # fmt: skip


def call(arguments='{"id": "AB-12345"}', name="look", call_id="c1"):
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}],
    }


def tool(content='{"total": "45.50", "due": "2025-03-09"}', call_id="c1"):
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def user(text):
    return {"role": "user", "content": text}


def agent(text):
    return {"role": "assistant", "content": text}


def record(*messages):
    return {"id": "x", "messages": list(messages), "tools": TOOLS, "meta": {}}


GOOD = record(
    user("Where is order AB-12345?"),
    call(),
    tool(),
    agent("It comes on March 9th and cost $45.50."),
    user("Thanks"),
    agent("Bye!"),
)


def test_a_sound_record_passes_unchanged():
    assert check(copy.deepcopy(GOOD)) == GOOD


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([], "no messages"),
        ([agent("Hello"), user("Hi"), agent("Yes?")], "customer must speak first"),
        ([user("Hi"), user("There?"), agent("Yes?")], "two turns of the user"),
        ([user("Hi"), agent("Yes?"), agent("Well?")], "two turns of the assistant"),
        ([user("Hi"), agent("Yes?"), user("Bye")], "end with the assistant"),
        ([user("Hi"), agent("  ")], "empty"),
        ([user("Hi"), agent(None)], "empty"),
        ([user("Hi"), {"role": "robot", "content": "x"}], "role"),
        ([user("Hi"), {"role": "assistant", "content": 3}], "must be text"),
        ([user("AB-12345"), call(), agent("Done")], "not answered"),
        ([user("AB-12345"), call()], "not answered"),
        ([user("AB-12345"), tool(), agent("Done")], "without its call"),
        ([user("AB-12345"), call(), tool(call_id="c2"), agent("Done")], "without its call"),
        ([user("AB-12345"), call(), tool(), call(), tool(), agent("Done")], "stands twice"),
        ([user("AB-12345"), call(), tool()], "end with the assistant"),
        ([user("AB-12345"), agent("Moment"), call(), tool(), agent("Done")], "must follow a customer"),
        ([user("AB-12345"), call("{id: 1}"), tool(), agent("Done")], "not JSON"),
        ([user("AB-12345"), call('{"id": 1}'), tool(), agent("Done")], "break its schema"),
        ([user("AB-12345"), call('{"id": "a", "x": 1}'), tool(), agent("Done")], "break its schema"),
        ([user("AB-12345"), call(name="guess"), tool(), agent("Done")], "not declared"),
        ([user("Hi"), {"role": "system", "content": "x"}, agent("Yes")], "must come first"),
        ([user("Hi"), agent("Your order AB-99999 is late.")], "id ab-99999"),
        ([user("Hi"), agent("You get $12.00 back.")], "amount 12.00"),
        ([user("Hi"), agent("It comes on 12 March.")], "date 03-12"),
        ([user("Hi"), agent("I wrote to ann@example.com.")], "email ann@example.com"),
        ([user("Hi {order_id}"), agent("Yes")], "unfilled gap"),
        ([user("Hi"), agent("Hello [Customer Name], how are you?")], "unfilled gap"),
        ([user("Hi"), agent("Sure. Customer: thanks. Agent: bye")], "another speaker"),
        ([user("x" * 5000), agent("Yes")], "longer than"),
    ],
)
def test_each_flaw_has_its_reason(messages, reason):
    with pytest.raises(Rejected, match=reason):
        check(record(*messages))


def test_sources_count_in_any_form():
    given = record(
        user("It's #ab-12345, I paid 1,045.5 dollars, write to Ann@Example.com"),
        call('{"id": "AB-12345"}'),
        tool(json.dumps({"due": "2025-03-09", "total": 45.5})),
        agent("AB-12345, due the 9th of March or Mar 9, 3/9: $45.50 of $1,045.50, to ann@example.com"),
    )
    assert check(given)["messages"] == given["messages"]


def test_numbers_before_month_like_words_are_no_dates():
    check(record(user("It was $12.99"), agent("The $12.99 may take a while, 5 or 6 days.")))


def test_spoken_turns_are_cleaned_and_checking_again_changes_nothing():
    dirty = record(user('"Hi there"'), agent("**Agent:** Hello\u200b\x07, <b>you</b>"))
    cleaned = check(dirty)
    assert [message["content"] for message in cleaned["messages"]] == ["Hi there", "Hello, you"]
    assert check(cleaned) == cleaned
    assert dirty["messages"][0]["content"] == '"Hi there"'


def test_a_system_message_may_come_first(support, start):
    assert play(support, 0, 0, start)["messages"][0]["role"] == "system"
    check(play(support, 0, 0, start))

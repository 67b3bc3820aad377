"""Whatever a dialect can hold comes back from it; what is written is clean for its validator."""

import copy
import json

import pytest
from hypothesis import given, settings

from synth_sdk.core.errors import Rejected, UnknownName
from synth_sdk.dialogue import load_pack, play
from synth_sdk.dialogue.dialects import DIALECTS, EXPORTS, convert, detect, restore, validate
from tests.dialogue.dialects.support import PARALLEL, agent, called, calling, conversations, record, result, user, without_ids

KEEPS_LABELS = ("synth", "trl", "sharegpt")


def journey(name, given_record):
    """Written, through JSON text, and read back."""
    return restore(json.loads(json.dumps(convert(given_record, name))), name)


def comparable(name, messages):
    return without_ids(messages) if name == "sharegpt" else messages


@pytest.mark.parametrize("name", DIALECTS)
@given(conversations())
@settings(max_examples=60)
def test_a_conversation_comes_back_and_is_clean(name, conversation):
    before = copy.deepcopy(conversation)
    written = convert(conversation, name)
    assert validate(written, name) == []
    assert conversation == before, "converting changes nothing in the record"
    back = journey(name, conversation)
    assert comparable(name, back["messages"]) == comparable(name, conversation["messages"])
    assert back["tools"] == conversation["tools"]
    assert [key in back for key in ("id", "meta")] == [name in KEEPS_LABELS] * 2
    if name in KEEPS_LABELS:
        assert (back["id"], back["meta"]) == (conversation["id"], conversation["meta"])


@pytest.mark.parametrize("pack", ["customer_support", "code_assistant", "research_assistant"])
def test_built_in_conversations_are_clean_and_recognised_in_every_dialect(pack, start):
    found = load_pack(pack)
    for index in range(25):
        conversation = play(found, 0, index, start)
        for name in DIALECTS:
            written = convert(conversation, name)
            assert validate(written, name) == []
            assert detect(written) == name
            assert comparable(name, journey(name, conversation)["messages"]) == comparable(name, conversation["messages"])


def test_each_dialect_as_its_trainer_wants_it():
    call = {"name": "clock", "arguments": {}}
    assert convert(PARALLEL, "openai").keys() == {"messages", "tools"}
    trl = convert(PARALLEL, "trl")
    assert trl["messages"][2]["tool_calls"][1]["function"] == call
    assert trl["messages"][4] == {"role": "tool", "name": "clock", "tool_call_id": "c2", "content": "noon"}
    sharegpt = convert(PARALLEL, "sharegpt")
    assert [turn["from"] for turn in sharegpt["conversations"]] == [
        "human", "function_call", "observation", "function_call", "observation", "gpt", "human", "gpt",
    ]  # fmt: skip
    assert json.loads(sharegpt["conversations"][1]["value"])[1] == call
    assert json.loads(sharegpt["conversations"][2]["value"]) == [{"sky": "grey"}, "noon"]
    assert sharegpt["conversations"][4]["value"] == '["grey", 1.50]', "a single result is left as it is"
    assert json.loads(sharegpt["tools"])[1]["name"] == "clock"
    bedrock = convert(PARALLEL, "bedrock")
    assert bedrock["messages"][2]["content"][0] == {"toolResult": {"toolUseId": "c1", "content": [{"text": '{"sky": "grey"}'}]}}
    assert bedrock["toolConfig"]["tools"][1]["toolSpec"]["inputSchema"] == {"json": {"type": "object"}}
    anthropic = convert(PARALLEL, "anthropic")
    assert [message["role"] for message in anthropic["messages"]] == ["user", "assistant"] * 4
    assert [block["tool_use_id"] for block in anthropic["messages"][2]["content"]] == ["c1", "c2"]
    assert anthropic["messages"][-1] == {"role": "assistant", "content": "You're welcome."}


@pytest.mark.parametrize("name", ["synth", "openai", "trl", "bedrock", "anthropic"])
def test_a_turn_may_speak_and_call_at_once(name):
    given_record = record(user(), calling(called("clock", {}, "c1"), content="Let me see."), result("c1"), agent())
    assert validate(convert(given_record, name), name) == []
    assert journey(name, given_record)["messages"] == given_record["messages"]


def test_sharegpt_has_no_place_for_that():
    given_record = record(user(), calling(called("clock", {}, "c1"), content="Let me see."), result("c1"), agent())
    with pytest.raises(Rejected, match="speaks and calls a tool at once: choose another dialect"):
        convert(given_record, "sharegpt")


@pytest.mark.parametrize("name", EXPORTS)
def test_a_conversation_may_end_with_the_calls_to_be_learnt(name):
    given_record = record(user(), calling(called("clock", {}, "c1"), called("clock", {}, "c2")))
    assert validate(convert(given_record, name), name) == []
    assert comparable(name, journey(name, given_record)["messages"]) == comparable(name, given_record["messages"])


@pytest.mark.parametrize("name", EXPORTS)
def test_a_tool_call_is_written_as_the_conversation_it_brings_along(name):
    call = called("clock", {}, "c1")
    messages = [user("Time?"), calling(call), result("c1"), agent("Noon.")]
    given_record = {**call, "meta": {"label": "correct", "messages": messages, "tools": PARALLEL["tools"]}}
    written = convert(given_record, name)
    assert validate(written, name) == []
    assert comparable(name, restore(written, name)["messages"]) == comparable(name, messages)
    if name in KEEPS_LABELS:
        assert written["meta"] == {"label": "correct"}


def test_what_is_no_conversation_is_turned_down():
    for name in DIALECTS:
        for given_record in ({"id": "x"}, {"text": "x"}, [], None):
            with pytest.raises(Rejected, match="no list of messages"):
                convert(given_record, name)
    with pytest.raises(Rejected, match="not a sound conversation"):
        convert(record(user(), {"role": "assistant", "tool_calls": [{}]}), "trl")
    with pytest.raises(Rejected, match="/messages/0"):
        restore({"messages": [{"role": "robot"}, agent()]}, "openai")
    with pytest.raises(UnknownName, match="did you mean anthropic"):
        convert(PARALLEL, "antropic")


def test_no_tools_are_no_key():
    given_record = {**record(user(), agent()), "tools": []}
    for name in EXPORTS:
        assert validate(convert(given_record, name), name) == []
        assert "tools" not in restore(convert(given_record, name), name)

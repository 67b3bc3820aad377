"""Every mutation that breaks a rule is found, in every dialect that can hold it."""

import copy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.dialogue.dialects import DIALECTS, convert, validate
from synth_sdk.dialogue.dialects.findings import RULES
from tests.dialogue.dialects.support import PARALLEL, agent, called, calling, conversations, record, result, user

BLOCKS = ("bedrock", "anthropic")
MOVES = ("sharegpt", *BLOCKS)  # formats in which messages themselves alternate


def rules(written, name):
    found = {finding.rule for finding in validate(written, name)}
    assert found <= RULES.keys()
    return found


def test_every_rule_is_documented():
    page = (Path(__file__).parents[3] / "docs" / "dialects.md").read_text("utf-8")
    assert all(f"| `{rule}` | {meaning} |" in page for rule, meaning in RULES.items())


def with_calls(conversation):
    return any("tool_calls" in message for message in conversation["messages"])


def first_call(conversation):
    return next(i for i, message in enumerate(conversation["messages"]) if message.get("tool_calls"))


def drop_result(conversation):
    del conversation["messages"][first_call(conversation) + 1]


def repeat_result(conversation):
    place = first_call(conversation) + 1
    conversation["messages"].insert(place, copy.deepcopy(conversation["messages"][place]))


def repeat_id(conversation):
    messages = conversation["messages"]
    call = copy.deepcopy(messages[first_call(conversation)])
    call["tool_calls"] = call["tool_calls"][:1]
    end = len(messages) - 1
    messages[end:end] = [call, result(call["tool_calls"][0]["id"])]


def unknown_tool(conversation):
    conversation["messages"][first_call(conversation)]["tool_calls"][0]["function"]["name"] = "guess"


def broken_arguments(conversation):
    function = conversation["messages"][first_call(conversation)]["tool_calls"][0]["function"]
    function.update(name="get_weather", arguments='{"days": 0}')


def list_arguments(conversation):
    conversation["messages"][first_call(conversation)]["tool_calls"][0]["function"]["arguments"] = "[1]"


def two_users(conversation):
    conversation["messages"].insert(-1, user("Hello?"))
    conversation["messages"].insert(-1, user("Anybody?"))


def two_replies(conversation):
    conversation["messages"].append(agent("Again."))


def ends_with_user(conversation):
    conversation["messages"].append(user("Still there?"))


def ends_with_result(conversation):
    conversation["messages"][-1:] = [calling(called("clock", {}, "last")), result("last")]


def agent_first(conversation):
    messages = conversation["messages"]
    messages.insert(1 if messages[0]["role"] == "system" else 0, agent("Hello!"))


def late_system(conversation):
    conversation["messages"].insert(-1, {"role": "system", "content": "Be brief."})


def blank_turn(conversation):
    conversation["messages"][-1]["content"] = "  "


def strange_role(conversation):
    conversation["messages"][-1]["role"] = "robot"


def same_tool_twice(conversation):
    conversation["tools"].append(copy.deepcopy(conversation["tools"][0]))


def no_schema(conversation):
    conversation["tools"][1]["function"]["parameters"] = {"type": "object", "properties": {"a": {"type": "strin"}}}


def no_object_schema(conversation):
    conversation["tools"][1]["function"]["parameters"] = {"type": "array"}


def spaced_name(conversation):
    conversation["tools"][1]["function"]["name"] = "the clock"


# What breaks, the rule that says so, and where another one does or the dialect can't hold it (None).
MUTATIONS = [
    (drop_result, {"unanswered"}, {"sharegpt": {"unanswered", "alternation"}}),
    (repeat_result, {"orphan-result"}, {"sharegpt": None}),
    (repeat_id, {"call-id"}, {"sharegpt": None}),
    (unknown_tool, {"undeclared-tool"}, {}),
    (broken_arguments, {"arguments-schema"}, {}),
    (list_arguments, {"arguments-json"}, {name: {"shape"} for name in ("trl", *BLOCKS)}),
    (two_users, {"alternation"}, {}),
    (two_replies, {"alternation"}, {}),
    (ends_with_user, {"ends-with-assistant"}, {}),
    (ends_with_result, {"ends-with-assistant"}, {}),
    (agent_first, {"alternation"}, {}),
    (late_system, {"alternation"}, {"bedrock": {"role"}, "anthropic": {"role"}}),
    (blank_turn, {"empty-turn"}, {}),
    (strange_role, {"role"}, {"sharegpt": None}),
    (same_tool_twice, {"tool-definition"}, {}),
    (no_schema, {"tool-definition"}, {}),
    (no_object_schema, {"tool-definition"}, {}),
    (spaced_name, {"name"}, {"sharegpt": None}),
]


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize(("mutate", "expected", "otherwise"), MUTATIONS, ids=[mutation[0].__name__ for mutation in MUTATIONS])
@given(conversation=conversations().filter(with_calls))
@settings(max_examples=6)
def test_a_mutation_is_found(name, mutate, expected, otherwise, conversation):
    wanted = otherwise.get(name, expected)
    if wanted is None:
        return
    mutate(conversation)
    assert rules(convert(conversation, name), name) & wanted


def at(container, path):
    for key in path:
        container = container[key]
    return container


CALL = ("messages", 2, "tool_calls", 0)
RAW = {
    "openai": [
        (("extra",), 1, "shape", ""),
        (("messages",), "text", "shape", "/messages"),
        (("messages", 1, "content"), 3, "shape", "/messages/1/content"),
        (("messages", 1, "content"), None, "shape", "/messages/1/content"),
        (("messages", 1, "mood"), "glad", "shape", "/messages/1"),
        ((*CALL, "id"), "x" * 41, "size", "/messages/2/tool_calls/0/id"),
        ((*CALL, "id"), "", "name", "/messages/2/tool_calls/0/id"),
        ((*CALL, "type"), "tool", "shape", "/messages/2/tool_calls/0/type"),
        ((*CALL, "function", "arguments"), {"place": "Ghent"}, "shape", "/messages/2/tool_calls/0/function/arguments"),
        ((*CALL, "function", "arguments"), "{place: 1}", "arguments-json", "/messages/2/tool_calls/0"),
        ((*CALL, "function", "arguments"), '{"place": NaN}', "arguments-json", "/messages/2/tool_calls/0"),
        (("messages", 2, "tool_calls"), [], "size", "/messages/2/tool_calls"),
        (("messages", 3, "tool_call_id"), "c9", "orphan-result", "/messages/3"),
        (("messages", 9, "content"), "x" * 200_001, "size", "/messages/9/content"),
        (("tools",), [], "size", "/tools"),
        (("tools", 0, "type"), "web", "shape", "/tools/0/type"),
    ],
    "trl": [
        ((*CALL, "function", "arguments"), '{"place": "Ghent"}', "shape", "/messages/2/tool_calls/0/function/arguments"),
        (("messages", 3, "name"), "clock", "orphan-result", "/messages/3"),
        (("messages", 3, "name"), None, "shape", "/messages/3/name"),
    ],
    "sharegpt": [
        (("conversations", 0, "from"), "user", "role", "/conversations/0/from"),
        (("conversations", 0, "value"), None, "shape", "/conversations/0/value"),
        (("conversations", 1, "value"), "clock()", "arguments-json", "/conversations/1/value"),
        (("conversations", 1, "value"), "[]", "arguments-json", "/conversations/1/value"),
        (("conversations", 1, "value"), '{"name": "clock", "arguments": "{}"}', "arguments-json", "/conversations/1/value"),
        (("conversations", 2, "value"), '["only one"]', "unanswered", "/conversations/1"),
        (("conversations", 2, "from"), "gpt", "alternation", "/conversations/2"),
        (("tools",), "a clock", "tool-definition", "/tools"),
        (("tools",), '[{"title": "clock"}]', "tool-definition", "/tools"),
    ],
    "bedrock": [
        (("schemaVersion",), "bedrock-2023", "shape", "/schemaVersion"),
        (("id",), "r1", "shape", ""),
        (("messages", 0, "content"), "Hello", "shape", "/messages/0/content"),
        (("messages", 0, "content", 0), {}, "shape", "/messages/0/content/0"),
        (("messages", 0, "content", 0, "text"), "User: hello", "reserved-text", "/messages/0/content/0/text"),
        (("system", 0, "text"), "[EOS]", "reserved-text", "/system/0/text"),
        (("messages", 0, "content", 0), {"toolUse": {"toolUseId": "q", "name": "clock", "input": {}}}, "role", "/messages/0/content/0"),
        (("messages", 1, "content", 0, "toolUse", "input"), "{}", "shape", "/messages/1/content/0/toolUse/input"),
        (("messages", 0, "role"), "assistant", "alternation", "/messages/0"),
        (("toolConfig", "tools"), [], "size", "/toolConfig/tools"),
    ],
    "anthropic": [
        (("meta",), {}, "shape", ""),
        (("messages", 0, "content"), [], "size", "/messages/0/content"),
        (("messages", 0, "content"), [{"type": "image"}], "shape", "/messages/0/content/0/type"),
        (("messages", 1, "content", 0, "id"), "c 1", "name", "/messages/1/content/0/id"),
        (("messages", 1, "content", 0, "input"), "{}", "shape", "/messages/1/content/0/input"),
        (("messages", 2, "role"), "tool", "role", "/messages/2/role"),
        (("messages", 2, "content", 0), {"type": "text", "text": "wait"}, "block-order", "/messages/2/content/1"),
        (("messages", 3, "content", 0), {"type": "tool_result", "tool_use_id": "c1"}, "role", "/messages/3/content/0"),
        (("tools", 0, "input_schema"), {"type": "string"}, "tool-definition", "/tools/0"),
    ],
}  # fmt: skip
RAW_CASES = [(name, *case) for name, cases in RAW.items() for case in cases]


@pytest.mark.parametrize(("name", "path", "value", "rule", "pointer"), RAW_CASES)
def test_a_flaw_of_the_format_is_found_where_it_stands(name, path, value, rule, pointer):
    written = copy.deepcopy(convert(PARALLEL, name))
    assert validate(written, name) == []
    at(written, path[:-1])[path[-1]] = value
    found = validate(written, name, 7)
    assert (rule, pointer) in {(finding.rule, finding.pointer) for finding in found}
    assert all(finding.record == 7 and finding.message for finding in found)


@pytest.mark.parametrize("name", DIALECTS)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["messages", "role", "content", "conversations", "from", "value", "tools", "system", "type", "text"]), inner, max_size=3), max_leaves=12))  # fmt: skip
@settings(max_examples=60)
def test_any_json_is_judged_and_not_choked_on(name, value):
    assert validate(value, name)


@pytest.mark.parametrize("name", DIALECTS)
@given(conversations(), st.data())
@settings(max_examples=40)
def test_a_record_with_any_part_taken_out_is_judged(name, conversation, data):
    """Nothing that is missing makes a validator fail itself, and what is clean can be read."""
    written = copy.deepcopy(convert(conversation, name))
    holder = written
    while True:
        keys = list(range(len(holder))) if isinstance(holder, list) else list(holder)
        key = data.draw(st.sampled_from(keys))
        inner = holder[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            break
        holder = inner
    del holder[key]
    validate(written, name)


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize(
    ("odd", "rule"),
    [("\ud800", "encoding"), (deep(500), "encoding"), (float("nan"), "encoding"), (10**30, "shape"), ({1}, "encoding")],
)
def test_what_json_readers_choke_on_is_a_finding(name, odd, rule):
    written = copy.deepcopy(convert(PARALLEL, name))
    turns = written.get("conversations") or written["messages"]
    turns[0]["value" if name == "sharegpt" else "content"] = odd
    assert rule in rules(written, name)
    for finding in validate(written, name):
        str(finding).encode("utf-8")


def test_odd_arguments_are_a_finding():
    for odd in ('{"place": "\\ud800"}', '{"place": ' + "[" * 300 + "]" * 300 + "}", '{"days": 1e999, "place": "x"}'):
        broken = copy.deepcopy(PARALLEL)
        broken["messages"][2]["tool_calls"][0]["function"]["arguments"] = odd
        assert rules(broken, "synth") & {"arguments-schema", "arguments-json"}


def test_calls_of_a_later_message_need_answers_to_the_earlier_first():
    broken = record(
        user(), calling(called("clock", {}, "a")), calling(called("clock", {}, "b")), result("b"), result("a"), agent()
    )
    for name in ("openai", "trl", "anthropic"):
        assert {"unanswered", "orphan-result"} <= rules(convert(broken, name), name)


def test_schemas_of_tools_fetch_nothing():
    far = record(user(), agent())
    far["tools"][0]["function"]["parameters"] = {"type": "object", "$ref": "http://127.0.0.1:9/schema.json"}
    (finding,) = validate(convert(far, "openai"), "openai")
    assert finding.rule == "tool-definition"
    assert "never fetched" in finding.message


def test_a_finding_reads_well():
    broken = copy.deepcopy(PARALLEL)
    broken_arguments(broken)
    finding = validate(broken, "synth", 4)[0]
    told = "record 4 /messages/2/tool_calls/0  arguments-schema: the arguments of get_weather break its schema: "
    assert str(finding).startswith(told)
    assert finding.to_dict()["rule"] == "arguments-schema"

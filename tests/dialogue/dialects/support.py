"""Sound conversations by hypothesis, and what must be equal after a journey through a dialect."""

import copy
import json

from hypothesis import strategies as st

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a place.",
        "parameters": {
            "type": "object",
            "properties": {"place": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
            "required": ["place"],
            "additionalProperties": False,
        },
    },
}
CLOCK = {"type": "function", "function": {"name": "clock", "description": "The time.", "parameters": {"type": "object"}}}
TOOLS = [WEATHER, CLOCK]


def called(name, arguments, call_id):
    function = {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}
    return {"id": call_id, "type": "function", "function": function}


def calling(*calls, content=None):
    return {"role": "assistant", "content": content, "tool_calls": list(calls)}


def result(call_id, content='{"sky": "grey"}'):
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def user(text="How is the weather in Ghent?"):
    return {"role": "user", "content": text}


def agent(text="Grey."):
    return {"role": "assistant", "content": text}


def record(*messages):
    return {"id": "r1", "messages": list(messages), "tools": copy.deepcopy(TOOLS), "meta": {"goal": "weather", "index": 3}}


PARALLEL = record(
    {"role": "system", "content": "You tell the weather."},
    user(),
    calling(called("get_weather", {"place": "Ghent"}, "c1"), called("clock", {}, "c2")),
    result("c1"),
    result("c2", "noon"),
    calling(called("get_weather", {"place": "Gent", "days": 2}, "c3")),
    result("c3", '["grey", 1.50]'),
    agent("Grey, as ever."),
    user("Thanks!"),
    agent("You're welcome."),
)

# Without the marks of words that Bedrock's trainer keeps for itself.
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters=":<["), min_size=1, max_size=20
).filter(str.strip)
RESULTS = TEXTS | st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
).map(lambda value: json.dumps(value, ensure_ascii=False))
ARGUMENTS = st.fixed_dictionaries({"place": TEXTS}, optional={"days": st.integers(1, 9)}).map(
    lambda it: ("get_weather", it)
) | st.just(("clock", {}))


@st.composite
def conversations(draw):
    """Turns that alternate, now and then calls before a reply - some at once, some one after the other."""
    messages, number = [], 0
    if draw(st.booleans()):
        messages.append({"role": "system", "content": draw(TEXTS)})
    for _ in range(draw(st.integers(1, 3))):
        messages.append(user(draw(TEXTS)))
        for _ in range(draw(st.integers(0, 2))):
            wanted = draw(st.lists(ARGUMENTS, min_size=1, max_size=3))
            calls = [called(name, arguments, f"call_{number + i}") for i, (name, arguments) in enumerate(wanted)]
            number += len(calls)
            answers = [result(call["id"], draw(RESULTS)) for call in calls]
            messages += [calling(*calls), *answers]
        messages.append(agent(draw(TEXTS)))
    return record(*messages)


def without_ids(messages):
    """The messages with the ids of calls replaced by their order."""
    text, places = json.dumps(messages, ensure_ascii=False), {}
    for message in messages:
        for call in message.get("tool_calls") or ():
            places.setdefault(call["id"], len(places))
    for call_id in sorted(places, key=len, reverse=True):
        text = text.replace(json.dumps(call_id), f'"#{places[call_id]}"')
    return json.loads(text)

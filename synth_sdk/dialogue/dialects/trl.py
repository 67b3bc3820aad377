"""`trl`: conversational data for Hugging Face TRL, `{messages, tools}` and any other columns.

After TRL's guide to dataset formats: arguments are an object, not text; a tool's message has its `name`. TRL itself wants no ids; they
are written all the same, since chat templates that know parallel calls (Mistral's) ask for them.
"""

import json
from collections.abc import Iterator
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.dialogue.dialects.chat import PARTS, PARTS_OR_NULL, TOOLS, events_in, tools_in
from synth_sdk.dialogue.dialects.events import Event, Record, Tool
from synth_sdk.dialogue.dialects.shapes import TEXT_OR_NULL, TOOL_NAME, array, by, closed, opened

_ID = TEXT_OR_NULL
_CALL = closed("id", "type", id=_ID, type={"const": "function"}, function=closed(name=TOOL_NAME, arguments={"type": "object"}))
_OPTIONAL_CALLS: Json = {**array(_CALL), "type": ["array", "null"]}
_NOTHING: Json = {"type": "null"}  # data sets with columns give every message every key


def _message(role: str, *optional: str, **properties: Json) -> Json:
    absent = {key: _NOTHING for key in ("name", "tool_calls", "tool_call_id", "content") if key not in properties}
    return closed(*optional, *absent, role={"const": role}, **properties, **absent)


_MESSAGES = array(
    by(
        "role",
        system=_message("system", content=PARTS),
        developer=_message("developer", content=PARTS),
        user=_message("user", content=PARTS),
        assistant=_message("assistant", "content", "tool_calls", content=PARTS_OR_NULL, tool_calls=_OPTIONAL_CALLS),
        tool=_message("tool", "tool_call_id", content=PARTS, name=TOOL_NAME, tool_call_id=_ID),
    ),
    least=2,
)
SHAPE = opened("tools", messages=_MESSAGES, tools={**TOOLS, "type": ["array", "null"]})


def write(record: Record) -> Record:
    """A canonical record in this dialect: nothing is lost but the white space within arguments."""
    names: dict[str, str] = {}
    messages = [_written(message, names) for message in record["messages"]]
    rest = {key: value for key, value in record.items() if key != "messages"}
    return {**({"id": rest.pop("id")} if "id" in rest else {}), "messages": messages, **rest}


def _written(message: Record, names: dict[str, str]) -> Record:
    """`names` maps the ids of calls made so far to their tools."""
    if message["role"] == "tool":
        call = message["tool_call_id"]
        return {"role": "tool", "name": names.get(call, "unknown"), "tool_call_id": call, "content": message["content"]}
    calls = message.get("tool_calls")
    if not calls:
        return message
    names |= {call["id"]: call["function"]["name"] for call in calls}
    spoken = {"content": message["content"]} if message.get("content") else {}
    return {"role": message["role"], **spoken, "tool_calls": [_call(call) for call in calls]}


def _call(call: Record) -> Record:
    function = call["function"]
    return {**call, "function": {"name": function["name"], "arguments": json.loads(function["arguments"])}}


def tools(given: dict[str, Any]) -> Iterator[Tool]:
    return tools_in(given.get("tools"), "tools")


def events(given: dict[str, Any]) -> Iterator[Event]:
    return events_in(given["messages"])

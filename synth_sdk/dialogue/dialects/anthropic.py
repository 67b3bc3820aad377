"""`anthropic`: bodies of Anthropic's Messages API, `{system, messages, tools}`, one a line; Claude models are fine-tuned in this form.

After the API's reference: user and assistant alternate, a call is a `tool_use` block, its `tool_result` stands at the head of the next
user message, together with those of parallel calls. Other keys are refused, so the id and the labels stay behind.
"""

import json
from collections.abc import Iterator
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.dialogue.dialects.blocks import alternating, misplaced, split_system, turns
from synth_sdk.dialogue.dialects.chat import tool_of
from synth_sdk.dialogue.dialects.events import Answered, Called, Event, Record, Said, Tool, dumps
from synth_sdk.dialogue.dialects.findings import Flaw, Place
from synth_sdk.dialogue.dialects.shapes import LONGEST_TEXT, MOST_TOOLS, TEXT, TOOL_NAME, array, by, closed, identifier, text_of

_OBJECT: Json = {"type": "object"}
_TEXT = closed("cache_control", type={"const": "text"}, text=TEXT, cache_control=_OBJECT)
_TEXTS: Json = {"type": ["string", "array"], "maxLength": LONGEST_TEXT, "items": _TEXT}
_BLOCK = by(
    "type",
    text=_TEXT,
    tool_use=closed("cache_control", type={"const": "tool_use"}, id=identifier(64), name=TOOL_NAME, input=_OBJECT, cache_control=_OBJECT),
    tool_result=closed(
        "content", "is_error", "cache_control",
        type={"const": "tool_result"}, tool_use_id=identifier(64), content=_TEXTS, is_error={"type": "boolean"}, cache_control=_OBJECT,
    ),
)  # fmt: skip
_CONTENT: Json = {"type": ["string", "array"], "maxLength": LONGEST_TEXT, "minItems": 1, "items": _BLOCK}
_TOOL = closed("description", "cache_control", name=TOOL_NAME, description=TEXT, input_schema=_OBJECT, cache_control=_OBJECT)
SHAPE = closed(
    "system", "tools", "tool_choice", "model", "max_tokens",
    system=_TEXTS,
    messages=array(closed(role={"enum": ["user", "assistant"]}, content=_CONTENT), least=2),
    tools=array(_TOOL, least=1, most=MOST_TOOLS),
    tool_choice=_OBJECT,
    model=TEXT,
    max_tokens={"type": "integer", "minimum": 1},
)  # fmt: skip


def write(record: Record) -> Record:
    """A canonical record in this dialect. The id, the labels and white space within arguments are lost."""
    system, messages = split_system(record)
    tools = [_tool(tool["function"]) for tool in record.get("tools") or ()]
    return {
        **({"system": system} if system else {}),
        "messages": [_plain(turn) for turn in turns(messages, _result, _spoken)],
        **({"tools": tools} if tools else {}),
    }


def _tool(function: Record) -> Record:
    told = {"description": function["description"]} if function.get("description") else {}
    return {"name": function["name"], **told, "input_schema": function.get("parameters") or {"type": "object"}}


def _result(message: Record) -> Record:
    return {"type": "tool_result", "tool_use_id": message["tool_call_id"], "content": message["content"]}


def _spoken(message: Record) -> list[Record]:
    text: list[Record] = [{"type": "text", "text": message["content"]}] if message.get("content") else []
    return text + [_use(call) for call in message.get("tool_calls") or ()]


def _use(call: Record) -> Record:
    function = call["function"]
    return {"type": "tool_use", "id": call["id"], "name": function["name"], "input": json.loads(function["arguments"])}


def _plain(turn: Record) -> Record:
    """A turn of nothing but one text has it as its content."""
    match turn["content"]:
        case [{"type": "text", "text": text}]:
            return {"role": turn["role"], "content": text}
    return turn


def tools(given: dict[str, Any]) -> Iterator[Tool]:
    for i, tool in enumerate(given.get("tools") or ()):
        function = {key: value for key, value in tool.items() if key not in ("input_schema", "cache_control")}
        yield tool_of(function | {"parameters": tool["input_schema"]}, ("tools", i))


def events(given: dict[str, Any]) -> Iterator[Event]:
    if given.get("system"):
        yield Said(-1, ("system",), "system", text_of(given["system"]))
    for i, message in enumerate(given["messages"]):
        at: Place = ("messages", i)
        if isinstance(message["content"], str):
            yield Said(i, at, message["role"], message["content"])
            continue
        told = [block for block in message["content"] if block["type"] == "text"]
        for place, block in enumerate(message["content"]):
            here: Place = (*at, "content", place)
            match block["type"]:
                case "tool_result":
                    yield Answered(i, here, block["tool_use_id"], text_of(block.get("content")))
                case "tool_use":
                    yield Called(i, here, block["id"], block["name"], dumps(block["input"]))
                case _ if block is told[0]:
                    yield Said(i, here, message["role"], text_of(told))


def rules(given: dict[str, Any]) -> Iterator[Flaw]:
    """Messages alternate, blocks stand in the right ones, results before anything else."""
    yield from alternating(given["messages"])
    for i, message in enumerate(given["messages"]):
        blocks = message["content"] if isinstance(message["content"], list) else []
        for place, block in enumerate(blocks):
            if block["type"] == "tool_use":
                yield from misplaced(i, place, message["role"], "assistant", "tool_use")
            if block["type"] == "tool_result":
                yield from misplaced(i, place, message["role"], "user", "tool_result")
                if any(other["type"] != "tool_result" for other in blocks[:place]):
                    yield Flaw(
                        ("messages", i, "content", place), "block-order", "tool_result blocks must come before any other block"
                    )

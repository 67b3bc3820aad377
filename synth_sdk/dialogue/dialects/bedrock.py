"""`bedrock`: Amazon Bedrock's `bedrock-conversation-2024`, in which Nova models are fine-tuned: the Converse API's messages as JSON Lines.

After AWS's guide to preparing data for Nova and the validator among its samples: `system` and every content is a list of blocks, user
and assistant alternate, and words that stand for speakers inside the trainer's template are refused. Tools are `toolConfig`, calls
`toolUse`, results `toolResult` blocks; AWS says that Nova 1 and Nova 2 on SageMaker learn them, and that a Nova 2 job on Bedrock itself may
fail on them. Other keys are not described, so the id and the labels stay behind.
"""

import json
from collections.abc import Iterator
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.dialogue.dialects.blocks import alternating, misplaced, split_system, turns
from synth_sdk.dialogue.dialects.chat import tool_of
from synth_sdk.dialogue.dialects.events import Answered, Called, Event, Record, Said, Tool, dumps
from synth_sdk.dialogue.dialects.findings import Flaw, Place
from synth_sdk.dialogue.dialects.shapes import MOST_TOOLS, TEXT, TOOL_NAME, array, closed, identifier

VERSION = "bedrock-conversation-2024"
_RESERVED = (
    "System:",
    "SYSTEM:",
    "User:",
    "USER:",
    "Bot:",
    "BOT:",
    "Assistant:",
    "ASSISTANT:",
    "Thought:",
    "[EOS]",
    "<image>",
    "<video>",
)
_OBJECT: Json = {"type": "object"}
_RESULT = {**closed("text", "json", text=TEXT, json=_OBJECT), "minProperties": 1, "maxProperties": 1}
_BLOCK = closed(
    "text", "toolUse", "toolResult",
    text=TEXT,
    toolUse=closed(toolUseId=identifier(64), name=TOOL_NAME, input=_OBJECT),
    toolResult=closed("status", toolUseId=identifier(64), content=array(_RESULT, least=1), status={"enum": ["success", "error"]}),
) | {"minProperties": 1, "maxProperties": 1}  # fmt: skip
_MESSAGE = closed(role={"enum": ["user", "assistant"]}, content=array(_BLOCK, least=1))
_TOOL = closed(toolSpec=closed("description", name=TOOL_NAME, description=TEXT, inputSchema=closed(json=_OBJECT)))
SHAPE = closed(
    "system", "toolConfig",
    schemaVersion={"const": VERSION},
    system=array(closed(text=TEXT)),
    messages=array(_MESSAGE, least=2),
    toolConfig=closed("toolChoice", tools=array(_TOOL, least=1, most=MOST_TOOLS), toolChoice=_OBJECT),
)  # fmt: skip


def write(record: Record) -> Record:
    """A canonical record in this dialect. The id, the labels and white space within arguments are lost."""
    system, messages = split_system(record)
    tools = [{"toolSpec": _spec(tool["function"])} for tool in record.get("tools") or ()]
    return {
        "schemaVersion": VERSION,
        **({"system": [{"text": system}]} if system else {}),
        "messages": list(turns(messages, _result, _spoken)),
        **({"toolConfig": {"tools": tools}} if tools else {}),
    }


def _spec(function: Record) -> Record:
    told = {"description": function["description"]} if function.get("description") else {}
    return {"name": function["name"], **told, "inputSchema": {"json": function.get("parameters") or {"type": "object"}}}


def _result(message: Record) -> Record:
    return {"toolResult": {"toolUseId": message["tool_call_id"], "content": [{"text": message["content"]}]}}


def _spoken(message: Record) -> list[Record]:
    text: list[Record] = [{"text": message["content"]}] if message.get("content") else []
    return text + [{"toolUse": _use(call)} for call in message.get("tool_calls") or ()]


def _use(call: Record) -> Record:
    return {"toolUseId": call["id"], "name": call["function"]["name"], "input": json.loads(call["function"]["arguments"])}


def tools(given: dict[str, Any]) -> Iterator[Tool]:
    for i, tool in enumerate((given.get("toolConfig") or {}).get("tools") or ()):
        spec = tool["toolSpec"]
        function = {key: value for key, value in spec.items() if key != "inputSchema"} | {
            "parameters": spec["inputSchema"]["json"]
        }
        yield tool_of(function, ("toolConfig", "tools", i))


def events(given: dict[str, Any]) -> Iterator[Event]:
    if given.get("system"):
        yield Said(-1, ("system",), "system", "\n".join(block["text"] for block in given["system"]))
    for i, message in enumerate(given["messages"]):
        at: Place = ("messages", i)
        told = [block for block in message["content"] if "text" in block]
        for place, block in enumerate(message["content"]):
            here: Place = (*at, "content", place)
            if "toolResult" in block:
                result = block["toolResult"]
                yield Answered(i, here, result["toolUseId"], "\n".join(map(_text, result["content"])))
            elif "toolUse" in block:
                use = block["toolUse"]
                yield Called(i, here, use["toolUseId"], use["name"], dumps(use["input"]))
            elif block is told[0]:
                yield Said(i, here, message["role"], "\n".join(block["text"] for block in told))


def _text(part: Record) -> str:
    return part["text"] if "text" in part else dumps(part["json"])


def rules(given: dict[str, Any]) -> Iterator[Flaw]:
    """Messages alternate, blocks stand in the right ones, no text holds a reserved word."""
    yield from alternating(given["messages"])
    for i, message in enumerate(given["messages"]):
        for place, block in enumerate(message["content"]):
            if "toolUse" in block:
                yield from misplaced(i, place, message["role"], "assistant", "toolUse")
            if "toolResult" in block:
                yield from misplaced(i, place, message["role"], "user", "toolResult")
            yield from _reserved(block.get("text"), ("messages", i, "content", place, "text"))
    for i, block in enumerate(given.get("system") or ()):
        yield from _reserved(block["text"], ("system", i, "text"))


def _reserved(text: str | None, at: Place) -> Iterator[Flaw]:
    for word in _RESERVED:
        if text and word in text:
            yield Flaw(at, "reserved-text", f"the trainer refuses text with {word!r}")

"""`openai`: JSON Lines for fine-tuning chat models, `{messages, tools}`; and `synth`, the same with an id and labels.

After OpenAI's fine-tuning guide and its API's schema `FineTuneChatRequestInput`: other keys are refused, so id and labels stay behind.
Arguments are JSON text; names match [a-zA-Z0-9_-]{1,64}; an id of a call has at most 40 characters.
"""

from collections.abc import Iterator
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.dialogue.dialects.chat import PARTS, PARTS_OR_NULL, TOOLS, events_in, tools_in
from synth_sdk.dialogue.dialects.events import Event, Record, Tool
from synth_sdk.dialogue.dialects.shapes import TEXT, TEXT_OR_NULL, TOOL_NAME, array, by, closed, identifier, opened

_WEIGHT: Json = {"enum": [0, 1, None]}  # whether the trainer learns this message
_CALL = closed(id=identifier(40), type={"const": "function"}, function=closed(name=TOOL_NAME, arguments=TEXT))


def _message(**roles: Json) -> Json:
    return by("role", **roles)


def _spoken(role: str, content: Json) -> Json:
    return closed("name", role={"const": role}, content=content, name=TEXT_OR_NULL)


_ASSISTANT = closed(
    "content", "tool_calls", "name", "weight", "refusal",
    role={"const": "assistant"}, content=PARTS_OR_NULL, tool_calls=array(_CALL, least=1), name=TEXT_OR_NULL, weight=_WEIGHT, refusal=TEXT_OR_NULL,
)  # fmt: skip
_MESSAGES = array(
    _message(
        system=_spoken("system", PARTS),
        developer=_spoken("developer", PARTS),
        user=_spoken("user", PARTS),
        assistant=_ASSISTANT,
        tool=closed(role={"const": "tool"}, tool_call_id=identifier(40), content=PARTS),
    ),
    least=2,
)
SHAPE = closed(
    "tools", "parallel_tool_calls", messages=_MESSAGES, tools={**TOOLS, "minItems": 1}, parallel_tool_calls={"type": "boolean"}
)
SYNTH_SHAPE = opened("id", "tools", "meta", id=TEXT, messages=_MESSAGES, tools=TOOLS, meta={"type": "object"})


def write(record: Record) -> Record:
    """A canonical record in this dialect. The id and the labels are lost."""
    tools = record.get("tools")
    return {"messages": record["messages"], **({"tools": tools} if tools else {})}


def keep(record: Record) -> Record:
    """A canonical record as it is."""
    return record


def tools(given: dict[str, Any]) -> Iterator[Tool]:
    return tools_in(given.get("tools"), "tools")


def events(given: dict[str, Any]) -> Iterator[Event]:
    return events_in(given["messages"])

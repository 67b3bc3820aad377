"""What the dialects with OpenAI's chat messages have in common: `synth`, `openai`, `trl`."""

from collections.abc import Iterator, Mapping
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.dialogue.dialects.events import Answered, Called, Event, Said, Tool, dumps
from synth_sdk.dialogue.dialects.findings import Place
from synth_sdk.dialogue.dialects.shapes import (
    LONGEST_TEXT,
    MOST_TOOLS,
    TEXT,
    TEXT_OR_NULL,
    TOOL_NAME,
    array,
    closed,
    opened,
    text_of,
)

_SYSTEM_ROLES = ("system", "developer")
PARTS: Json = {"type": ["string", "array"], "maxLength": LONGEST_TEXT, "items": closed(type={"const": "text"}, text=TEXT)}
PARTS_OR_NULL: Json = {**PARTS, "type": ["string", "array", "null"]}
FUNCTION: Json = opened(
    "description", "parameters", name=TOOL_NAME, description=TEXT_OR_NULL, parameters={"type": ["object", "null"]}
)
TOOLS: Json = array(closed(type={"const": "function"}, function=FUNCTION), most=MOST_TOOLS)


def tools_in(tools: Any, *path: str | int) -> Iterator[Tool]:
    """The tools of a list in OpenAI's form; a bare function is taken for one too."""
    for i, tool in enumerate(tools or ()):
        yield tool_of(tool.get("function", tool), (*path, i))


def tool_of(function: Mapping[str, Json], at: Place) -> Tool:
    extras = {key: value for key, value in function.items() if key not in ("name", "description", "parameters")}
    return Tool(at, function["name"], function.get("description"), function.get("parameters"), extras)


def events_in(messages: list[dict[str, Any]]) -> Iterator[Event]:
    """The events of chat messages. Calls and results without ids are matched in their order."""
    waiting: list[str] = []
    for i, message in enumerate(messages):
        at: Place = ("messages", i)
        calls, role = message.get("tool_calls") or (), message["role"]
        if role == "tool":
            given = message.get("tool_call_id")
            first = waiting.pop(0) if waiting else ""
            answered = given or first or "unknown"
            yield Answered(i, at, answered, text_of(message.get("content")), message.get("name") or "")
            continue
        text = text_of(message.get("content"))
        if text or not calls:
            yield Said(i, at, "system" if role in _SYSTEM_ROLES else role, text)
        waiting = []
        for place, call in enumerate(calls):
            function, named = call["function"], call.get("id") or f"call_{i}_{place}"
            arguments = function["arguments"]
            text = arguments if isinstance(arguments, str) else dumps(arguments)
            yield Called(i, (*at, "tool_calls", place), named, function["name"], text)
            waiting.append(named)

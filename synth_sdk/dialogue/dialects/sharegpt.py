"""`sharegpt`: `{conversations: [{from, value}], system, tools}` as LLaMA-Factory reads it (`formatting: sharegpt`), and others after it.

After LLaMA-Factory's data guide and converter: `human` and `observation` alternate with `gpt` and `function_call`, the number of turns
is even, and a `function_call` holds a JSON object `{name, arguments}`, or a list of them for parallel calls. There are no ids: they are
numbered anew when read. The results of parallel calls share one `observation`, a JSON list in the order of the calls. A turn that says
something and calls a tool at once has no place here.
"""

import json
from collections.abc import Iterator
from typing import Any

from synth_sdk.core.errors import Rejected
from synth_sdk.core.models import Json
from synth_sdk.dialogue.dialects.chat import tools_in
from synth_sdk.dialogue.dialects.events import Answered, Called, Event, Record, Said, Tool, dumps
from synth_sdk.dialogue.dialects.findings import Flaw, Place
from synth_sdk.dialogue.dialects.shapes import TEXT, array, by, closed, opened

_ROLES = {"human": "user", "gpt": "assistant", "system": "system"}
_NAMES = {role: name for name, role in _ROLES.items()}
_HEARD, _MADE = ("human", "observation"), ("gpt", "function_call")
_TURNS = {name: closed(**{"from": {"const": name}, "value": TEXT}) for name in (*_HEARD, *_MADE, "system")}
SHAPE = opened(
    "system", "tools", conversations=array(by("from", **_TURNS), least=2),
    system={**TEXT, "type": ["string", "null"]}, tools={**TEXT, "type": ["string", "null"]},
)  # fmt: skip


def write(record: Record) -> Record:
    """A canonical record in this dialect. The ids of calls are lost. Rejected for a turn that speaks and calls at once."""
    messages = list(record["messages"])
    system = messages.pop(0)["content"] if messages and messages[0]["role"] == "system" else ""
    tools = [tool["function"] for tool in record.get("tools") or ()]
    labels = {key: value for key, value in record.items() if key not in ("id", "messages", "tools")}
    return {
        **({"id": record["id"]} if "id" in record else {}),
        "conversations": list(_turns(messages)),
        "system": system,
        "tools": dumps(tools) if tools else "",
        **labels,
    }


def _turns(messages: list[Record]) -> Iterator[Record]:
    results: list[str] = []
    asked = 1
    for i, message in enumerate(messages):
        if message["role"] == "tool":
            results.append(message["content"])
            if i + 1 == len(messages) or messages[i + 1]["role"] != "tool":
                yield {"from": "observation", "value": _joined(results, asked)}
                results = []
        elif calls := message.get("tool_calls"):
            if message.get("content"):
                raise Rejected("sharegpt has no place for a turn that speaks and calls a tool at once: choose another dialect")
            made = [{"name": call["function"]["name"], "arguments": json.loads(call["function"]["arguments"])} for call in calls]
            asked = len(made)
            yield {"from": "function_call", "value": dumps(made[0] if asked == 1 else made)}
        else:
            yield {"from": _NAMES[message["role"]], "value": message["content"]}


def _joined(results: list[str], asked: int) -> str:
    """The result of a call as it is, those of several as a list: also when some are missing, so that it can be seen."""
    return results[0] if asked == len(results) == 1 else dumps([_packed(text) for text in results])


def _packed(text: str) -> Json:
    """`text` as the JSON value it stands for, if that gives back just this text; otherwise as it is."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if not isinstance(value, str) and dumps(value) == text else text


def _unpacked(value: Json) -> str:
    return value if isinstance(value, str) else dumps(value)


def tools(given: dict[str, Any]) -> Iterator[Tool]:
    """The tools in the text under `tools`; none if it is empty, or is broken, which `rules` tells."""
    declared = _json(given.get("tools") or "[]")
    if isinstance(declared, list) and all(_is_tool(tool) for tool in declared):
        for tool in tools_in(declared):
            yield Tool(("tools",), tool.name, tool.description, tool.parameters, tool.extras)


def _is_tool(tool: Json) -> bool:
    function = tool.get("function", tool) if isinstance(tool, dict) else None
    return isinstance(function, dict) and isinstance(function.get("name"), str)


def events(given: dict[str, Any]) -> Iterator[Event]:
    if given.get("system"):
        yield Said(-1, ("system",), "system", given["system"])
    waiting: list[str] = []
    for i, turn in enumerate(given["conversations"]):
        at: Place = ("conversations", i)
        match turn["from"]:
            case "function_call":
                made = list(_calls(i, at, turn["value"]))
                waiting = [call.id for call in made]
                yield from made
            case "observation":
                yield from _answers(i, at, turn["value"], waiting)
                waiting = []
            case name:
                yield Said(i, at, _ROLES[name], turn["value"])


def _calls(message: int, at: Place, value: str) -> Iterator[Called]:
    made = _json(value)
    for place, call in enumerate(made if isinstance(made, list) else [made]):
        if _is_call(call):
            yield Called(message, at, f"call_{message}_{place}", call["name"], dumps(call["arguments"]))


def _answers(message: int, at: Place, value: str, waiting: list[str]) -> Iterator[Answered]:
    """As many answers as calls are waiting, if they can be told apart; otherwise one, for the first of them."""
    results = _json(value) if len(waiting) > 1 else None
    if isinstance(results, list) and len(results) == len(waiting):
        for call, result in zip(waiting, results, strict=True):
            yield Answered(message, at, call, _unpacked(result))
    else:
        yield Answered(message, at, waiting[0] if waiting else "unknown", value)


def rules(given: dict[str, Any]) -> Iterator[Flaw]:
    """Turns alternate; calls and tools are JSON."""
    turns = given["conversations"]
    first = 1 if turns[0]["from"] == "system" else 0
    for i, turn in enumerate(turns[first:]):
        wanted = _MADE if i % 2 else _HEARD
        if turn["from"] not in wanted:
            at: Place = ("conversations", i + first)
            yield Flaw(at, "alternation", f"{turn['from']} stands where {' or '.join(wanted)} must stand")
            break
    for i, turn in enumerate(turns):
        if turn["from"] == "function_call":
            made = _json(turn["value"])
            if not made or not all(_is_call(call) for call in (made if isinstance(made, list) else [made])):
                yield Flaw(
                    ("conversations", i, "value"), "arguments-json", "not the JSON text of {name, arguments}, or a list of such"
                )
    declared = _json(given.get("tools") or "[]")
    if not (isinstance(declared, list) and all(_is_tool(tool) for tool in declared)):
        yield Flaw(("tools",), "tool-definition", "not the JSON text of a list of tools, each with a name")


def _is_call(call: Json) -> bool:
    return isinstance(call, dict) and isinstance(call.get("name"), str) and isinstance(call.get("arguments"), dict)


def _json(text: str) -> Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None

"""What a blueprint of kind `tool_call` holds: for each tool the wordings of requests and replies, and values for its parameters."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.generators.banks import frame_flaws, frames, shape_flaws
from synth_sdk.generators.conversation_schema import fields
from synth_sdk.generators.tool_call.tools import Tool
from synth_sdk.schema import Schema

_TEXT: Json = {"type": "string", "minLength": 1, "maxLength": 400}
_VALUES: Json = fields(
    parameter=_TEXT,
    values={"type": "array", "items": {"type": ["string", "number", "boolean"]}, "minItems": 1, "maxItems": 500},
)
TOOL_BANKS: Json = {
    "type": "array",
    "minItems": 1,
    "maxItems": 2_000,
    "items": fields(
        "values",
        "replies",
        name=_TEXT,
        requests=frames(2),
        values={"type": "array", "items": _VALUES, "maxItems": 100},
        replies=frames(),
    ),
}
_REFUSAL: Json = fields(
    request=_TEXT, reply=_TEXT, why={"enum": ["small_talk", "about_the_assistant", "answerable", "unavailable", "not_yet"]}
)

BLUEPRINT_SCHEMA: Json = fields(
    "no_call", tools=TOOL_BANKS, no_call={"type": "array", "items": _REFUSAL, "minItems": 1, "maxItems": 200}
)

TOOL_RULES = """\
For each tool (by its exact name) write "requests": whole messages in which a person asks for what the tool does, in many voices (short, long,
casual, formal, a question, an order). A parameter's name in braces, as in {city}, stands for the value that the call gets; say every required
parameter in each request and an optional one where it fits. Values of parameters that a request does not say are added behind it.
"values" lists for a text or number parameter what people would really ask for: full values, each valid under the parameter's schema,
diverse, no placeholders, no real person's data. "replies" are what the assistant says when the call has succeeded, with the same slots."""

BLUEPRINT_RULES = (
    TOOL_RULES
    + """
"no_call" are messages that none of the tools answers, what the assistant says to them, and why no call is needed."""
)


def tools_in_words(tools: Iterable[Tool]) -> str:
    """Declarations, one a line."""
    return "\n".join(json.dumps(tool.declaration["function"], ensure_ascii=False) for tool in tools)


def tool_flaws(banks: Iterable[Mapping[str, Any]], tools: Iterable[Tool], pointer: str = "/tools") -> list[str]:
    """What stands in the way of using `banks`, which satisfy `TOOL_BANKS`, for `tools`."""
    by_name = {tool.name: tool for tool in tools}
    flaws = []
    for place, bank in enumerate(banks):
        where = f"{pointer}/{place}"
        tool = by_name.get(bank["name"])
        if tool is None:
            flaws.append(f"at {where}: no tool is called {bank['name']!r}; the tools are {', '.join(by_name)}")
            continue
        parameters = tool.parameters.get("properties") or {}
        plain = [name for name in parameters if name.isidentifier()]
        flaws += frame_flaws(f"{where}/requests", bank["requests"], plain, [])
        flaws += frame_flaws(f"{where}/replies", bank.get("replies", ()), plain, [])
        for position, entry in enumerate(bank.get("values", ())):
            flaws += _value_flaws(f"{where}/values/{position}", entry, tool, parameters)
    return flaws


def _value_flaws(where: str, entry: Mapping[str, Any], tool: Tool, parameters: Mapping[str, Any]) -> list[str]:
    name = entry["parameter"]
    if name not in parameters:
        return [f"at {where}: {tool.name!r} has no parameter {name!r}; it has {', '.join(parameters) or 'none'}"]
    values = enumerate(entry["values"])
    return [
        f"at {where}/values/{place}: {value!r} is not valid as {name!r}"
        for place, value in values
        if not fits(parameters[name], value)
    ]


def fits(schema: Json, value: Json) -> bool:
    """Is `value` valid under the schema of a parameter? Of one with references nobody knows from here: yes."""
    return "$ref" in json.dumps(schema) or Schema(schema).accepts(value)


def blueprint_flaws(value: Json, tools: Iterable[Tool]) -> list[str]:
    """What stands in the way of expanding `value` for `tools`, one line each, led by a JSON pointer; [] when nothing does."""
    return shape_flaws(value, BLUEPRINT_SCHEMA) or tool_flaws(value["tools"], tools)

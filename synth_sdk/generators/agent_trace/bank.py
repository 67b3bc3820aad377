"""What a blueprint of kind `agent_trace` holds: thoughts, the errors that are observed, and wordings and values for the tools."""

from collections.abc import Iterable, Mapping
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.generators.agent_trace.courses import banks
from synth_sdk.generators.banks import frame_flaws, frames, shape_flaws
from synth_sdk.generators.conversation_schema import fields
from synth_sdk.generators.tool_call.bank import TOOL_BANKS, TOOL_RULES, tool_flaws
from synth_sdk.generators.tool_call.tools import Tool

THOUGHT_SLOTS: dict[str, tuple[str, ...]] = {
    "plan": ("goal", "tool"),
    "next": ("goal", "tool", "seen", "what"),
    "done": ("seen", "what"),
    "retry": ("tool", "code", "message"),
    "correct": ("tool", "code", "message", "argument"),
    "give_up": ("goal", "tool", "code", "message"),
}
_ERRORS: Json = {
    "type": "array",
    "minItems": 1,
    "maxItems": 50,
    "items": fields(
        code={"type": "string", "pattern": "^[a-z][a-z_]{2,40}$"}, message={"type": "string", "minLength": 5, "maxLength": 200}
    ),
}

BLUEPRINT_SCHEMA: Json = fields(
    "tools",
    "passing_errors",
    "final_errors",
    thoughts=fields(**dict.fromkeys(THOUGHT_SLOTS, frames(3))),
    passing_errors=_ERRORS,
    final_errors=_ERRORS,
    tools=TOOL_BANKS,
)

BLUEPRINT_RULES = (
    """\
Write what an agent thinks between its steps, one or two sentences each, in the first person, in many voices. Slots, in braces:
{goal} what is wanted, as an imperative without a full stop ("look up the order"); {tool} the tool's name; {seen} the most telling value of
the last result and {what} that value's name; {code} and {message} of the last error (a message is a whole sentence); {argument} the name of an argument.
"plan" comes before the first call ({goal}, {tool}); "next" after a result, before another call ({goal}, {tool}, {seen}, {what}); "done" after
the last result ({seen}, {what}); "retry" after an error that may pass ({tool}, {code}, {message}); "correct" after a wrong argument
({tool}, {code}, {message}, {argument}); "give_up" after an error that ends it ({goal}, {tool}, {code}, {message}).
"passing_errors" are what such tools answer when a second try may succeed, "final_errors" when none will; no slots in them.
"""
    + TOOL_RULES
)


def blueprint_flaws(value: Json, tools: Iterable[Tool]) -> list[str]:
    """What stands in the way of expanding `value` for `tools`, one line each, led by a JSON pointer; [] when nothing does."""
    if flaws := shape_flaws(value, BLUEPRINT_SCHEMA):
        return flaws
    for name, known in THOUGHT_SLOTS.items():
        flaws += frame_flaws(f"/thoughts/{name}", value["thoughts"][name], known)
    return flaws + tool_flaws(value.get("tools", ()), tools)


def with_blueprint(blueprint: Mapping[str, Any]) -> dict[str, Any]:
    """The built-in wordings with those of a checked blueprint in their place."""
    errors = {"errors": blueprint.get("passing_errors"), "final": blueprint.get("final_errors")}
    told = {name: {error["code"]: error["message"] for error in found} for name, found in errors.items() if found}
    return {**banks(), **blueprint.get("thoughts", {}), **told}

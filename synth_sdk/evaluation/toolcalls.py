"""Files of tool calls, `{id, type: "function", function: {name, arguments}, meta}`: what can be checked of each.

A call brings its tools and its conversation along in `meta`, or doesn't; without tools no schema can be broken. A record labelled
`wrong_argument` is wrong on purpose, one labelled `no_call` has no function.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.dialogue.dialects import Finding, conversation_in, examine
from synth_sdk.dialogue.dialects.chat import tools_in
from synth_sdk.dialogue.dialects.course import flaws_of_course, flaws_of_tools
from synth_sdk.dialogue.dialects.events import Called, Said
from synth_sdk.evaluation.tallies import Findings

NO_CALL, WRONG = "no_call", "wrong_argument"
_SPOKEN = Said(0, (), "user", "-")  # a call must follow something
_ON_PURPOSE = ("arguments-schema", "undeclared-tool")  # what a wrong call may be
_SHAPE = 'not a tool call: want {"id": text, "type": "function", "function": {"name": text, "arguments": JSON text}}'


def is_call(record: Json) -> bool:
    """A record of a function call, and no conversation itself."""
    return isinstance(record, dict) and record.get("type") == "function" and "function" in record and "messages" not in record


@dataclass(slots=True)
class CallsTally:
    """Counts of a file of tool calls."""

    records: int = 0
    calls: int = 0
    negatives: int = 0
    findings: Findings = field(default_factory=Findings)


def check_calls(records: Iterable[tuple[int, Json]]) -> CallsTally:
    """Every record checked."""
    tally, seen = CallsTally(), set[str]()
    for number, record in records:
        label = _meta(record).get("label")
        found = [*_check(record, number, seen), *_check_conversation(record, number)]
        tally.records += 1
        tally.calls += is_call(record) and record["function"] is not None
        tally.negatives += label in (NO_CALL, WRONG)
        tally.findings.add([one for one in found if label != WRONG or one.rule not in _ON_PURPOSE])
    return tally


def _meta(record: Any) -> dict[str, Any]:
    meta = record.get("meta") if isinstance(record, dict) else None
    return meta if isinstance(meta, dict) else {}


def _check(record: Any, number: int, seen: set[str]) -> Iterator[Finding]:
    if not is_call(record) or not isinstance(record.get("id"), str):
        yield Finding(number, "", "shape", _SHAPE)
        return
    if record["id"] in seen:
        yield Finding(number, "/id", "call-id", f"the id {record['id']!r} stands twice")
    seen.add(record["id"])
    match record["function"]:
        case {"name": str(name), "arguments": str(arguments)}:
            yield from _check_function(record, number, name, arguments)
        case None if _meta(record).get("label") == NO_CALL:
            pass
        case _:
            yield Finding(number, "/function", "shape", _SHAPE)


def _check_function(record: dict[str, Any], number: int, name: str, arguments: str) -> Iterator[Finding]:
    tools = list(tools_in(_declared(record), "meta", "tools"))
    flaws = [*flaws_of_tools(tools), *flaws_of_course([_SPOKEN, Called(1, ("function",), record["id"], name, arguments)], tools)]
    yield from (flaw.within(number) for flaw in flaws if tools or flaw.rule != "undeclared-tool")


def _declared(record: dict[str, Any]) -> list[dict[str, Any]]:
    tools = _meta(record).get("tools")
    return [tool for tool in tools if _named(tool)] if isinstance(tools, list) else []


def _named(tool: Any) -> bool:
    function = tool.get("function", tool) if isinstance(tool, dict) else None
    return isinstance(function, dict) and isinstance(function.get("name"), str)


def _check_conversation(record: Json, number: int) -> Iterator[Finding]:
    """The findings in the conversation that a call brings along, told where it stands."""
    conversation = conversation_in(record) if is_call(record) else None
    if conversation is not None:
        for found in examine(conversation, "synth", number)[1]:
            yield Finding(number, f"/meta{found.pointer}", found.rule, found.message)

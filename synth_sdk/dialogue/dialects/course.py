"""What must hold of the course of any conversation: turns alternate, calls are declared, sound and answered, the assistant has the last word."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from synth_sdk.core.models import Json
from synth_sdk.dialogue.dialects.events import Answered, Called, Event, Said, Tool
from synth_sdk.dialogue.dialects.findings import Flaw
from synth_sdk.dialogue.dialects.shapes import check_writable, short, unwritable
from synth_sdk.schema.drafts import fetch_nothing

if TYPE_CHECKING:
    from jsonschema_rs import Validator


def flaws_of_tools(tools: Sequence[Tool]) -> Iterator[Flaw]:
    """Tools with one name each, whose parameters are the JSON Schema of an object."""
    names: set[str] = set()
    for tool in tools:
        if tool.name in names:
            yield Flaw(tool.at, "tool-definition", f"the tool {tool.name!r} is declared twice")
        names.add(tool.name)
        flaw = _flaw_of_schema(tool.parameters)
        if flaw:
            yield Flaw(tool.at, "tool-definition", f"the parameters of {tool.name!r} {flaw}")


def _flaw_of_schema(parameters: Json) -> str:
    if parameters is None:  # a tool without arguments may leave them out
        return ""
    if not isinstance(parameters, dict):
        return "are not a JSON Schema"
    if parameters and parameters.get("type") != "object":
        return 'are not the schema of an object: write "type": "object"'
    try:
        validator(json.dumps(parameters, sort_keys=True))
    except ValueError as error:
        return f"are not a JSON Schema: {short(getattr(error, 'message', str(error)))}"
    return ""


@lru_cache(maxsize=1024)
def validator(schema: str) -> "Validator":
    """The validator of a tool's parameters, given as JSON text. ValueError if they are no JSON Schema; nothing is fetched."""
    from jsonschema_rs import validator_for

    return validator_for(json.loads(schema), retriever=fetch_nothing)


def flaws_of_course(events: Iterable[Event], tools: Sequence[Tool]) -> Iterator[Flaw]:
    """The rules that are broken, in the order of the events."""
    course = _Course({tool.name: tool for tool in tools})
    for event in events:
        match event:
            case Said():
                yield from course.said(event)
            case Called():
                yield from course.called(event)
            case Answered():
                yield from course.answered(event)
    yield from course.ended()


@dataclass(slots=True)
class _Course:
    tools: dict[str, Tool]
    spoke: str = ""
    calling: int = -1  # the message whose calls are being answered
    pending: dict[str, Called] = field(default_factory=dict)
    seen: dict[str, Called] = field(default_factory=dict)
    last: Event | None = None

    def said(self, turn: Said) -> Iterator[Flaw]:
        yield from self._left_open(turn)
        if not turn.text.strip():
            yield Flaw(turn.at, "empty-turn", f"the {turn.role} says nothing")
        if turn.role == "system":
            if self.last is not None:
                yield Flaw(turn.at, "alternation", "the system message must come first, and once")
        elif turn.role == self.spoke:
            yield Flaw(turn.at, "alternation", f"two turns of the {turn.role} in a row")
        elif not self.spoke and turn.role != "user":
            yield Flaw(turn.at, "alternation", "the user must speak first")
        if turn.role != "system":
            self.spoke = turn.role
        self.last = turn

    def called(self, call: Called) -> Iterator[Flaw]:
        yield from self._left_open(call)
        if not self.spoke:
            yield Flaw(call.at, "alternation", "the user must speak first")
        if call.id in self.seen:
            yield Flaw(call.at, "call-id", f"the call id {call.id!r} stands twice")
        yield from self._arguments(call)
        self.seen[call.id] = self.pending[call.id] = call
        self.calling, self.spoke, self.last = call.message, "calling", call

    def answered(self, answer: Answered) -> Iterator[Flaw]:
        call = self.pending.pop(answer.id, None)
        if call is None:
            told = "is answered twice" if answer.id in self.seen else "was never made"
            yield Flaw(answer.at, "orphan-result", f"the call {answer.id!r} {told}, or answered too late")
        elif answer.name and answer.name != call.name:
            yield Flaw(answer.at, "orphan-result", f"the call {answer.id!r} is of {call.name!r}, its result of {answer.name!r}")
        self.last = answer

    def ended(self) -> Iterator[Flaw]:
        """A conversation may end with calls: they are what a model is to learn. None of them is answered then."""
        match self.last:
            case Called():
                pass
            case Answered() if self.pending:
                yield from self._unanswered()
            case Said(role="assistant"):
                pass
            case None:
                yield Flaw((), "ends-with-assistant", "nothing is said")
            case last:
                yield Flaw(last.at, "ends-with-assistant", "the conversation must end with the assistant")

    def _left_open(self, event: Said | Called) -> Iterator[Flaw]:
        """Before anything else is said or called, the calls of an earlier message must have been answered."""
        if self.pending and event.message != self.calling:
            yield from self._unanswered()

    def _unanswered(self) -> Iterator[Flaw]:
        for call in self.pending.values():
            yield Flaw(call.at, "unanswered", f"the call {call.id!r} is not answered before the next turn")
        self.pending.clear()

    def _arguments(self, call: Called) -> Iterator[Flaw]:
        tool = self.tools.get(call.name)
        if tool is None:
            known = ", ".join(sorted(self.tools)) or "none is declared"
            yield Flaw(call.at, "undeclared-tool", short(f"the tool {call.name!r} is not among the tools: {known}"))
        try:
            arguments = json.loads(call.arguments)
            check_writable(arguments)
        except (ValueError, RecursionError) as error:
            yield Flaw(call.at, "arguments-json", short(f"the arguments of {call.name} are not JSON text: {unwritable(error)}"))
            return
        if not isinstance(arguments, dict):
            yield Flaw(call.at, "arguments-json", f"the arguments of {call.name} are not an object")
        elif tool is not None:
            for told in broken(tool.parameters, arguments):
                yield Flaw(call.at, "arguments-schema", f"the arguments of {call.name} break its schema: {told}")


def broken(parameters: Json, arguments: dict[str, Any]) -> Iterator[str]:
    """How `arguments` break the schema `parameters`; nothing if that is itself unsound, which is told elsewhere."""
    if not isinstance(parameters, dict):
        return
    try:
        found = validator(json.dumps(parameters, sort_keys=True))
    except ValueError:
        return
    try:
        yield from [short(error.message) for error in found.iter_errors(arguments)]
    except ValueError as failure:  # nested too deeply for the validator
        yield unwritable(failure)

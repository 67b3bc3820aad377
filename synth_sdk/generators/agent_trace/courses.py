"""The course of one trace: what was thought, called and seen, in 2 to 6 steps that follow from one another."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.core.packaged import read_data
from synth_sdk.core.seeds import pick, pick_weighted
from synth_sdk.generators.tool_call.ask import Ask, Author, Step, joined, value_at
from synth_sdk.generators.tool_call.negatives import Wrong, wrong
from synth_sdk.generators.tool_call.templates import capital
from synth_sdk.generators.tool_call.wording import label

LONGEST = 6
_JOINED = re.compile(r"^(?:and )?(?:then|after that,?|afterwards) |^and ", re.IGNORECASE)
_THOUGHT_RATE = 0.7  # of the thoughts that a course has room for
_COURSES = {"one_call": 0.42, "two_calls": 0.2, "retry": 0.1, "corrected": 0.08, "failed": 0.12, "failed_twice": 0.08}


@dataclass(slots=True)
class Course:
    """`steps` are (type, content) of a thought or an observation, or ("tool_call", (tool, arguments)). `error` is the last unmended one.

    For whoever words it anew: `purposes` names the bank of each thought, `asks` are the different right calls, and `uses` is what the
    second one takes from the first one's result.
    """

    task: str
    rng: Random
    pattern: str
    banks: Mapping[str, Any]
    tools: list[str] = field(default_factory=list)
    steps: list[tuple[str, Any]] = field(default_factory=list)
    purposes: list[str] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    uses: Mapping[str, str] = field(default_factory=dict)
    error: str = ""

    def think(self, frames: str, **words: str) -> None:
        """A thought."""
        self.purposes.append(frames)
        self.steps.append(("thought", capital(pick(self.rng, self.banks[frames]).format(**words))))

    def think_aloud(self, frames: str, **words: str) -> None:
        """A thought that may be left unsaid, and is if there is no room."""
        if len(self.steps) < LONGEST and self.rng.random() < _THOUGHT_RATE:
            self.think(frames, **words)

    def call(self, ask: Ask, arguments: dict[str, Json] | None = None) -> None:
        if ask not in self.asks:
            self.asks.append(ask)
        self.tools.append(ask.tool.name)
        self.steps.append(("tool_call", (ask.tool.name, ask.arguments if arguments is None else arguments)))

    def see(self, ask: Ask) -> None:
        """The call's result."""
        self.error = ""
        self.steps.append(("observation", json.dumps(ask.result, ensure_ascii=False)))

    def fail(self, code: str, message: str) -> None:
        """An error in place of a result."""
        self.error = code
        self.steps.append(("observation", json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False)))


def course(author: Author, rng: Random, banks: Mapping[str, Any]) -> Course:
    """One course, worded from `banks`. Four in five end in success."""
    pattern = pick_weighted(rng, list(_COURSES), list(_COURSES.values()))
    first = author.ask(rng)
    step = author.then(rng, first) if pattern == "two_calls" else None
    mistake = wrong(rng, first) if pattern == "corrected" else None
    if (pattern == "two_calls" and step is None) or (pattern == "corrected" and (mistake is None or mistake.valid)):
        pattern = "one_call"
    made = Course(first.request, rng, pattern, banks)
    _BUILD[pattern](made, first, step, mistake)
    return made


def _one_call(made: Course, ask: Ask, step: Step | None, mistake: Wrong | None) -> None:
    made.think_aloud("plan", goal=ask.clause, tool=ask.tool.name)
    made.call(ask)
    made.see(ask)
    made.think_aloud("done", **_seen(ask))


def _two_calls(made: Course, ask: Ask, step: Step | None, mistake: Wrong | None) -> None:
    assert step is not None  # noqa: S101 - `course` sees to it
    second = step.ask
    made.uses = step.uses
    made.task = joined(ask.request, second.request)
    made.think_aloud("plan", goal=ask.clause, tool=ask.tool.name)
    made.call(ask)
    made.see(ask)
    made.think("next", goal=_goal(second), tool=second.tool.name, **_seen(ask))
    made.call(second)
    made.see(second)
    made.think_aloud("done", **_seen(second))


def _retry(made: Course, ask: Ask, step: Step | None, mistake: Wrong | None) -> None:
    code, message = _fails(made, ask, "errors")
    made.think("retry", tool=ask.tool.name, code=code, message=message)
    made.call(ask)
    made.see(ask)
    made.think_aloud("done", **_seen(ask))


def _corrected(made: Course, ask: Ask, step: Step | None, mistake: Wrong | None) -> None:
    assert mistake is not None  # noqa: S101 - `course` sees to it
    argument, message = refused(mistake)
    made.call(ask, mistake.arguments)
    made.fail("invalid_argument", message)
    made.think("correct", tool=ask.tool.name, code="invalid_argument", message=message, argument=argument)
    made.call(ask)
    made.see(ask)
    made.think_aloud("done", **_seen(ask))


def _failed(made: Course, ask: Ask, step: Step | None, mistake: Wrong | None) -> None:
    made.think_aloud("plan", goal=ask.clause, tool=ask.tool.name)
    code, message = _fails(made, ask, "final")
    made.think_aloud("give_up", goal=ask.clause, tool=ask.tool.name, code=code, message=message)


def _failed_twice(made: Course, ask: Ask, step: Step | None, mistake: Wrong | None) -> None:
    code, message = _fails(made, ask, "errors")
    made.think("retry", tool=ask.tool.name, code=code, message=message)
    made.call(ask)
    made.fail(code, message)
    made.think_aloud("give_up", goal=ask.clause, tool=ask.tool.name, code=code, message=message)


_BUILD = {
    "one_call": _one_call,
    "two_calls": _two_calls,
    "retry": _retry,
    "corrected": _corrected,
    "failed": _failed,
    "failed_twice": _failed_twice,
}


def _fails(made: Course, ask: Ask, kinds: str) -> tuple[str, str]:
    code = pick(made.rng, list(made.banks[kinds]))
    message = made.banks[kinds][code]
    made.call(ask)
    made.fail(code, message)
    return code, message


def refused(mistake: Wrong) -> tuple[str, str]:
    """The argument that a tool turned down, and what it says of it."""
    argument = label(mistake.pointer)
    return argument, f"The argument {argument} is {'missing' if mistake.kind == 'missing_required' else 'not valid'}."


def _seen(ask: Ask) -> dict[str, str]:
    """The most telling value of a result and its name."""
    return {"seen": str(value_at(ask.result, ask.link)), "what": ask.what}


def _goal(ask: Ask) -> str:
    """The second wish without the words that joined it to the first."""
    text = _JOINED.sub("", ask.clause.strip().rstrip("."))
    return text[:1].lower() + text[1:]


def models() -> list[dict[str, str]]:
    """Providers and models that agents of traces run on, by the names of OpenTelemetry's conventions."""
    found: list[dict[str, str]] = banks()["models"]
    return found


def banks() -> dict[str, Any]:
    """The built-in wordings."""
    return read_data(Path(__file__).with_name("banks.yaml"))

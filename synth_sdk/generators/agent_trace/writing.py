"""What a model writes of a trace: the task and the thoughts. Steps, calls, results, errors, times and ids are dictated."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

from synth_sdk.core.errors import Rejected
from synth_sdk.core.models import Json
from synth_sdk.core.seeds import pick
from synth_sdk.generators.agent_trace.courses import Course
from synth_sdk.generators.conversation_schema import fields
from synth_sdk.generators.tool_call.parts import Parts, check_request, check_told
from synth_sdk.generators.tool_call.sources import Sources, as_text
from synth_sdk.generators.tool_call.wording import clause_of, label

_MANNERS = (
    "thinks in short notes",
    "thinks in full sentences",
    "is careful and doubts a lot",
    "is brisk",
    "explains each decision",
    "plans aloud",
)

WORDS: Json = fields(task={"type": "string"}, thoughts={"type": "array", "items": {"type": "string"}})
RULES = """\
You write the words around what an agent did with tools to fulfil a task. Each brief lists its steps: calls, results, errors, and the places of its thoughts.
- "task" is what the person asked the agent for, before anything was called: natural words that ask for just these calls. It says every value in \
their arguments (not in those of a wrong call): codes, addresses, paths and names as they stand, the rest in other words where people would \
("five" for 5, "March 14" for a date). It never holds the name of a tool or of a parameter.
- "thoughts" has one text for each thought in the list, in its order: the agent's own words in the first person, one or two sentences. A thought \
knows the task and the steps before it, and nothing that comes later.
- None of them holds a figure, date, code, address or name of your own.
"""
_THINKS = {
    "plan": "what is wanted and how to begin",
    "next": "what the result shows, and what comes next",
    "done": "what the result shows, and that this is what was wanted",
    "retry": "the error may pass, so the same call again",
    "correct": "what was wrong with the call, and the right call now",
    "give_up": "it can't be done, and why",
}


def words_of(course: Course) -> Json:
    """The offline course as a model would write it."""
    return {"task": course.task, "thoughts": [content for type_, content in course.steps if type_ == "thought"]}


def brief_of(course: Course, source: Random) -> str:
    """The steps of one course, with all that is dictated in them."""
    lines = [f"An agent that {pick(source, _MANNERS)}. Tools:"]
    lines += [f"- {tool.name}, to {clause_of(tool)}" for tool in {ask.tool.name: ask.tool for ask in course.asks}.values()]
    lines.append("Steps:")
    purposes = iter(course.purposes)
    for number, (type_, content) in enumerate(course.steps, 1):
        lines.append(f"{number}. {f'a thought: {_THINKS[next(purposes)]}' if type_ == 'thought' else _in_words(type_, content)}")
    if course.uses:
        lines.append(
            f"The {' and the '.join(map(label, course.uses))} of the second call comes from the first result: the task doesn't say it."
        )
    return "\n".join(lines)


def _in_words(type_: str, content: Any) -> str:
    return f"call of {content[0]}: {as_text(content[1])}" if type_ == "tool_call" else f"it returned {content}"


def worded(course: Course, words: Mapping[str, Any]) -> Course:
    """The course with as much of a model's words as can be used, thoughts by their position. Rejected if that is nothing."""
    parts = Parts()
    turns = [[ask] for ask in course.asks]
    task = parts.take("task", words["task"], course.task, lambda text: check_request(text, turns, course.uses, course.task))
    sources = Sources(task, *(f"{ask.tool.name} {ask.tool.description}" for ask in course.asks))
    given = iter(words["thoughts"])
    number, steps = 0, []
    for place, (type_, content) in enumerate(course.steps):
        if type_ == "thought":
            number += 1
            sources.hear(content)
            check = partial(_check_thought, sources, course.steps[place + 1 :])
            content = parts.take(f"thought {number}", next(given, ""), content, check)
        else:
            sources.hear(as_text(content[1]) if type_ == "tool_call" else content)
        steps.append((type_, content))
    parts.close()
    return replace(course, task=task, steps=steps)


def _check_thought(sources: Sources, later: Sequence[tuple[str, Any]], text: str) -> None:
    """A thought tells nothing that wasn't told before, least of all what a later step shows."""
    check_told(text, sources)
    for type_, content in later:
        if type_ == "observation" and (told := sources.foretold(text, json.loads(content))):
            raise Rejected(f"{told!r} is known only later")

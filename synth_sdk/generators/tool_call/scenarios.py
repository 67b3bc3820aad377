"""Scenarios: what a request needs - one call, several at once, one after the other, none -, or a call that is wrong."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.generators.tool_call.ask import Ask, Author, Step, ended, joined
from synth_sdk.generators.tool_call.negatives import Wrong, wrong
from synth_sdk.generators.tool_call.tools import Tool

_TRIES = 8
_JOINTS = (
    "Also: {next}", "And one more thing. {next}", "At the same time: {next}", "While you're at it: {next}", "{next}", "Second thing: {next}",
    "Plus this: {next}", "And then there's this, independent of the first. {next}", "In the same go: {next}", "Another one: {next}",
)  # fmt: skip


@dataclass(slots=True)
class Example:
    """A request and what a good assistant does: `turns` of calls (those of one turn are independent), then a reply.

    `wrong` is set for a wrong call, `why` for a request that needs none.
    """

    scenario: str
    request: str
    turns: list[list[Ask]] = field(default_factory=list)
    uses: list[dict[str, str]] = field(default_factory=list)  # one for each turn after the first
    reply: str = ""
    why: str = ""
    wrong: Wrong | None = None

    @property
    def called(self) -> list[Tool]:
        return [ask.tool for turn in self.turns for ask in turn]


def single(author: Author, rng: Random) -> Example:
    ask = author.ask(rng)
    return Example("single", ask.request, [[ask]], reply=ask.reply)


def parallel(author: Author, rng: Random) -> Example:
    """Two or three wishes in one turn, none of which needs another's result."""
    wanted = 3 if rng.random() < 0.2 else 2
    asks: list[Ask] = []
    for _ in range(_TRIES):
        ask = author.ask(rng)
        if all((ask.tool, ask.arguments) != (other.tool, other.arguments) for other in asks):
            asks.append(ask)
        if len(asks) == wanted:
            break
    if len(asks) == 1:
        return single(author, rng)
    joint = _JOINTS[int(rng.random() * len(_JOINTS))]
    request = " ".join([ended(asks[0].request), *(joint.format(next=ended(ask.request)) for ask in asks[1:])])
    return Example("parallel", request, [asks], reply=" ".join(ask.reply for ask in asks))


def multi_step(author: Author, rng: Random) -> Example:
    """A second call that uses what the first one returned."""
    for _ in range(_TRIES):
        first = author.ask(rng)
        step: Step | None = author.then(rng, first)
        if step:
            request = joined(first.request, step.ask.request)
            return Example("multi_step", request, [[first], [step.ask]], [step.uses], step.ask.reply)
    return parallel(author, rng)


def no_call(author: Author, rng: Random) -> Example:
    told = author.no_call(rng)
    return Example("no_call", told.request, reply=told.reply, why=told.why)


def wrong_argument(author: Author, rng: Random) -> Example:
    """The right call is in the messages; the record's own call has one mistake."""
    for _ in range(_TRIES):
        ask = author.ask(rng)
        if mistake := wrong(rng, ask):
            return Example("wrong_argument", ask.request, [[ask]], reply=ask.reply, wrong=mistake)
    return single(author, rng)


SCENARIOS: dict[str, Callable[[Author, Random], Example]] = {
    "single": single,
    "parallel": parallel,
    "multi_step": multi_step,
    "no_call": no_call,
    "wrong_argument": wrong_argument,
}


def messages(example: Example, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The conversation in OpenAI's chat format. `ids` has one for each call."""
    told: list[dict[str, Any]] = [{"role": "user", "content": example.request}]
    names = iter(ids)
    for turn in example.turns:
        calls = [(next(names), ask) for ask in turn]
        told.append({"role": "assistant", "content": None, "tool_calls": [call(name, ask) for name, ask in calls]})
        told += [{"role": "tool", "tool_call_id": name, "content": _json(ask.result)} for name, ask in calls]
    return [*told, {"role": "assistant", "content": example.reply}]


def call(name: str, ask: Ask, arguments: dict[str, Json] | None = None) -> dict[str, Any]:
    """One call, in OpenAI's format: the arguments are JSON text."""
    told = ask.arguments if arguments is None else arguments
    return {"id": name, "type": "function", "function": {"name": ask.tool.name, "arguments": _json(told)}}


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)

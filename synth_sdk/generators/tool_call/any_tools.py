"""Wishes for tools of the user's own: worded from their names, descriptions and parameters."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.core.seeds import pick
from synth_sdk.core.spec import Spec
from synth_sdk.generators.banks import slots_of
from synth_sdk.generators.tool_call.arguments import Arguments
from synth_sdk.generators.tool_call.ask import Ask, Refusal, Step, value_at
from synth_sdk.generators.tool_call.results import Results, abilities, outcome
from synth_sdk.generators.tool_call.tools import Tool
from synth_sdk.generators.tool_call.vocabulary import vocabulary
from synth_sdk.generators.tool_call.wording import clause_of, filled, label, request_for, request_from, sentence_for
from synth_sdk.schema.names import snake

_REFERENCES = ("id", "key", "number", "code", "ref", "reference", "token", "url", "path", "name", "sha")
_MISSING_RATE = 0.4  # of the turns that need no call: those in which the assistant has to ask back


class AnyTools:
    """The author for a list of tools. `banks` is a checked blueprint: wordings and values that take the place of the built-in ones.

    With wordings for some of the tools, only these are asked for first.
    """

    def __init__(self, tools: Sequence[Tool], spec: Spec, banks: Mapping[str, Any] | None = None) -> None:
        self.tools = tools
        self._banks = {bank["name"]: bank for bank in (banks or {}).get("tools", ())}
        self._refusals = (banks or {}).get("no_call", ())
        self._asked_for = [tool for tool in tools if tool.name in self._banks] or tools
        self._arguments = {tool.name: Arguments(tool, spec, self._values(tool)) for tool in tools}
        self._results = Results(spec)

    def ask(self, rng: Random) -> Ask:
        tool = pick(rng, self._asked_for)
        arguments = self._arguments[tool.name].draw(rng)
        return self._asked(rng, tool, arguments, self._request(tool, arguments, rng))

    def _values(self, tool: Tool) -> dict[str, Sequence[Json]]:
        return {entry["parameter"]: entry["values"] for entry in self._banks.get(tool.name, {}).get("values", ())}

    def _request(self, tool: Tool, arguments: dict[str, Json], rng: Random) -> str:
        frame = _fitting(self._banks.get(tool.name, {}).get("requests", ()), arguments, rng)
        return request_from(frame, arguments, rng) if frame else request_for(tool, arguments, rng)

    def then(self, rng: Random, first: Ask) -> Step | None:
        """A tool that takes a reference (an order's id, a hotel's name...) to what the first one is about."""
        about = set(_words(f"{first.tool.name} {first.tool.description}"))
        ways = [
            (tool, name)
            for tool in self.tools
            if tool is not first.tool
            for name in _references(tool)
            if about.intersection(_words(name)[:-1] or _words(tool.name)[1:])
        ]
        if not ways or first.tool.result is not None:
            return None
        tool, name = pick(rng, ways)
        arguments = self._arguments[tool.name].draw(rng)
        value = arguments[name]
        first.result, first.link = self._results.draw(first.tool, first.arguments, rng, {name: value})
        first.what = label(name)
        rest = {key: item for key, item in arguments.items() if key != name}
        request = pick(rng, vocabulary()["then"]).format(clause=sentence_for(tool, rest, rng), label=label(name))
        return Step(self._asked(rng, tool, arguments, request), {f"/{name}": first.link})

    def no_call(self, rng: Random) -> Refusal:
        needy = [tool for tool in self.tools if tool.parameters.get("required")]
        if needy and rng.random() < _MISSING_RATE:
            return self._asks_back(rng, pick(rng, needy))
        told = pick(rng, self._refusals or vocabulary()["no_call"])
        shown = abilities(_some(rng, self.tools, 3))
        reply = told["reply"] if self._refusals else told["reply"].format(abilities=shown)
        return Refusal(told["request"], reply, told["why"])

    def _asks_back(self, rng: Random, tool: Tool) -> Refusal:
        words = vocabulary()["missing"]
        clause = clause_of(tool)
        name = pick(rng, tool.parameters["required"])
        request = pick(rng, words["requests"]).format(clause=clause, Clause=clause[:1].upper() + clause[1:])
        return Refusal(request, pick(rng, words["replies"]).format(label=label(name)), "missing_information")

    def _asked(self, rng: Random, tool: Tool, arguments: dict[str, Json], request: str) -> Ask:
        result, link = self._results.draw(tool, arguments, rng)
        what = label(link.rpartition("/")[2]) if link else "result"
        if frame := _fitting(self._banks.get(tool.name, {}).get("replies", ()), arguments, rng):
            return Ask(tool, arguments, request, clause_of(tool), result, link, what, filled(frame, arguments))
        told = outcome(result, link, value_at(result, link))
        reply = pick(rng, vocabulary()["replies"]).format(outcome=told)
        sentences = [part[:1].upper() + part[1:] for part in reply.split(". ")]
        return Ask(tool, arguments, request, clause_of(tool), result, link, what, ". ".join(sentences))


def _fitting(frames: Sequence[str], arguments: Mapping[str, Json], rng: Random) -> str:
    """One of the frames whose slots the call can fill; "" if none can be."""
    plain = {name for name, value in arguments.items() if not isinstance(value, dict | list) and value is not None}
    fitting = [frame for frame in frames if slots_of(frame) <= plain]
    return pick(rng, fitting) if fitting else ""


def _references(tool: Tool) -> list[str]:
    """The required plain parameters that name something found elsewhere."""
    properties = tool.parameters.get("properties", {})
    return [
        name
        for name in tool.parameters.get("required") or ()
        if isinstance(properties.get(name), dict)
        and properties[name].get("type") in ("string", "integer")
        and "enum" not in properties[name]
        and snake(name).split("_")[-1] in _REFERENCES
    ]


def _words(text: str) -> list[str]:
    """The words of a name or a sentence, plurals as singulars."""
    return [word.removesuffix("s") for word in snake(text.replace(".", " ")).replace(" ", "_").split("_") if word]


def _some(rng: Random, options: Sequence[Any], count: int) -> list[Any]:
    """Up to `count` different ones."""
    left = list(options)
    return [left.pop(int(rng.random() * len(left))) for _ in range(min(count, len(left)))]

"""The built-in templates: hand-written wishes for four tools that most agents have."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from random import Random
from typing import Any

from synth_sdk.core.errors import UnknownName
from synth_sdk.core.models import Json
from synth_sdk.core.packaged import read_data
from synth_sdk.core.seeds import pick
from synth_sdk.generators.tool_call.ask import Ask, Refusal, Step, ended, value_at
from synth_sdk.generators.tool_call.tools import Tool, make_tool
from synth_sdk.generators.tool_call.wording import label

FOLDER = Path(__file__).parent / "templates"
_SLOT = re.compile(r"\{(\w+)\}")
_FIRST = (
    "Ana",
    "Ben",
    "Chloe",
    "Dmitri",
    "Emma",
    "Farid",
    "Grace",
    "Hugo",
    "Ines",
    "Jonas",
    "Kira",
    "Liam",
    "Mona",
    "Nils",
    "Olga",
    "Priya",
)
_LAST = (
    "Abel",
    "Brandt",
    "Costa",
    "Dunn",
    "Eriksen",
    "Fischer",
    "Grant",
    "Hale",
    "Ito",
    "Jensen",
    "Kovac",
    "Lund",
    "Moreau",
    "Novak",
)
_DOMAINS = ("example.com", "example.org", "example.net", "mail.example.com")  # reserved by RFC 2606: nobody gets these mails


def names() -> list[str]:
    """The templates' names."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@lru_cache(maxsize=8)
def template(name: str) -> "Template":
    """The template called `name`; UnknownName with the nearest ones."""
    if name not in names():
        raise UnknownName("tool", name, names(), hint="For tools of your own give --constraint tools=FILE.")
    return Template(name, read_data(FOLDER / f"{name}.yaml"))


class Template:
    """One of the built-in tools. `told` is its file: tool, cases, slots, wordings."""

    def __init__(self, name: str, told: Mapping[str, Any]) -> None:
        self.name, self._told = name, told
        tool = told["tool"]
        self.tool: Tool = make_tool(tool["name"], tool["description"], tool["parameters"], None, f"template {name}")

    @cached_property
    def tools(self) -> Sequence[Tool]:
        """The tool, and those of the templates that go on from it."""
        return (self.tool, *(template(after["template"]).tool for after in self._told["then"]))

    def ask(self, rng: Random) -> Ask:
        words = self._words(rng, pick(rng, self._told["cases"]))
        arguments = {key: _filled(value, words) for key, value in self._told["arguments"].items()}
        arguments |= {key: _filled(value, words) for key, value in words["case"].items() if key in self._parameters}
        request = _filled(pick(rng, self._told["requests"]), words)
        for key, option in self._told["optional"].items():
            if rng.random() < option["rate"]:
                arguments[key] = _filled(pick(rng, option["pick"]), words)
                said = option["say"]
                frames = said[arguments[key]] if isinstance(said, Mapping) else said
                request = f"{ended(request)} {_filled(pick(rng, frames), {**words, key: arguments[key]})}"
        clause = _filled(pick(rng, self._told["clauses"]), words)
        return self._asked(rng, arguments, capital(request), clause, words)

    def then(self, rng: Random, first: Ask) -> Step | None:
        after = pick(rng, self._told["then"])
        other = template(after["template"])
        value = value_at(first.result, first.link)
        known = {key: str(argument) for key, argument in first.arguments.items()}
        words = {**other._words(rng, {}), **known, "link": str(value)}
        words["path"] = f"{_filled('{folder}/{stem}.{suffix}', words)}" if "folder" in words else words.get("path", "")
        arguments = {key: _filled(text, words) for key, text in after["arguments"].items()}
        request = _filled(pick(rng, after["requests"]), words)
        ask = other._asked(rng, arguments, request, request, {**words, **arguments})
        uses = {f"/{key}": first.link for key, text in after["arguments"].items() if "{link}" in text}
        return Step(ask, uses)

    def no_call(self, rng: Random) -> Refusal:
        told = pick(rng, self._told["no_call"])
        return Refusal(told["request"], told["reply"], told["why"])

    @property
    def _parameters(self) -> Mapping[str, Json]:
        parameters: Mapping[str, Json] = self._told["tool"]["parameters"]["properties"]
        return parameters

    def _asked(self, rng: Random, arguments: dict[str, Json], request: str, clause: str, words: dict[str, Any]) -> Ask:
        words = {**words, **arguments}
        result = _filled(self._of(self._told["result"], arguments), words)
        words["link"] = value_at(result, self._told["result_link"])
        what = words["columns"][0] if "columns" in words else label(self._told["result_link"].rpartition("/")[2])
        words["total"] = result.get("total", "")
        reply = _filled(pick(rng, self._of(self._told["replies"], arguments)), words)
        return Ask(self.tool, arguments, request, clause, result, self._told["result_link"], what, capital(reply))

    def _of(self, told: Any, arguments: Mapping[str, Json]) -> Any:
        """What is told of results and replies, which may go by an argument."""
        return told[arguments[self._told["by"]]] if "by" in self._told else told

    def _words(self, rng: Random, case: Mapping[str, Any]) -> dict[str, Any]:
        """A value for every slot; those of the case are filled in last, because they are made of the others."""
        words: dict[str, Any] = {name: pick(rng, values) for name, values in self._told["slots"].items()}
        words |= _people(rng) | {
            "small": 2 + int(rng.random() * 40),
            "bytes": 40 + int(rng.random() * 4000),
            "id": f"msg_{rng.getrandbits(48):012x}",
        }
        if "folder" in words:
            words["path"] = "{folder}/{stem}.{suffix}"
        words |= case
        for _ in range(2):  # a case may speak of a path, and a path of its folder
            words |= {
                key: _filled(value, words) for key, value in words.items() if isinstance(value, str | list) and "{" in str(value)
            }
        if "query" in words:
            words |= {"slug": "-".join(re.findall(r"\w+", words["query"].lower())), "Query": capital(words["query"])}
        return {**words, "case": {key: words.get(key, value) for key, value in case.items()}}


def _people(rng: Random) -> dict[str, str]:
    first, other = pick(rng, _FIRST), pick(rng, _FIRST)
    return {"first": first, "to": _address(rng, first), "other": _address(rng, other)}


def _address(rng: Random, first: str) -> str:
    last = pick(rng, _LAST)
    return f"{pick(rng, (f'{first}.{last}', f'{first[0]}{last}', first))}@{pick(rng, _DOMAINS)}".lower()


def _filled(value: Any, words: Mapping[str, Any]) -> Any:
    """`value` with its slots filled; a text that is one slot alone becomes that slot's value, a number stays a number."""
    if isinstance(value, list):
        return [_filled(item, words) for item in value]
    if isinstance(value, Mapping):
        return {key: _filled(item, words) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    alone = _SLOT.fullmatch(value)
    if alone:
        return words[alone.group(1)]
    return _SLOT.sub(lambda match: str(words[match.group(1)]), value)


def capital(text: str) -> str:
    """With a capital, unless a path, an address or a number comes first."""
    head = text.split(" ", 1)[0].rstrip(",.:;!?")
    return text[:1].upper() + text[1:] if head.replace("'", "").isalpha() else text

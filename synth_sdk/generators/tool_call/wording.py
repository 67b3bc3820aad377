"""A request in words for a call of any tool: what the tool does, and every value that the call holds."""

import re
from collections.abc import Mapping
from functools import lru_cache
from random import Random

from synth_sdk.core.models import Json
from synth_sdk.core.seeds import pick
from synth_sdk.generators.banks import slots_of
from synth_sdk.generators.tool_call.ask import ended
from synth_sdk.generators.tool_call.tools import Tool
from synth_sdk.generators.tool_call.vocabulary import vocabulary
from synth_sdk.schema.names import snake

_LONGEST_CLAUSE = 14  # words
_NEW = frozenset(
    {
        "add",
        "book",
        "buy",
        "build",
        "create",
        "generate",
        "import",
        "insert",
        "make",
        "plan",
        "prepare",
        "register",
        "schedule",
        "write",
    }
)
_SENTENCE = re.compile(r"[.;:\n]|\s[-(]|, (?:which|including|such)")


@lru_cache(maxsize=4096)
def _clause(name: str, description: str) -> str:
    """What the tool does, as an imperative: from the description's first sentence if that begins with a verb, else from the name."""
    words = _SENTENCE.split(description.strip(), maxsplit=1)[0].split()
    verb = _verb(words[0]) if words else ""
    if verb and 1 < len(words) <= _LONGEST_CLAUSE:
        return " ".join([verb, *words[1:]])
    parts = [part for part in snake(name.split(".")[-1]).split("_") if part]
    at = next((place for place, part in enumerate(parts) if _verb(part)), None)
    if at is None:
        return f"use {' '.join(parts) or name}"
    thing = " ".join(parts[at + 1 :]) or (parts[at - 1] if at else "")  # "issue_read" reads the issue
    return f"{_verb(parts[at])} {_with_article(thing, _verb(parts[at]))}"


def _with_article(thing: str, verb: str) -> str:
    """What a name's verb is done to: "create_issue" creates an issue, "get_issue" gets the issue, "list_issues" lists issues."""
    if not thing:
        return "it"
    if thing.endswith("s"):
        return thing
    return f"{'an' if thing[0] in 'aeiou' else 'a'} {thing}" if verb in _NEW else f"the {thing}"


def _verb(word: str) -> str:
    """The base form of a known verb: "Gets" and "get" are "get"; "" for other words."""
    word = word.lower().strip(",")
    verbs = vocabulary()["verbs"]
    for form in (word, word.removesuffix("s"), word.removesuffix("es"), re.sub("ies$", "y", word)):
        if form in verbs:
            return form
    return ""


def clause_of(tool: Tool) -> str:
    return _clause(tool.name, tool.description)


def request_for(tool: Tool, arguments: Mapping[str, Json], rng: Random) -> str:
    """A whole turn that names every value."""
    clause = clause_of(tool)
    frame = pick(rng, vocabulary()["requests"])
    return " ".join(_fill(frame, clause=clause, details=_details(arguments, rng)).split())


def request_from(frame: str, arguments: Mapping[str, Json], rng: Random) -> str:
    """A whole turn from a frame with arguments for slots; those that it doesn't say follow."""
    rest = {name: value for name, value in arguments.items() if name not in slots_of(frame)}
    text = filled(frame, arguments)
    return f"{ended(text)}{_details(rest, rng)}" if rest else text


def filled(frame: str, arguments: Mapping[str, Json]) -> str:
    """The frame with the arguments' values in its slots."""
    return frame.format(**{name: shown(value) for name, value in arguments.items() if name.isidentifier()})


def sentence_for(tool: Tool, arguments: Mapping[str, Json], rng: Random) -> str:
    """An imperative that names every value, to stand behind "then" or "and"."""
    details = _listed(arguments, rng)
    return f"{clause_of(tool)} with {details}" if details else clause_of(tool)


def label(pointer: str) -> str:
    """The words for a place in the arguments: "/filter/created_after/0" is "filter created after"."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/") if part and not part.isdigit()]
    return " ".join(snake(part).replace("_", " ") for part in parts) or "value"


def shown(value: Json) -> str:
    """A value as it is said."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 and round(value, 4) == value else str(value)


def _details(arguments: Mapping[str, Json], rng: Random) -> str:
    details = _listed(arguments, rng)
    return _fill(pick(rng, vocabulary()["lead_ins"]), details=details) if details else ""


def _listed(arguments: Mapping[str, Json], rng: Random) -> str:
    """Every value with its label, in one style for the whole turn."""
    frame: str = pick(rng, vocabulary()["detail"])
    told = [frame.format(label=name, value=value) for name, value in _said(arguments)]
    if len(told) < 2:
        return "".join(told)
    joint: str = pick(rng, (" and ", ", ", " and "))
    return ", ".join(told[:-1]) + joint + told[-1]


def _said(value: Json, pointer: str = "") -> list[tuple[str, str]]:
    """(label, text) for each value; a list of plain values is said in one go."""
    if isinstance(value, Mapping):
        return [pair for key, item in value.items() for pair in _said(item, f"{pointer}/{key}")]
    if isinstance(value, list):
        if any(isinstance(item, dict | list) for item in value):
            return [pair for item in value for pair in _said(item, pointer)]
        return [(label(pointer), " and ".join(shown(item) for item in value) or "none")]
    return [(label(pointer), shown(value))]


def _fill(frame: str, **words: str) -> str:
    """`frame` with its gaps filled; a name with a capital gives the words one."""
    capitals = {name.capitalize(): text[:1].upper() + text[1:] for name, text in words.items()}
    text: str = frame.format(**words, **capitals)
    return text

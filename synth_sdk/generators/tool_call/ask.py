"""One wish that one call fulfils, and the words around it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from synth_sdk.core.models import Json
from synth_sdk.generators.tool_call.tools import Tool


@dataclass(slots=True)
class Ask:
    """A request in words and the call that it asks for.

    `request` is a whole turn; `clause` an imperative ("look up ...") that can follow "and" or "then". `result` is what the tool
    returns; `link` the JSON pointer of that part of it which a next call may use, `what` that part's name. `reply` is the assistant's
    last word.
    """

    tool: Tool
    arguments: dict[str, Json]
    request: str
    clause: str
    result: Json
    link: str = ""
    what: str = "result"
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A second call that uses the result of the first: `uses` maps JSON pointers into its arguments to pointers into that result."""

    ask: Ask
    uses: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A turn that no call answers, and what the assistant says instead. `why` is the label."""

    request: str
    reply: str
    why: str


class Author(Protocol):
    """Writes the asks of one set of tools. Every draw comes from the given source."""

    @property
    def tools(self) -> Sequence[Tool]:
        """All that may be called."""

    def ask(self, rng: Random) -> Ask:
        """One wish."""

    def then(self, rng: Random, first: Ask) -> Step | None:
        """A wish that goes on from `first`, worded so that it can stand behind its request; None if these tools have none."""

    def no_call(self, rng: Random) -> Refusal: ...


def joined(first: str, second: str) -> str:
    """Two requests as one turn; the second may begin with "and"."""
    if second[:1].isupper():
        return f"{ended(first)} {ended(second)}"
    if first[-1:] in "?!":
        return ended(f"{first} {second[:1].upper()}{second[1:]}")
    return ended(f"{first.removesuffix('.')}, {second}")


def ended(text: str) -> str:
    """With a full stop, unless it has an end."""
    return text if text[-1:] in ".?!" else f"{text}."


def value_at(value: Json, pointer: str) -> Json:
    """What a JSON pointer leads to (RFC 6901)."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


def leaves(value: Json, pointer: str = "") -> Iterator[tuple[str, Json]]:
    """Every value that holds no other, with its pointer."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from leaves(item, f"{pointer}/{place}")
    else:
        yield pointer, value

"""What trajectories are about: `banks.yaml`, read once, and the matter that one trajectory draws from it."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from synth_sdk.core.packaged import read_data
from synth_sdk.core.seeds import pick

_GAP = re.compile(r"\{(\w+)\}")
Odds = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Tool:
    """What a tool does, what is seen afterwards, where that comes from, and how many seconds it usually takes."""

    does: str
    saw: str
    source: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of task: wordings, what it may be about, and its tools in the usual order."""

    name: str
    tasks: Sequence[str]
    subjects: Sequence[str]
    tools: Sequence[str]
    goal: str


class Banks:
    """`banks.yaml`, loaded when first asked for."""

    def __getitem__(self, key: str) -> Any:
        return read_data(Path(__file__).with_name("banks.yaml"))[key]

    @cached_property
    def tools(self) -> dict[str, Tool]:
        return {name: Tool(**told) for name, told in self["tools"].items()}

    @cached_property
    def categories(self) -> dict[str, Category]:
        return {name: Category(name, **told) for name, told in self["categories"].items()}


BANKS = Banks()


def between(rng: Random, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return low + int(rng.random() * (high - low + 1))


def lognormal(rng: Random, mean: float, spread: float) -> float:
    """e to the power of a nearly normal number (twelve uniform ones summed up): only `random()` has a stream that Python keeps stable."""
    return math.exp(mean + spread * (sum(rng.random() for _ in range(12)) - 6))


@dataclass(slots=True)
class Matter:
    """What one trajectory is about: its task, and the words that its nodes share."""

    category: Category
    task: str
    words: dict[str, str]

    @classmethod
    def draw(cls, rng: Random, templates: Mapping[str, Sequence[str]]) -> "Matter":
        """A task of one of the user's templates if there are any (by category; a category of the user's own borrows the nearest tools)."""
        category = BANKS.categories[pick(rng, sorted(BANKS.categories))]
        tasks = category.tasks
        if templates:
            name = pick(rng, sorted(templates))
            category, tasks = BANKS.categories.get(name, BANKS.categories["analysis"]), templates[name]
        words = {name: str(pick(rng, options)) for name, options in BANKS["words"].items()}
        words["subject"] = _filled(pick(rng, category.subjects), words)
        words["goal"] = _filled(category.goal, words)
        task = _filled(pick(rng, tasks), words)
        return cls(category, task[:1].upper() + task[1:], words)

    def say(self, rng: Random, template: str, **words: str) -> str:
        """`template` with its gaps filled; {rows}, {small} and {limit} are drawn anew."""
        numbers = {"rows": f"{between(rng, 12, 9800):,}", "small": str(between(rng, 2, 9)), "limit": str(between(rng, 5, 30))}
        return _filled(template, {**self.words, **numbers, **words})

    @property
    def first_tools(self) -> Odds:
        return {tool: 1 / (1 + place) for place, tool in enumerate(self.category.tools)}

    @property
    def transitions(self) -> Mapping[str, Odds]:
        """The odds of `banks.yaml` within the category's tools; elsewhere a tool is mostly followed by the next in the usual order."""
        tools = self.category.tools
        return {tool: self._odds(place, tool) for place, tool in enumerate(tools)}

    def _odds(self, place: int, tool: str) -> Odds:
        told = {name: odds for name, odds in BANKS["tool_transitions"].get(tool, {}).items() if name in self.category.tools}
        if told:
            return told
        following = self.category.tools[place + 1 :] or self.category.tools[:2]
        return {name: 1 / 2**step for step, name in enumerate(following)}


def gaps(template: str) -> list[str]:
    """The names in braces."""
    return _GAP.findall(template)


def _filled(template: str, words: Mapping[str, str]) -> str:
    return _GAP.sub(lambda match: words.get(match.group(1), match.group(1).replace("_", " ")), template)

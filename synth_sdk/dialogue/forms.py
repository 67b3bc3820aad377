"""How values look in speech: the forms of a type. Those of the built-in types are in `languages`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from synth_sdk.core.seeds import pick_weighted

Show = Callable[[Any, str], str]


@dataclass(frozen=True, slots=True)
class Forms:
    """Named ways to show a value; `show(value, now)` gets the dialogue's date. `default` and `weights` choose when a slot names none.

    `keeps_case`: the values are written as they are even where a sentence begins (eBay, numpy).
    """

    shows: Mapping[str, Show]
    default: tuple[str, ...]
    weights: tuple[float, ...]
    keeps_case: bool = False

    def text(self, value: Any, form: str, now: str, rng: Random) -> str:
        name = form or (self.default[0] if len(self.default) == 1 else pick_weighted(rng, self.default, self.weights))
        return self.shows[name](value, now)


def plain(value: Any, now: str) -> str:
    return str(value)


def by_field(key: str, article: Callable[[str, str], str] | None = None) -> Show:
    """Shows one field of a mapping, with the article that its `gender` asks for if one is wanted."""

    def show(value: Any, now: str) -> str:
        if not isinstance(value, Mapping):
            return article(str(value), "") if article else str(value)
        text = str(value.get(key, ""))
        return article(text, str(value.get("gender", ""))) if article else text

    return show


def by_template(template: str) -> Show:
    return lambda value, now: template.replace("{}", str(value))


def by_number(templates: Mapping[str, str], plural: Callable[[Any], str]) -> Show:
    """Shows a number in the template of its plural category."""
    return lambda value, now: templates[plural(value)].replace("{}", str(value))


PLAIN = Forms({"plain": plain}, ("plain",), (1.0,))

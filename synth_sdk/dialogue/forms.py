"""How values look in speech: dates, money and the forms of a pack's own types."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from synth_sdk.core.dates import MONTHS, WEEKDAYS
from synth_sdk.core.seeds import pick_weighted

_WEEKDAY_REACH = 6

Show = Callable[[Any, str], str]


@dataclass(frozen=True, slots=True)
class Forms:
    """Named ways to show a value; `show(value, now)` gets the dialogue's date. `default` and `weights` choose when a slot names none."""

    shows: Mapping[str, Show]
    default: tuple[str, ...]
    weights: tuple[float, ...]

    def text(self, value: Any, form: str, now: str, rng: Random) -> str:
        name = form or (self.default[0] if len(self.default) == 1 else pick_weighted(rng, self.default, self.weights))
        return self.shows[name](value, now)


def ordinal(day: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    suffix = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def _long(value: Any, now: str) -> str:
    day = date.fromisoformat(value)
    return f"{MONTHS[day.month - 1]} {day.day}"


def _short(value: Any, now: str) -> str:
    day = date.fromisoformat(value)
    return f"{MONTHS[day.month - 1][:3]} {day.day}"


def _ord(value: Any, now: str) -> str:
    day = date.fromisoformat(value)
    return f"{MONTHS[day.month - 1]} {ordinal(day.day)}"


def _day(value: Any, now: str) -> str:
    """ "the 9th" when that can only be this month's or a neighbour's, else the long form."""
    day = date.fromisoformat(value)
    near = abs((day - date.fromisoformat(now)).days) <= 20
    return f"the {ordinal(day.day)}" if near else _long(value, now)


def _weekday(value: Any, now: str) -> str:
    day = date.fromisoformat(value)
    near = abs((day - date.fromisoformat(now)).days) <= _WEEKDAY_REACH
    return WEEKDAYS[day.weekday()] if near else _long(value, now)


def _money(value: Any, now: str) -> str:
    return f"${float(value):,.2f}"


def _money_short(value: Any, now: str) -> str:
    amount = float(value)
    return f"${amount:,.0f}" if amount == int(amount) else f"${amount:,.2f}"


def plain(value: Any, now: str) -> str:
    return str(value)


def article(noun: str) -> str:
    """`noun` with "a" or "an", by its first letter."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def by_key(key: str, with_article: bool) -> Show:
    """Shows one field of a mapping."""

    def show(value: Any, now: str) -> str:
        text = str(value.get(key, "")) if isinstance(value, Mapping) else str(value)
        return article(text) if with_article else text

    return show


def by_template(template: str) -> Show:
    return lambda value, now: template.replace("{}", str(value))


PLAIN = Forms({"plain": plain}, ("plain",), (1.0,))
BUILT_IN: dict[str, Forms] = {
    "date": Forms(
        {"long": _long, "short": _short, "ord": _ord, "day": _day, "weekday": _weekday, "iso": plain},
        ("long", "short", "ord"),
        (4.0, 2.0, 3.0),
    ),
    "money": Forms({"plain": _money, "short": _money_short}, ("plain",), (1.0,)),
}

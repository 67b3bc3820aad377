"""The shape of a language, and how the forms that languages share are made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from synth_sdk.dialogue.forms import Forms, Show, plain

Plural = Literal["one", "other"]
PLURALS: tuple[Plural, ...] = ("one", "other")

_MONTH_REACH = 20
_WEEK_REACH = 6


@dataclass(frozen=True, slots=True)
class Language:
    """One language. `faker` is the locale its word lists are taken from; `capitals` are words that keep their capital inside a sentence.

    `article(noun, gender)` puts the indefinite article before a noun (gender m, f, n, or "" when nobody said); `plural(value)` is the
    category of a number; `forms` are those of the built-in types date, time and money.
    """

    code: str
    name: str
    faker: str
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    capitals: frozenset[str]
    ordinal: Callable[[int], str]
    article: Callable[[str, str], str]
    plural: Callable[[Any], Plural]
    forms: Mapping[str, Forms]


def one_or_other(value: Any) -> Plural:
    """`one` for exactly 1, `other` for the rest (CLDR plural rules of cardinals: en, es and de agree on whole numbers below a million)."""
    return "one" if str(value) in ("1", "-1") else "other"


def dated(text: Callable[[date], str]) -> Show:
    return lambda value, now: text(date.fromisoformat(value[:10]))


def dated_near(near: Callable[[date], str], far: Callable[[date], str], reach: int) -> Show:
    """`near` for dates at most `reach` days from the dialogue's, else `far`."""

    def show(value: Any, now: str) -> str:
        day = date.fromisoformat(value[:10])
        return near(day) if abs((day - date.fromisoformat(now)).days) <= reach else far(day)

    return show


def date_forms(
    long: Callable[[date], str],
    short: Callable[[date], str],
    ordinal: Callable[[date], str],
    day: Callable[[date], str],
    far_day: Callable[[date], str],
    weekday: Callable[[date], str],
) -> Forms:
    """The six forms of a date; a bare day or weekday is used only where it can be just one date."""
    shows = {
        "long": dated(long),
        "short": dated(short),
        "ord": dated(ordinal),
        "day": dated_near(day, far_day, _MONTH_REACH),
        "weekday": dated_near(weekday, long, _WEEK_REACH),
        "iso": plain,
    }
    return Forms(shows, ("long", "short", "ord"), (4.0, 2.0, 3.0))


def clock(value: Any) -> tuple[int, int]:
    """Hour and minute of "14:30", also at the end of a timestamp."""
    hour, minute = str(value).rpartition("T")[2][:5].split(":")
    return int(hour), int(minute)


def timed(text: Callable[[int, int], str]) -> Show:
    return lambda value, now: text(*clock(value))


def time_forms(long: Callable[[int, int], str], short: Callable[[int, int], str]) -> Forms:
    iso = timed(lambda hour, minute: f"{hour:02d}:{minute:02d}")
    return Forms({"plain": timed(long), "short": timed(short), "iso": iso}, ("plain",), (1.0,))


def money_forms(text: Callable[[float, int], str]) -> Forms:
    """`text(amount, decimals)` writes an amount; `short` leaves out cents that are zero."""

    def shown(value: Any, now: str) -> str:
        return text(float(value), 2)

    def short(value: Any, now: str) -> str:
        amount = float(value)
        return text(amount, 0 if amount == int(amount) else 2)

    return Forms({"plain": shown, "short": short}, ("plain",), (1.0,))


def european(amount: float, decimals: int) -> str:
    """1.045,50: points between thousands, a comma before the decimals."""
    return f"{amount:,.{decimals}f}".translate({ord(","): ".", ord("."): ","})

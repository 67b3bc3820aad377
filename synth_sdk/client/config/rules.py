"""What the value of a key must be. A rule takes the value and the key's path and returns the value as it is used; ValueError says in words
what it must be, RequestError is a whole message already.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from synth_sdk.core.errors import RequestError, nearest
from synth_sdk.core.money import parse_budget
from synth_sdk.core.quantities import parse_duration, parse_rate
from synth_sdk.core.redact import redact, register_secrets
from synth_sdk.core.spec import make_spec
from synth_sdk.history.places import check_place

Rule = Callable[[Any, str], Any]

_SWITCH = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}
# JSON has no words for them.
_POLICY_WORDS = {True: "on", False: "off"}
STRATEGIES = {
    "cost-optimized": "cheapest",
    "performance-optimized": "fastest",
    "speed-optimized": "fastest",
    "latency-optimized": "fastest",
    "quality-optimized": "best",
    "balanced": "balanced",
    "hybrid": "balanced",
}
_MOST_SHOWN = 60  # characters of a value in a message


def text(value: Any, path: str) -> str:
    if isinstance(value, bool | Mapping | list) or not str(value).strip():
        raise ValueError("must be a text")
    return str(value)


def credential(value: Any, path: str) -> str | None:
    """None for an empty one. Messages don't quote the value."""
    if not isinstance(value, str):
        raise ValueError("must be a text")
    register_secrets([value.strip()])
    return value.strip() or None


def history(value: Any, path: str) -> str:
    """A place where runs are remembered."""
    place = text(value, path)
    check_place(place)
    return place


def switch(value: Any, path: str) -> bool:
    told = value if isinstance(value, bool) else _SWITCH.get(str(value).strip().casefold())
    if told is None:
        raise ValueError("must be true or false")
    return told


def whole(least: int, most: int) -> Rule:
    def rule(value: Any, path: str) -> int:
        number = _digits(value)
        if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
            raise ValueError(f"must be a whole number from {least:,} to {most:,}")
        return number

    return rule


def milliseconds(value: Any, path: str) -> float:
    """Seconds, from milliseconds or a duration in words such as 1h."""
    number = _digits(value)
    if isinstance(number, bool) or (isinstance(number, int | float) and not 0 < number <= 1e14):
        raise ValueError("must be milliseconds, above 0, or a duration such as 1h")
    return number / 1000 if isinstance(number, int | float) else parse_duration(str(value), path) / 1_000_000


def names(value: Any, path: str) -> list[str]:
    """A list of names, or names with commas between."""
    told = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(told, list) or not told or not all(isinstance(name, str) and name.strip() for name in told):
        raise ValueError("must be a name or a list of names")
    return [name.strip() for name in told]


def option(name: str) -> Rule:
    """As the Spec's field `name` has it."""

    def rule(value: Any, path: str) -> Any:
        number = _digits(value)
        try:
            make_spec(kind="text", **{name: number})
        except RequestError as error:
            raise ValueError(error.message.rpartition(": ")[2]) from None
        return number

    return rule


def number_or(word: str, name: str) -> Rule:
    """`word`, or as the Spec's field `name` has it."""
    checked = option(name)

    def rule(value: Any, path: str) -> Any:
        if value == word:
            return value
        try:
            return checked(value, path)
        except ValueError as error:
            raise ValueError(f"{error}, or {word!r}") from None

    return rule


def budget(value: Any, path: str) -> Any:
    parse_budget(value)
    return value


def rate(value: Any, path: str) -> Any:
    parse_rate(value, path)
    return value


def moment(value: Any, path: str) -> str:
    """A time in ISO form, or now."""
    told = value.isoformat() if isinstance(value, date) else str(value)
    if told != "now":
        try:
            datetime.fromisoformat(told)
        except ValueError:
            raise ValueError("must be an ISO 8601 time such as 2025-01-01T00:00:00Z, or now") from None
    return told


def cache_policy(value: Any, path: str) -> Any:
    return option("cache")(_POLICY_WORDS.get(value, value) if isinstance(value, bool) else value, path)


def strategy(value: Any, path: str) -> str:
    """A routing strategy in the words of others, as our policy."""
    told = STRATEGIES.get(str(value).strip().casefold().replace("_", "-"))
    if told is None:
        near = nearest(str(value), STRATEGIES)
        raise ValueError(f"did you mean {' or '.join(near)}?" if near else f"choose {', '.join(STRATEGIES)}")
    return told


def shown(value: Any) -> str:
    """A value as a message may quote it: short, without credentials."""
    told = redact(repr(value))
    return told if len(told) <= _MOST_SHOWN else told[: _MOST_SHOWN - 3] + "..."


def _digits(value: Any) -> Any:
    """A number that came as text, out of a variable, as the number."""
    if not isinstance(value, str):
        return value
    for number in (int, float):
        try:
            return number(value)
        except ValueError:
            continue
    return value

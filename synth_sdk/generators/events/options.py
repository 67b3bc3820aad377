"""What can be asked of the kind beside scenario and schema: constraints, or keys of its section of the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.quantities import parse_duration, parse_rate
from synth_sdk.core.spec import Spec

DEFAULT_RATE = 100.0
_LEAST_RATE = 4e-8  # a little more than one in a year
CONSTRAINTS = frozenset(
    {
        *("arrivals", "burst_factor", "burst_share", "burst_length", "profile", "weekend"),
        *("scenario", "about", "users", "sessions", "opening", "late", "late_by", "duplicates", "duration"),
    }
)
_OPTIONS = CONSTRAINTS | {"rate", "default_rate", "random_seed"}
GAPS, SHAPES = ("poisson", "regular"), ("bursty", "diurnal")
PROFILES: dict[str, tuple[float, ...]] = {  # the weights of 24 hours, from 0:00 UTC on
    "day": (22, 14, 10, 8, 8, 12, 24, 42, 62, 76, 84, 90, 96, 92, 88, 88, 90, 94, 98, 100, 98, 86, 62, 38),
    "office": (3, 2, 2, 2, 2, 4, 12, 40, 82, 98, 100, 92, 62, 80, 98, 96, 86, 62, 28, 14, 9, 7, 5, 4),
    "evening": (46, 28, 16, 10, 8, 8, 12, 18, 22, 26, 30, 36, 42, 42, 40, 42, 48, 58, 72, 88, 98, 100, 90, 68),
    "night": (92, 98, 100, 96, 84, 60, 30, 18, 12, 10, 10, 10, 12, 12, 10, 10, 12, 14, 16, 20, 28, 44, 62, 80),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """`rate` is events per second, times are microseconds. `users` and `sessions` are None where they follow from the rate."""

    rate: float = DEFAULT_RATE
    arrivals: tuple[str, ...] = ("poisson",)
    burst_factor: float = 8.0
    burst_share: float = 0.1
    burst_length: int = 30_000_000
    hours: tuple[float, ...] = PROFILES["day"]
    weekend: float = 0.7
    users: int | None = None
    sessions: int | None = None
    whole: bool = False
    late: float = 0.0
    late_by: int = 300_000_000
    duplicates: float = 0.0
    scenario: str | Mapping[str, Any] | None = None
    about: str | None = None

    @property
    def by_arrival(self) -> bool:
        """Rows are in the order of arrival, which differs from that of the events."""
        return bool(self.late or self.duplicates)


def told_of(spec: Spec) -> dict[str, Any]:
    """Options and constraints as one mapping; constraints win. UnknownName, with the nearest one, for a key that isn't known."""
    return _told(spec.options, spec.constraints)


def _told(options: Any, constraints: Mapping[str, str]) -> dict[str, Any]:
    if options is not None and not isinstance(options, Mapping):
        raise RequestError(f"options of kind 'events': must be a mapping, not {type(options).__name__}")
    for key in options or {}:
        if key not in _OPTIONS:
            raise UnknownName("events option", str(key), _OPTIONS)
    for key in constraints:
        if key not in CONSTRAINTS:
            raise UnknownName("events constraint", key, CONSTRAINTS)
    return {key: value for key, value in {**(options or {}), **constraints}.items() if value is not None}


def wish_of(spec: Spec) -> Wish:
    """The checked wish of a Spec."""
    told = told_of(spec)
    rate = spec.rate or _rate(told)
    if rate < _LEAST_RATE:
        raise RequestError(f"rate {rate:g}/sec: at least one event a year")
    return Wish(
        rate=rate,
        arrivals=_arrivals(told.get("arrivals", "poisson")),
        burst_factor=_number(told, "burst_factor", 8.0, 1, 1000),
        burst_share=_number(told, "burst_share", 0.1, 0.001, 0.5),
        burst_length=parse_duration(told.get("burst_length", "30s"), "burst_length"),
        hours=_profile(told.get("profile", "day")),
        weekend=_number(told, "weekend", 0.7, 0, 100),
        users=_whole(told, "users"),
        sessions=_whole(told, "sessions"),
        whole=_choice(told, "opening", ("running", "whole")) == "whole",
        late=_number(told, "late", 0.0, 0, 1),
        late_by=parse_duration(told.get("late_by", "5m"), "late_by"),
        duplicates=_number(told, "duplicates", 0.0, 0, 0.5),
        scenario=told.get("scenario"),
        about=told.get("about"),
    )


def count_of(told: Mapping[str, Any]) -> int | None:
    """How many events lie in the `duration` that is asked for; None if none is."""
    asked = _told(told.get("options"), told.get("constraints") or {})
    if "duration" not in asked:
        return None
    given = told.get("rate")
    rate = parse_rate(given) if given is not None else _rate(asked)
    return max(1, round(parse_duration(asked["duration"]) * rate / 1_000_000))


def _rate(told: Mapping[str, Any]) -> float:
    given = told.get("rate", told.get("default_rate"))
    return DEFAULT_RATE if given is None else parse_rate(given)


def _arrivals(told: Any) -> tuple[str, ...]:
    """At most one of GAPS, any of SHAPES, joined by plus signs."""
    words = tuple(word.strip() for word in str(told).split("+"))
    for word in words:
        if word not in GAPS + SHAPES:
            raise UnknownName("arrivals", word, GAPS + SHAPES)
    if len(set(words)) < len(words) or set(GAPS) <= set(words):
        raise RequestError(f"arrivals {told!r}: poisson or regular, and bursty, diurnal or both, each once, joined by +")
    return words


def _profile(told: Any) -> tuple[float, ...]:
    """A known name, or 24 weights."""
    if isinstance(told, str) and told in PROFILES:
        return PROFILES[told]
    parts = told.split(",") if isinstance(told, str) else told
    if isinstance(told, str) and len(parts) == 1:
        raise UnknownName("profile", told, PROFILES, "or 24 numbers with commas between them")
    try:
        hours = tuple(float(part) for part in parts)
    except (TypeError, ValueError):
        hours = ()
    if len(hours) != 24 or not all(0 <= hour < 1e6 for hour in hours) or sum(hours) <= 0:
        raise RequestError(f"profile {told!r}: give {', '.join(PROFILES)}, or 24 numbers from 0 up, one for each hour of the day")
    return hours


def _number(told: Mapping[str, Any], key: str, default: float, low: float, high: float) -> float:
    given = told.get(key, default)
    try:
        number = float(given)
    except (TypeError, ValueError):
        number = float("nan")
    if isinstance(given, bool) or not low <= number <= high:
        raise RequestError(f"{key}={given}: must be a number from {low:g} to {high:g}")
    return number


def _whole(told: Mapping[str, Any], key: str) -> int | None:
    given = told.get(key)
    if given is None:
        return None
    text = str(given)
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 1 << 31:
        raise RequestError(f"{key}={given}: must be a whole number from 1 to {1 << 31:,}")
    return int(text)


def _choice(told: Mapping[str, Any], key: str, known: tuple[str, ...]) -> str:
    given = str(told.get(key, known[0]))
    if given not in known:
        raise UnknownName(key, given, known)
    return given

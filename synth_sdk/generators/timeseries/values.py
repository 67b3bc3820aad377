"""Reading single values of a wish, as constraints (text) or as options (JSON). Each error names the value, the rule and the way out."""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.quantities import parse_duration

_YES, _NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_MONDAY = -3 * 86_400_000_000  # 1969-12-29, microseconds since 1970
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LARGEST = 1e15


@dataclass(frozen=True, slots=True)
class Told:
    """One value, and what to call it in an error."""

    value: Any
    name: str

    def refuse(self, rule: str) -> NoReturn:
        shown = self.value if isinstance(self.value, str) else json.dumps(self.value, default=str)
        raise RequestError(f"{self.name}={shown[:80]}: {rule}")

    def number(self, low: float = -_LARGEST, high: float = _LARGEST, *, above: float | None = None) -> float:
        """A finite number from `low` to `high`, or above `above`."""
        told = self.value
        if isinstance(told, str) and _NUMBER.fullmatch(told.strip()):
            told = float(told)
        if isinstance(told, bool) or not isinstance(told, int | float) or not math.isfinite(told):
            self.refuse("must be a number")
        if above is not None and told <= above:
            self.refuse(f"must be above {above:g}")
        if not low <= told <= high:
            self.refuse(f"must be at least {low:g}" if high == _LARGEST else f"must be from {low:g} to {high:g}")
        return float(told)

    def whole(self, low: int, high: int) -> int:
        """A whole number."""
        told = self.number()
        if told != int(told) or not low <= told <= high:
            self.refuse(f"must be a whole number from {low:,} to {high:,}")
        return int(told)

    def yes(self) -> bool:
        """True or false."""
        if isinstance(self.value, bool):
            return self.value
        told = str(self.value).strip().casefold()
        if told not in _YES | _NO:
            self.refuse("must be true or false")
        return told in _YES

    def word(self, known: Sequence[str]) -> str:
        """One of `known`."""
        told = str(self.value).strip()
        if told not in known:
            raise UnknownName(self.name, told, known)
        return told

    def text(self, longest: int = 1000) -> str:
        if not isinstance(self.value, str) or not 0 < len(self.value) <= longest:
            self.refuse(f"must be text of at most {longest} characters")
        return self.value

    def names(self) -> tuple[str, ...]:
        """Different names, as a list or with commas between them."""
        told = self.value.split(",") if isinstance(self.value, str) else self.value
        if not isinstance(told, list | tuple) or not all(isinstance(name, str) and name.strip() for name in told):
            self.refuse("must be names with commas between them")
        found = tuple(name.strip() for name in told)
        if len(set(found)) < len(found):
            self.refuse("each name once")
        return found

    def items(self) -> list["Told"]:
        """The items of a list, or of text with commas between them."""
        told = self.value
        if isinstance(told, str):
            told = [part.strip() for part in told.split(",")]
        if isinstance(told, Mapping):
            told = [told]
        if not isinstance(told, list | tuple):
            self.refuse("must be a list")
        return [Told(item, f"{self.name}[{place}]") for place, item in enumerate(told)]

    def parts(self, needed: Sequence[str], others: Sequence[str] = ()) -> dict[str, "Told"]:
        """The named parts of a mapping, or of text with colons between them in that order."""
        known = [*needed, *others]
        told = self.value
        if isinstance(told, str):
            pieces = told.split(":")
            if len(pieces) > len(known):
                self.refuse(f"write {':'.join(known)}")
            told = dict(zip(known, pieces, strict=False))
        if not isinstance(told, Mapping):
            self.refuse(f"must have {', '.join(needed)}")
        for key in told:
            if key not in known:
                raise UnknownName(f"key in {self.name}:", str(key), known)
        for key in needed:
            if told.get(key) in (None, ""):
                self.refuse(f"{key} is missing")
        return {key: Told(value, f"{self.name}.{key}") for key, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Clock:
    """Ticks and times: tick 0 is at `start` (microseconds since 1970), ticks are `step` microseconds apart."""

    start: int
    step: int

    def ticks(self, told: Told, least: float = 0.0) -> float:
        """A number of samples, or a duration."""
        if _is_number(told.value):
            return told.number(least)
        ticks = parse_duration(told.text(), told.name) / self.step
        if ticks < least:
            told.refuse(f"is {ticks:g} samples; must be at least {least:g}")
        return ticks

    def length(self, told: Told, least: int = 1) -> int:
        """The same as a whole number."""
        ticks = self.ticks(told, least)
        if ticks > 1e9:
            told.refuse("must be at most 1,000,000,000 samples")
        return max(least, round(ticks))

    def moment(self, told: Told) -> float:
        """The tick of a number of samples, a duration since the start, or an ISO date."""
        if isinstance(told.value, str) and _DATE.match(told.value.strip()):
            try:
                at = datetime.fromisoformat(told.value.strip())
            except ValueError:
                told.refuse("write a number of samples, a duration, or a date such as 2025-01-31")
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
            return (micros_of(at) - self.start) / self.step
        return self.ticks(told)

    def period(self, told: Told) -> tuple[float, float]:
        """The ticks of a period and the share of one that is over at tick 0: durations keep to the clock, a day begins at midnight."""
        if _is_number(told.value):
            return told.number(above=0), 0.0
        micros = parse_duration(told.text(), told.name)
        return micros / self.step, (self.start - _MONDAY) % micros / micros


def micros_of(moment: datetime) -> int:
    """Microseconds since 1970."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def parse_constraints(constraints: Mapping[str, str]) -> dict[str, Any]:
    """Constraints as options: what looks like JSON is read as such."""
    return {key: _parsed(key, text) for key, text in constraints.items()}


def check_names(what: str, names: Iterable[object], known: Iterable[str]) -> None:
    """UnknownName for one that isn't known."""
    known = frozenset(known)
    for name in names:
        if name not in known:
            raise UnknownName(what, str(name), known)


def _parsed(key: str, text: str) -> Any:
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise RequestError(f"constraint {key}={text[:80]}: not valid JSON: {error}") from None


def _is_number(value: Any) -> bool:
    return not isinstance(value, str) or bool(_NUMBER.fullmatch(value.strip()))

"""Less of a value: nothing, its end, or the class that it belongs to. Doing it twice is doing it once."""

import re
from dataclasses import dataclass
from typing import Literal

from synth_sdk.compliance.masking.keys import Key
from synth_sdk.core.models import Json

Scale = Literal["number", "year", "month", "postcode", "text"]
_FINEST = 2.0**53  # beyond it doubles lie further apart than bins; nor does infinity have any
_SHOWN = re.compile(r"[^\W_]|\*")  # letters and digits, and those that are hidden already
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})((?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Redact:
    """One fixed value for all: what the field's schema admits."""

    fill: Json = None

    def __call__(self, value: Json, key: Key) -> Json:
        return self.fill


@dataclass(frozen=True, slots=True)
class KeepLast:
    """Letters and digits but the last `count` become `*`; separators stay."""

    count: int

    def __call__(self, value: Json, key: Key) -> Json:
        if not isinstance(value, str):
            return value
        hidden = len(_SHOWN.findall(value)) - self.count
        return _SHOWN.sub("*", value, count=hidden) if hidden > 0 else value


@dataclass(frozen=True, slots=True)
class Generalize:
    """Numbers to the floor of their bin of width `size`, dates to the first day of their year or month, postcodes to their first `size`
    characters (the rest 0, or X for letters), texts to their first `size`. `scale` None: by the value. No number falls below `least`.
    """

    scale: Scale | None
    size: int = 0
    least: float | None = None

    def __call__(self, value: Json, key: Key) -> Json:
        match value:
            case bool():
                return value
            case int() | float():
                return self._of_number(value)
            case str():
                return self._of_text(value)
        return value

    def _of_number(self, value: float) -> float:
        if isinstance(value, float) and not abs(value) < _FINEST:
            return value
        size = self.size or 10
        floor = value // size * size
        return floor if self.least is None or floor >= self.least else type(value)(self.least)

    def _of_text(self, text: str) -> str:
        match self.scale:
            case "year" | "month":
                return _first_day(text, self.scale)
            case "postcode":
                return _area(text, self.size or 3)
            case None if _ISO.fullmatch(text):
                return _first_day(text, "year")
        return text[: self.size or 3]


def _first_day(text: str, scale: str) -> str:
    """The date with its month, or its day, back at 01 and its time at midnight. A text that is no ISO date keeps its year alone."""
    found = _ISO.fullmatch(text)
    if found is None:
        alone = re.search(r"(?:19|20)\d{2}", text)
        return alone[0] if alone else ""
    year, month, _, time, rest = found.groups()
    return f"{year}-{month if scale == 'month' else '01'}-01{re.sub(r'[0-9]', '0', time)}{rest}"


def _area(text: str, size: int) -> str:
    """Of US areas with 20,000 people or fewer nothing stays: 45 CFR 164.514(b)(2)(i)(B)."""
    from synth_sdk.engine.meaning.reserved import RESTRICTED_ZIPS

    few = size == 3 and re.fullmatch(r"[0-9]{5}(-[0-9]{4})?", text) is not None and text[:3] in RESTRICTED_ZIPS
    kept = "000" if few else text[:size]
    return kept + re.sub("[A-Za-z]", "X", re.sub("[0-9]", "0", text[size:]))

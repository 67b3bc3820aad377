"""The texts of one place: formats, moments, codes, categories, lengths. What is personal or rare is never copied."""

import re
from collections.abc import Mapping

from synth_sdk.core.models import Json
from synth_sdk.schema.inference.numbers import shares
from synth_sdk.schema.inference.recognition import CARD, FORMATS, HEX, Format, Moments
from synth_sdk.schema.inference.shapes import Shape
from synth_sdk.schema.inference.tallies import Tally
from synth_sdk.schema.names import is_identifier, is_key, risk_of

_UNLIMITED = frozenset({"uuid"})  # formats of which the engine can number any quantity through
_VARYING = re.compile(r"\{\d+,\d+\}")
_ROOM = 10  # times as many texts of a shape as rows, for a unique field to be worth claiming
_KEY_ROWS = 10
_LONG = 200  # characters; a category is a word or two


class Texts:
    """`shape` and the formats die with the first text that doesn't fit."""

    def __init__(self) -> None:
        self.tally: Tally[str] = Tally()
        self.shortest, self.longest = 1 << 62, 0
        self._first, self._last = "\U0010ffff", ""  # in the order of characters, which for ISO dates is that of time
        self._formats: tuple[Format, ...] = (*FORMATS, CARD, HEX)
        self._moments = Moments()
        self._shape = Shape()

    def observe(self, counts: Mapping[str, int]) -> None:
        """Take in the texts of one batch with how often each occurs."""
        texts = list(counts)
        self.tally.add(counts)
        lengths = list(map(len, texts))
        self.shortest, self.longest = min(self.shortest, *lengths), max(self.longest, *lengths)
        self._first, self._last = min(self._first, min(texts)[:_LONG]), max(self._last, max(texts)[:_LONG])
        self._formats = tuple(kind for kind in self._formats if kind.fits(texts))
        if self._moments.alive:
            self._moments.observe(texts)
        self._shape.observe(texts)

    def is_moment(self) -> bool:
        """Are all of them dates or times?"""
        return bool(self._moments.alive) or any(kind.name in ("date", "date-time") for kind in self._formats)

    def is_digits(self) -> bool:
        return self._shape.is_digits()

    def schema(self, name: str, alone: bool) -> dict[str, Json]:
        """The keywords; `alone`: no other type but null occurs here."""
        private = risk_of(name) is not None or CARD in self._formats
        found = self._format(name, private) or self._moment(name, private)
        if not found and alone and not private:
            found = self._categories()
        if not found:
            found = self._code(private) or {"minLength": self.shortest, "maxLength": self.longest}
        if alone and self._is_unique(name, found):
            found["x-synth"] = {**found.get("x-synth", {}), "unique": True}
        return found

    def _format(self, name: str, private: bool) -> dict[str, Json]:
        kind = next((kind for kind in self._formats if kind not in (CARD, HEX) and kind.is_named(name)), None)
        if kind is None:
            return {}
        if kind.name in ("date", "date-time"):
            return {"format": kind.name, "x-synth": _days(self._first[:10], self._last[:10], private)}
        return {"format": kind.name}

    def _moment(self, name: str, private: bool) -> dict[str, Json]:
        if not self._moments.alive:
            return {}
        writing = self._moments.alive[0]
        extras: dict[str, Json] = {"strftime": writing.strftime, "as": writing.kind}
        if writing.kind != "time":
            first, last = self._moments.days(writing)
            extras |= _days(first.isoformat(), last.isoformat(), private)
        return {"x-synth": extras}

    def _categories(self) -> dict[str, Json]:
        few = self.tally.categories()
        if not few or self.longest > _LONG:
            return {}
        if len(few) == 1:
            return {"const": few[0][0]} if self.tally.constant else {}
        return {"enum": [text for text, _ in few], "x-synth": {"weights": shares([count for _, count in few])}}

    def _code(self, private: bool) -> dict[str, Json]:
        if self._shape.is_code(literal=not private) and self.tally.total > 1:
            return {"pattern": self._shape.pattern(literal=not private)}
        if HEX in self._formats and self.shortest == self.longest and self.tally.total > 1:
            return {"pattern": f"^[0-9a-f]{{{self.shortest}}}$"}
        return {}

    def _is_unique(self, name: str, found: Mapping[str, Json]) -> bool:
        if not self.tally.unique or "x-synth" in found:
            return False
        steady = not _VARYING.search(
            str(found.get("pattern", ""))
        )  # texts of one length: others can't be numbered without repeats
        roomy = found.get("format") in _UNLIMITED or (
            "pattern" in found and steady and (not self._shape.is_code() or self._shape.domain() >= _ROOM * self.tally.total)
        )
        keyed = is_key(name) or (self.tally.total >= _KEY_ROWS and is_identifier(name))
        return roomy and (keyed or (self.tally.total >= 100 and "pattern" in found))


def _days(first: str, last: str, private: bool) -> dict[str, Json]:
    """The bounds of dates; whole years where a single date is somebody's own."""
    if private:
        return {"earliest": f"{first[:4]}-01-01", "latest": f"{last[:4]}-12-31"}
    return {"earliest": first, "latest": last}

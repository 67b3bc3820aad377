"""What was said and shown so far, and whether a text tells anything beyond it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from synth_sdk.core.dates import MONTHS, WEEKDAYS
from synth_sdk.core.models import Json
from synth_sdk.dialogue.gates.entities import Known
from synth_sdk.dialogue.languages import language
from synth_sdk.dialogue.writing.facts import Told
from synth_sdk.generators.tool_call.ask import Ask, leaves
from synth_sdk.generators.tool_call.grounding import NUMBER_WORDS

_CAPITALS = "API CSV FAQ HTML ID IDs JSON OK PDF SQL URL URLs"  # words that aren't names
_DAY = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})")
_CLOCK = re.compile(r"\b(\d{1,2}):\d{2}\b")
_FIGURE = re.compile(r"(?<!\d)\d{1,15}(?!\d)")
_PART = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]{4,}")
_STEM = 4  # letters in which two forms of a word agree
_TELLING = 8  # characters from which on a text of a result can't be hit by chance


class Sources:
    """What texts told so far. Figures, dates, codes, addresses, amounts and names that they don't hold are news."""

    def __init__(self, *texts: str) -> None:
        self._told, self._known, self._heard = Told(language("en")), Known(), ""
        self._told.hear(_CAPITALS)
        self.hear(*texts)

    def hear(self, *texts: str) -> None:
        for text in texts:
            self._known.hear(text)
            self._told.hear(" ".join([text, *_PART.findall(text), *_other_forms(text)]))
            self._heard += f"{text.casefold()}\n"

    def news(self, text: str) -> str | None:
        """The first thing in `text` that nobody told; None if there is none."""
        entity = self._known.missing(text)
        return entity[1] if entity else self._told.news(text)

    def foretold(self, text: str, later: Json) -> str | None:
        """The first text of `later`, a result that is still to come, that `text` tells already; None if there is none."""
        told = text.casefold()
        values = (value.casefold() for _, value in leaves(later) if isinstance(value, str) and len(value) >= _TELLING)
        return next((value for value in values if value in told and value not in self._heard), None)


def _other_forms(text: str) -> Iterator[str]:
    """What dates, hours and numbers are called in speech."""
    for day in _DAY.finditer(text):
        year, month, number = map(int, day.groups())
        try:
            weekday = WEEKDAYS[date(year, month, number).weekday()]
        except ValueError:
            continue
        yield f"{number} {MONTHS[month - 1]} {MONTHS[month - 1][:3]} {weekday}"
    yield from (str(int(hour) % 12 or 12) for hour in _CLOCK.findall(text))
    for figure in _FIGURE.findall(text):
        yield f"{int(figure)} {int(figure):,}"
    counted = {float(figure) for figure in _FIGURE.findall(text)}
    counted.update(NUMBER_WORDS[word] for word in _PART.findall(text.casefold()) if word in NUMBER_WORDS)
    yield from (f"{number} {word}" for word, number in NUMBER_WORDS.items() if number in counted)


def told_by(asks: Iterable[Ask], uses: Mapping[str, str] | None = None) -> Iterator[str]:
    """The arguments of calls as texts, without those at the pointers of `uses`."""
    for ask in asks:
        yield from (str(value) for pointer, value in leaves(ask.arguments) if pointer not in (uses or {}))


def stems(text: str) -> set[str]:
    """What two forms of a word have in common, for every longer word of `text`."""
    return {word[:_STEM] for word in _WORD.findall(text.casefold())}


def as_text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)

"""Is every value of a call said in the request - or in what an earlier call returned? Judged by what can be judged from words alone.

Numbers must be said, in digits or in words; addresses, codes and figures inside texts literally; a day by its date, its month or its
weekday; any other text must share a word with what was said. What the schema settles (enums, constants) and booleans need no words.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from synth_sdk.core.dates import MONTHS
from synth_sdk.core.models import Json
from synth_sdk.generators.tool_call.ask import leaves

_SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
NUMBER_WORDS = {word: number for number, word in enumerate(_SMALL.split())} | {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "hundred": 100,
}
NUMBER_WORDS |= {
    "a": 1,
    "an": 1,
    "once": 1,
    "single": 1,
    "first": 1,
    "couple": 2,
    "both": 2,
    "twice": 2,
    "second": 2,
    "third": 3,
    "dozen": 12,
}
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?")
_CLOCK = re.compile(r"\b(\d{1,2}):(\d{2})(?::\d{2})?\b")
_RELATIVE = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day|week|weekend|month|year|now)\b"
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_CODE = re.compile(r"\b(?=\w*\d)[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*\b")
_WORD = re.compile(r"[^\W\d_]{3,}")
_STEM = 4  # letters in which two forms of a word agree


def ungrounded(arguments: Mapping[str, Json], parameters: Mapping[str, Json], said: str) -> list[str]:
    """JSON pointers of the values in `arguments` that nothing in `said` supports. `parameters` is their schema."""
    settled = _settled(parameters)
    return [
        pointer
        for pointer, value in leaves(arguments)
        if pointer.split("/")[1] not in settled
        and value is not None
        and not isinstance(value, bool)
        and not _supported(value, said)
    ]


def _settled(parameters: Mapping[str, Any]) -> set[str]:
    """Parameters whose values the schema lists."""
    properties = parameters.get("properties")
    found = properties.items() if isinstance(properties, Mapping) else ()
    return {
        name.replace("~", "~0").replace("/", "~1")
        for name, schema in found
        if isinstance(schema, Mapping) and ("enum" in schema or "const" in schema or _settled_items(schema))
    }


def _settled_items(schema: Mapping[str, Any]) -> bool:
    items = schema.get("items")
    return isinstance(items, Mapping) and ("enum" in items or "const" in items)


def _supported(value: Json, said: str) -> bool:
    if isinstance(value, int | float):
        return any(abs(number - abs(value)) < 1e-9 for number in _numbers(said))
    text = str(value)
    if not text.strip() or text.casefold() in said.casefold():
        return True
    days = list(_DAY.finditer(text))
    if not all(_day_said(day, said) for day in days):
        return False
    rest = _DAY.sub(" ", text)
    if not all(_hour_said(int(clock.group(1)), said) for clock in _CLOCK.finditer(rest)):
        return False
    rest = _CLOCK.sub(" ", rest)
    if not all(part.casefold() in said.casefold() for part in _specifics(rest)):
        return False
    words = _WORD.findall(rest.casefold())
    return bool(days) or not words or _share_a_word(words, said)


def _numbers(text: str) -> Iterator[float]:
    for figure in _FIGURE.findall(text):
        for plain in (figure.replace(",", ""), figure.replace(",", ".")):
            try:
                yield float(plain)
            except ValueError:  # 1.2.3
                continue
    for word in re.findall(r"[a-z]+", text.casefold()):
        if word in NUMBER_WORDS:
            yield NUMBER_WORDS[word]


def _day_said(day: re.Match[str], said: str) -> bool:
    month, number = int(day.group(2)), int(day.group(3))
    told = said.casefold()
    named = 1 <= month <= 12 and MONTHS[month - 1][:3].casefold() in told and number in {int(value) for value in _numbers(said)}
    return day.group(0)[:10] in said or named or bool(_RELATIVE.search(told))


def _hour_said(hour: int, said: str) -> bool:
    return (
        bool({hour, hour % 12, hour % 12 or 12} & {int(value) for value in _numbers(said)})
        or "noon" in said
        or "midnight" in said
    )


def _specifics(text: str) -> Iterator[str]:
    """E-mail addresses, codes and figures of two digits and more."""
    yield from _MAIL.findall(text)
    for code in _CODE.findall(_MAIL.sub(" ", text)):
        if len(re.findall(r"\d", code)) > 1:
            yield code


def _share_a_word(words: list[str], said: str) -> bool:
    told = {word[:_STEM] for word in _WORD.findall(said.casefold())}
    return any(word[:_STEM] in told for word in words)

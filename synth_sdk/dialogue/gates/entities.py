"""E-mail addresses, amounts, dates and identifiers in speech, in forms that compare: what an assistant may only say after someone gave it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
MONEY = re.compile(r"[$£€]\s?(\d[\d,]*(?:\.\d+)?)|\b(\d[\d,]*(?:\.\d+)?) ?(?:dollars|pounds|euros|USD|EUR|GBP)\b", re.IGNORECASE)
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
DATE = re.compile(
    rf"\b\d{{4}}-(?P<m1>\d\d)-(?P<d1>\d\d)(?!\d)|(?<![\d/.])(?P<m2>0?[1-9]|1[0-2])/(?P<d2>{_DAY})(?:/\d{{2,4}})?(?![\d/])"
    rf"|\b(?P<m3>{_MONTH})\.? (?P<d3>{_DAY})(?:st|nd|rd|th)?\b|(?<![\w.,$£€-])(?P<d4>{_DAY})(?:st|nd|rd|th)?(?: of)? (?P<m4>{_MONTH})\b",
    re.IGNORECASE,
)
IDENTIFIER = re.compile(r"#?\b(?=[A-Za-z0-9_-]*\d)(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_-]{4,}\b|#\d{3,}|\b\d{5,}\b")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_MONTHS = {
    name: i + 1 for i, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
}
_NOT_WORD = re.compile(r"[^a-z0-9@.]+")

Entity = tuple[str, str]


def entities(text: str) -> Iterator[Entity]:
    """(kind, comparable value) of each entity in `text`: e-mails lower case, amounts as plain numbers, dates as MM-DD, ids lower case without #."""
    if "@" in text:
        for match in EMAIL.finditer(text):
            yield "email", match.group().lower().rstrip(".")
        text = EMAIL.sub(" ", text)
    if not any(char.isdigit() for char in text):
        return
    for match in MONEY.finditer(text):
        yield "amount", amount(match.group(1) or match.group(2))
    for match in DATE.finditer(text):
        yield "date", _month_day(match)
    for match in IDENTIFIER.finditer(DATE.sub(" ", MONEY.sub(" ", text))):
        yield "id", match.group().lower().lstrip("#")


def amount(digits: str) -> str:
    """Digits as written, with or without commas and cents, as one form: 1,045.5 -> 1045.50."""
    return f"{float(digits.replace(',', '')):.2f}"


def squash(text: str) -> str:
    """Letters, digits, @ and dots only, lower case: for finding a value however it is punctuated."""
    return _NOT_WORD.sub("", text.lower())


def _month_day(match: re.Match[str]) -> str:
    group = match.groupdict()
    for month, day in (("m1", "d1"), ("m2", "d2")):
        if group[month]:
            return f"{int(group[month]):02d}-{int(group[day]):02d}"
    name, day = (group["m3"], group["d3"]) if group["m3"] else (group["m4"], group["d4"])
    return f"{_MONTHS[name[:3].lower()]:02d}-{int(day):02d}"


class Known:
    """What has been said by the customer, the system message and the tools, up to now."""

    __slots__ = ("amounts", "found", "squashed")

    def __init__(self) -> None:
        self.found: set[Entity] = set()
        self.amounts: set[str] = set()
        self.squashed = ""

    def hear(self, text: str) -> None:
        """Take note of all entities in `text` (speech, or JSON as text)."""
        self.found.update(entities(text))
        self.amounts.update(amount(number) for number in NUMBER.findall(text))
        self.squashed += squash(text) + " "

    def missing(self, text: str) -> Entity | None:
        """The first entity in `text` that nobody has given."""
        for kind, value in entities(text):
            if (kind, value) in self.found or (kind == "amount" and value in self.amounts):
                continue
            if kind in ("id", "email") and squash(value) in self.squashed:
                continue
            return kind, value
        return None


def leaves(value: Any) -> Iterator[str]:
    """Every scalar in JSON data, as text."""
    if isinstance(value, Mapping):
        for entry in value.values():
            yield from leaves(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from leaves(entry)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def is_name(value: str) -> bool:
    """`value` is an id or an address: what must be given before it is used. Amounts, names and free text are not."""
    if " " in value:
        return False
    numbered = any(c.isdigit() for c in value) and not value.replace(".", "").isdigit()
    return "@" in value or numbered or (len(value) > 5 and value.isdigit())

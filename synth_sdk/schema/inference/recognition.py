"""Which format all texts of a column have. A format is claimed only if the validator agrees for every one of them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from synth_sdk.schema.names import snake

_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
_CHECKED = frozenset({"date", "date-time", "email", "uuid", "uri", "ipv4", "ipv6", "hostname"})  # by the validator too


@dataclass(frozen=True, slots=True)
class Format:
    """`names`: claimed only where the property's name says one of these words too, because the form alone says little."""

    name: str
    pattern: re.Pattern[str]
    verify: Callable[[str], bool] | None = None
    names: frozenset[str] = frozenset()

    def fits(self, texts: Sequence[str]) -> bool:
        if not all(map(self.pattern.fullmatch, texts)) or (self.verify and not all(map(self.verify, texts))):
            return False
        return self.name not in _CHECKED or bool(_validator(self.name).is_valid(list(texts)))

    def is_named(self, name: str) -> bool:
        return not self.names or bool(self.names & set(snake(name).split("_")))


@lru_cache(maxsize=16)
def _validator(name: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator({"items": {"format": name}}, validate_formats=True)


def _iban(text: str) -> bool:
    """ISO 13616: the rearranged number is 1 modulo 97."""
    plain = text.replace(" ", "")
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1


def _luhn(text: str) -> bool:
    """ISO/IEC 7812: the check digit of card numbers."""
    digits = [int(char) for char in reversed(text) if char.isdigit()]
    return (sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


def _phone(text: str) -> bool:
    return 7 <= sum(char.isdigit() for char in text) <= 15


def _format(name: str, pattern: str, verify: Callable[[str], bool] | None = None, names: str = "") -> Format:
    return Format(name, re.compile(pattern, re.ASCII), verify, frozenset(names.split()))


FORMATS = (  # the most telling first
    _format("date", r"\d{4}-\d\d-\d\d"),
    _format("date-time", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)"),
    _format("uuid", r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    _format("email", rf"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?i:{_HOST})"),
    _format("uri", rf"[a-z][a-z0-9+]{{1,9}}://(?:(?i:{_HOST})|localhost|[a-z0-9][a-z0-9.-]{{0,62}})(?::\d{{2,5}})?(?:[/?#][A-Za-z0-9/?#&=%._~+:@,;!$*()-]*)?",
            lambda text: text.count("#") <= 1 and re.search(r"%(?![0-9A-Fa-f]{2})", text) is None),
    _format("ipv4", r"(?:\d{1,3}\.){3}\d{1,3}"),
    _format("ipv6", r"[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*"),
    _format("iban", r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}", _iban),
    _format("color", r"#[0-9a-fA-F]{6}"),
    _format("phone", r"(?:\+\d|\(\d)[\d ().-]{5,20}\d(?: ?x\d{1,5})?|\d{3}[-. ]\d{3}[-. ]\d{4}", _phone),
    _format("phone", r"\+?\(?\d[\d ().-]{4,20}\d(?: ?x\d{1,5})?", _phone, "phone telephone tel mobile fax cell"),
    _format("hostname", _HOST, None, "host hostname domain server fqdn"),
)  # fmt: skip
CARD = _format("card", r"\d{13,19}|\d{4}(?:[ -]\d{4}){3}", _luhn)
HEX = _format("hex", r"[0-9a-f]{6,128}", lambda text: True)


@dataclass(frozen=True, slots=True)
class Writing:
    """A way to write a moment that no JSON Schema format covers."""

    strftime: str
    kind: str

    def read(self, text: str) -> datetime:
        """ValueError if it isn't written so."""
        return datetime.strptime(text, self.strftime)


WRITINGS = (
    *(Writing(f"%Y-%m-%d{joint}%H:%M{rest}", "date-time") for joint in ("T", " ") for rest in (":%S", ":%S.%f", "")),
    *(
        Writing(day + rest, "date-time" if rest else "date")
        for day in ("%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y")
        for rest in ("", " %H:%M", " %H:%M:%S")
    ),
    *(Writing(clock, "time") for clock in ("%H:%M:%S", "%H:%M", "%I:%M %p", "%H:%M:%S.%f")),
)  # fmt: skip


class Moments:
    """The ways of writing that have fitted so far, and the first and last day seen."""

    def __init__(self) -> None:
        self.alive: tuple[Writing, ...] = WRITINGS
        self._days: dict[Writing, tuple[date, date]] = {}

    def observe(self, texts: Sequence[str]) -> None:
        self.alive = tuple(writing for writing in self.alive if self._fits(writing, texts))

    def _fits(self, writing: Writing, texts: Sequence[str]) -> bool:
        try:
            days = [writing.read(text).date() for text in texts]
        except ValueError:
            return False
        known = self._days.get(writing, (days[0], days[0]))
        self._days[writing] = min(known[0], *days), max(known[1], *days)
        return True

    def days(self, writing: Writing) -> tuple[date, date]:
        return self._days[writing]

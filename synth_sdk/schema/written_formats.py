"""Formats as people write them in a field list - `DD/MM/YYYY`, `###-####` - in the words that the engine knows."""

import re
from collections.abc import Iterator

_ISO = frozenset({"iso", "iso8601", "rfc3339"})
_LETTERS = re.compile(r"'[^']*'|([ymdhs])\1*|[a-z]", re.IGNORECASE)
_CODES = {"yyyy": "%Y", "yy": "%y", "mmmm": "%B", "mmm": "%b", "dd": "%d", "hh": "%H", "ss": "%S", "t": "T", "z": "Z"}
_MONTH, _MINUTE = "%m", "%M"


def is_iso(written: str) -> bool:
    """`ISO 8601` and its like: as dates are written anyway."""
    return re.sub(r"[ _-]", "", written).lower() in _ISO


def strftime_of(written: str) -> str | None:
    """`DD/MM/YYYY HH:mm` as codes of strftime; None for letters that mean nothing in a date, or none at all.

    Letters are read in either case, as programs differ in it: `mm` are minutes behind hours, and else months. What stands in single
    quotes is taken as it is. `written` holds no percent sign.
    """
    codes = [*_codes(written)]
    if None in codes or not any(code and code.startswith("%") for code in codes):
        return None
    rest = iter(codes)
    return _LETTERS.sub(lambda _: str(next(rest)), written)


def _codes(written: str) -> Iterator[str | None]:
    """For each run of one letter, and for each text in quotes."""
    before = ""
    for match in _LETTERS.finditer(written):
        letters = match[0].lower()
        if letters.startswith("'"):
            yield match[0][1:-1]
            continue
        yield (_MINUTE if before == "hh" else _MONTH) if letters == "mm" else _CODES.get(letters)
        before = letters


def pattern_of(mask: str) -> str | None:
    """`(###) ###-####` as a regular expression, a digit for each #; None for a text without one."""
    return f"^{''.join('[0-9]' if sign == '#' else re.escape(sign) for sign in mask)}$" if "#" in mask else None

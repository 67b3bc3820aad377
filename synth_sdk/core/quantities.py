"""Durations and rates as people write them: 250ms, 10s, 1h30m; 100/sec, 5/min."""

import re
from decimal import Decimal

from synth_sdk.core.errors import RequestError

_MICROS = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000, "w": 604_800_000_000}
_WORDS = {"sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m", "minute": "m", "minutes": "m"}
_WORDS |= {"hour": "h", "hours": "h", "hr": "h", "day": "d", "days": "d", "week": "w", "weeks": "w"}
_PIECE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)\s*")
_RATE = re.compile(r"(\d+(?:\.\d+)?(?:e\+?\d+)?)\s*(?:(?:/|per)\s*([a-z]+))?")
_LONGEST = 10_000 * 365 * _MICROS["d"]


def parse_duration(text: str | int | float, what: str = "duration") -> int:
    """Whole microseconds. A bare number is seconds. RequestError, which calls the value `what`, unless it is a positive duration."""
    told = str(text).strip().casefold()
    if re.fullmatch(r"\d+(\.\d+)?", told):
        told += "s"
    pieces = _PIECE.findall(told) if _PIECE.sub("", told) == "" else []
    units = [_unit(unit) for _, unit in pieces]
    if not pieces or None in units:
        raise RequestError(f"{what} {text!r}: write a duration such as 250ms, 10s, 5m, 1h or 1d")
    micros = sum(Decimal(number) * _MICROS[unit] for (number, _), unit in zip(pieces, units, strict=True) if unit)
    if not 1 <= micros <= _LONGEST or micros != int(micros):
        raise RequestError(f"{what} {text!r}: must be a whole number of microseconds, at least one and at most 10,000 years")
    return int(micros)


def parse_rate(text: str | int | float, what: str = "rate") -> float:
    """Records per second: `100/sec`, `5/min`, `2.5 per hour`; a bare number is per second. RequestError, which calls the value `what`."""
    match = _RATE.fullmatch(str(text).strip().casefold())
    unit = _unit(match[2] or "s") if match else None
    if match is None or unit is None or float(match[1]) <= 0:
        raise RequestError(f"{what} {text!r}: write records per time, such as 100/sec, 30/min or 2/hour")
    rate = float(match[1]) * 1_000_000 / _MICROS[unit]
    if rate > 1e9:
        raise RequestError(f"{what} {text!r}: at most 1e9/sec")
    return rate


def _unit(word: str) -> str | None:
    unit = _WORDS.get(word, word)
    return unit if unit in _MICROS else None

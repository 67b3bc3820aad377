"""What is told of the calendar: factors of weekdays, and days unlike others."""

from collections.abc import Sequence
from datetime import date

from synth_sdk.core.errors import RequestError
from synth_sdk.engine.series.calendar import Holiday
from synth_sdk.generators.timeseries.values import Told

_WEEK = 7
_LEAP_YEAR = 2024
_LARGEST = 1e6  # factor


def weekend(told: Told) -> tuple[float, ...]:
    """Seven factors, from Monday on, of which only those of Saturday and Sunday aren't 1."""
    factor = told.number(0, _LARGEST)
    return (1.0, 1.0, 1.0, 1.0, 1.0, factor, factor)


def factors(items: Sequence[Told], name: str) -> tuple[float, ...]:
    """The factors of all seven weekdays; () for none."""
    found = tuple(item.number(0, _LARGEST) for item in items)
    if found and len(found) != _WEEK:
        raise RequestError(f"{name} weekdays: {len(found)} factors; give seven, from Monday on")
    return found


def holiday(item: Told) -> Holiday:
    """`date:factor:days`, or a mapping of those and `shift`."""
    parts = item.parts(("date",), ("factor", "days", "shift"))
    year, month, day = _date(parts["date"])
    if "factor" not in parts and "shift" not in parts:
        item.refuse("say what it does: a factor, such as 12-25:0.3, or a shift")
    factor = parts["factor"].number(0, _LARGEST) if "factor" in parts else 1.0
    shift = parts["shift"].number() if "shift" in parts else 0.0
    return Holiday(month, day, year, factor, shift, parts["days"].whole(1, 366) if "days" in parts else 1)


def _date(told: Told) -> tuple[int | None, int, int]:
    """(year, month, day); the year is None where only month and day are told."""
    pieces = str(told.value).strip().split("-")
    try:
        year, month, day = (int(piece) for piece in (pieces if len(pieces) > 2 else [str(_LEAP_YEAR), *pieces]))
        date(year, month, day)
    except ValueError:
        told.refuse("write a date such as 2025-07-04, or 12-25 for every year")
    return year if len(pieces) > 2 else None, month, day

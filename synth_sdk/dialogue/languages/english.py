"""English, with American dates, clock and currency."""

from datetime import date

from synth_sdk.core.dates import MONTHS, WEEKDAYS
from synth_sdk.dialogue.languages.base import Language, date_forms, money_forms, one_or_other, time_forms


def ordinal(day: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    suffix = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def article(noun: str, gender: str = "") -> str:
    """`noun` with "a" or "an", by its first letter."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _long(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.day}"


def _short(day: date) -> str:
    return f"{MONTHS[day.month - 1][:3]} {day.day}"


def _ord(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {ordinal(day.day)}"


def _hour(hour: int, minute: int) -> str:
    return f"{hour % 12 or 12}:{minute:02d} {'am' if hour < 12 else 'pm'}"


def _short_hour(hour: int, minute: int) -> str:
    """2:30, and 2 pm for a full hour: a bare "2" could be anything."""
    return f"{hour % 12 or 12}:{minute:02d}" if minute else f"{hour % 12 or 12} {'am' if hour < 12 else 'pm'}"


def make(code: str) -> Language:
    forms = {
        "date": date_forms(
            _long, _short, _ord, lambda day: f"the {ordinal(day.day)}", _long, lambda day: WEEKDAYS[day.weekday()]
        ),
        "time": time_forms(_hour, _short_hour),
        "money": money_forms(lambda amount, decimals: f"${amount:,.{decimals}f}"),
    }
    return Language(code, "English", "en_US", MONTHS, WEEKDAYS, frozenset({"I"}), ordinal, article, one_or_other, forms)

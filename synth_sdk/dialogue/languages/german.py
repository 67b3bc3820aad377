"""German: dates as "9. März", a clock of 24 hours, euros."""

from datetime import date

from synth_sdk.dialogue.languages.base import Language, date_forms, european, money_forms, one_or_other, time_forms

MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember",
)  # fmt: skip
WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_POLITE = frozenset({"Sie", "Ihnen", "Ihr", "Ihre", "Ihrem", "Ihren", "Ihrer", "Ihres"})
_FEMININE = ("ung", "heit", "keit", "schaft", "ion", "tät", "e")


def ordinal(day: int) -> str:
    """1., 2., 3."""
    return f"{day}."


def article(noun: str, gender: str = "") -> str:
    """`noun` with "ein" or "eine" (nominative): by its gender, or else by its ending."""
    feminine = gender == "f" or (not gender and noun.endswith(_FEMININE))
    return f"{'eine' if feminine else 'ein'} {noun}"


def _long(day: date) -> str:
    return f"{day.day}. {MONTHS[day.month - 1]}"


def _short(day: date) -> str:
    return f"{day.day}.{day.month}."


def _hour(hour: int, minute: int) -> str:
    return f"{hour}:{minute:02d} Uhr"


def _short_hour(hour: int, minute: int) -> str:
    return f"{hour}:{minute:02d}" if minute else f"{hour} Uhr"


def make(code: str) -> Language:
    forms = {
        "date": date_forms(_long, _short, _long, lambda day: f"{day.day}.", _long, lambda day: WEEKDAYS[day.weekday()]),
        "time": time_forms(_hour, _short_hour),
        "money": money_forms(lambda amount, decimals: f"{european(amount, decimals)} €"),
    }
    return Language(code, "German", "de_DE", MONTHS, WEEKDAYS, _POLITE, ordinal, article, one_or_other, forms)

"""Spanish: dates as "9 de marzo", a clock of 24 hours, euros."""

from datetime import date

from synth_sdk.dialogue.languages.base import Language, date_forms, european, money_forms, one_or_other, time_forms

MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip
WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_FEMININE = ("a", "ción", "sión", "dad", "tad", "tud")
_STRESSED_A = ("agua", "águila", "alma", "ancla", "área", "arma", "aula", "hacha")


def ordinal(day: int) -> str:
    """1.º, 2.º: masculine, as days are."""
    return f"{day}.º"


def article(noun: str, gender: str = "") -> str:
    """`noun` with "un" or "una": by its gender, or else by its ending."""
    head = noun.split(" ", 1)[0].lower()
    feminine = gender == "f" or (not gender and head.endswith(_FEMININE))
    return f"{'una' if feminine and head not in _STRESSED_A else 'un'} {noun}"


def _long(day: date) -> str:
    return f"{day.day} de {MONTHS[day.month - 1]}"


def _short(day: date) -> str:
    return f"{day.day}/{day.month}"


def _ord(day: date) -> str:
    """Only the first of a month is counted; the other days are plain numbers."""
    return f"primero de {MONTHS[day.month - 1]}" if day.day == 1 else _long(day)


def _hour(hour: int, minute: int) -> str:
    return f"{hour}:{minute:02d}"


def _short_hour(hour: int, minute: int) -> str:
    return f"{hour % 12 or 12}:{minute:02d}" if minute else f"{hour} h"


def make(code: str) -> Language:
    forms = {
        "date": date_forms(
            _long,
            _short,
            _ord,
            lambda day: f"el {day.day}",
            lambda day: f"el {_long(day)}",
            lambda day: WEEKDAYS[day.weekday()],
        ),
        "time": time_forms(_hour, _short_hour),
        "money": money_forms(lambda amount, decimals: f"{european(amount, decimals)} €"),
    }
    return Language(code, "Spanish", "es_ES", MONTHS, WEEKDAYS, frozenset(), ordinal, article, one_or_other, forms)

"""Whether references between tables lead somewhere: a row for each of them."""

from collections.abc import Mapping
from typing import Any

from synth_sdk.reporting.reading import listing, mapping, number, text
from synth_sdk.reporting.sample import grid
from synth_sdk.reporting.words import percent

_SHOWN = ("references", "orphans", "nulls", "parents", "parents_without_children", "most_children")


def references(told: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The columns, and a row for each foreign key, its name first."""
    keys = [mapping(one) for one in listing(told.get("keys"))]
    return grid({_name(one): {name: one.get(name) for name in _SHOWN} for one in keys} if keys else told)


def verdict(told: Mapping[str, Any]) -> str:
    """How many references lead somewhere, in a sentence; "" where nothing says."""
    score = number(told.get("score"))
    if score is None or not listing(told.get("keys")):
        return ""
    notes = [text(note) for note in listing(told.get("notes")) if text(note)]
    return "; ".join([f"{percent(score)} of the references lead to a row that is there", *notes])


def _name(key: Mapping[str, Any]) -> str:
    estimated = " (estimated)" if key.get("estimated") is True else ""
    return f"{text(key.get('child'))} to {text(key.get('parent'))}{estimated}"

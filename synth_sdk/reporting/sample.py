"""How the data compares with the sample whose shape was taken: figures of the whole, and those of each field."""

from collections.abc import Iterator, Mapping
from typing import Any

from synth_sdk.reporting.facts import verdict
from synth_sdk.reporting.reading import mapping
from synth_sdk.reporting.words import pairs, said, title

_ALL_OF_IT = frozenset({"fields", "verdict"})
_KNOWN = {"ks": "KS distance", "p": "p", "tvd": "Total variation", "chi2": "Chi-squared", "p_value": "p"}
_WHOLE = {
    "correlation_distance": "Correlation distance",
    "classifier": "Classifier two-sample test",
    "nearest_neighbour": "Nearest neighbour",
}


def figures(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The verdict and the figures of the whole, by name."""
    if concluded := verdict(found):
        yield "Verdict", concluded
    rest = {_WHOLE.get(name, name): value for name, value in found.items() if name not in _ALL_OF_IT}
    yield from ((name.replace("_", " "), shown) for name, shown in pairs(rest, 3))


def compared(found: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The columns that fields have figures in, and a row for each field, its name first."""
    return grid(mapping(found.get("fields")))


def grid(told: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """An object of objects as a table: the columns, and a row for each key, the key first. What is no object has a column of its own."""
    fields = {name: one if isinstance(one, Mapping) else {"value": one} for name, one in told.items()}
    keys = list(
        dict.fromkeys(key for one in fields.values() for key, value in one.items() if not isinstance(value, Mapping | list))
    )
    rows = [
        [name, *(said(one[key]) if key in one and one[key] is not None else "" for key in keys)] for name, one in fields.items()
    ]
    return [_KNOWN.get(key, title(key)) for key in keys], rows

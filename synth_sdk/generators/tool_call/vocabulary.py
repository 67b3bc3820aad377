"""`vocabulary.yaml`: what arguments of any tool may say, and the words around calls of tools that nobody wrote templates for."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from synth_sdk.core.packaged import read_data
from synth_sdk.schema.names import snake

T = TypeVar("T")
_QUOTED = re.compile(r"(?:e\.g\.?,?|such as|for example,?|like|example:)\s*[`'\"“]([^`'\"”]{2,40})[`'\"”]", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BARE = re.compile(r"(?:e\.g\.?,?|such as|for example,?)\s+([A-Z0-9][\w./:-]{1,30})")


def vocabulary() -> dict[str, Any]:
    """The file."""
    return read_data(Path(__file__).with_name("vocabulary.yaml"))


def values_for(name: str, description: str) -> Sequence[str]:
    """Texts that suit a parameter: the example that its description gives and texts like it, else those of the best known name."""
    known: dict[str, list[str]] = vocabulary()["values"]
    if example := _QUOTED.search(description) or _BARE.search(description):
        return known["date"] if _DAY.match(example.group(1)) else _like(example.group(1))
    if snake(name).startswith(("number_of", "num_", "no_of")):
        return known["number_of"]
    return _by_name(name, known) or _by_name(description.rstrip(". "), known) or known["anything"]


def bounds_for(name: str) -> tuple[int, int]:
    """Lowest and highest of a number whose schema sets no bounds."""
    low, high = _by_name(name, vocabulary()["numbers"]) or (1, 50)
    return low, high


def is_fractional(name: str) -> bool:
    """Amounts and measures have decimals; counts, pages and numbers of things don't."""
    return bool(_by_name(name, dict.fromkeys(vocabulary()["fractional"], True)))


def _by_name(name: str, known: dict[str, T]) -> T | None:
    """The entry for the longest end of `name` that is known: order_city, then city; plurals count as singulars."""
    words = snake(name).split("_of_")[0].split("_")  # the city of an event is a city
    for start in range(len(words)):
        end = "_".join(words[start:])
        for form in (end, end.removesuffix("s"), end.removesuffix("es")):
            if form in known:
                return known[form]
    return None


def _like(example: str) -> list[str]:
    """The example, and the same with other digits."""
    turned = ["".join(str((int(char) + step) % 10) if char in "0123456789" else char for char in example) for step in (3, 4, 7)]
    return list(dict.fromkeys([example, *turned]))

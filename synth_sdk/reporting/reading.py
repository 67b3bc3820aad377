"""Reading a report as JSON has it: whatever is missing or of another type counts as not there, and all text is fit to be shown."""

import math
import re
from collections.abc import Mapping
from typing import Any

from synth_sdk.core.redact import redact

_LONGEST = 20_000  # characters of one text
_DEEPEST = 40  # levels of a value
_MOST_BITS = 2048  # of a whole number: Python writes no endless ones
_AS_THEY_ARE = frozenset({"records"})  # what isn't searched for credentials: made-up keys in made-up records are data
# Controls (but for tab and new line), marks that turn the direction of writing, and halves of surrogate pairs.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def mapping(value: object) -> Mapping[str, Any]:
    """`value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def listing(value: object) -> list[Any]:
    """`value` if it is a JSON array, else an empty one."""
    return list(value) if isinstance(value, list | tuple) else []


def number(value: object) -> float | None:
    """A finite number, also one that is written as text as amounts of money are; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None


def numbers(values: object) -> list[float]:
    """The numbers of an array; empty if one of them is none."""
    read = [number(value) for value in listing(values)]
    return [] if None in read else [value for value in read if value is not None]


def whole(value: object) -> int | None:
    read = number(value)
    return None if read is None else int(read)


def text(value: object) -> str:
    """`value` if it is text, else ""."""
    return value if isinstance(value, str) else ""


def clean(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report with texts that can be shown: none endless, none with unseen characters, none of ours with a credential in it."""
    return {_name(key): _cleaned(value, guard=key not in _AS_THEY_ARE) for key, value in report.items()}


def _cleaned(value: Any, guard: bool, depth: int = 0) -> Any:
    if isinstance(value, str):
        return legible(redact(value[: 2 * _LONGEST]) + value[2 * _LONGEST :] if guard else value)
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return f"a number of {value.bit_length():,} bits"
    if not isinstance(value, Mapping | list | tuple):
        return value if isinstance(value, int | float | None) else legible(str(value))
    if depth == _DEEPEST:
        return "..."
    if isinstance(value, Mapping):
        return {_name(key): _cleaned(one, guard, depth + 1) for key, one in value.items()}
    return [_cleaned(one, guard, depth + 1) for one in value]


def _name(key: object) -> str:
    return legible(str(key))


def legible(said: str) -> str:
    """Unseen characters as their escapes, the end of a very long text as the number of its characters."""
    more = len(said) - _LONGEST
    shown = said if more <= 0 else f"{said[:_LONGEST]} ... {more:,} more characters"
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", shown.replace("\r\n", "\n"))

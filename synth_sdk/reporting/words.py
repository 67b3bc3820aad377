"""How figures are said: shares, counts, money and time, as people read them."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from unicodedata import bidirectional

from synth_sdk.reporting.reading import number

_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def percent(share: float) -> str:
    """0.998 is 99.8%, 1 is 100%. What isn't all is never said to be all, nor what isn't nothing to be nothing."""
    for digits in (1, 2):
        said = f"{share:.{digits}%}"
        if not (said.startswith("100.") and share < 1) and not (float(said[:-1]) == 0 < share):
            return said.replace(".00%", "%").replace(".0%", "%")
    return "over 99.99%" if share > 0.5 else "under 0.01%"


def count(value: float) -> str:
    return f"{value:,.0f}"


def plural(number_of: int, noun: str) -> str:
    return f"{number_of:,} {noun}{'' if number_of == 1 else 's'}"


def figure(value: float) -> str:
    """A measured number at about four digits."""
    if value == int(value) and abs(value) < 1e15:
        return f"{value:,.0f}"
    if 1000 <= abs(value) < 1e15:
        return f"{value:,.1f}".removesuffix(".0")
    return f"{value:.4g}"


def short(value: float) -> str:
    """A number for the end of an axis: 12k, 1.5M, 0.03."""
    if 1e15 > abs(value) >= 10_000:
        size, unit = next((size, unit) for size, unit in _UNITS if abs(value) >= size)
        return f"{value / size:.3g}{unit}"
    return f"{value:,.0f}" if 1000 <= abs(value) < 10_000 or (abs(value) < 1000 and value == int(value)) else f"{value:.3g}"


def usd(amount: object) -> str:
    """An amount as the report has it, such as "0.0312"; None is none."""
    return "none" if amount is None else f"${amount}"


def seconds(milliseconds: float) -> str:
    """2.4 seconds; 0.097 seconds; 4 minutes 5 seconds."""
    if milliseconds >= 120_000:
        minutes, rest = divmod(round(milliseconds / 1000), 60)
        hours, minutes = divmod(minutes, 60)
        parts = [(hours, "hour"), (minutes, "minute"), (rest, "second")]
        return " ".join(plural(size, unit) for size, unit in parts if size)
    return f"{milliseconds / 1000:.{1 if milliseconds >= 1000 else 3}f} seconds"


def took(milliseconds: float) -> str:
    """The same for a table: 12 ms, 2.4 s."""
    if milliseconds < 1000:
        return f"{milliseconds:.3g} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1000:,.1f} s"


def cut(said: str, most: int) -> str:
    return said if len(said) <= most else said[: most - 3].rstrip() + "..."


def isolated(said: str) -> str:
    """Text that is read from right to left, kept from turning around what stands beside it (U+2068, U+2069)."""
    return f"\u2068{said}\u2069" if any(bidirectional(char) in ("R", "AL", "AN") for char in said) else said


def title(key: str) -> str:
    """A key of JSON as a label: `entropy_bits` is "Entropy bits"."""
    said = key.replace("_", " ").strip()
    return said if len(said) == 1 else said[:1].upper() + said[1:]


def said(value: Any) -> str:
    """Any value in a table's cell."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        read = number(value)
        return str(value) if read is None else figure(read)
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        return ", ".join(said(one) for one in value)
    return json.dumps(value, ensure_ascii=False)


def pairs(value: Mapping[str, Any], levels: int = 2, name: Callable[[str], str] = title) -> Iterator[tuple[str, str]]:
    """An object as rows of a table, its keys said as `name` says them. Objects in it, down to `levels`, are named by their path, in which
    keys stay as they are: they may be names of fields. Empty values are left out.
    """
    for key, one in value.items():
        if isinstance(one, Mapping) and levels > 1:
            yield from ((f"{name(key)}: {rest}", shown) for rest, shown in pairs(one, levels - 1, str))
        elif one not in (None, "", [], {}):
            yield name(key), said(one)

"""Texts that say dates or moments, as whole numbers: days since 1970, or microseconds since then in UTC."""

from calendar import isleap
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth_sdk.core.arrow import to_mask, to_numbers
from synth_sdk.quality.counting import total
from synth_sdk.quality.hashing import I64

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHAPES = {
    "date": r"^\d{4}-\d{2}-\d{2}$",
    "date-time": r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$",
}


_DAY = 86_400_000_000  # microseconds
_FIRST, _LAST = ((date(year, 1, 1) - date(1970, 1, 1)).days for year in (1901, 2100))


def _edges() -> NDArray[np.int8]:
    """1 for a leap day, 2 for the last day of a year, by the days since _FIRST."""
    found = np.zeros(_LAST - _FIRST + 1, np.int8)
    for year in range(1901, 2100):
        start = (date(year, 1, 1) - date(1970, 1, 1)).days - _FIRST
        found[start + 59] = isleap(year)
        found[start + 364 + isleap(year)] = 2
    return found


_EDGES = _edges()


def read(texts: pa.StringArray, kind: str) -> tuple[I64, NDArray[np.bool_] | None]:
    """The numbers of the texts that are of `kind` ("date" or "date-time"), and which those are (None: all)."""
    whole = _cast(texts, kind)
    if whole is not None:
        return whole, None
    fitting = to_mask(pc.match_substring_regex(texts, _SHAPES[kind]))
    if fitting.any():
        some = _cast(texts.filter(_mask(fitting)), kind)
        if some is not None:
            return some, fitting
    return _one_by_one(texts, kind)


def edges(numbers: I64, times: I64 | None, kind: str) -> dict[str, int]:
    """How many are a leap day, the last day of a year, and for moments midnight; the days of 1901 to 2099 are looked at."""
    days = numbers if kind == "date" else numbers // _DAY
    codes = _EDGES[np.clip(days, _FIRST, _LAST) - _FIRST]
    found = {"leap day": total(codes == 1, times), "last day of the year": total(codes == 2, times)}
    found |= {} if kind == "date" else {"midnight": total(days * _DAY == numbers, times)}
    return {name: count for name, count in found.items() if count}


def shown(number: int, kind: str) -> str:
    """As ISO 8601. Moments without a fraction of a second are told without one."""
    try:
        if kind == "date":
            return (date(1970, 1, 1) + timedelta(days=number)).isoformat()
        at = _EPOCH + timedelta(microseconds=number)
    except OverflowError:  # the middle of a wide bucket at either end of time
        return "0001-01-01" if number < 0 else "9999-12-31"
    return at.isoformat().replace("+00:00", "Z")


def _cast(texts: pa.StringArray, kind: str) -> I64 | None:
    try:
        if kind == "date":
            return to_numbers(pc.cast(texts, pa.date32()).view(pa.int32())).astype(np.int64)
        return to_numbers(pc.cast(texts, pa.timestamp("us", tz="UTC")).view(pa.int64()))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _one_by_one(texts: pa.StringArray, kind: str) -> tuple[I64, NDArray[np.bool_]]:
    numbers = [_number(text, kind) for text in texts.to_pylist()]
    there = np.array([number is not None for number in numbers], np.bool_)
    return np.array([number for number in numbers if number is not None], np.int64), there


def _number(text: str, kind: str) -> int | None:
    try:
        if kind == "date":
            return (date.fromisoformat(text) - date(1970, 1, 1)).days if len(text) == 10 else None
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at - _EPOCH) // timedelta(microseconds=1) if at.tzinfo else None


def _mask(values: NDArray[np.bool_]) -> pa.BooleanArray:
    from synth_sdk.core.arrow import of_numpy

    return of_numpy(values)

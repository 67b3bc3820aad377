"""Numbers about the records that merge: measuring two halves and merging gives what measuring the whole gives, to the last digit."""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Self

from synth_sdk.core.distinct import DistinctSample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_VALUES = 1000  # different values that are counted one by one for a field; beyond it only "many" is known
_MOST_FIELDS = 1000  # fields that are told of: the first by name, so that the choice doesn't depend on the order of records
_SHOWN_VALUES = 10
_UNIT = 1074  # every double is a whole multiple of 2**-1074: totals in that unit are exact integers


@dataclass(slots=True)
class FieldMeasure:
    """One field: how often it was null, its numeric range and mean, its most frequent values (unless there are too many).

    `total` is in units of 2**-1074, and so exact: floating-point sums would depend on how records are grouped.
    """

    count: int = 0
    nulls: int = 0
    numbers: int = 0
    total: int = 0
    low: float | None = None
    high: float | None = None
    values: Counter[str] = field(default_factory=Counter)
    overflowed: bool = False

    @classmethod
    def of_numbers(cls, count: int, nulls: int, numbers: int, total: int, low: float | None, high: float | None) -> Self:
        """A column of finite numbers: `count` records, `nulls` of them null; `total` as `exact_total` gives it."""
        return cls(count, nulls, numbers, total, low, high)

    @classmethod
    def of_values(cls, count: int, nulls: int, values: Counter[str]) -> Self:
        """A column of texts or booleans (as "True" and "False"). `values` may be cut once it holds more than a thousand."""
        measure = cls(count, nulls, values=values)
        measure._drop_many()
        return measure

    def add(self, value: str | float | bool | None) -> None:
        self.count += 1
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            self.nulls += 1
        elif isinstance(value, bool | str):
            if not self.overflowed:
                self.values[str(value)] += 1
                self._drop_many()
        else:
            self.numbers += 1
            self.total += _exact(value)
            self.low = value if self.low is None else min(self.low, value)
            self.high = value if self.high is None else max(self.high, value)

    def merge(self, other: "FieldMeasure") -> None:
        self.count += other.count
        self.nulls += other.nulls
        self.numbers += other.numbers
        self.total += other.total
        self.low = min((bound for bound in (self.low, other.low) if bound is not None), default=None)
        self.high = max((bound for bound in (self.high, other.high) if bound is not None), default=None)
        self.overflowed |= other.overflowed
        if not self.overflowed:
            self.values.update(other.values)
        self._drop_many()

    def summary(self) -> dict[str, Any]:
        told: dict[str, Any] = {"count": self.count, "nulls": self.nulls}
        if self.numbers:
            told |= {"min": self.low, "max": self.high, "mean": self._mean()}
        if self.overflowed:
            told["distinct"] = f">{_MOST_VALUES}"
        elif self.values:
            ranked = sorted(self.values.items(), key=lambda pair: (-pair[1], pair[0]))
            told |= {"distinct": len(self.values), "top": dict(ranked[:_SHOWN_VALUES])}
        return told

    def _mean(self) -> float:
        mean = Fraction(self.total, self.numbers << _UNIT)
        try:
            return round(float(mean), 6)
        except OverflowError:  # integers beyond the largest double
            return round(mean)

    def _drop_many(self) -> None:
        if self.overflowed or len(self.values) > _MOST_VALUES:
            self.overflowed = True
            self.values.clear()


@dataclass(slots=True)
class Measures:
    """What is known about the delivered records, in bounded memory: how many, how many different, and each field's distribution.

    `content` is the sum of the records' digests modulo 2**64: equal for equal records in any order.
    """

    records: int = 0
    content: int = 0
    distinct: DistinctSample = field(default_factory=DistinctSample)
    fields: dict[str, FieldMeasure] = field(default_factory=dict)

    @classmethod
    def of_columns(cls, records: int, digests: "NDArray[np.uint64]", fields: Mapping[str, FieldMeasure]) -> Self:
        """Measures of a batch held as columns: one uniform 64-bit digest for each record, equal for equal records only."""
        import numpy as np

        measures = cls(records, int(np.sum(digests, dtype=np.uint64)))
        measures.distinct.add_many(digests)
        for name, measure in fields.items():
            measures._merge_field(name, measure)
        return measures

    @property
    def row_digest(self) -> str:
        """`content` as 16 hex digits: two runs of equal digests hold the same records, whatever the files' bytes."""
        return f"{self.content:016x}"

    def add(self, record: Any, features: Mapping[str, str | float | bool | None]) -> None:
        self.records += 1
        whole, body = digests_of(record)
        self.content = (self.content + whole) & 0xFFFFFFFFFFFFFFFF
        self.distinct.add(body)
        for name, value in features.items():
            measure = self._field(name)
            if measure is not None:
                measure.add(value)

    def merge(self, other: "Measures") -> None:
        self.records += other.records
        self.content = (self.content + other.content) & 0xFFFFFFFFFFFFFFFF
        self.distinct.merge(other.distinct)
        for name, measure in other.fields.items():
            self._merge_field(name, measure)

    def quality(self, *, valid: int) -> dict[str, Any]:
        """The `data_quality_metrics` of a report; `valid` records of those delivered passed their checks."""
        return {
            "uniqueness_score": round(self.distinct.uniqueness(), 6),
            "validity_score": round(valid / self.records, 6) if self.records else 0.0,
            "distribution_analysis": {name: measure.summary() for name, measure in sorted(self.fields.items())},
        }

    def _merge_field(self, name: str, measure: FieldMeasure) -> None:
        mine = self._field(name)
        if mine is not None:
            mine.merge(measure)

    def _field(self, name: str) -> FieldMeasure | None:
        """The measure of a field; None for one that isn't told of. A field that is given up stays so: more names only come."""
        if name not in self.fields:
            if len(self.fields) >= _MOST_FIELDS:
                last = max(self.fields)
                if name > last:
                    return None
                del self.fields[last]
            self.fields[name] = FieldMeasure()
        return self.fields[name]


def feature_of(value: Any) -> str | float | bool | None:
    """What is measured of a value: itself, or of an object or a list how many members it has."""
    return value if isinstance(value, str | int | float | bool | None) else f"{type(value).__name__} of {len(value)}"


def exact_total(values: "NDArray[Any]") -> int:
    """The sum of an array of integers or finite floats in units of 2**-1074, exactly (up to 2**26 values)."""
    import numpy as np

    if not len(values):
        return 0
    if values.dtype.kind in "iu":
        wide = values if values.dtype == np.uint64 else values.astype(np.int64, copy=False)
        return ((int(np.sum(wide >> 32)) << 32) + int(np.sum(wide & 0xFFFFFFFF))) << _UNIT
    fractions, exponents = np.frexp(values.astype(np.float64, copy=False))
    mantissas = (fractions * 2.0**53).astype(np.int64)
    least = int(exponents.min())
    upper = np.bincount(
        exponents - least, weights=mantissas >> 27
    ).tolist()  # sums of halves of a mantissa stay below 2**53: exact
    lower = np.bincount(exponents - least, weights=mantissas & ((1 << 27) - 1)).tolist()
    scaled = [(int(high) << 27) + int(low) for high, low in zip(upper, lower, strict=True)]
    return sum(_shift(part, least + place - 53 + _UNIT) for place, part in enumerate(scaled))


def _exact(value: float) -> int:
    top, bottom = value.as_integer_ratio()
    return top << (_UNIT + 1 - bottom.bit_length())


def _shift(value: int, places: int) -> int:
    return value << places if places >= 0 else value >> -places


def digests_of(record: Any) -> tuple[int, int]:
    """64 bits of all of the record; and of it without a conversation's id and labels: a run number in `meta` doesn't make two of them different."""
    whole = _digest(record)
    if isinstance(record, dict) and "messages" in record:
        return whole, _digest({name: value for name, value in record.items() if name not in ("id", "meta")})
    return whole, whole


def _digest(value: Any) -> int:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")

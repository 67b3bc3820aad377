"""Numbers about the records that merge: measuring two halves and merging gives what measuring the whole gives."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_MOST_VALUES = 1000  # distinct values that are counted one by one for a field; beyond it only "many" is known
_SHOWN_VALUES = 10


@dataclass(slots=True)
class FieldMeasure:
    """One field: how often it was null, its numeric range and mean, its most frequent values."""

    count: int = 0
    nulls: int = 0
    numbers: int = 0
    total: float = 0.0
    low: float | None = None
    high: float | None = None
    values: Counter[str] = field(default_factory=Counter)
    overflowed: bool = False

    def add(self, value: str | float | bool | None) -> None:
        self.count += 1
        if value is None:
            self.nulls += 1
        elif isinstance(value, bool | str):
            self._count_value(str(value), 1)
        else:
            self.numbers += 1
            self.total += value
            self.low = value if self.low is None else min(self.low, value)
            self.high = value if self.high is None else max(self.high, value)

    def merge(self, other: "FieldMeasure") -> None:
        self.count += other.count
        self.nulls += other.nulls
        self.numbers += other.numbers
        self.total += other.total
        self.low = min((bound for bound in (self.low, other.low) if bound is not None), default=None)
        self.high = max((bound for bound in (self.high, other.high) if bound is not None), default=None)
        for value, times in other.values.items():
            self._count_value(value, times)
        self.overflowed |= other.overflowed

    def summary(self) -> dict[str, Any]:
        told: dict[str, Any] = {"count": self.count, "nulls": self.nulls}
        if self.numbers:
            told |= {"min": self.low, "max": self.high, "mean": round(self.total / self.numbers, 6)}
        if self.values:
            ranked = sorted(self.values.items(), key=lambda pair: (-pair[1], pair[0]))
            told |= {"distinct": f">{_MOST_VALUES}" if self.overflowed else len(self.values), "top": dict(ranked[:_SHOWN_VALUES])}
        return told

    def _count_value(self, value: str, times: int) -> None:
        if value in self.values or len(self.values) < _MOST_VALUES:
            self.values[value] += times
        else:
            self.overflowed = True


@dataclass(slots=True)
class Measures:
    """What is known about the delivered records: how many, how many distinct, and each field's distribution.

    Distinctness counts 8-byte digests: memory is bounded by 8 bytes (plus set overhead) a record.
    """

    records: int = 0
    digests: set[bytes] = field(default_factory=set)
    fields: dict[str, FieldMeasure] = field(default_factory=dict)

    def add(self, record: Any, features: Mapping[str, str | float | bool | None]) -> None:
        self.records += 1
        self.digests.add(_digest(record))
        for name, value in features.items():
            self.fields.setdefault(name, FieldMeasure()).add(value)

    def merge(self, other: "Measures") -> None:
        self.records += other.records
        self.digests |= other.digests
        for name, measure in other.fields.items():
            self.fields.setdefault(name, FieldMeasure()).merge(measure)

    def quality(self, *, valid: int) -> dict[str, Any]:
        """The `data_quality_metrics` of a report; `valid` records of those delivered passed their checks."""
        return {
            "uniqueness_score": round(len(self.digests) / self.records, 6) if self.records else 0.0,
            "validity_score": round(valid / self.records, 6) if self.records else 0.0,
            "distribution_analysis": {name: measure.summary() for name, measure in sorted(self.fields.items())},
        }


def _digest(record: Any) -> bytes:
    """Of the record without its id and labels: a run number in `meta` doesn't make two equal conversations different."""
    body = (
        {name: value for name, value in record.items() if name not in ("id", "meta")}
        if isinstance(record, dict) and "messages" in record
        else record
    )
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()

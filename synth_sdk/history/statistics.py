"""What the runs of a window come to: how many succeeded, how fast, how good, for how much.

Every figure is defined here and in docs/history.md. Figures of two windows merge into those of both.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from synth_sdk.core.money import format_usd, micros_up
from synth_sdk.history.entries import LEFT, RUNNING, STATUSES, Entry

_REFUSED = 2  # exit code of a run that was never begun: its request was wrong
_SCHEMA, _COMPLIANCE = "schema", "compliance"


@dataclass(slots=True)
class Figures:
    """Counts and sums over runs. `paces` are milliseconds per 1,000 records, one of each run that delivered any; money in micro-dollars."""

    statuses: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    records: int = 0
    spent: int = 0
    saved: int = 0
    with_schema: int = 0
    under_compliance: int = 0
    violating: int = 0
    violations: int = 0
    paces: list[float] = field(default_factory=list)
    uniqueness: list[float] = field(default_factory=list)
    validity: list[float] = field(default_factory=list)
    first: str = ""
    last: str = ""

    @property
    def runs(self) -> int:
        return self.statuses.total()

    @property
    def _decided(self) -> int:
        """Runs that could succeed or fail, and are over: neither refused, nor a stream whose reader had enough."""
        return self.runs - self.refused - self.statuses[RUNNING] - self.failures[LEFT]

    def add(self, entry: Entry) -> None:
        self.statuses[entry.status] += 1
        self.failures[entry.failure] += bool(entry.failure)
        self.refused += entry.exit_code == _REFUSED
        self.records += entry.records
        cost = _mapping(entry.report.get("cost"))
        self.spent += _micros(cost.get("spent_usd"))
        self.saved += _micros(cost.get("saved_by_cache_usd"))
        self.with_schema += bool(entry.schema_digest) or entry.failure == _SCHEMA
        self._add_compliance(entry)
        at_its_own = not entry.request.get("stream") and entry.failure != LEFT  # else a rate, or a reader, set the time
        if entry.records and entry.milliseconds and at_its_own:
            self.paces.append(entry.milliseconds * 1000 / entry.records)
        quality = _mapping(entry.report.get("data_quality_metrics"))
        for scores, name in ((self.uniqueness, "uniqueness_score"), (self.validity, "validity_score")):
            score = quality.get(name)
            if entry.records and isinstance(score, int | float):
                scores.append(float(score))
        day = entry.started_at.isoformat()
        self.first, self.last = min(self.first or day, day), max(self.last, day)

    def _add_compliance(self, entry: Entry) -> None:
        asked = bool(entry.request.get("compliance")) or bool(entry.report.get("compliance")) or entry.failure == _COMPLIANCE
        violations = violations_of(entry)
        self.under_compliance += asked
        self.violations += violations
        self.violating += bool(violations) or entry.failure == _COMPLIANCE

    def merge(self, other: "Figures") -> None:
        """Add those of another window."""
        for name in ("statuses", "failures"):
            getattr(self, name).update(getattr(other, name))
        for name in ("refused", "records", "spent", "saved", "with_schema", "under_compliance", "violating", "violations"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("paces", "uniqueness", "validity"):
            getattr(self, name).extend(getattr(other, name))
        self.first = min(filter(None, (self.first, other.first)), default="")
        self.last = max(self.last, other.last)

    def to_dict(self) -> dict[str, Any]:
        return {
            "runs": self.runs,
            "from": self.first or None,
            "to": self.last or None,
            "statuses": {status: self.statuses[status] for status in (*STATUSES, *sorted(self.statuses.keys() - {*STATUSES}))},
            "failures": {name: times for name, times in sorted(self.failures.items()) if times},
            "success_rate": _rate(self.statuses["success"], self._decided),
            "schema_failure_rate": _rate(self.failures[_SCHEMA], self.with_schema),
            "compliance_runs": self.under_compliance,
            "compliance_violations": self.violations,
            "compliance_violation_rate": _rate(self.violating, self.under_compliance),
            "records": self.records,
            "ms_per_1000_records": {
                "mean": _mean(self.paces),
                "p50": percentile(self.paces, 0.5),
                "p95": percentile(self.paces, 0.95),
            },
            "quality": {"uniqueness": _mean(self.uniqueness, 6), "validity": _mean(self.validity, 6)},
            "spent_usd": format_usd(self.spent),
            "saved_usd": format_usd(self.saved),
        }


def statistics(entries: Iterable[Entry]) -> dict[str, Any]:
    """The figures of all `entries`, and under `by_kind` and `by_day` those of each kind and of each day (UTC)."""
    return told({"": lambda entry: "", "by_kind": lambda entry: entry.kind, "by_day": _day}, entries)


def told(groupings: Mapping[str, Callable[[Entry], str]], entries: Iterable[Entry]) -> dict[str, Any]:
    """The figures by each of the groupings, those of the one called "" at the top."""
    found: dict[str, dict[str, Figures]] = {name: {} for name in groupings}
    for entry in entries:
        for name, key_of in groupings.items():
            found[name].setdefault(key_of(entry), Figures()).add(entry)
    whole = found.pop("").get("", Figures())
    return whole.to_dict() | {name: {key: groups[key].to_dict() for key in sorted(groups)} for name, groups in found.items()}


def violations_of(entry: Entry) -> int:
    """How many findings of a run say that a rule was broken and that nothing was done about it."""
    compliance = entry.report.get("compliance")
    findings = compliance.get("findings") if isinstance(compliance, Mapping) else compliance
    if not isinstance(findings, list):
        return 0
    return sum(isinstance(one, Mapping) and one.get("severity") == "error" and one.get("action") == "none" for one in findings)


def percentile(values: Iterable[float], share: float) -> float | None:
    """The value that `share` of them don't exceed, with linear interpolation between neighbours (as numpy's default); None of none."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return round(ordered[below] + (ordered[above] - ordered[below]) * (place - below), 3)


def _day(entry: Entry) -> str:
    return entry.started_at.date().isoformat()


def _rate(part: int, whole: int) -> float | None:
    """None where nothing could happen."""
    return round(part / whole, 6) if whole > 0 else None


def _mean(values: list[float], digits: int = 3) -> float | None:
    return round(math.fsum(values) / len(values), digits) if values else None


def _micros(amount: object) -> int:
    try:
        return micros_up(Decimal(str(amount or 0)))
    except (InvalidOperation, ValueError, OverflowError):
        return 0


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

"""The figures of a report, made of a Profile."""

import math
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth_sdk.core.arrow import of_numpy, to_numbers
from synth_sdk.quality import moments
from synth_sdk.quality.buckets import Buckets, values_of
from synth_sdk.quality.correlation import MOST_FIELDS, as_floats, correlations
from synth_sdk.quality.declared import ITEMS, Declared, Path, dotted
from synth_sdk.quality.distinct import KEPT
from synth_sdk.quality.edges import edge_cases, extremes
from synth_sdk.quality.fields import FieldProfile
from synth_sdk.quality.formats import conformance
from synth_sdk.quality.histogram import histogram
from synth_sdk.quality.shapes import POINTS, Told, benford, shape
from synth_sdk.quality.tidy import tidy

if TYPE_CHECKING:
    from synth_sdk.core.measures import FieldMeasure, Measures
    from synth_sdk.quality.profile import Profile

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
SIDE_BY_SIDE = 10_000  # rows for correlations, formats, first digits and frequent values; of many fields fewer
_FEWEST_ROWS, _MOST_CELLS = 2_000, 200_000
_SHOWN_VALUES = 10
_ALL_DIFFERENT = 0.98
_FREQUENT = 20  # times a value must be in the sample to be called frequent


def metrics(profile: "Profile", measures: "Measures | None") -> dict[str, Any]:
    """All of docs/quality.md, as JSON."""
    some = profile.side_by_side(min(SIDE_BY_SIDE, max(_FEWEST_ROWS, _MOST_CELLS // max(1, len(profile.fields)))))
    fields: dict[str, Any] = {}
    for path, one in sorted(profile.fields.items(), key=lambda pair: dotted(pair[0])):
        name, declared = dotted(path), profile.declared(path)
        told = _Field(one, declared, _column(some, name)).told()
        if measures is not None and len(path) == 1 and name in measures.fields:
            told |= _of_all(measures.fields[name], measures.records)
        fields.setdefault(name, told)
    facts = {dotted(path): profile.declared(path) for path in profile.fields}
    return {
        "distribution_analysis": fields,
        "completeness_score": _completeness(profile.fields),
        "correlations": correlations(some, facts),
        "edge_case_coverage": _coverage(fields),
        "rows_looked_at": profile.looked_at,
        "rows_sampled": len(profile.rows),
        "notes": _notes(profile, len(some), measures),
    }


def _of_all(measure: "FieldMeasure", records: int) -> dict[str, Any]:
    """What is known of a field in all records."""
    return measure.summary() | ({"completeness": tidy((measure.count - measure.nulls) / records)} if records else {})


class _Field:
    """One field. `some`: its values in some rows; None where it has no column there."""

    def __init__(self, profile: FieldProfile, declared: Declared, some: pa.Array | None) -> None:
        self.profile, self.declared, self.some = profile, declared, some
        self.values = profile.values
        self.close = profile.close
        self.close.digests.settle()
        self.distinct = self.close.digests.estimate(self.close.values) if self.close.values else 0

    def told(self) -> dict[str, Any]:
        profile = self.profile
        found = profile.measure.summary()
        found["completeness"] = tidy(self.values / profile.rows) if profile.rows else 0.0
        if self.close.values:
            found |= self._variety()
        if len(self.close.numbers):
            found |= self._numbers()
        if self.close.tally["moments"]:
            found |= self._moments()
        if len(self.close.lengths) and not profile.tally["objects"]:
            found["lengths"] = _lengths(profile)
        found |= self._conformance()
        found["shape"] = self._shape()
        edges = edge_cases(profile, self.declared)
        if edges:
            found["edge_cases"] = {"covered": [name for name, there in edges.items() if there], "possible": [*edges]}
        return found

    def _variety(self) -> dict[str, Any]:
        digests = self.close.digests
        found: dict[str, Any] = {
            "distinct_values": self.distinct,
            "distinct_estimated": digests.full,
            "uniqueness": tidy(self.distinct / self.close.values),
            "entropy_bits": tidy(digests.entropy(self.close.values)),
        }
        if self.profile.measure.overflowed and found["uniqueness"] < _ALL_DIFFERENT:
            found["top_estimated"] = self._frequent()
        return found

    def _frequent(self) -> dict[str, int]:
        """The most frequent texts of the sample, with how often they are likely to come among all."""
        if self.some is None or not pa.types.is_string(self.some.type) or self.some.null_count == len(self.some):
            return {}
        values, times = pc.value_counts(self.some.drop_null()).flatten()
        often = of_numpy(to_numbers(times) >= _FREQUENT)
        pairs = zip(values.filter(often).to_pylist(), times.filter(often).to_pylist(), strict=True)
        ranked = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:_SHOWN_VALUES]
        scale = self.close.values / (len(self.some) - self.some.null_count)
        return {value: round(count * scale) for value, count in ranked}

    def _numbers(self) -> dict[str, Any]:
        profile, measure = self.profile, self.profile.measure
        whole = not profile.tally["fractions"]
        points = self._number_points(QUANTILES)
        found: dict[str, Any] = {"std": tidy(_deviation(self.close.numbers))}
        found["quantiles"] = {
            str(share): _as_number(value, whole) for share, value in zip(QUANTILES, points.tolist(), strict=True)
        }
        low, high = _double(measure.low), _double(measure.high)
        found["histogram"] = histogram(
            values_of(profile.close.numbers.middles()), profile.close.numbers.counts, low, high, whole=whole
        )
        if self.some is not None and _is_number(self.some.type):
            numbers = as_floats(self.some)
            law = benford(numbers[~np.isnan(numbers)], (points[0], points[-1]))
            found |= {"benford": law} if law else {}
        return found

    def _moments(self) -> dict[str, Any]:
        kind, buckets = self.declared.moment or "date-time", self.close.moments
        points = buckets.at([*QUANTILES])
        middles = buckets.middles()
        first, last = self.close.first or 0, self.close.last or 0
        found = histogram(middles.astype(np.float64), buckets.counts, float(first), float(last), whole=True, digits=17)
        return {
            "earliest": moments.shown(first, kind),
            "latest": moments.shown(last, kind),
            "quantiles": {
                str(share): moments.shown(min(max(value, first), last), kind)
                for share, value in zip(QUANTILES, points.tolist(), strict=True)
            },
            "histogram": found | {"edges": [moments.shown(math.ceil(edge), kind) for edge in found["edges"]]},
        }

    def _conformance(self) -> dict[str, Any]:
        profile, declared = self.profile, self.declared
        found: dict[str, Any] = {}
        if declared.types and profile.measure.count:
            found["type_conformance"] = tidy(max(0.0, 1 - profile.tally["misfits"] / profile.measure.count))
        if declared.format and profile.tally["texts"]:
            told = self._format(declared.format)
            found |= {"format": {"name": declared.format, "conformance": tidy(told[0]), "checked": told[1]}} if told else {}
        return found

    def _format(self, name: str) -> tuple[float, int] | None:
        texts = self.close.tally["texts"]
        if self.declared.moment:
            return (self.close.tally["moments"] / texts, texts) if texts else None
        if self.some is None or not pa.types.is_string(self.some.type):
            return None
        return conformance(self.some.drop_null(), name)

    def _shape(self) -> str:
        profile = self.profile
        if profile.tally["lists"] or profile.tally["objects"]:
            return "list" if profile.tally["lists"] else "object"
        numeric = 2 * profile.measure.numbers > self.values and len(self.close.numbers) > 0
        dated = 2 * self.close.tally["moments"] > self.close.values
        told = Told(self.close.values, self.distinct, numeric or dated, not profile.tally["fractions"])
        shares = [(place + 0.5) / POINTS for place in range(POINTS)]
        if numeric:
            return shape(told, self._number_points(shares))
        return shape(told, self.close.moments.at(shares).astype(np.float64) if dated else np.zeros(0))

    def _number_points(self, shares: Any) -> NDArray[np.float64]:
        measure = self.profile.measure
        points = values_of(self.close.numbers.at([*shares]))
        return np.clip(points, _double(measure.low), _double(measure.high))


def _double(bound: float | None) -> float:
    """A bound as a finite double: integers may be larger."""
    return float(min(max(bound or 0, -sys.float_info.max), sys.float_info.max))


def _deviation(numbers: Buckets) -> float:
    """The sample's standard deviation: exact up to rounding where each bucket holds one number, else that of their middles."""
    count = len(numbers)
    values = values_of(numbers.middles())
    scale = float(np.abs(values).max())
    if count < 2 or not scale:
        return 0.0
    values = values / scale
    mean = float((values * numbers.counts).sum()) / count
    return scale * math.sqrt(float(((values - mean) ** 2 * numbers.counts).sum()) / (count - 1))


def _lengths(profile: FieldProfile) -> dict[str, Any]:
    """Characters of texts, or items of lists."""
    buckets = profile.close.lengths
    low, high = extremes(profile)
    mean = float((buckets.middles() * buckets.counts).sum()) / len(buckets)
    points = buckets.at([*QUANTILES]).tolist()
    return {"min": low, "mean": tidy(mean), "max": high, "quantiles": dict(zip(map(str, QUANTILES), points, strict=True))}


def _completeness(fields: Mapping[Path, FieldProfile]) -> float:
    """The share of places that hold something, among all fields that don't lie within lists."""
    some = [one for path, one in fields.items() if ITEMS not in path]
    places = sum(one.rows for one in some)
    return tidy(sum(one.values for one in some) / places) if places else 0.0


def _coverage(fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    told = [one["edge_cases"] for one in fields.values() if "edge_cases" in one]
    covered, possible = sum(len(one["covered"]) for one in told), sum(len(one["possible"]) for one in told)
    return {"covered": covered, "possible": possible, "score": tidy(covered / possible) if possible else 1.0}


def _notes(profile: "Profile", side_by_side: int, measures: "Measures | None") -> list[str]:
    notes = []
    if profile.looked_at < profile.records:
        notes.append(
            f"fields were looked at in {profile.looked_at:,} of {profile.records:,} records{_COUNTED if measures is not None else ''}"
        )
    if side_by_side < profile.records:
        notes.append(
            f"correlations, formats other than dates, first digits and top_estimated come from {side_by_side:,} of {profile.records:,} records"
        )
    if any(one.close.digests.full for one in profile.fields.values()):
        notes.append(
            f"distinct_values, uniqueness and entropy_bits are estimated for fields of more than {KEPT:,} values (1.6 %)"
        )
    worst = max((one.close.numbers.relative_error for one in profile.fields.values()), default=0.0)
    if worst:
        notes.append(f"quantiles and histograms of numbers are within {worst:.1%}" if worst >= 0.0005 else _NEARLY)
    if any(one.close.moments.level for one in profile.fields.values()):
        notes.append(f"quantiles and histograms of dates are within {_widest(profile)} of the truth")
    if profile.cut:
        notes.append("only the first 1,000 fields by name are told of")
    if len(profile.fields) > MOST_FIELDS:
        notes.append(f"correlations are of the first {MOST_FIELDS} fields that have any")
    return notes


_COUNTED = "; count, nulls, min, max, mean, distinct and top are of all"
_NEARLY = "quantiles and histograms of numbers are within 0.05 %"


def _widest(profile: "Profile") -> str:
    """Half the widest bucket of any field of dates."""
    seconds = max(_half(one.close.moments, profile.declared(path)) for path, one in profile.fields.items())
    return f"{seconds / 86400:.1f} days" if seconds >= 86400 else f"{max(seconds, 0.001):.3g} s"


def _half(buckets: Buckets, declared: Declared) -> float:
    return 2.0**buckets.level / 2 * (86400 if declared.moment == "date" else 1e-6) if buckets.level else 0.0


def _column(table: pa.Table, name: str) -> pa.Array | None:
    if name not in table.column_names:
        return None
    column = table.column(name)
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _as_number(value: float, whole: bool) -> float:
    return round(value) if whole else tidy(value, 10)


def _is_number(type: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type) or pa.types.is_floating(type))

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
from synth_sdk.core.batches import ITEMS
from synth_sdk.quality import hashing, moments
from synth_sdk.quality.buckets import Buckets, values_of
from synth_sdk.quality.correlation import as_floats, correlations
from synth_sdk.quality.declared import Declared, Path, dotted
from synth_sdk.quality.distinct import NOTHING, Often
from synth_sdk.quality.edges import edge_cases, extremes
from synth_sdk.quality.fields import FieldProfile
from synth_sdk.quality.formats import conformance
from synth_sdk.quality.histogram import histogram
from synth_sdk.quality.leaves import LONGEST
from synth_sdk.quality.noting import notes
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
    facts = profile.facts()
    fields: dict[str, Any] = {}
    for path, one in sorted(profile.fields.items(), key=lambda pair: dotted(pair[0])):
        one.rows = profile.places(path)
        name, declared = dotted(path), facts[path]
        of_all = measures.fields.get(name) if measures is not None and len(path) == 1 else None
        told = _Field(one, declared, _column(some, name), _population(profile, one, of_all)).told()
        if of_all is not None and measures is not None:
            told |= _of_all(of_all, measures.records) | _counted(of_all, declared)
        elif profile.looked_at < profile.records:
            told["looked_at"] = one.rows
        fields.setdefault(name, told)
    return {
        "distribution_analysis": fields,
        "completeness_score": _completeness(profile.fields),
        "correlations": correlations(some, {dotted(path): told for path, told in facts.items()}),
        "edge_case_coverage": _coverage(fields),
        "rows_looked_at": profile.looked_at,
        "rows_sampled": len(profile.rows),
        "notes": notes(profile, len(some), measures),
    }


def _of_all(measure: "FieldMeasure", records: int) -> dict[str, Any]:
    """What is known of a field in all records."""
    return measure.summary() | ({"completeness": tidy((measure.count - measure.nulls) / records)} if records else {})


def _counted(measure: "FieldMeasure", declared: Declared) -> dict[str, Any]:
    """How varied a field is whose values were counted one by one, in all records."""
    if not measure.values or measure.numbers or declared.moment or declared.types & {"array", "object"}:
        return {}
    shares = np.array([*measure.values.values()]) / measure.values.total()
    return {
        "distinct_values": len(shares),
        "distinct_estimated": False,
        "uniqueness": tidy(len(shares) / measure.values.total()),
        "entropy_bits": tidy(max(0.0, float(-(shares * np.log2(shares)).sum()))),
    }


def _population(profile: "Profile", one: FieldProfile, of_all: "FieldMeasure | None") -> int:
    """How many values a field has in all records; about as many where only those that were looked at are counted."""
    if of_all is not None:
        return of_all.count - of_all.nulls
    return round(one.values * profile.records / profile.looked_at) if profile.looked_at else one.values


class _Field:
    """One field. `some`: its values in some rows; None where it has no column there. `population`: its values in all records."""

    def __init__(self, profile: FieldProfile, declared: Declared, some: pa.Array | None, population: int) -> None:
        self.profile, self.declared, self.some = profile, declared, some
        self.values = profile.values
        self.close = profile.close
        self.close.digests.settle()
        self.distinct = self.close.digests.estimate(self.close.values) if self.close.values else 0
        self.population = max(population, self.close.values)

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
        digests, looked = self.close.digests, self.close.values
        distinct = digests.among(looked, self.population)
        found: dict[str, Any] = {
            "distinct_values": distinct,
            "distinct_estimated": digests.full or self.population > looked,
            "uniqueness": tidy(distinct / self.population),
            "entropy_bits": tidy(digests.entropy(looked, self.population, self._often())),
        }
        if self.profile.measure.overflowed and found["uniqueness"] < _ALL_DIFFERENT:
            found["top_estimated"] = self._frequent()
        return found

    def _often(self) -> Often:
        """What is frequent in the sample: digests and shares. Nothing of moments, whose digests are those of their numbers."""
        if (
            self.some is None
            or self.close.tally["moments"]
            or not (pa.types.is_string(self.some.type) or _is_number(self.some.type))
        ):
            return NOTHING
        values, times = pc.value_counts(self.some.drop_null()).flatten()
        counts = to_numbers(times)
        often = counts >= _FREQUENT
        if pa.types.is_string(values.type):
            often &= to_numbers(pc.utf8_length(values)) < LONGEST  # longer ones are cut in the sample
        some = values.filter(of_numpy(often))
        digests = hashing.of_texts(some) if pa.types.is_string(some.type) else hashing.of_numbers(to_numbers(some))
        return digests, counts[often] / max(1, int(counts.sum()))

    def _frequent(self) -> dict[str, int]:
        """The most frequent texts of the sample, with how often they are likely to come among all."""
        if self.some is None or not pa.types.is_string(self.some.type) or self.some.null_count == len(self.some):
            return {}
        values, times = pc.value_counts(self.some.drop_null()).flatten()
        often = of_numpy(to_numbers(times) >= _FREQUENT)
        pairs = zip(values.filter(often).to_pylist(), times.filter(often).to_pylist(), strict=True)
        ranked = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:_SHOWN_VALUES]
        scale = self.population / (len(self.some) - self.some.null_count)
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


def _column(table: pa.Table, name: str) -> pa.Array | None:
    if name not in table.column_names:
        return None
    column = table.column(name)
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _as_number(value: float, whole: bool) -> float:
    return round(value) if whole else tidy(value, 10)


def _is_number(type: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type) or pa.types.is_floating(type))

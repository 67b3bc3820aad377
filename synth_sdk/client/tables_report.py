"""The report of a relational set, from those of its tables."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from synth_sdk.core.findings import Finding, Findings
from synth_sdk.core.measures import Measures
from synth_sdk.core.spec import Spec
from synth_sdk.core.stages import Stages
from synth_sdk.pipeline.manifest import manifest
from synth_sdk.pipeline.report import Cost, Moment, Report

_SHOWN = 2  # records of each table to read


def report_of(
    spec: Spec, whole: Report, reports: Mapping[str, Report], found: Sequence[Finding], integrity: Mapping[str, Any]
) -> Report:
    """`whole` - id, times, location, plan - with what the tables' `reports` tell. `found` is what compliance said of the set's schemas,
    `integrity` what became of its foreign keys.
    """
    delivered = sum(one.records_generated for one in reports.values())
    return replace(
        whole,
        status="success" if delivered == whole.records_wanted else "partial" if delivered else "failed",
        records_generated=delivered,
        quality=_quality(reports) | ({"referential_integrity": dict(integrity)} if integrity else {}),
        errors=[f"{name}: {error}" for name, one in reports.items() for error in one.errors],
        cost=Cost(budget=spec.budget_micros),
        origins=Counter(offline=delivered),
        manifest=_manifest(spec, reports),
        tables={name: _row(one) for name, one in reports.items()},
        compliance=_compliance(reports, found),
        stages=_stages(whole.stages, reports),
        timeline=_timeline(whole, reports),
        records=[{name: record} for name, one in reports.items() for record in one.records[:_SHOWN]],
    )


def _row(report: Report) -> dict[str, Any]:
    return {
        "records_generated": report.records_generated,
        "row_digest": report.manifest["row_digest"],
        "data_quality_metrics": report.quality,
    }


def _quality(reports: Mapping[str, Report]) -> dict[str, Any]:
    """Means over all rows; fields are called `table.field`."""
    total = sum(one.records_generated for one in reports.values())

    def mean(score: str) -> float:
        return round(sum(one.quality[score] * one.records_generated for one in reports.values()) / total, 6) if total else 0.0

    fields = {
        f"{name}.{field}": told for name, one in reports.items() for field, told in one.quality["distribution_analysis"].items()
    }
    scores = ["uniqueness_score", "validity_score"]
    profiled = all("completeness_score" in one.quality for one in reports.values())
    scores += ["completeness_score"] if profiled else []
    told = {**{score: mean(score) for score in scores}, "distribution_analysis": fields}
    return told | (_profiled(reports) if profiled else {})


def _profiled(reports: Mapping[str, Report]) -> dict[str, Any]:
    """What is known of profiles, added up. Correlations are each table's own."""
    told = {name: one.quality for name, one in reports.items()}
    covered, possible = (sum(one["edge_case_coverage"][key] for one in told.values()) for key in ("covered", "possible"))
    return {
        "edge_case_coverage": {
            "covered": covered,
            "possible": possible,
            "score": round(covered / possible, 6) if possible else 1.0,
        },
        **{key: sum(one[key] for one in told.values()) for key in ("rows_looked_at", "rows_sampled")},
        "notes": [f"{name}: {note}" for name, one in told.items() for note in one["notes"]],
    }


def _manifest(spec: Spec, reports: Mapping[str, Report]) -> dict[str, Any]:
    digest = sum(int(one.manifest["row_digest"], 16) for one in reports.values()) % 2**64
    tables = {name: {"rows": one.manifest["rows"], "row_digest": one.manifest["row_digest"]} for name, one in reports.items()}
    rows = sum(told["rows"] for told in tables.values())
    return manifest(spec, Measures()) | {"rows": rows, "row_digest": f"{digest:016x}", "tables": tables}


def _compliance(reports: Mapping[str, Report], found: Sequence[Finding]) -> dict[str, Any]:
    """The findings of the set's schemas, and those of each table's rows with the table's name before the field."""
    parts = {name: one.compliance for name, one in reports.items() if one.compliance}
    if not parts:
        return {}
    findings = Findings()
    findings.extend(found)
    for name, part in parts.items():
        findings.extend(_at(name, told) for told in part["findings"])
    status = "violated" if findings.violations else "adjusted" if len(findings) else "clean"
    first = next(iter(parts.values()))
    told = {name: first[name] for name in ("frameworks", "strict")} | {"status": status}
    told |= {"findings": [finding.to_dict() for finding in findings]}
    masked = {f"{name}.{field}": method for name, part in parts.items() for field, method in part.get("masked", {}).items()}
    anonymity = {name: part["k_anonymity"] for name, part in parts.items() if "k_anonymity" in part}
    return told | ({"masked": masked} if masked else {}) | ({"k_anonymity": anonymity} if anonymity else {})


def _at(table: str, told: Mapping[str, Any]) -> Finding:
    return Finding(**{**told, "field": f"{table}.{told['field']}".rstrip(".")})


def _stages(own: Stages, reports: Mapping[str, Report]) -> Stages:
    """Those of the set and of its tables together; what all tables tell alike is told once."""
    stages = Stages(dict(own.seconds), dict(own.told))
    for one in reports.values():
        stages.merge(one.stages.seconds)
    for stage in dict.fromkeys(stage for one in reports.values() for stage in one.stages.told):
        lines = {name: one.stages.told[stage] for name, one in reports.items() if stage in one.stages.told}
        alike = len(set(lines.values())) == 1
        told = [next(iter(lines.values()))] if alike else [f"{name}: {line}" for name, line in lines.items()]
        stages.told[stage] = "; ".join([*([stages.told[stage]] if stages.told.get(stage) else []), *told])
    return stages


def _timeline(whole: Report, reports: Mapping[str, Report]) -> list[Moment]:
    """One table after the other, all by the clock of the set."""
    moments, before = list[Moment](), 0
    for one in reports.values():
        later = (one.created_at - whole.created_at).total_seconds() if one.created_at and whole.created_at else 0.0
        moments += [Moment(at.ms + round(later * 1000), before + at.records, at.spent) for at in one.timeline]
        before += one.records_generated
    return moments

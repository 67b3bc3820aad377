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
        timeline=_timeline(reports),
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
    scores += ["completeness_score"] if all("completeness_score" in one.quality for one in reports.values()) else []
    return {**{score: mean(score) for score in scores}, "distribution_analysis": fields}


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
    stages = Stages(dict(own.seconds), dict(own.told))
    for name, one in reports.items():
        stages.merge(one.stages.seconds)
        for stage, told in one.stages.told.items():
            stages.told[stage] = "; ".join(part for part in (stages.told.get(stage, ""), f"{name}: {told}") if part)
    return stages


def _timeline(reports: Mapping[str, Report]) -> list[Moment]:
    """One table after the other."""
    moments, before = [], 0
    for one in reports.values():
        moments += [Moment(at.ms, before + at.records, at.spent) for at in one.timeline]
        before += one.records_generated
    return moments

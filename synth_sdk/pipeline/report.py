"""What happened: the Report as an object, as JSON, and as Markdown or HTML for people."""

import html
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from synth_sdk.core.money import format_usd

Status = Literal["success", "partial", "failed"]
ORIGINS = ("llm", "cache", "blueprint", "offline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Money of one run in micro-dollars; `budget` is None when nothing could be spent."""

    budget: int | None = None
    spent: int = 0
    held: int = 0
    saved_by_cache: int = 0
    by_model: dict[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {
            "budget_usd": None if self.budget is None else format_usd(self.budget),
            "spent_usd": format_usd(self.spent),
            "held_usd": format_usd(self.held),
            "saved_by_cache_usd": format_usd(self.saved_by_cache),
            "by_model": {arm: format_usd(micros) for arm, micros in sorted(self.by_model.items())},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run. `errors` names each failed arm and each undelivered record with its reason; `execution_time_ms` is wall time.

    `manifest` is what the records are: the plan's fingerprint, versions, rows, the digest of their content, the parts of a folder.
    `tables` holds what of this is known of each table of a relational set, `judge` what a judge found among the bought records.
    """

    generation_id: str
    status: Status
    records_generated: int
    records_wanted: int
    output_location: str
    quality: dict[str, Any]
    execution_time_ms: int
    errors: list[str]
    warnings: list[str]
    cost: Cost
    origins: Counter[str]
    plan: dict[str, Any]
    seed: int
    fingerprint: str
    manifest: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)
    judge: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        told = {
            "generation_id": self.generation_id,
            "status": self.status,
            "records_generated": self.records_generated,
            "output_location": self.output_location,
            "data_quality_metrics": self.quality,
            "execution_time_ms": self.execution_time_ms,
            "errors": self.errors,
            "cost": self.cost.to_dict(),
            "origins": {origin: self.origins.get(origin, 0) for origin in ORIGINS},
            "plan": self.plan,
            "seed": self.seed,
            "fingerprint": self.fingerprint,
            "manifest": self.manifest,
        }
        told |= {"tables": self.tables} if self.tables else {}
        told |= {"judge": self.judge} if self.judge else {}
        return told | ({"warnings": self.warnings} if self.warnings else {})

    def render(self, suffix: str) -> str:
        """The report as text: Markdown for ".md", a page for ".html", else JSON."""
        match suffix.lower():
            case ".md":
                return self._markdown()
            case ".html" | ".htm":
                return self._page()
            case _:
                return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"

    def _sections(self) -> list[tuple[str, list[tuple[str, str]]]]:
        cost, told = self.cost, self.to_dict()["cost"]
        money = [
            ("Budget", _usd(told["budget_usd"])),
            ("Spent", _usd(told["spent_usd"])),
            ("Held for replies with no bill", _usd(told["held_usd"])),
        ]
        money += [("Saved by the cache", _usd(told["saved_by_cache_usd"]))]
        money += [(arm, _usd(format_usd(micros))) for arm, micros in sorted(cost.by_model.items())]
        return [
            (
                "Run",
                [
                    ("Generation id", self.generation_id),
                    ("Status", self.status),
                    ("Records", f"{self.records_generated:,} of {self.records_wanted:,}"),
                    ("Time", f"{self.execution_time_ms / 1000:.1f} s"),
                    ("Output", self.output_location),
                    ("Seed", str(self.seed)),
                    ("Fingerprint", self.fingerprint),
                ],
            ),
            ("Cost", money),
            ("Origins", [(origin, f"{self.origins.get(origin, 0):,}") for origin in ORIGINS]),
            (
                "Quality",
                [
                    ("Uniqueness", f"{self.quality['uniqueness_score']:.1%}"),
                    ("Validity", f"{self.quality['validity_score']:.1%}"),
                    *((name, _distribution(summary)) for name, summary in self.quality["distribution_analysis"].items()),
                ],
            ),
        ]

    def _markdown(self) -> str:
        lines = ["# Synthetic data generation report", ""]
        for title, rows in self._sections():
            lines += [
                f"## {title}",
                "",
                "| | |",
                "|---|---|",
                *(f"| {_cell(name)} | {_cell(value)} |" for name, value in rows),
                "",
            ]
        for title, notes in (("Errors", self.errors), ("Warnings", self.warnings)):
            if notes:
                lines += [f"## {title}", "", *(f"- {note}" for note in notes), ""]
        return "\n".join(lines)

    def _page(self) -> str:
        parts = []
        for title, rows in self._sections():
            cells = "".join(f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>" for name, value in rows)
            parts.append(f"<h2>{title}</h2><table>{cells}</table>")
        for title, notes in (("Errors", self.errors), ("Warnings", self.warnings)):
            if notes:
                parts.append(f"<h2>{title}</h2><ul>{''.join(f'<li>{html.escape(note)}</li>' for note in notes)}</ul>")
        return _PAGE.replace("BODY", "\n".join(parts))


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Synthetic data generation report</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1c2430}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #dde3ea;vertical-align:top;overflow-wrap:anywhere}
th{font-weight:500;width:16rem;color:#51606f}h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}</style></head>
<body><h1>Synthetic data generation report</h1>
BODY
</body></html>
"""


def _usd(amount: str | None) -> str:
    return "none" if amount is None else f"${amount}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _distribution(summary: dict[str, Any]) -> str:
    parts = []
    if "mean" in summary:
        parts.append(f"{summary['min']:g} to {summary['max']:g}, mean {summary['mean']:.4g}")
    if "distinct" in summary:
        top = ", ".join(f"{value} {times:,}" for value, times in list(summary.get("top", {}).items())[:5])
        parts.append(f"{summary['distinct']} distinct{': ' if top else ''}{top}")
    if summary["nulls"]:
        parts.append(f"{summary['nulls']:,} null")
    return "; ".join(parts) or "all null"

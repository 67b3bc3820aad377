"""What happened: the Report as an object and as JSON; `reporting` renders it for people."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple, Self

from synth_sdk import reporting
from synth_sdk.core.models import Json
from synth_sdk.core.money import format_usd
from synth_sdk.core.redact import redact
from synth_sdk.core.stages import Stages

Status = Literal["success", "partial", "failed"]
_MOST_ERRORS = 1000
ORIGINS = ("llm", "cache", "blueprint", "offline")


class Moment(NamedTuple):
    """How many records were delivered, and how many micro-dollars spent, so many milliseconds after the beginning."""

    ms: int
    records: int
    spent: int


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
    `stages` are those of the run, `timeline` its course, `records` a few to read, `request` what was asked for where it came as a document;
    `compliance` is what was found and done for the sake of laws and standards.
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
    kind: str = ""
    created_at: datetime | None = None
    request: dict[str, Any] = field(default_factory=dict)
    compliance: dict[str, Any] = field(default_factory=dict)
    stages: Stages = field(default_factory=Stages)
    timeline: Sequence[Moment] = ()
    records: Sequence[Json] = ()
    manifest: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)
    judge: dict[str, Any] = field(default_factory=dict)
    refused: bool = False

    @property
    def exit_code(self) -> int:
        """What a command that made this run returns: 2 where the wish was wrong, and nothing was spent or written."""
        return 2 if self.refused else {"success": 0, "partial": 3}.get(self.status, 1)

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
        told |= {"kind": self.kind} if self.kind else {}
        told |= {"records_wanted": self.records_wanted}
        told |= {"created_at": self.created_at.isoformat()} if self.created_at else {}
        told |= {"stages": self.stages.to_list()} if self.stages.seconds else {}
        moments = [{"ms": one.ms, "records": one.records, "spent_usd": format_usd(one.spent)} for one in self.timeline]
        optional = {
            "request": self.request,
            "tables": self.tables,
            "judge": self.judge,
            "compliance": self.compliance,
            "timeline": moments,
            "records": list(self.records),
            "warnings": self.warnings,
        }
        return told | {name: value for name, value in optional.items() if value}

    def failed(self, reasons: Sequence[str]) -> Self:
        """The same run after `reasons` kept its records from being delivered. Standard output may have got some all the same."""
        return replace(
            self,
            status="failed",
            records_generated=0,
            output_location="-" if self.output_location == "-" else "",
            errors=[*map(redact, reasons), *self.errors][:_MOST_ERRORS],
        )

    def render(self, suffix: str) -> str:
        """The report as text: Markdown for ".md", a page for ".html", else JSON."""
        return reporting.render(self.to_dict(), suffix)

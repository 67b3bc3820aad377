"""What became of a batch: a report for each job, and the summary that `batch.json` keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from synth_sdk.core.money import format_usd, parse_budget
from synth_sdk.pipeline.report import Report

JobStatus = Literal["waiting", "success", "partial", "failed", "skipped", "interrupted"]
Status = Literal["success", "partial", "failed", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """What became of one job. Money in micro-dollars.

    `made` is False for one whose output was there already. `inputs` are the SHA-256 of the outputs that it used, by job. `error` says
    why it failed or was skipped; `report` is that of the run, if it was made now.
    """

    name: str
    status: JobStatus = "waiting"
    made: bool = False
    kind: str = ""
    fingerprint: str = ""
    output: str = ""
    bytes: int = 0
    sha256: str = ""
    records: int = 0
    wanted: int = 0
    spent: int = 0
    held: int = 0
    seconds: float = 0.0
    seed: int | None = None
    error: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    report: Report | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "made": self.made,
            "kind": self.kind,
            "fingerprint": self.fingerprint,
            "output": self.output,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "records": self.records,
            "records_wanted": self.wanted,
            "spent_usd": format_usd(self.spent),
            "held_usd": format_usd(self.held),
            "seconds": round(self.seconds, 2),
            "seed": self.seed,
            "error": self.error,
            "inputs": dict(self.inputs),
        }

    @classmethod
    def of_dict(cls, name: str, told: Mapping[str, Any]) -> "JobReport":
        """A report as it was kept. KeyError, TypeError or ValueError if it wasn't one."""
        own = {
            key: told[key]
            for key in ("status", "kind", "fingerprint", "output", "bytes", "sha256", "records", "seconds", "error")
        }
        spent, held = parse_budget(told["spent_usd"]), parse_budget(told["held_usd"])
        return cls(
            name=name,
            wanted=told["records_wanted"],
            spent=spent,
            held=held,
            seed=told["seed"],
            inputs=dict(told["inputs"]),
            **own,
        )

    def unmade(self) -> "JobReport":
        """The same of an output that was there already."""
        return replace(self, made=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Something that happened to a job: it began, went on, or ended (then `report` is there). Money in micro-dollars."""

    job: str
    what: Literal["begin", "progress", "end"]
    number: int = 0
    jobs: int = 0
    arrived: int = 0
    wanted: int = 0
    spent: int = 0
    budget: int | None = None
    report: JobReport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """The reports by job, in the order of the file. `spent` and `held` are of the whole batch, killed runs that it continued included."""

    jobs: Mapping[str, JobReport]
    output: str
    fingerprint: str = ""
    budget: int | None = None
    spent: int = 0
    held: int = 0
    seconds: float = 0.0

    @property
    def status(self) -> Status:
        """`success`: every job delivered all its records; `failed`: none delivered any; `interrupted`: it isn't over."""
        states = [job.status for job in self.jobs.values()]
        if all(state == "success" for state in states):
            return "success"
        if any(state in ("waiting", "interrupted") for state in states):
            return "interrupted"
        return "partial" if any(state in ("success", "partial") for state in states) else "failed"

    def to_dict(self) -> dict[str, Any]:
        return {
            "version": 1,
            "status": self.status,
            "fingerprint": self.fingerprint,
            "output": self.output,
            "budget_usd": None if self.budget is None else format_usd(self.budget),
            "spent_usd": format_usd(self.spent),
            "held_usd": format_usd(self.held),
            "seconds": round(self.seconds, 2),
            "jobs": {name: job.to_dict() for name, job in self.jobs.items()},
        }

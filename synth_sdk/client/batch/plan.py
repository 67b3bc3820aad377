"""What a batch would do, in which order, at what cost. Makes and spends nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth_sdk.client.batch.checking import Batch
from synth_sdk.client.batch.places import relative
from synth_sdk.client.batch.result import JobReport
from synth_sdk.client.batch.running import is_there
from synth_sdk.core.money import format_usd
from synth_sdk.planner.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPlan:
    """One job; `plan` is None where it depends on another job's output. `there`: nothing is to be done. `cap` in micro-dollars."""

    name: str
    kind: str
    count: int
    needs: tuple[str, ...]
    output: str
    there: bool
    cap: int | None
    plan: Plan | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind,
            "count": self.count,
            "needs": list(self.needs),
            "output": self.output,
            "there": self.there,
            "cap_usd": None if self.cap is None else format_usd(self.cap),
            "plan": self.plan.to_dict() if self.plan else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPlan:
    """The jobs in an order in which they could run one by one. `budget` in micro-dollars."""

    jobs: list[JobPlan]
    budget: int | None
    fingerprint: str

    @property
    def cost(self) -> tuple[int, int, int]:
        """What the jobs that are to be made are expected to cost together, in micro-dollars: low, expected, high; within the budget."""
        wanted = [job.plan.cost for job in self.jobs if job.plan and not job.there]
        most = self.budget if self.budget is not None else 1 << 62
        low, expected, high = (
            (sum(micros) for micros in zip(*((c.low, c.median, c.high) for c in wanted), strict=True)) if wanted else (0, 0, 0)
        )
        return round(min(low, most)), round(min(expected, most)), round(min(high, most))

    def to_dict(self) -> dict[str, Any]:
        low, expected, high = self.cost
        return {
            "fingerprint": self.fingerprint,
            "budget_usd": None if self.budget is None else format_usd(self.budget),
            "cost_usd": {"low": format_usd(low), "expected": format_usd(expected), "high": format_usd(high)},
            "jobs": [job.to_dict() for job in self.jobs],
        }


def make_batch_plan(batch: Batch, before: Mapping[str, JobReport], *, force: bool) -> BatchPlan:
    """The plan of `batch` after an earlier run left `before`."""
    there: dict[str, bool] = {}
    for name in batch.order:
        there[name] = not force and name in before and _is_there(batch, name, before, there)
    return BatchPlan(
        jobs=[_row(batch, name, there[name]) for name in batch.order], budget=batch.budget, fingerprint=batch.fingerprint
    )


def _is_there(batch: Batch, name: str, before: Mapping[str, JobReport], there: Mapping[str, bool]) -> bool:
    needs = batch.jobs[name].job.needs
    inputs = {other: before[other].sha256 for other in needs if there[other]}
    return len(inputs) == len(needs) and is_there(batch.jobs[name], before[name], inputs)


def _row(batch: Batch, name: str, there: bool) -> JobPlan:
    prepared = batch.jobs[name]
    return JobPlan(
        name=name,
        kind=prepared.kind,
        count=prepared.plan.count if prepared.plan else prepared.spec.count,
        needs=prepared.job.needs,
        output=relative(prepared.output, Path(batch.folder)),
        there=there,
        cap=prepared.cap if prepared.spends else None,
        plan=prepared.plan,
    )

"""The jobs of a batch at work: each when those that it needs are there, several at once, failures kept to those that depend on them."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth_sdk.client.batch.checking import Batch, Prepared, wish_of
from synth_sdk.client.batch.crew import Crew
from synth_sdk.client.batch.order import sorter
from synth_sdk.client.batch.places import measure, relative, size_of
from synth_sdk.client.batch.result import BatchResult, JobReport, Moment
from synth_sdk.client.batch.state import merged, write_state
from synth_sdk.client.batch.worker import Done, Look, Task
from synth_sdk.core.spec import Within

if TYPE_CHECKING:
    from synth_sdk.client.synth import Synth
    from synth_sdk.router import Account

Watch = Callable[[Moment], None]
_DELIVERED = ("success", "partial")
_QUICK_SECONDS = 0.02
_WRITING_SHARE = 20  # a slow write of the state is followed by as many times its length without one


class Running:
    """One pass over a batch. `before` are the reports of an earlier one, `account` the money that all jobs share (None: none)."""

    def __init__(
        self, batch: Batch, before: Mapping[str, JobReport], account: "Account | None", *, force: bool, watch: Watch | None
    ) -> None:
        self._batch, self._before, self._account, self._force = batch, before, account, force
        self._watch = watch or (lambda moment: None)
        self._started = time.monotonic()
        self._ready = sorter({name: prepared.job for name, prepared in batch.jobs.items()})
        self._waiting: deque[str] = deque()
        self._begun = 0
        self._kept_until = 0.0
        self._reports = {name: _unmade(prepared, batch.folder) for name, prepared in batch.jobs.items()}

    def run(self, synth: "Synth", parallel: int) -> BatchResult:
        """All jobs; at most `parallel` of them at a time. An interrupt ends those under way in order, and is raised again."""
        self._ready.prepare()
        self._keep()
        with closing(Crew(synth, parallel)) as crew:
            try:
                self._run(crew)
            except BaseException:
                for task, done in crew.interrupt():
                    self._end(task.name, self._report(task.name, done))
                self._keep(at_last=True)
                raise
        self._keep(at_last=True)
        return self.result()

    def result(self) -> BatchResult:
        account = self._account
        return BatchResult(
            jobs=merged(self._before, self._reports),
            output=str(self._batch.folder),
            fingerprint=self._batch.fingerprint,
            budget=self._batch.budget,
            spent=account.spent_micros if account else sum(job.spent for job in self._reports.values() if job.made),
            held=account.held_micros if account else sum(job.held for job in self._reports.values() if job.made),
            seconds=time.monotonic() - self._started,
        )

    def _run(self, crew: Crew) -> None:
        while self._ready.is_active():
            self._look_for_work()
            while self._waiting and crew.free:
                self._begin(crew, self._waiting.popleft())
            for task, told in crew.hear() if crew.busy else ():
                if isinstance(told, Look):
                    self._tell(task.name, told)
                else:
                    self._end(task.name, self._report(task.name, told))

    def _look_for_work(self) -> None:
        """Queue the jobs whose turn has come; those that can't be made, or needn't, are over at once and make room for others."""
        while names := self._ready.get_ready():
            for name in names:
                job = self._batch.jobs[name].job
                missing = next((other for other in job.needs if self._reports[other].status not in _DELIVERED), None)
                if missing:
                    self._end(name, replace(self._reports[name], status="skipped", made=True, error=self._why_skipped(missing)))
                elif self._there(name):
                    self._end(name, self._before[name].unmade())
                else:
                    self._waiting.append(name)

    def _why_skipped(self, needed: str) -> str:
        return f"needs {needed!r}, which {'was skipped' if self._reports[needed].status == 'skipped' else 'failed'}"

    def _there(self, name: str) -> bool:
        before = self._before.get(name)
        return not self._force and before is not None and is_there(self._batch.jobs[name], before, self._inputs(name))

    def _begin(self, crew: Crew, name: str) -> None:
        self._begun += 1
        self._reports[name] = replace(self._reports[name], status="interrupted", made=True)  # as long as nothing else is known
        self._watch(Moment(job=name, what="begin", number=self._begun, jobs=len(self._reports), wanted=self._wanted(name)))
        self._keep()
        crew.give(self._task(name))

    def _task(self, name: str) -> Task:
        prepared = self._batch.jobs[name]
        outputs = {other: self._batch.jobs[other].output for other in prepared.job.needs}
        wish: dict[str, Any] = wish_of(prepared.job.filled(outputs), prepared.cap, self._reports[name].seed)
        wish |= {option: path for option, path in prepared.files.items() if option != "output"}
        if prepared.spends and self._account is not None:
            wish["within"] = Within(self._account.name, self._account.cap_micros)
            wish["account"] = prepared.spec.account or f"{self._account.name} #{self._account.epoch}, job {name}"
        return Task(
            name=name,
            kind=prepared.kind,
            wish=wish,
            output=prepared.output,
            columns=prepared.job.columns,
            outputs=outputs,
            replaces=name in self._before and self._before[name].output == self._reports[name].output,
        )

    def _tell(self, name: str, look: Look) -> None:
        self._watch(
            Moment(job=name, what="progress", arrived=look.arrived, wanted=look.wanted, spent=look.spent, budget=look.budget)
        )

    def _report(self, name: str, done: Done) -> JobReport:
        blank = replace(self._reports[name], made=True, seconds=done.seconds, inputs=self._inputs(name))
        report = done.report
        if report is None:
            return replace(blank, status="failed", error=done.error)
        return replace(
            blank,
            status=report.status,
            bytes=done.bytes,
            sha256=done.sha256,
            records=report.records_generated,
            wanted=report.records_wanted,
            spent=report.cost.spent,
            held=report.cost.held,
            error="" if report.status == "success" else "; ".join(report.errors),
            report=report,
        )

    def _end(self, name: str, report: JobReport) -> None:
        self._reports[name] = report
        self._ready.done(name)
        self._watch(
            Moment(
                job=name, what="end", number=self._begun, jobs=len(self._reports), arrived=report.records, wanted=report.wanted,
                spent=report.spent, report=report,
            )
        )  # fmt: skip
        self._keep()

    def _keep(self, *, at_last: bool = False) -> None:
        """What is known now, for the next run; jobs under way count as interrupted. With thousands of jobs, not after each of them."""
        now = time.monotonic()
        if at_last or now >= self._kept_until:
            write_state(self._batch.folder, self.result())
            took = time.monotonic() - now
            self._kept_until = now + _WRITING_SHARE * took if took > _QUICK_SECONDS else now

    def _inputs(self, name: str) -> dict[str, str]:
        return {other: self._reports[other].sha256 for other in self._batch.jobs[name].job.needs}

    def _wanted(self, name: str) -> int:
        plan = self._batch.jobs[name].plan
        return plan.count if plan else self._batch.jobs[name].spec.count


def is_there(prepared: Prepared, before: JobReport, inputs: Mapping[str, str]) -> bool:
    """The job's output is complete, as it was left, and what would be made now: of the same wish, from the same inputs."""
    same = before.status == "success" and before.fingerprint == prepared.fingerprint and before.inputs == inputs
    if not same or not all(Path(path).exists() for path in prepared.files.values()):
        return False
    return size_of(prepared.output) == before.bytes and measure(prepared.output) == (before.bytes, before.sha256)


def _unmade(prepared: Prepared, folder: Path) -> JobReport:
    drawn = prepared.job.told.get("seed") == "random"
    return JobReport(
        name=prepared.job.name,
        kind=prepared.kind,
        fingerprint=prepared.fingerprint,
        output=relative(prepared.output, folder),
        wanted=prepared.plan.count if prepared.plan else prepared.spec.count,
        seed=prepared.spec.seed if drawn else None,
    )

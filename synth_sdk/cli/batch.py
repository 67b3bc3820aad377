"""`synth batch`: many jobs from one file."""

import json
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import click

from synth_sdk.cli import notices
from synth_sdk.cli.options import CONFIG, DEBUG, LOG_JSON, open_client, with_options
from synth_sdk.core.money import format_usd

if TYPE_CHECKING:
    from synth_sdk.client import Synth
    from synth_sdk.client.batch import BatchPlan, BatchResult, JobReport, Moment

Command = TypeVar("Command", bound=Callable[..., Any])
_CODES = {"success": 0, "partial": 3, "failed": 1}
_PARALLEL = 4
_SUMMARY = ("job", "status", "records", "seconds", "$ spent", "output")
_MOST_BARS = 16  # with more jobs, bars of those that are over make room

_PLANNING = (
    click.option("-o", "--output", metavar="DIR", help="The folder of all outputs.  [default: the file's name without suffix]"),
    click.option(
        "--budget", metavar="USD", help="The most that all jobs may cost together; a job's own budget is its cap in it."
    ),
    click.option("--force", is_flag=True, help="Make every job, also those that are complete and unchanged."),
    click.option("--json", "as_json", is_flag=True, help="Print the summary, or the plan, as JSON."),
)
_RUNNING = (
    click.option(
        "--parallel", type=click.IntRange(1, 64), default=_PARALLEL, metavar="N", help="Jobs at once, in processes.  [default: 4]"
    ),
    click.option("--dry-run", is_flag=True, help="Show the order, the counts and the forecast cost; make nothing."),
    click.option("--quiet", is_flag=True, help="No progress, no summary."),
)


@click.group(short_help="Many jobs from one file, under one budget.")
def batch() -> None:
    """Many jobs from one YAML or JSON file, within one budget: synth batch run jobs.yaml --parallel 4 --output out/"""


@batch.command()
@click.argument("file")
@with_options(*_PLANNING, *_RUNNING, CONFIG, LOG_JSON, DEBUG)
def run(file: str, config: str | None, **options: Any) -> None:
    """Run the jobs of FILE. The same command again makes what is missing or changed, and pays for nothing twice.

    Exit codes: 0 all records of all jobs delivered, 1 no job delivered any, 2 the file is wrong (nothing spent or written), 3 some
    jobs failed or fell short, 130 interrupted.
    """
    _run(config, file, **options)


@batch.command()
@click.option("--config", "file", required=True, metavar="FILE", help="The batch file.")
@with_options(*_PLANNING, *_RUNNING, LOG_JSON, DEBUG)
def generate(file: str, **options: Any) -> None:
    """The same as 'batch run FILE', with the file as an option."""
    _run(None, file, **options)


@batch.command()
@click.argument("file")
@with_options(*_PLANNING, CONFIG, DEBUG)
def plan(file: str, config: str | None, as_json: bool, **options: Any) -> None:
    """Show the order, the counts and the forecast cost of the jobs of FILE. Makes and spends nothing."""
    _plan(open_client(config), file, as_json, options)


def _run(config: str | None, file: str, *, as_json: bool, dry_run: bool, quiet: bool, **options: Any) -> None:
    parallel = options.pop("parallel")
    del options["debug"], options["log_json"]
    synth = open_client(config)
    if dry_run:
        _plan(synth, file, as_json, options)
        return
    with _terminated_as_interrupted(), _Board(quiet=quiet) as board:
        result = synth.batch(file, parallel=parallel, watch=board, **options)
    if not quiet:
        _summarise(result)
    if as_json:
        click.echo(json.dumps(result.to_dict(), indent=2, ensure_ascii=False))
    sys.exit(_CODES[result.status])


def _plan(synth: "Synth", file: str, as_json: bool, options: dict[str, Any]) -> None:
    options.pop("debug", None)
    told = synth.plan_batch(file, **options)
    if as_json:
        click.echo(json.dumps(told.to_dict(), indent=2, ensure_ascii=False))
        return
    for line in _planned(told):
        click.echo(line)


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM is taken as Ctrl-C is: the jobs under way end in order."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Board:
    """Told of the jobs' moments: a bar for each on a terminal, else a line when one begins or ends."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bars: Any = None
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty() and not notices.in_json():
            self._bars = _bars()
            self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, moment: "Moment") -> None:
        if self._bars is not None:
            self._draw(moment)
        elif not self._quiet and moment.what != "progress":
            notices.notice(f"{moment.job}: {_told(moment)}", "job", job=moment.job, what=moment.what)

    def _draw(self, moment: "Moment") -> None:
        if moment.job not in self._tasks:
            self._tasks[moment.job] = self._bars.add_task(moment.job, total=moment.wanted, money="", state="")
        state = _state(moment.report) if moment.report else ""
        if moment.what == "begin":
            self._bars.reset(self._tasks[moment.job], total=moment.wanted)
            return
        money = f"${format_usd(moment.spent)}" + (f" of ${format_usd(moment.budget)}" if moment.budget is not None else "")
        self._bars.update(self._tasks[moment.job], completed=moment.arrived, total=moment.wanted, money=money, state=state)
        if moment.report:
            self._bars.stop_task(self._tasks[moment.job])
            self._bars.update(self._tasks[moment.job], visible=moment.jobs <= _MOST_BARS)


def _bars() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.fields[money]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[state]}"),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _told(moment: "Moment") -> str:
    report = moment.report
    if report is None:
        return f"begun ({moment.number} of {moment.jobs} jobs), {_records(moment.wanted)} wanted"
    if report.status in ("failed", "skipped"):
        return f"{report.status}: {report.error}"
    if not report.made:
        return f"unchanged: {_records(report.records)} are there"
    short = "" if report.status == "success" else f" of {report.wanted:,}"
    return f"{report.records:,}{short} {_records(report.records).split()[1]} in {report.seconds:.1f} s; ${format_usd(report.spent)} spent"


def _records(count: int) -> str:
    return f"{count:,} record{'' if count == 1 else 's'}"


def _state(report: "JobReport") -> str:
    return report.status if report.made or report.status != "success" else "unchanged"


def _summarise(result: "BatchResult") -> None:
    rows = [
        (job.name, _state(job), f"{job.records:,}", f"{job.seconds:.1f}" if job.made else "-", format_usd(job.spent) if job.made else "-", job.output)
        for job in result.jobs.values()
    ]  # fmt: skip
    for line in () if notices.in_json() else _table(_SUMMARY, rows, right=(2, 3, 4)):
        click.echo(line, err=True)
    for job in result.jobs.values():
        for warning in job.report.warnings if job.report else ():
            notices.warning(f"{job.name}: {warning}", job=job.name)
        if job.error and job.status != "skipped":
            notices.error(f"{job.name}: {job.error}", job=job.name)
    notices.notice("; ".join(_totals(result)), "summary", **result.to_dict())


def _totals(result: "BatchResult") -> Iterator[str]:
    jobs = result.jobs.values()
    states = [_state(job) for job in jobs]
    counts = [f"{states.count(state)} {state}" for state in dict.fromkeys(states)]
    yield f"{len(states)} job{'s' if len(states) != 1 else ''} in {result.seconds:.1f} s: {', '.join(counts)}"
    yield _records(sum(job.records for job in jobs))
    held = f" (${format_usd(result.held)} held for replies whose bill never came)" if result.held else ""
    yield (
        f"${format_usd(result.spent)}"
        + (f" of ${format_usd(result.budget)}" if result.budget is not None else "")
        + f" spent{held}"
    )


def _planned(plan: "BatchPlan") -> Iterator[str]:
    rows = [
        (
            str(number),
            job.name,
            job.kind,
            f"{job.count:,}",
            ", ".join(job.needs) or "-",
            "-" if job.cap is None else format_usd(job.cap),
            _forecast(job.there, job.plan),
            job.output,
        )
        for number, job in enumerate(plan.jobs, 1)
    ]
    yield from _table(("", "job", "kind", "records", "needs", "$ cap", "$ expected", "output"), rows, right=(0, 3, 5, 6))
    low, expected, high = plan.cost
    cap = "" if plan.budget is None else f"; never above ${format_usd(plan.budget)}"
    told = f"${format_usd(expected)} ({format_usd(low)}-{format_usd(high)})" if high else "$0"
    yield f"{sum(not job.there for job in plan.jobs)} of {len(plan.jobs)} jobs to make; expected {told}{cap}"


def _forecast(there: bool, plan: Any) -> str:
    return "unchanged" if there else "not known yet" if plan is None else format_usd(round(plan.cost.median))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int]) -> Iterator[str]:
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()

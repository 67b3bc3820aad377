"""`synth runs`: what was made, when, how well, and what it cost."""

import os
import tempfile
import webbrowser
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from synth_sdk.cli.notices import notice, warning
from synth_sdk.cli.options import CONFIG, DEBUG, with_options
from synth_sdk.cli.pretty import print_json
from synth_sdk.core.errors import OutputError, RequestError, WriteError

if TYPE_CHECKING:
    from synth_sdk.client.settings import Settings

_SHORT_ID = 8
_WIDEST = 60  # letters of an output, or of a value that changed
_FIELDS = "distribution_analysis."
_MOST_LINES = 40  # of one section of a comparison
_LIST = ("id", "started (UTC)", "kind", "records", "status", "seconds", "$ spent", "output")
_STATS = ("", "runs", "succeeded", "records", "ms per 1,000", "p95", "unique", "valid", "$ spent")
_SAME = {True: "the same", False: "different", None: "not known"}

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_SINCE = click.option("--since", metavar="AGO|TIME", help="Only runs from then on: 12h, 7d, 2025-01-31.")
_KIND = click.option("--kind", metavar="KIND", help="Only runs of this kind.")
_COMMON = with_options(CONFIG, DEBUG)


@click.group(short_help="Earlier runs: list, show, compare, count.")
def runs() -> None:
    """What was made, when, how well and for how much. ID is the beginning of a run's id, or 'last'."""


@runs.command("list")
@_KIND
@click.option(
    "--status",
    type=click.Choice(["success", "partial", "failed", "interrupted", "killed", "running"]),
    help="Only runs that ended so, or are going on.",
)
@_SINCE
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="The most runs to list.")
@_JSON
@_COMMON
def list_(kind: str | None, status: str | None, since: str | None, limit: int, as_json: bool, **options: Any) -> None:
    """List the newest runs, newest first."""
    from synth_sdk.client.history import runs as newest

    settings = _settings(options)
    found = newest(settings, kind=kind, status=status, since=since, limit=limit)
    if as_json:
        print_json(found)
    elif not found:
        notice(_nothing(settings, asked_for=bool(kind or status or since)))
    else:
        _print(_table(_LIST, map(_row, found), right=(3, 5, 6)))


@runs.command()
@click.argument("id")
@_JSON
@click.option(
    "--format", "format_", type=click.Choice(["text", "md", "json"]), default="text", help="How to print it.  [default: text]"
)
@_COMMON
def show(id: str, as_json: bool, format_: str, **options: Any) -> None:
    """Show one run: what was asked for, what came of it, and its report (md: the report as Markdown)."""
    from synth_sdk.client.history import rendered, show_run

    settings = _settings(options)
    if format_ == "md":
        click.echo(rendered(settings, id, ".md"), nl=False)
        return
    told = show_run(settings, id)
    if as_json or format_ == "json":
        print_json(told)
    else:
        _print(_page(told))


@runs.command()
@click.argument("before", metavar="ID")
@click.argument("after", metavar="ID")
@_JSON
@_COMMON
def diff(before: str, after: str, as_json: bool, **options: Any) -> None:
    """Compare two runs: request, fingerprint, versions, cost, time, quality of each field."""
    from synth_sdk.client.history import diff_runs

    told = diff_runs(_settings(options), before, after)
    if as_json:
        print_json(told)
    else:
        _print(_comparison(told))


@runs.command("open")
@click.argument("id", default="last")
@click.option("-o", "--output", metavar="FILE", help="Write the page there.  [default: a temporary file]")
@click.option("--no-browser", is_flag=True, help="Only write the page, and print its path.")
@_COMMON
def open_(id: str, output: str | None, no_browser: bool, **options: Any) -> None:
    """Show the report of a run (default: the last one) as a page in the browser."""
    from synth_sdk.client.history import rendered

    path = _written(rendered(_settings(options), id, ".html"), output)
    if no_browser or not webbrowser.open(path.resolve().as_uri()):
        click.echo(path)


@runs.command()
@_SINCE
@_KIND
@click.option("--by", type=click.Choice(["kind", "day"]), help="One line for each kind, or day (UTC).")
@_JSON
@click.option("--prometheus", metavar="FILE|-", help="Write the figures in Prometheus' text format, for a textfile collector.")
@click.option(
    "--cloudwatch", metavar="NAMESPACE", help="Send each run to CloudWatch as metrics. Send a window once: they add up."
)
@_COMMON
def stats(
    since: str | None,
    kind: str | None,
    by: str | None,
    as_json: bool,
    prometheus: str | None,
    cloudwatch: str | None,
    **options: Any,
) -> None:
    """Count: how many runs succeeded, how fast, how good, for how much. Or hand it to Prometheus or CloudWatch."""
    from synth_sdk.client.history import run_statistics

    settings, window = _settings(options), {"kind": kind, "since": since}
    if prometheus or cloudwatch:
        if by or as_json:
            raise RequestError("--by and --json are for figures to read: leave them out with --prometheus or --cloudwatch")
        _export(settings, prometheus, cloudwatch, window)
        return
    told = run_statistics(settings, **window)
    if not told["runs"] and not as_json:
        notice(_nothing(settings, asked_for=bool(kind or since)))
        return
    if as_json:
        print_json(
            {name: value for name, value in told.items() if by is None or not name.startswith("by_") or name == f"by_{by}"}
        )
    elif by:
        _print(_table(_STATS, (_figures(name, one) for name, one in told[f"by_{by}"].items()), right=range(1, len(_STATS))))
    else:
        _print(_statistics(told))


@runs.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@_COMMON
def forget(ids: Sequence[str], **options: Any) -> None:
    """Forget single runs."""
    from synth_sdk.client.history import forget_runs

    _forgotten(forget_runs(_settings(options), ids))


@runs.command()
@click.option("--keep", type=click.IntRange(min=0), default=0, metavar="N", help="Keep the newest N.  [default: 0]")
@_COMMON
def clear(keep: int, **options: Any) -> None:
    """Forget all runs, or all but the newest."""
    from synth_sdk.client.history import clear_runs

    _forgotten(clear_runs(_settings(options), keep))


def _settings(options: Mapping[str, Any]) -> "Settings":
    from synth_sdk.client.settings import read_settings

    return read_settings(os.environ, options["config"])


def _nothing(settings: "Settings", *, asked_for: bool) -> str:
    """Why there is nothing to show. `asked_for`: only certain runs were wanted."""
    if settings.defaults.get("history") == "off":
        return "the history is off"
    return "no such run is remembered" if asked_for else "no run is remembered"


def _forgotten(count: int) -> None:
    notice(f"{count:,} run{'' if count == 1 else 's'} forgotten", runs=count)


def _export(settings: "Settings", prometheus: str | None, cloudwatch: str | None, window: Mapping[str, Any]) -> None:
    from synth_sdk.client.history import export_cloudwatch, export_prometheus

    if prometheus:
        click.echo(export_prometheus(settings, prometheus, **window), nl=False)
    if cloudwatch:
        sent, old = export_cloudwatch(settings, cloudwatch, **window)
        notice(f"{sent:,} run{'' if sent == 1 else 's'} sent to CloudWatch as {cloudwatch}", sent=sent, namespace=cloudwatch)
        if old:
            warning(f"{old:,} left out: CloudWatch takes nothing that is older than 14 days", old=old)


def _written(page: str, output: str | None) -> Path:
    """The page in a file of its own, which stays when the command is over, since a browser is still to read it; whole or not at all."""
    if output is None:
        with tempfile.NamedTemporaryFile("w", prefix="synth-run-", suffix=".html", encoding="utf-8", delete=False) as file:
            file.write(page)
        return Path(file.name)
    path = Path(output)
    if not path.parent.is_dir() or path.is_dir():
        raise OutputError(f"output {output!r}: must be a file in a folder that is there")
    part = path.with_name(f".{path.name[:40]}.{os.getpid()}.part")
    try:
        part.write_text(page, "utf-8")
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise WriteError(f"output {output!r} can't be written: {error.strerror or error}; choose another path") from None
    return path


# Lines for people


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _row(run: Mapping[str, Any]) -> tuple[str, ...]:
    short = "" if run["records"] == run["count"] else f" of {run['count']:,}"
    return (
        run["id"][:_SHORT_ID],
        _time(run["started_at"]),
        run["kind"],
        f"{run['records']:,}{short}",
        _outcome(run),
        f"{run['seconds']:.1f}",
        run["spent_usd"],
        _cut(run["output"]),
    )


def _outcome(run: Mapping[str, Any]) -> str:
    status, failure = str(run["status"]), str(run["failure"])
    return f"{status}: {failure}" if failure not in ("", status) else status


def _page(run: Mapping[str, Any]) -> Iterator[str]:
    report = run["report"]
    yield from _pairs(
        {
            "id": run["id"],
            "started": f"{_time(run['started_at'])} UTC",
            "status": _outcome(run) if run["exit_code"] is None else f"{_outcome(run)}, exit code {run['exit_code']}",
            "records": f"{run['records']:,} of {run['count']:,}",
            "time": f"{(report.get('execution_time_ms') or 0) / 1000:.1f} s",
            "spent": f"${(report.get('cost') or {}).get('spent_usd', '0')}",
            "output": report.get("output_location") or "",
            "fingerprint": run["fingerprint"],
            "schema": run["schema_digest"],
        }
    )
    yield from ("", "request", *_pairs(dict(_flat(run["request"])), "  "))
    quality = {name: value for name, value in _flat(report.get("data_quality_metrics") or {}) if name.count(".") == 0}
    if quality:
        yield from ("", "quality", *_pairs(quality, "  "))
    for title in ("errors", "warnings"):
        if report.get(title):
            yield from ("", title, *(f"  {line}" for line in report[title]))


def _pairs(told: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    shown = {name: str(value) for name, value in told.items() if value not in ("", None)}
    width = max(map(len, shown), default=0)
    return (f"{indent}{name:<{width}}  {value}" for name, value in shown.items())


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _flat(item, f"{path}.{name}" if path else str(name))
    else:
        yield path, ", ".join(map(str, value)) if isinstance(value, list) else value


def _comparison(comparison: Mapping[str, Any]) -> Iterator[str]:
    (before, after), (began, then) = comparison["runs"], comparison["started_at"]
    yield f"{before[:_SHORT_ID]} ({_time(began)}) -> {after[:_SHORT_ID]} ({_time(then)})"
    yield from _pairs({name: _SAME[same] for name, same in comparison["same"].items()})
    for title, changed in comparison.items():
        if title in ("runs", "started_at", "same"):
            continue
        lines = [*_pairs({place.removeprefix(_FIELDS): _change(old, new) for place, (old, new) in changed.items()}, "  ")]
        more = [f"  and {len(lines) - _MOST_LINES:,} more; see --json"] if len(lines) > _MOST_LINES else []
        yield from ("", title, *lines[:_MOST_LINES], *more)


def _change(old: Any, new: Any) -> str:
    """From what to what, and of numbers by how much."""
    line = f"{_cut(old)} -> {_cut(new)}"
    try:
        before, after = float(old), float(new)
    except (TypeError, ValueError):
        return line
    return f"{line} ({(after - before) / abs(before):+.1%})" if before and not isinstance(old, bool) else line


def _statistics(told: Mapping[str, Any]) -> Iterator[str]:
    pace, quality = told["ms_per_1000_records"], told["quality"]
    ends = ", ".join(f"{count:,} {status}" for status, count in told["statuses"].items() if count)
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in told["failures"].items())
    yield from _pairs(
        {
            "runs": f"{told['runs']:,}{f' ({ends})' if ends else ''}",
            "from": f"{_time(told['from'])} to {_time(told['to'])} UTC" if told["runs"] else "",
            "success rate": f"{_share(told['success_rate'])} of those that began",
            "failures": reasons,
            "schema failure rate": _share(told["schema_failure_rate"]),
            "compliance violation rate": _share(told["compliance_violation_rate"]),
            "records": f"{told['records']:,}",
            "ms per 1,000 records": f"{_number(pace['mean'])} mean, {_number(pace['p50'])} p50, {_number(pace['p95'])} p95",
            "uniqueness": _share(quality["uniqueness"]),
            "validity": _share(quality["validity"]),
            "spent": f"${told['spent_usd']}, ${told['saved_usd']} saved by the cache",
        }
    )


def _figures(name: str, told: Mapping[str, Any]) -> tuple[str, ...]:
    pace, quality = told["ms_per_1000_records"], told["quality"]
    shares = (_share(quality["uniqueness"]), _share(quality["validity"]))
    numbers = (f"{told['records']:,}", _number(pace["mean"]), _number(pace["p95"]))
    return (name, f"{told['runs']:,}", _share(told["success_rate"]), *numbers, *shares, told["spent_usd"])


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _time(stamp: str) -> str:
    return stamp[:16].replace("T", " ")


def _cut(value: Any) -> str:
    text = "none" if value is None else " ".join(str(value).split())
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int]) -> Iterator[str]:
    lines, ranged = [head, *rows], {*right}
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = zip(line, widths, strict=True)
        told = [cell.rjust(width) if place in ranged else cell.ljust(width) for place, (cell, width) in enumerate(cells)]
        yield "  ".join(told).rstrip()

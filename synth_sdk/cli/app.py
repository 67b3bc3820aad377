"""The commands. Heavy parts are imported inside them, so that `synth --help` stays cheap."""

import atexit
import json
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

import click

from synth_sdk import __version__
from synth_sdk.cli import notices
from synth_sdk.cli.batch import batch
from synth_sdk.cli.cache import cache
from synth_sdk.cli.config import config, init
from synth_sdk.cli.evaluate import evaluate
from synth_sdk.cli.models import models
from synth_sdk.cli.options import DEBUG, one_line, open_client, wish_of, wish_options
from synth_sdk.cli.packs import pack
from synth_sdk.cli.plugins import plugins
from synth_sdk.cli.runs import runs
from synth_sdk.cli.schema import schema
from synth_sdk.cli.vectors import vectors
from synth_sdk.client.telemetry.otlp import exporting
from synth_sdk.core.errors import SynthError, UnknownName

if TYPE_CHECKING:
    from synth_sdk.client import Report

INTERRUPTED = 130
_DEFAULT_PREVIEW = 3


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """A closed pipe is a quiet end; left to click it would be exit code 1. An interrupt would be an empty line, which isn't JSON."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _leave_closed_pipe()
        except KeyboardInterrupt:
            if notices.in_json():
                raise click.Abort from None
            raise


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="synth", message="%(prog)s %(version)s")
def cli() -> None:
    """Realistic synthetic data: conversations, tool calls, agent traces, events, time series, any structured data.

    Offline and free, or written by models within a budget that is never exceeded.

    \b
      synth generate conversation -n 20                     twenty conversations, no key, no network
      synth generate conversation -n 20 --budget 0.50       the same, written by models for at most $0.50
      synth plan conversation -n 5000 --budget 4            what a budget buys, before it is spent
      synth generate --request request.json                 what an agent asks for, to a file, a bucket or a database
      synth generate events -n 5000 --rate 100/sec --stream events that happen now, as JSON Lines
      synth batch run jobs.yaml --parallel 4                many jobs under one budget
    """


@cli.command(short_help="Make records of a kind.")
@wish_options
@click.option(
    "--request", metavar="FILE|-", help="Carry out a request as JSON (docs/requests.md); other options win over what it says."
)
@click.option(
    "-o",
    "--output",
    metavar="PATH|URL|-",
    help="Where the records go; the suffix sets the format. A name that ends in / is a folder of parts. URLs: s3://, postgresql://, "
    "mysql://, sqlite://, duckdb://.  [default: -]",
)
@click.option(
    "--format",
    "format_",
    metavar="jsonl|json|csv|sql|xml|parquet|graphml",
    help="The format, whatever the suffix.  [default: jsonl]",
)
@click.option(
    "--rows-per-shard", type=click.IntRange(min=1), metavar="N", help="Records in each part of a folder.  [default: 250000]"
)
@click.option("--table", metavar="NAME", help="The records' name in SQL and XML.  [default: the output's name, else the kind]")
@click.option("--sql-dialect", type=click.Choice(["sqlite", "postgres", "mysql"]), help="Whose SQL.  [default: sqlite]")
@click.option("--report", metavar="FILE", help="Write the report: .json, .md or .html.")
@click.option("--provenance", metavar="FILE", help="Write where each record came from, as JSONL.")
@click.option("--rejects", metavar="FILE", help="Write the records that could not be delivered, with the reason, as JSONL.")
@click.option("--stream", is_flag=True, help="Let records leave in real time, at --rate, as they are made.")
@click.option("--stream-to", metavar="URL", help="Publish records to redis://, nats://, http(s):// or ws(s)://, each with an id.")
@click.option("--vectorize-with", metavar="NAME", help="Keep the records in a vector store too: lancedb, ruvector or chroma.")
@click.option(
    "--if-exists",
    type=click.Choice(["fail", "append", "replace"]),
    help="Where a database has the table already.  [default: fail]",
)
@click.option(
    "--partition-by", metavar="FIELD[,FIELD]", help="Folders of parts named for the values of these fields (country=DE/)."
)
def generate(request: str | None, **options: Any) -> None:
    """Make records of a KIND: conversation, tool_call, agent_trace, trajectory, events, timeseries, json, user_profile, transaction,
    log_event, text.

    Exit codes: 0 all records delivered, 1 failed, 2 the request is wrong (nothing spent or written), 3 fewer records than asked
    for, 130 interrupted (what was paid for is kept: the same command continues).
    """
    from synth_sdk.cli.progress import Watcher

    synth, quiet = open_client(options.get("config")), options["quiet"]
    options["format"] = options.pop("format_")
    output = options.pop("output")
    kind, wish = wish_of(options, named=request is None)
    with Watcher(quiet=quiet) as watcher:
        if request is None:
            report = synth.write(output or "-", kind, watch=watcher, **wish)
        else:
            report = synth.run(request, output=output, watch=watcher, **wish)
    told = "-" in (report.output_location, wish.get("report"), report.request.get("report"))  # standard output has its document
    if request is not None and output is None and not told:
        click.echo(report.render(".json"), nl=False)
    if not quiet or report.status == "failed":
        _summarise(report, report.kind or "synthetic", watcher.warned)
    if wish["seed"] == "random":
        notices.notice(f"seed {report.seed}: give it as --seed to get these records again", seed=report.seed)
    if report.exit_code:
        sys.exit(report.exit_code)


@cli.command()
@wish_options
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan(as_json: bool, **options: Any) -> None:
    """Say what would be made how, by which models, at what cost. Spends nothing."""
    synth = open_client(options.get("config"))
    kind, wish = wish_of(options)
    told = synth.plan(kind, **wish)
    click.echo(json.dumps(told.to_dict(), indent=2) if as_json else str(told))


@cli.command()
@wish_options
def preview(**options: Any) -> None:
    """Show a few records for reading (default 3). Spends at most what --budget says."""
    from synth_sdk.cli.pretty import pretty

    synth = open_client(options.get("config"))
    kind, wish = wish_of(options)
    wish["count"] = wish["count"] or _DEFAULT_PREVIEW
    result = synth.generate(kind, **wish)
    for table, records in (result.tables or {"": result.records}).items():
        for number, record in enumerate(records[: wish["count"]], 1):
            click.echo(pretty(record, f"{table} {number}".lstrip()))
    if not options["quiet"]:
        _summarise(result.report, kind)
    if result.report.exit_code:
        sys.exit(result.report.exit_code)


@cli.command(short_help="List packs, tools and patterns, or what is like a file.")
@click.option("--list", "list_", is_flag=True, help="List the names (also without this option).")
@click.option("--category", type=click.Choice(["conversation", "tool_call", "schema"]), help="Only templates of this category.")
@click.option("--like", metavar="FILE", help="Patterns and earlier runs like this schema, or this data, nearest first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@DEBUG
def templates(list_: bool, category: str | None, like: str | None, as_json: bool, **options: Any) -> None:
    """List the names of the built-in and installed templates: scenario packs, tools and domain patterns."""
    from synth_sdk.cli.recall import print_like

    if like is not None:
        print_like(like, as_json=as_json)
        return
    names = open_client(options.get("config")).templates(category)
    click.echo(json.dumps(names) if as_json else "\n".join(names))


cli.add_command(init)
cli.add_command(config)
cli.add_command(cache)
cli.add_command(pack)
cli.add_command(batch)
cli.add_command(schema)
cli.add_command(evaluate)
cli.add_command(models)
cli.add_command(plugins)
cli.add_command(runs)
cli.add_command(vectors)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Entry point of the command `synth`. Exits with the codes that `synth generate --help` lists."""
    words = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in words
    notices.speak_json("--log-json" in words)  # not left to click, which may refuse the words
    notices.take_over()
    atexit.register(_end_as_interrupted)
    try:
        with exporting(os.environ, notices.warning):
            cli.main(words, prog_name="synth", standalone_mode=False)
    except click.ClickException as error:
        _fail(_with_nearest_command(error), 2)
    except SynthError as error:
        if debug:
            _show_traceback(error, error.exit_code)
        _fail(error.message, error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _fail("interrupted: everything paid for is kept; the same command continues without paying twice", INTERRUPTED)
    except Exception as error:
        if debug:
            _show_traceback(error, 1)
        _fail(f"internal error: {type(error).__name__}: {_redacted(error)}; run again with --debug for the traceback", 1)
    sys.exit(0)


def _summarise(report: "Report", kind: str, warned: frozenset[str] = frozenset()) -> None:
    """What became of a run; `warned` are the warnings that were told when it began."""
    if report.refused:
        for line in report.errors:
            notices.error(line, exit_code=report.exit_code)
        return
    told = report.to_dict()
    origins = ", ".join(f"{count:,} {origin}" for origin, count in told["origins"].items() if count)
    wanted = "" if report.status == "success" else f" of {report.records_wanted:,}"
    cost = told["cost"]
    money = f"${cost['spent_usd']}" + (f" of ${cost['budget_usd']}" if cost["budget_usd"] is not None else "")
    held = f" (${cost['held_usd']} held for replies whose bill never came)" if cost["held_usd"] != "0" else ""
    saved = f", ${cost['saved_by_cache_usd']} saved by the cache" if cost["saved_by_cache_usd"] != "0" else ""
    noun = f"{kind} record" if report.records_generated == 1 else f"{kind} records"
    parts = [
        f"{report.records_generated:,}{wanted} {noun} in {report.execution_time_ms / 1000:.1f} s",
        origins,
        f"{money} spent{held}{saved}",
    ]
    if "fact" in told["plan"]:
        notices.notice(_forecast_and_fact(told["plan"]), "forecast", forecast=told["plan"], fact=told["plan"]["fact"])
    notices.notice("; ".join(part for part in parts if part), "summary", **_figures(report, kind))
    for line in report.warnings:
        if line not in warned:
            notices.warning(line)
    for line in report.errors:
        notices.error(line)


def _figures(report: "Report", kind: str) -> dict[str, Any]:
    """The summary for programs."""
    told = report.to_dict()
    cost = {name: told["cost"][name] for name in ("spent_usd", "held_usd", "budget_usd", "saved_by_cache_usd")}
    return {
        "kind": kind,
        "status": report.status,
        "records": report.records_generated,
        "wanted": report.records_wanted,
        "seconds": report.execution_time_ms / 1000,
        "origins": told["origins"],
        **cost,
        "seed": report.seed,
        "output": report.output_location,
        "exit_code": report.exit_code,
    }


def _forecast_and_fact(plan: dict[str, Any]) -> str:
    cost, time, fact = plan["cost_usd"], plan["time_s"], plan["fact"]
    dollars = f"${cost['expected']} ({cost['low']}-{cost['high']})"
    return f"forecast {dollars} in {time['expected']:g} s; in fact ${fact['cost_usd']} in {fact['time_s']:g} s"


_interrupts: list[int] = []  # exit codes; one at most


def _end_as_interrupted() -> None:
    """Last of all, after an interrupt: keep the exit code. Python remembers an interrupt that passed through `exec` of a text, as data classes
    use while modules are imported, and would end by the signal although it was handled long ago.
    """
    if _interrupts:
        with suppress(OSError, ValueError, AttributeError):  # closed, or none at all
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(_interrupts[0])


def _fail(line: str, code: int) -> NoReturn:
    if code == INTERRUPTED:
        _interrupts.append(code)
        notices.notice(line, "interrupted", level="warning", label="", exit_code=code)
    else:
        notices.error(line, exit_code=code)
    sys.exit(code)


def _show_traceback(error: Exception, code: int) -> NoReturn:
    """What `--debug` asks for: as Python prints it, or as a field."""
    if not notices.in_json():
        raise error
    notices.error(_redacted(error), exit_code=code, traceback=notices.traceback_of(error))
    sys.exit(code)


def _with_nearest_command(error: click.ClickException) -> str:
    """`No such command` with the nearest one, everything else in one line."""
    if isinstance(error, click.UsageError) and error.ctx and "No such command" in error.message:
        known: Iterable[str] = getattr(error.ctx.command, "commands", {})
        return UnknownName("command", error.message.split("'")[1], known).message
    return one_line(error)


def _redacted(error: Exception) -> str:
    from synth_sdk.core.redact import redact

    return " ".join(redact(str(error)).split())


def _leave_closed_pipe() -> NoReturn:
    """The reader went away: stop quietly, and keep Python from complaining when it flushes stdout at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)

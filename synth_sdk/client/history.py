"""The history as the client keeps it: each call is remembered when it is over, and asked for later.

Nothing here may fail a run, or delay its records: they are where they were wanted before a word is written.
"""

import asyncio
import logging
import os
import time
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from synth_sdk.client.config.kinds import KIND_ALIASES
from synth_sdk.client.settings import Settings
from synth_sdk.core.errors import (
    BudgetExhausted,
    ModelError,
    NoRoute,
    OutputError,
    RequestError,
    SchemaError,
    SynthError,
    WriteError,
)
from synth_sdk.core.money import format_usd
from synth_sdk.core.quantities import parse_duration
from synth_sdk.core.redact import redact, register_secrets
from synth_sdk.core.spec import Spec
from synth_sdk.history.bounds import LARGEST_REPORT, LARGEST_REQUEST, bounded, scrubbed
from synth_sdk.history.entries import Entry, digest_of
from synth_sdk.history.store import History, open_history

if TYPE_CHECKING:
    from synth_sdk.pipeline.report import Report

_LOG = logging.getLogger(__name__)
_FILE = "history.sqlite3"
_LARGEST_NUMBER = 2**63 - 1
_INTERRUPTED = 130
_INTERRUPTS = (KeyboardInterrupt, asyncio.CancelledError, BrokenPipeError)
_SECRET_VARIABLES = ("_API_KEY", "_SECRET_ACCESS_KEY", "_ACCESS_KEY_ID", "_TOKEN", "_PASSWORD", "_SECRET")
_SAID = {"document": "schema", "budget_micros": "budget", "blueprint_path": "blueprint"}  # the users' words for fields of a Spec
_UNSAID = frozenset({"document", "within", "seeded", "profiled", "file_digest", "blueprint"})
_FAILURES: tuple[tuple[type[BaseException], str], ...] = (
    (SchemaError, "schema"),
    (OutputError, "output"),
    (WriteError, "output"),
    (RequestError, "request"),
    (BudgetExhausted, "budget"),
    (NoRoute, "models"),
    (ModelError, "models"),
)


class Reported(Protocol):
    """What a call gives back that has a report."""

    @property
    def report(self) -> "Report": ...


class Watched(Protocol):
    """A run under way, as far as it is looked at here."""

    spec: Spec
    asked: dict[str, Any]

    def report(self, location: str) -> "Report": ...


Made = TypeVar("Made", bound="Report | Reported")
Running = TypeVar("Running", bound=Watched)


def history_of(settings: Settings) -> History:
    """The history that the settings name: by default a file in the home folder."""
    return open_history(settings.defaults.get("history") or settings.home / _FILE, settings.env)


# Remembering


class Remembered:
    """One call, from its beginning on; remembered when the `with` block, or `async with`, is left. Built by `remembered`."""

    def __init__(self, settings: Settings, kind: Any, wish: Mapping[str, Any]) -> None:
        self._settings, self._kind, self._wish = settings, kind, wish
        self._began, self._clock = datetime.now(UTC), time.monotonic()
        self._run: Watched | None = None
        self._report: Report | None = None
        self._measured = True

    def saw(self, run: Running) -> Running:
        """The request was understood: this is its run."""
        self._run = run
        return run

    def kept(self, made: Made, *, measured: bool = True) -> Made:
        """The call is over and gave this. Not `measured`: of its records nothing is known but how many there were."""
        from synth_sdk.pipeline.report import Report

        self._report, self._measured = made if isinstance(made, Report) else made.report, measured
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._remember(error)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._settings.defaults.get("history") != "off":
            await asyncio.shield(asyncio.to_thread(self._remember, error))

    def _remember(self, error: BaseException | None) -> None:
        if self._settings.defaults.get("history") == "off":
            return
        try:
            with history_of(self._settings) as history:
                history.add(self._entry(error))
            self._warn(history.warnings)
        except Exception as trouble:  # the run is over: whatever is wrong with its memory is no business of its caller
            what = "" if isinstance(trouble, SynthError) else f"history: {type(trouble).__name__}: "
            self._warn([f"{what}{redact(str(trouble))}; the run is not remembered"])

    def _warn(self, lines: Iterable[str]) -> None:
        """With the warnings of the report, which the user is about to see; where there is none an error is seen first."""
        if self._report is not None:
            self._report.warnings.extend(lines)
        else:
            for line in lines:
                _LOG.warning("%s", line)

    def _entry(self, error: BaseException | None) -> Entry:
        register_secrets(value for name, value in self._settings.env.items() if name.endswith(_SECRET_VARIABLES))
        spec = self._run.spec if self._run else None
        report = self._told(error)
        status = "interrupted" if isinstance(error, _INTERRUPTS) else str(report["status"])
        document = spec.document if spec else self._wish.get("schema")
        document = document if isinstance(document, dict | list | bool) else None
        return Entry(
            id=str(report.get("generation_id") or uuid.uuid4()),
            started_at=self._began,
            kind=_text(spec.kind if spec else _kind(self._kind)),
            count=spec.count if spec else _whole(self._wish.get("count")),
            records=_whole(report.get("records_generated")) if error is None else 0,
            status=status,
            exit_code=_exit_code(error) if error is not None or self._report is None else self._report.exit_code,
            fingerprint=spec.fingerprint if spec else "",
            seed=spec.seed if spec else _whole(self._wish.get("seed")),
            request=self._run.asked if self._run and self._run.asked else asked(spec, self._wish),
            report=bounded(report, LARGEST_REPORT),
            schema_digest="" if document is None else _digest(document),
            document=None if document is None else scrubbed(document),
            failure=_failure(error) if error is not None or self._report is None else _shortfall(self._report, spec),
        )

    def _told(self, error: BaseException | None) -> dict[str, Any]:
        """What happened: the report, or after an error as much of one as there is - it has been paid for, say."""
        took = {"execution_time_ms": round((time.monotonic() - self._clock) * 1000)}
        report = self._report
        if report is None and self._run is not None:
            with suppress(Exception):  # of a run that stopped somewhere
                report = self._run.report("")
        told = report.to_dict() if report else {}
        if not self._measured:
            told.pop("data_quality_metrics", None)
        if error is None:
            return told
        line = error.message if isinstance(error, SynthError) else f"{type(error).__name__}: {error}".rstrip(": ")
        return {**took, **told, "status": "failed", "errors": [line, *told.get("errors", ())]}


def remembered(settings: Settings, kind: Any, wish: Mapping[str, Any]) -> Remembered:
    """A context for a call with `wish`, in the words of users: however it ends, it is remembered. It never raises anything of its own."""
    return Remembered(settings, kind, wish)


def asked(spec: Spec | None, wish: Mapping[str, Any]) -> dict[str, Any]:
    """The request in the words of users: what differs from the defaults, without secrets. A schema is told by its file, or by its digest."""
    return bounded(_asked(spec, wish), LARGEST_REQUEST)


def _asked(spec: Spec | None, wish: Mapping[str, Any]) -> dict[str, Any]:
    schema = _schema(wish.get("schema"), spec.document if spec else None)
    if spec is None:
        return {name: value for name, value in wish.items() if name != "schema" and _given(value)} | schema
    told: dict[str, Any] = {"kind": spec.kind, "count": spec.count, "seed": spec.seed}
    for name, field in Spec.model_fields.items():
        value = getattr(spec, name)
        if name not in _UNSAID and value != field.get_default(call_default_factory=True):
            told[_SAID.get(name, name)] = format_usd(value) if name == "budget_micros" else value
    return told | schema


def _given(value: Any) -> bool:
    """It was asked for: flags of a command that weren't set aren't."""
    return value is not False and value not in (None, "", (), [], {})


def _schema(given: Any, document: Any) -> dict[str, Any]:
    if isinstance(given, str | os.PathLike):
        return {"schema": os.fspath(given)}
    if isinstance(given, type):
        return {"schema": given.__name__}
    found = given if document is None else document
    return {} if found is None else {"schema": f"inline {_digest(found)}"}


def _shortfall(report: "Report", spec: Spec | None) -> str:
    """Why a run that ended in order delivered less than was wanted, in one word."""
    if report.status == "success":
        return ""
    if report.refused:
        return next((word for word in ("schema", "compliance") if _about(word, report.errors)), "request")
    if report.compliance.get("strict") and report.compliance.get("status") == "violated":
        return "compliance"
    if any("budget" in line for line in report.errors):
        return "budget"
    return "models" if spec is not None and spec.spends else "other"


def _about(word: str, errors: Iterable[str]) -> bool:
    """One of the errors is about that part of a request."""
    return any(line.removeprefix("request: ").startswith(word) for line in errors)


def _failure(error: BaseException | None) -> str:
    if isinstance(error, _INTERRUPTS):
        return "interrupted"
    words = str(error)
    if isinstance(error, RequestError) and words.startswith("compliance"):
        return "compliance"
    if isinstance(error, NoRoute) and "budget" in words:
        return "budget"
    return next((failure for kind, failure in _FAILURES if isinstance(error, kind)), "other")


def _exit_code(error: BaseException | None) -> int:
    """What the command returns for an error."""
    if isinstance(error, BrokenPipeError):  # the reader had enough
        return 0
    if isinstance(error, _INTERRUPTS):
        return _INTERRUPTED
    return error.exit_code if isinstance(error, SynthError) else 1


def _kind(kind: Any) -> str:
    return "json" if isinstance(kind, type) else str(KIND_ALIASES.get(kind, kind) if isinstance(kind, str) else kind)


def _text(words: str) -> str:
    """Fit to be stored: a name that nobody knows may be anything."""
    return redact(words.encode("utf-8", "replace").decode())[:255]


def _whole(value: Any) -> int:
    """A number as it was asked for; 0 for none, or for one that no run could have."""
    fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST_NUMBER
    return int(value) if fits else 0


def _digest(document: Any) -> str:
    with suppress(ValueError, RecursionError):
        return digest_of(document)
    return ""


# Asking


def runs(
    settings: Settings,
    *,
    kind: str | None = None,
    status: str | None = None,
    since: "Since" = None,
    limit: int | None = 50,
) -> list[dict[str, Any]]:
    """The newest runs, newest first: all that is remembered of each but its report and its schema."""
    with history_of(settings) as history:
        found = history.entries(kind=_named(kind), status=status, since=moment_of(since), limit=limit)
        return [entry.summary() for entry in found]


def show_run(settings: Settings, id: str) -> dict[str, Any]:
    """All that is remembered of the run whose id begins so, or of the "last" one."""
    with history_of(settings) as history:
        return history.get(id).to_dict()


def diff_runs(settings: Settings, before: str, after: str) -> dict[str, Any]:
    """What differs between two runs."""
    from synth_sdk.history.differences import differences

    with history_of(settings) as history:
        return differences(history.get(before), history.get(after))


def run_statistics(settings: Settings, *, kind: str | None = None, since: "Since" = None) -> dict[str, Any]:
    """How many runs succeeded, how fast, how good and for how much: of all, by kind and by day."""
    from synth_sdk.history.statistics import statistics

    with history_of(settings) as history:
        return statistics(history.walk(kind=_named(kind), since=moment_of(since)))


def rendered(settings: Settings, id: str, suffix: str) -> str:
    """The stored report of a run as a page for people: ".html" or ".md". RequestError for a run that has none."""
    from synth_sdk.reporting import render

    with history_of(settings) as history:
        entry = history.get(id)
    if "generation_id" not in entry.report:
        raise RequestError(f"run {entry.short_id}: it ended before there was a report; see 'synth runs show {entry.short_id}'")
    return render(entry.report, suffix)


def forget_runs(settings: Settings, ids: Iterable[str]) -> int:
    """Forget the runs whose ids begin so; how many there were. All of them are found before one is forgotten."""
    with history_of(settings) as history:
        return history.forget(sorted({history.get(one).id for one in ids}))


def clear_runs(settings: Settings, keep: int = 0) -> int:
    """Forget all runs but the newest `keep`; how many there were."""
    with history_of(settings) as history:
        return history.prune(keep)


def export_prometheus(settings: Settings, path: str, *, kind: str | None = None, since: "Since" = None) -> str:
    """The figures in Prometheus' text format, written to `path`; returned for "-"."""
    from synth_sdk.history.prometheus import exposition, write_exposition

    with history_of(settings) as history:
        entries = history.walk(kind=_named(kind), since=moment_of(since))
        if path == "-":
            return exposition(entries)
        write_exposition(path, entries)
        return ""


def export_cloudwatch(settings: Settings, namespace: str, *, kind: str | None = None, since: "Since" = None) -> tuple[int, int]:
    """Send the runs to CloudWatch as metrics of `namespace`: how many, and how many were too old for it."""
    from synth_sdk.history.cloudwatch import publish

    with history_of(settings) as history:
        return publish(namespace, history.walk(kind=_named(kind), since=moment_of(since)), settings.env)


Since = str | datetime | timedelta | None


def moment_of(since: Since) -> datetime | None:
    """The moment from which on runs count: so long ago (7d, 12h), or at a time in ISO form (UTC unless it says otherwise)."""
    if since is None or isinstance(since, datetime):
        return since if since is None or since.tzinfo else since.replace(tzinfo=UTC)
    if isinstance(since, timedelta):
        return datetime.now(UTC) - since
    with suppress(ValueError):
        return moment_of(datetime.fromisoformat(since))
    try:
        return datetime.now(UTC) - timedelta(microseconds=parse_duration(since, "since"))
    except (RequestError, OverflowError):
        raise RequestError(f"since {since!r}: write how long ago, such as 12h or 7d, or a day such as 2025-01-31") from None


def _named(kind: str | None) -> str | None:
    return KIND_ALIASES.get(kind, kind) if kind else None

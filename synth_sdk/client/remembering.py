"""Each call is remembered: noted when it begins, completed when it is over, however it ends.

Nothing here may fail a run, or delay its records: they are where they were wanted before it is completed.
"""

import asyncio
import logging
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from synth_sdk.client.asked import asked, digest_or_none
from synth_sdk.client.config.kinds import KIND_ALIASES
from synth_sdk.client.history import history_of
from synth_sdk.client.outcomes import HAD_ENOUGH, Outcome, outcome_of
from synth_sdk.client.settings import Settings
from synth_sdk.core.errors import SynthError
from synth_sdk.core.redact import redact, register_secrets
from synth_sdk.core.spec import Spec
from synth_sdk.history.bounds import LARGEST_REPORT, bounded, scrubbed
from synth_sdk.history.entries import RUNNING, Entry
from synth_sdk.history.store import History

if TYPE_CHECKING:
    from synth_sdk.pipeline.report import Report

_LOG = logging.getLogger(__name__)
_LARGEST_NUMBER = 2**63 - 1
_SECRET_VARIABLES = ("_API_KEY", "_SECRET_ACCESS_KEY", "_ACCESS_KEY_ID", "_TOKEN", "_PASSWORD", "_SECRET")


class Reported(Protocol):
    """What a call gives back that has a report."""

    @property
    def report(self) -> "Report": ...


class Watched(Protocol):
    """A run under way, as far as it is looked at here."""

    spec: Spec
    asked: dict[str, Any]

    @property
    def id(self) -> str: ...

    def report(self, location: str) -> "Report": ...


T = TypeVar("T")
Made = TypeVar("Made", bound="Report | Reported")
Running = TypeVar("Running", bound=Watched)


class Remembered:
    """One call, from its beginning on; remembered when the `with` block, or `async with`, is left. Built by `remembered`.

    `read` counts what the reader of a stream has got.
    """

    def __init__(self, settings: Settings, kind: Any, wish: Mapping[str, Any], streamed: bool) -> None:
        self._settings, self._kind, self._wish, self._streamed = settings, kind, wish, streamed
        self._began, self._clock = datetime.now(UTC), time.monotonic()
        self._on = settings.defaults.get("history") != "off"
        self._history: History | None = None
        self._run: Watched | None = None
        self._report: Report | None = None
        self.read = 0
        register_secrets(value for name, value in settings.env.items() if name.endswith(_SECRET_VARIABLES))

    def saw(self, run: Running) -> Running:
        """The request was understood: this is its run, which begins."""
        self._run = run
        if self._on:
            with suppress(Exception):  # whatever is wrong with the history is told at the end
                self._history = history_of(self._settings)
                self._history.begin(self._noted)
        return run

    def counted(self, records: Iterable[T]) -> Iterator[T]:
        """The records on their way to the reader of a stream."""
        for record in records:
            self.read += 1
            yield record

    def kept(self, made: Made) -> Made:
        """The call is over and gave this."""
        from synth_sdk.pipeline.report import Report

        self._report = made if isinstance(made, Report) else made.report
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._on:
            self._remember(error)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._on:
            await asyncio.shield(asyncio.to_thread(self._remember, error))

    def _remember(self, error: BaseException | None) -> None:
        try:
            with self._history or history_of(self._settings) as history:
                history.add(self._completed(error))
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

    @cached_property
    def _noted(self) -> Entry:
        """What is known of the call when it begins."""
        run, spec = self._run, self._run.spec if self._run else None
        document = spec.document if spec else self._wish.get("schema")
        document = document if isinstance(document, dict | list | bool) else None
        return Entry(
            id=run.id if run else str(uuid.uuid4()),
            started_at=self._began,
            kind=_text(spec.kind if spec else _kind(self._kind)),
            count=spec.count if spec else _whole(self._wish.get("count")),
            records=0,
            status=RUNNING,
            exit_code=None,
            fingerprint=spec.fingerprint if spec else "",
            seed=spec.seed if spec else _whole(self._wish.get("seed")),
            request=self._asked,
            report={},
            schema_digest="" if document is None else digest_or_none(document),
            document=None if document is None else scrubbed(document),
        )

    @property
    def _asked(self) -> dict[str, Any]:
        spec = self._run.spec if self._run else None
        return self._run.asked if self._run and self._run.asked else asked(spec, self._wish)

    def _completed(self, error: BaseException | None) -> Entry:
        spec = self._run.spec if self._run else None
        outcome = outcome_of(error, self._report, spec, self.read if self._streamed else None)
        report = self._told(error, outcome)
        return replace(
            self._noted,
            id=str(report.get("generation_id") or self._noted.id),
            request=self._asked,
            records=_whole(report.get("records_generated")) if error is None else self.read,
            status=outcome.status,
            exit_code=outcome.exit_code,
            failure=outcome.failure,
            report=bounded(report, LARGEST_REPORT),
        )

    def _told(self, error: BaseException | None, outcome: Outcome) -> dict[str, Any]:
        """What happened: the report, or after an error as much of one as there is - it has been paid for, say."""
        told = self._reported()
        if error is None:
            return told
        told = {"execution_time_ms": round((time.monotonic() - self._clock) * 1000)} | told
        if self._streamed and isinstance(error, HAD_ENOUGH):
            return told | {"status": outcome.status, "records_generated": self.read}
        line = error.message if isinstance(error, SynthError) else f"{type(error).__name__}: {error}".rstrip(": ")
        return told | {"status": "failed", "errors": [line, *told.get("errors", ())]}

    def _reported(self) -> dict[str, Any]:
        report = self._report
        if report is None and self._run is not None:
            with suppress(Exception):  # of a run that stopped somewhere
                report = self._run.report("memory" if self._streamed else "")
        told = report.to_dict() if report else {}
        if self._streamed:  # of its records nothing is known but how many there were
            told.pop("data_quality_metrics", None)
        return told


def remembered(settings: Settings, kind: Any, wish: Mapping[str, Any], *, streamed: bool = False) -> Remembered:
    """A context for a call with `wish`, in the words of users: however it ends, it is remembered. It never raises anything of its own."""
    return Remembered(settings, kind, wish, streamed)


def _kind(kind: Any) -> str:
    return "json" if isinstance(kind, type) else str(KIND_ALIASES.get(kind, kind) if isinstance(kind, str) else kind)


def _text(words: str) -> str:
    """Fit to be stored: a name that nobody knows may be anything."""
    return redact(words.encode("utf-8", "replace").decode())[:255]


def _whole(value: Any) -> int:
    """A number as it was asked for; 0 for none, or for one that no run could have."""
    fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST_NUMBER
    return int(value) if fits else 0

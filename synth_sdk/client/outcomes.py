"""How a call ended: its status, what the command returns for it, and in one word why it didn't succeed."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from synth_sdk.history.entries import LEFT

if TYPE_CHECKING:
    from synth_sdk.core.spec import Spec
    from synth_sdk.pipeline.report import Report

_SOME = 3  # what the command returns where there are fewer records than were wanted
_INTERRUPTED = 130
HAD_ENOUGH = (GeneratorExit, asyncio.CancelledError)  # what a stream is told when its reader leaves
_INTERRUPTS = (KeyboardInterrupt, asyncio.CancelledError, BrokenPipeError)
_FAILURES: tuple[tuple[type[BaseException], str], ...] = (
    (SchemaError, "schema"),
    (OutputError, "output"),
    (WriteError, "output"),
    (RequestError, "request"),
    (BudgetExhausted, "budget"),
    (NoRoute, "models"),
    (ModelError, "models"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The words of `history.entries`; `failure` is "" where there was none."""

    status: str
    exit_code: int
    failure: str = ""


def outcome_of(error: BaseException | None, report: "Report | None", spec: "Spec | None", read: int | None) -> Outcome:
    """Of a call that ended with `error`, or with `report`. `read`: so many records the reader of a stream has got (None: it is none)."""
    if read is not None and isinstance(error, HAD_ENOUGH):
        whole = spec is not None and read == spec.count
        return Outcome("success", 0) if whole else Outcome("partial", _SOME, LEFT)
    if isinstance(error, _INTERRUPTS):
        return Outcome("interrupted", 0 if isinstance(error, BrokenPipeError) else _INTERRUPTED, "interrupted")
    if error is not None or report is None:
        return Outcome("failed", error.exit_code if isinstance(error, SynthError) else 1, _failure(error))
    return Outcome(report.status, report.exit_code, _shortfall(report, spec))


def _failure(error: BaseException | None) -> str:
    words = str(error)
    if isinstance(error, RequestError) and words.startswith("compliance"):
        return "compliance"
    if isinstance(error, NoRoute) and "budget" in words:
        return "budget"
    return next((failure for kind, failure in _FAILURES if isinstance(error, kind)), "other")


def _shortfall(report: "Report", spec: "Spec | None") -> str:
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

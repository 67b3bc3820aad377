"""The one door to stderr of whatever `synth` says beside its data: lines for people, or with `--log-json` one JSON object a line.

An object has `time` (UTC), `level` (info, warning, error), `event` (plan, notice, warning, forecast, summary, progress, error,
interrupted), `message` - the line that people get - and fields of its event. No line carries a key.
"""

import json
import logging
import traceback
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

import click

from synth_sdk.core.redact import redact

Level = Literal["info", "warning", "error"]

_LABELS: Mapping[Level, str] = {"info": "", "warning": "warning: ", "error": "error: "}
_as_json = False


def speak_json(wanted: bool) -> None:
    """Say everything from here on as JSON, or as lines for people."""
    global _as_json
    _as_json = wanted


def in_json() -> bool:
    """Notices are for programs: there is no progress bar."""
    return _as_json


def notice(message: str, event: str = "notice", *, level: Level = "info", label: str | None = None, **fields: Any) -> None:
    """Say `message`; `fields` are for programs alone. `label` stands before the message that people get (default: as the level has it)."""
    message = redact(message)
    if not _as_json:
        click.echo(f"synth: {_LABELS[level] if label is None else label}{message}", err=True)
        return
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = {"time": now, "level": level, "event": event, "message": message, **_redacted(fields)}
    click.echo(json.dumps(told, ensure_ascii=False, default=str), err=True)


def warning(message: str, **fields: Any) -> None:
    """Say what the user should know."""
    notice(message, "warning", level="warning", **fields)


def error(message: str, **fields: Any) -> None:
    """Say what went wrong."""
    notice(message, "error", level="error", **fields)


def traceback_of(failure: BaseException) -> str:
    """What `--debug` shows, as one text."""
    return redact("".join(traceback.format_exception(failure)))


def take_over() -> None:
    """Let what libraries would print to stderr - warnings, and log records that nobody handles - leave by this door too."""
    logging.lastResort = _Door(logging.WARNING)
    warnings.showwarning = _show_warning


class _Door(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        level: Level = "error" if record.levelno >= logging.ERROR else "warning"
        notice(" ".join(record.getMessage().split()), "log", level=level, logger=record.name)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    warning(" ".join(str(message).split()), category=category.__name__)


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {str(key): _redacted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(item) for item in value]
    return value

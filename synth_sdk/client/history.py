"""The history as the client knows it: where it is, and what is asked of it. `client.remembering` writes it."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from synth_sdk.client.config.kinds import KIND_ALIASES
from synth_sdk.client.settings import Settings
from synth_sdk.core.errors import RequestError
from synth_sdk.core.quantities import parse_duration
from synth_sdk.history.entries import RUNNING
from synth_sdk.history.store import History, open_history

_FILE = "history.sqlite3"
Since = str | datetime | timedelta | None


def history_of(settings: Settings) -> History:
    """The history that the settings name: by default a file in the home folder."""
    return open_history(settings.defaults.get("history") or settings.home / _FILE, settings.env, settings.home)


def runs(
    settings: Settings,
    *,
    kind: str | None = None,
    status: str | None = None,
    since: Since = None,
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


def run_statistics(settings: Settings, *, kind: str | None = None, since: Since = None) -> dict[str, Any]:
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
        why = "it is going on" if entry.status == RUNNING else "it ended before there was a report"
        raise RequestError(f"run {entry.short_id}: {why}; see 'synth runs show {entry.short_id}'")
    return render(entry.report, suffix)


def forget_runs(settings: Settings, ids: Iterable[str]) -> int:
    """Forget the runs whose ids begin so; how many there were. All of them are found before one is forgotten."""
    with history_of(settings) as history:
        return history.forget(sorted({history.get(one).id for one in ids}))


def clear_runs(settings: Settings, keep: int = 0) -> int:
    """Forget all runs but the newest `keep`; how many there were."""
    with history_of(settings) as history:
        return history.prune(keep)


def export_prometheus(settings: Settings, path: str, *, kind: str | None = None, since: Since = None) -> str:
    """The figures in Prometheus' text format, written to `path`; returned for "-"."""
    from synth_sdk.history.prometheus import exposition, write_exposition

    with history_of(settings) as history:
        entries = history.walk(kind=_named(kind), since=moment_of(since))
        if path == "-":
            return exposition(entries)
        write_exposition(path, entries)
        return ""


def export_cloudwatch(settings: Settings, namespace: str, *, kind: str | None = None, since: Since = None) -> tuple[int, int]:
    """Send the runs to CloudWatch as metrics of `namespace`: how many, and how many were too old for it."""
    from synth_sdk.history.cloudwatch import publish

    with history_of(settings) as history:
        return publish(namespace, history.walk(kind=_named(kind), since=moment_of(since)), settings.env)


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

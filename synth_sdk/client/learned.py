"""What the router learned of the arms in earlier runs: for people to read, and to forget."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from synth_sdk.client.settings import Settings
from synth_sdk.router import LearnedRow, LearnedStore

_FIGURES = ("validity", "cost_factor", "seconds", "tokens")


def learned_store(settings: Settings) -> LearnedStore:
    """Where the router keeps it."""
    return LearnedStore(settings.home / "router.sqlite3")


def learned_by_arm(settings: Settings) -> dict[str, dict[str, Any]]:
    """By arm id: the records it was judged by, their averages, and the same for each of its tasks.

    `validity` is the share accepted, `cost_factor` its bills as a multiple of what the price list let expect, `seconds` a call's,
    `tokens` the share of a reply's bound that was used. Empty before the first paid run.
    """
    rows = defaultdict(list)
    for row in learned_store(settings).rows():
        rows[row.arm].append(row)
    return {arm: _summary(of_arm) for arm, of_arm in rows.items()}


def forget_learned(settings: Settings, arm: str | None = None) -> int:
    """Forget what was learned, of one arm id or of all; at how many tasks that was."""
    store = learned_store(settings)
    known = sum(arm in (None, row.arm) for row in store.rows())
    store.reset(arm)
    return known


def _summary(rows: Sequence[LearnedRow]) -> dict[str, Any]:
    """The records of all tasks, and each figure weighted by them where it is known."""
    return {
        "records": sum(row.records for row in rows),
        **{name: _mean([(getattr(row, name), row.records) for row in rows]) for name in _FIGURES},
        "tasks": [
            {"task": row.task, "records": row.records, **{name: _rounded(getattr(row, name)) for name in _FIGURES}}
            for row in rows
        ],
    }


def _mean(figures: Sequence[tuple[float | None, int]]) -> float | None:
    known = [(figure, records) for figure, records in figures if figure is not None]
    records = sum(weight for _, weight in known)
    return _rounded(sum(figure * weight for figure, weight in known) / records) if records else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)

"""The progress bar: records, dollars of budget, cache hits, time left. A terminal gets one; a pipe gets none; `--log-json` gets a line
of JSON every ten seconds.
"""

import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from synth_sdk.cli import notices
from synth_sdk.core.money import format_usd

if TYPE_CHECKING:
    from synth_sdk.client.run import Progress, Run
    from synth_sdk.client.tables import TablesRun

_SECONDS_BETWEEN_LOOKS = 0.2
_SECONDS_BETWEEN_LINES = 10.0


class Watcher:
    """Told of a Run, it prints the plan of a paid run, and shows a bar on a terminal until closed. Looks at the run from a thread."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: Any = None
        self._task: Any = None
        self._run: Run | TablesRun | None = None
        self._told = 0
        self.warned: frozenset[str] = frozenset()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._look_until_closed, daemon=True)

    def __call__(self, run: "Run | TablesRun") -> None:
        if self._quiet:
            return
        if self._run is None:
            self._begin(run)
        for line in run.notices[self._told :]:
            notices.notice(line)
        self._told = len(run.notices)

    def _begin(self, run: "Run | TablesRun") -> None:
        self._run = run
        self.warned = frozenset(run.warnings)
        for warning in run.warnings:
            notices.warning(warning)
        if run.asks:
            notices.notice(str(run.plan), "plan", kind=run.spec.kind, wanted=run.spec.count, plan=run.plan.to_dict())
        if notices.in_json():
            self._thread.start()
        elif sys.stderr.isatty():
            self._start_bar(run.spec.count)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._bar is not None:
            self._look()
            self._bar.stop()

    def _start_bar(self, count: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            MofNCompleteColumn(),
            BarColumn(),
            TextColumn("{task.fields[money]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=count, money="")
        self._bar.start()
        self._thread.start()

    def _look_until_closed(self) -> None:
        pause = _SECONDS_BETWEEN_LINES if notices.in_json() else _SECONDS_BETWEEN_LOOKS
        while not self._closed.wait(pause):
            self._look()

    def _look(self) -> None:
        if self._run is None:
            return
        now = self._run.progress()
        if self._bar is None:
            _tell(now)
            return
        money = "" if now.budget is None else f"${now.spent / 1e6:.4f} of ${now.budget / 1e6:.2f}, {now.cache_hits:,} cache hits"
        self._bar.update(self._task, completed=now.arrived, money=money)


def _tell(now: "Progress") -> None:
    money: dict[str, Any] = (
        {} if now.budget is None else {"spent_usd": format_usd(now.spent), "budget_usd": format_usd(now.budget)}
    )
    message = f"{now.arrived:,} of {now.wanted:,} records"
    notices.notice(message, "progress", records=now.arrived, wanted=now.wanted, cache_hits=now.cache_hits, **money)

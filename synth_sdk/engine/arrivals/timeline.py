"""What stands in each row of a log: which event, when it happened, when it arrived."""

from dataclasses import dataclass

import numpy as np

from synth_sdk.engine.arrivals.delivery import Duplicates, Late
from synth_sdk.engine.arrivals.process import Arrivals
from synth_sdk.engine.columns.lanes import I64, Rows, between

_SECOND = 1_000_000
_LATENCY = (20_000, 120_000)  # microseconds that any event takes to arrive; it drifts from second to second, so nobody overtakes


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Some rows of a log: numbers of events (negative: before the start), and microseconds from the start."""

    events: I64
    happened: I64
    arrived: I64


@dataclass(frozen=True, slots=True)
class Timeline:
    """Rows in the order of arrival. Without late and duplicate events an event happens when it arrives."""

    arrivals: Arrivals
    lane: int
    duplicates: Duplicates | None = None
    late: Late | None = None

    def of(self, rows: I64) -> Lines:
        """What stands in `rows`."""
        times = self.arrivals.at(rows)
        if self.duplicates is None and self.late is None:
            return Lines(rows, times, times)
        happened, origin = times, rows
        if self.duplicates is not None:
            origin = self.duplicates.original(rows)
            again = np.flatnonzero(origin != rows)
            happened = times.copy()
            happened[again] = self.arrivals.at(origin[again])
            origin = self.duplicates.number(origin)
        events = origin
        if self.late is not None:
            events, late = self.late.events(origin)
            happened = happened.copy()
            happened[late] = self._when(events[late])
        return Lines(events, happened, times + self._latency(times))

    def _when(self, events: I64) -> I64:
        """When late events happened. One that others overtook happened half-way between its neighbours, whose times are theirs."""
        assert self.late is not None  # noqa: S101 - asked of late events only
        if len(self.late.shifts):
            return self._time(events)
        before, after = self._time(np.maximum(events - 1, 0)), self._time(events)
        middle: I64 = np.where(events > 0, before + after, after) // 2
        return middle

    def _time(self, events: I64) -> I64:
        """When events happened that weren't late; what was before the start is its mirror image."""
        rows = np.abs(events)
        times = self.arrivals.at(rows if self.duplicates is None else self.duplicates.row(rows))
        return np.where(events < 0, -times, times)

    def _latency(self, times: I64) -> I64:
        second, part = np.divmod(times, _SECOND)
        now, soon = (between(Rows.at(at).draw(self.lane), *_LATENCY) for at in (second, second + 1))
        taken: I64 = now + (soon - now) * part // _SECOND
        return taken

"""Intensities that change: a process of constant intensity, its time bent.

A shape gives the time at which a process with its intensity has come as far as one of constant intensity at a given time: the inverse
of the cumulative intensity, which is piecewise linear. The mean intensity of every shape is 1, over each cycle of its own.
Multiplication and division of doubles are exact to the last bit on every CPU; nothing else is taken of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synth_sdk.engine.arrivals.gaps import SECOND
from synth_sdk.engine.columns.lanes import I64, Rows, below, between

HOUR = 3600 * SECOND
_WEEK = 7 * 24 * HOUR
_STEPS = 4  # an hour's intensity passes into the next one's in so many steps


class Shape(Protocol):
    """Ticks of a process of constant intensity -> ticks of this one, both from the start."""

    def bend(self, ticks: I64) -> I64: ...


@dataclass(frozen=True, slots=True)
class Bursts:
    """One hot window in every cycle, at a random place, half to one and a half times `length` ticks long and on average `factor` times
    as dense as the quiet; hot for `share` of the time. The shorter a window, the denser."""

    length: int
    share: float
    factor: float
    lane: int

    def bend(self, ticks: I64) -> I64:
        cycle = round(self.length / self.share)
        quiet = 1 / (1 - self.share + self.factor * self.share)  # the intensity outside
        number, at = np.divmod(ticks, cycle)
        rows = Rows.at(number)
        hot = between(rows.draw(self.lane), self.length // 2, self.length + self.length // 2)
        begin = below(rows.draw(self.lane + 1), 1 << 30) * ((cycle - hot) / float(1 << 30))
        before = begin * quiet
        within = cycle - (cycle - hot) * quiet
        bent = np.where(at < before, np.minimum(at / quiet, begin), begin + np.minimum((at - before) * (hot / within), hot))
        bent = np.where(at > before + within, begin + hot + (at - before - within) / quiet, bent)
        moments: I64 = number * cycle + np.minimum(bent.astype(np.int64), cycle - 1)
        return moments


@dataclass(frozen=True, slots=True, eq=False)
class Week:
    """An intensity that comes back every week. `ends` are the cumulative intensities, in ticks, at equal steps of time from Monday 0:00
    on; `phase` is how far into the week the start is."""

    ends: NDArray[np.float64]
    phase: int

    @classmethod
    def of(cls, hours: Sequence[float], days: Sequence[float], phase: int) -> "Week":
        """From the weights of 24 hours, between whose middles it goes in steps, and of 7 days."""
        step = 1 / _STEPS
        weights = []
        for day in days:
            for hour in range(24):
                after = hours[(hour + 1) % 24]
                weights += [day * (hours[hour] + (after - hours[hour]) * (part + 0.5) * step) for part in range(_STEPS)]
        total, ends = sum(weights), [0.0]
        for weight in weights:
            ends.append(ends[-1] + weight)
        return cls(np.array([float(round(end / total * _WEEK)) for end in ends]), phase % _WEEK)

    def bend(self, ticks: I64) -> I64:
        step = _WEEK // (len(self.ends) - 1)
        place, offset = divmod(self.phase, step)
        origin = int(self.ends[place] + (self.ends[place + 1] - self.ends[place]) * (offset / step))
        week, at = np.divmod(ticks + origin, _WEEK)
        cell = np.clip(np.searchsorted(self.ends, at, side="right") - 1, 0, len(self.ends) - 2)
        width = self.ends[cell + 1] - self.ends[cell]
        inside = (at - self.ends[cell]) * (step / np.maximum(width, 1.0))
        moments: I64 = week * _WEEK + cell * step + np.minimum(inside.astype(np.int64), step - 1) - self.phase
        return np.maximum(moments, 0)

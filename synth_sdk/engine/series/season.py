"""What comes back: a wave of a given period, made of a few harmonics, as a table of one period."""

import math
from dataclasses import dataclass, field

import numpy as np

from synth_sdk.engine.columns.lanes import I64
from synth_sdk.engine.series.normal import F64

_LARGEST_EXACT = 1 << 16  # ticks of a period whose every tick has an entry of its own
_CELLS = 1 << 14  # of a longer period, or of one that is no whole number of ticks
_GRAIN = 2.0**-40


@dataclass(frozen=True, slots=True, eq=False)
class Season:
    """A wave with `period` ticks; the h-th of `harmonics` is the amplitude of h waves in a period. `phase` is the share of a period
    that tick 0 is ahead of the wave's upward crossing.
    """

    period: float
    harmonics: tuple[float, ...]
    phase: float = 0.0
    exact: bool = field(init=False)
    wave: F64 = field(init=False, repr=False)
    sums: F64 = field(init=False, repr=False)

    def __post_init__(self) -> None:
        exact = self.period == int(self.period) and self.period <= _LARGEST_EXACT
        cells = int(self.period) if exact else _CELLS
        values = [self._value(place / cells) for place in range(cells + 1)]
        wave = np.rint(np.array(values) / _GRAIN) * _GRAIN  # so that every library agrees
        before = wave[:-1] if exact else (wave[:-1] + wave[1:]) / 2 * (self.period / cells)
        object.__setattr__(self, "exact", exact)
        object.__setattr__(self, "wave", wave)
        object.__setattr__(self, "sums", np.concatenate([[0.0], np.cumsum(before)]))

    @property
    def amplitude(self) -> float:
        """No value is larger."""
        return sum(map(abs, self.harmonics))

    def at(self, ticks: I64) -> F64:
        """The wave at `ticks`, an array of any shape."""
        return self._looked_up(self.wave, ticks)[0]

    def along(self, first: int, stop: int) -> F64:
        """The wave at all ticks from `first` up to `stop`, as one column."""
        if not self.exact or stop - first < 2 * self.period:
            return self.at(np.arange(first, stop, dtype=np.int64)[:, None])
        begin = first % int(self.period)
        laps = -(-(begin + stop - first) // int(self.period))
        found: F64 = np.tile(self.wave[:-1], laps)[begin : begin + stop - first, None]
        return found

    def total(self, ticks: I64) -> F64:
        """The sum of the wave at 0, 1 ... tick - 1, for each of `ticks`; of a period that is no whole number of ticks its integral."""
        inside, laps = self._looked_up(self.sums, ticks)
        total: F64 = inside + laps * self.sums[-1]
        return total

    def _looked_up(self, table: F64, ticks: I64) -> tuple[F64, I64 | F64]:
        """The table's value at each tick's place in its period, and the number of periods before it."""
        if self.exact:
            laps = ticks // int(self.period)
            return table.take(ticks - laps * int(self.period)), laps
        turns = ticks / self.period
        whole = np.floor(turns)
        where = (turns - whole) * _CELLS
        cell = np.minimum(where.astype(np.int64), _CELLS - 1)
        low = table.take(cell)
        return low + (table.take(cell + 1) - low) * (where - cell), whole

    def _value(self, share: float) -> float:
        turn = share + self.phase
        return sum(
            amplitude * math.sin(2 * math.pi * math.fmod(order * turn, 1.0)) for order, amplitude in enumerate(self.harmonics, 1)
        )

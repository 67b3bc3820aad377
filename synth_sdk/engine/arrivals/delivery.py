"""From the order of arrival to the order of events: some events arrive late, some arrive twice.

Both are kept local: every stretch of rows has just one place of the kind, so counting those before a row is a division. What arrives
at a row is found without looking at the rows before it.
"""

import math
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from synth_sdk.engine.columns.lanes import I64, Mask, Rows, below

_CLASSES = 16  # of delays, where many are under way at once


@dataclass(frozen=True, slots=True)
class Places:
    """One place in each stretch of 1/`share` numbers. In the first stretch, the last number is it."""

    share: Fraction
    lane: int

    @classmethod
    def of(cls, share: float, lane: int) -> "Places":
        return cls(Fraction(share).limit_denominator(100_000), lane)

    def stretch(self, numbers: I64) -> I64:
        """The stretches in which `numbers` lie."""
        found: I64 = ((numbers + 1) * self.share.numerator - 1) // self.share.denominator
        return found

    def begin(self, stretches: I64) -> I64:
        """The first number of each stretch."""
        found: I64 = stretches * self.share.denominator // self.share.numerator
        return found

    def place(self, stretches: I64) -> I64:
        """The place in each stretch."""
        begin, after = self.begin(stretches), self.begin(stretches + 1)
        drawn = begin + (Rows.at(stretches).draw(self.lane) % (after - begin).view(np.uint64)).view(np.int64)
        return np.where(stretches == 0, after - 1, drawn)

    def chosen(self, numbers: I64) -> Mask:
        """Which of `numbers` are such a place."""
        found: Mask = self.place(self.stretch(numbers)) == numbers
        return found


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Rows that repeat one of the `reach` rows before them. The share is at most a half."""

    places: Places
    reach: int

    def original(self, rows: I64) -> I64:
        """The rows of which `rows` are repeats, themselves where they are none."""
        found = rows.copy()
        pending = np.flatnonzero(self.places.chosen(found))
        while len(pending):
            at = found[pending]
            bits = Rows.at(at).draw(self.places.lane + 1)
            near = below(bits, self.reach) * below(bits << np.uint64(32), self.reach) // self.reach
            found[pending] = at - 1 - np.minimum(near, at - 1)
            pending = pending[self.places.chosen(found[pending])]
        return found

    def number(self, rows: I64) -> I64:
        """How many rows before each of `rows`, which are no repeats, are none either."""
        stretch = self.places.stretch(rows)
        return rows - stretch - (self.places.place(stretch) < rows)

    def row(self, numbers: I64) -> I64:
        """The inverse of `number`."""
        share = self.places.share
        stretch = numbers * share.numerator // (share.denominator - share.numerator)
        while (high := self.places.begin(stretch) - stretch > numbers).any():
            stretch = stretch - high
        while (low := self.places.begin(stretch + 1) - stretch - 1 <= numbers).any():
            stretch = stretch + low
        rows = numbers + stretch
        return rows + (rows >= self.places.place(stretch))


@dataclass(frozen=True, slots=True)
class Late:
    """Which event arrives in each position, for a share of the events and a mean delay in positions.

    Where several are under way at once, the late places pass their events on to later ones: each to the one that is so many places
    further, in up to 16 classes of different delays; the first ones pass on events from before the start, whose numbers are negative.
    Where they are rare, one event of a stretch arrives some positions later, and
    those that overtake it move up. Either way every event arrives just once, and all others in their order.
    """

    places: Places
    delay: float
    shifts: I64 = field(init=False)
    _exponential: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        under_way = self.delay * float(self.places.share)
        classes = min(_CLASSES, max(1, int(under_way)))
        spread = [-math.log1p(-(number + 0.5) / classes) for number in range(classes)]
        scale = under_way / sum(spread)
        shifts = [max(1, round(share * scale)) * classes for share in spread]
        object.__setattr__(self, "shifts", np.array(shifts if under_way > 0.5 else [], np.int64))
        table = [float(round(-math.log1p(-(cell + 0.5) / 4096) * 2**20)) / 2**20 for cell in range(4096)]
        object.__setattr__(self, "_exponential", np.array(table))

    def events(self, positions: I64) -> tuple[I64, Mask]:
        """The event that arrives in each position, and whether it is late."""
        return self._passed_on(positions) if len(self.shifts) else self._overtaken(positions)

    def _passed_on(self, positions: I64) -> tuple[I64, Mask]:
        stretch = self.places.stretch(positions)
        late = self.places.place(stretch) == positions
        source = stretch - self.shifts[stretch % len(self.shifts)]
        events = positions.copy()
        events[late] = self.places.place(source[late])
        return events, late

    def _overtaken(self, positions: I64) -> tuple[I64, Mask]:
        stretch = self.places.stretch(positions)
        begin = self.places.begin(stretch)
        width = self.places.begin(stretch + 1) - begin
        bits = Rows.at(stretch).draw(self.places.lane)
        drawn = (self._exponential[below(bits, 4096)] * self.delay).astype(np.int64)
        delay = np.minimum(np.maximum(drawn, 1), width - 1)
        free = (width - delay).view(np.uint64)
        first = begin + ((bits & np.uint64(0xFFFFFFFF)) % free).view(np.int64)
        late = (positions == first + delay) & (delay > 0)
        moved = (positions >= first) & (positions < first + delay)
        return np.where(late, first, positions + moved), late

"""An arrival process: gaps, and what bends them."""

from collections.abc import Sequence
from dataclasses import dataclass

from synth_sdk.engine.arrivals.gaps import TICKS, Gaps
from synth_sdk.engine.arrivals.shapes import Shape
from synth_sdk.engine.columns.lanes import I64


@dataclass(frozen=True, slots=True)
class Arrivals:
    """`shapes` bend the time of `gaps` one after the other."""

    gaps: Gaps
    shapes: Sequence[Shape] = ()

    def at(self, rows: I64) -> I64:
        """Microseconds from the start to each of the arrivals `rows`; later numbers never have earlier times."""
        ticks = self.gaps.at(rows)
        for shape in self.shapes:
            ticks = shape.bend(ticks)
        micros: I64 = ticks // TICKS
        return micros

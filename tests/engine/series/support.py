"""Streams for tests."""

import numpy as np

from synth_sdk.engine.series.model import Grid, Series, Stream
from synth_sdk.engine.series.stream import Signals

START = 1_735_689_600_000_000  # 2025-01-01
FINE = Grid(places=6)


def stream(*series: Series, **settings) -> Stream:
    """Of those series, a sample a second."""
    return Stream(
        **{"seed": 1, "start": START, "step": 1_000_000, "series": series or (Series("x", noise=1.0, grid=FINE),), **settings}
    )


def values(wanted: Stream, rows: range, place: int = 0) -> np.ndarray:
    """What series number `place` shows in `rows`."""
    grid = wanted.series[place].grid
    return Signals(wanted).draw(rows).scaled[place] / 10.0**grid.places

"""One series of a stream: its values over a frame, before and after they are written down."""

from dataclasses import dataclass

import numpy as np

from synth_sdk.engine.columns.lanes import I64, label, mix
from synth_sdk.engine.series.frame import Frame, entity_keys
from synth_sdk.engine.series.model import DAY, LARGEST, Grid, Series, Stream
from synth_sdk.engine.series.normal import F64, normal
from synth_sdk.engine.series.season import Season
from synth_sdk.engine.series.spans import Stages


@dataclass(frozen=True, slots=True)
class Track:
    """A series with the labels of its lanes."""

    series: Series
    stream: Stream

    def lane(self, name: str) -> int:
        return label(self.stream.seed, f"/{self.series.name}", name)

    def expected(self, ticks: I64, entities: I64) -> F64:
        """Level, seasons and calendar, without noise. Two arrays of shapes that go together."""
        value = self.series.level.at(ticks)
        if self.series.level_spread:
            value = value + self.offsets(entities)
        for season in self.series.seasons:
            value = value + season.at(ticks + self.shifts(season, entities) if self.series.phase_spread else ticks)
        if self.series.calendar is not None:
            factor, shift = self.series.calendar.at((self.stream.start + ticks * self.stream.step) // DAY)
            value = value * factor + shift
        return value

    def _expected(self, frame: Frame) -> F64:
        """The same for a whole frame."""
        ticks = frame.ticks[:, None]
        if self.series.level_spread or self.series.phase_spread or self.series.calendar is not None:
            return self.expected(ticks, frame.entities[None, :])
        value = self.series.level.at(ticks)
        for season in self.series.seasons:
            value += season.along(frame.first, frame.stop)
        return value

    def offsets(self, entities: I64) -> F64:
        """How far each entity's level is from the common one. A counter's never takes what a season takes too."""
        offsets = normal(entity_keys(self.lane("level"), entities)) * self.series.level_spread
        if not self.series.counter:
            return offsets
        room = self.series.level.lowest() - sum(season.amplitude for season in self.series.seasons)
        return np.maximum(offsets, -room)

    def shifts(self, season: Season, entities: I64) -> I64:
        """How many ticks each entity is ahead."""
        share = (entity_keys(self.lane("phase"), entities) >> np.uint64(32)).view(np.int64) * 2.0**-32
        return (share * (self.series.phase_spread * season.period)).astype(np.int64)

    def values(self, frame: Frame, noise: F64 | None) -> F64:
        """A matrix of the frame's shape, or of one column if all entities are alike. `noise` (standard deviation 1) is used up."""
        value = self._expected(frame)
        if self.series.regimes is not None:
            shift, factor = self._regimes(frame)
            value = value + shift
            noise = None if noise is None else noise * factor
        if noise is None:
            return value
        noise *= self.series.noise
        noise += value
        return noise

    def _regimes(self, frame: Frame) -> tuple[F64, F64]:
        """What the regime of each cell adds to the level, and multiplies the noise by. Series of one stream change at the same time."""
        regimes = self.series.regimes
        assert regimes is not None  # noqa: S101 - the caller looked
        bits, begun = Stages(label(self.stream.seed, "@regime"), regimes.length).at(frame)
        own = mix(bits + np.uint64(self.lane("regime")))
        shift = np.where(begun > 0, normal(own) * regimes.shift, 0.0)
        turn = (mix(own + np.uint64(1)) >> np.uint64(32)).view(np.int64) * 2.0**-31 - 1.0
        wider = 1.0 + np.abs(turn) * (regimes.noise - 1.0)
        return shift, np.where(begun > 0, np.where(turn < 0, 1.0 / wider, wider), 1.0)


def written(values: F64, grid: Grid) -> I64:
    """`values` as numbers of the grid, scaled by 10**places."""
    scale = 10.0**grid.places / grid.unit
    steps = values * scale
    if grid.reflect:
        steps = _reflected(steps, float(grid.first), float(grid.last))
    np.rint(steps, out=steps)
    if grid.first > -LARGEST or grid.last < LARGEST or not -LARGEST < steps.min() <= steps.max() < LARGEST:
        np.clip(steps, grid.first, grid.last, out=steps)
    scaled = steps.astype(np.int64)
    return scaled * grid.unit if grid.unit != 1 else scaled


def _reflected(steps: F64, low: float, high: float) -> F64:
    """Between mirrors at `low` and `high`; a mirror that is far away is none."""
    width = high - low
    if width <= 0:
        return np.full_like(steps, low)
    inside = np.mod(steps - low, 2 * width)
    return low + np.minimum(inside, 2 * width - inside)

"""What a stream of samples is made of, in ticks: plain values that `stream.Signals` draws from."""

import math
from dataclasses import dataclass

from synth_sdk.engine.series.calendar import Calendar
from synth_sdk.engine.series.level import Level
from synth_sdk.engine.series.season import Season

ANOMALY_KINDS = ("spike", "level_shift", "drift", "dropout", "flatline", "variance")
OUTLIER = "outlier"
DAY = 86_400_000_000  # microseconds
LARGEST = 1 << 53  # scaled; beyond it doubles skip whole numbers

_FLAT = Level()


@dataclass(frozen=True, slots=True)
class Regimes:
    """Stages of about `length` ticks. Each has a level of its own (normal around the usual one, standard deviation `shift`) and its
    noise is between 1/`noise` and `noise` times the usual.
    """

    length: int
    shift: float = 0.0
    noise: float = 1.0


@dataclass(frozen=True, slots=True)
class Gaps:
    """Values that are missing: the share of them, and how many in a row on average."""

    share: float
    length: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """The numbers that may be written: k * unit / 10**places for k from `first` to `last`; `whole` ones are written without decimals.
    What lies outside is put on the nearest bound, or thrown back from it (`reflect`).
    """

    places: int = 2
    whole: bool = False
    first: int = -LARGEST
    last: int = LARGEST
    unit: int = 1
    reflect: bool = False


_CENTS = Grid()


@dataclass(frozen=True, slots=True)
class Series:
    """One measured thing. A counter adds up what a gauge would show, and starts again every `reset` ticks or so (None: never).

    `noise` is a standard deviation, `ar` the correlation of neighbouring ticks' noise. Entities have levels of their own, `level_spread`
    their standard deviation, and seasons of their own, by up to the share `phase_spread` of a period.
    """

    name: str
    level: Level = _FLAT
    seasons: tuple[Season, ...] = ()
    calendar: Calendar | None = None
    noise: float = 0.0
    ar: float = 0.0
    regimes: Regimes | None = None
    gaps: Gaps | None = None
    grid: Grid = _CENTS
    counter: bool = False
    reset: int | None = None
    level_spread: float = 0.0
    phase_spread: float = 0.0

    @property
    def spread(self) -> float:
        """How far values usually lie from the level; what the size of anomalies is measured by."""
        squares = self.noise**2 + sum(wave**2 / 2 for season in self.seasons for wave in season.harmonics)
        return math.sqrt(squares) or max(abs(self.level.base), 1.0) / 10


@dataclass(frozen=True, slots=True)
class Anomalies:
    """Spans of about `length` ticks that cover `share` of all, of one of `kinds` each; `size` is in spreads of the series.

    `outliers`: the share of single ticks that are off.
    """

    share: float = 0.0
    length: int = 20
    kinds: tuple[str, ...] = ANOMALY_KINDS
    size: float = 6.0
    outliers: float = 0.0

    @property
    def labels(self) -> tuple[str, ...]:
        """What a tick can be called."""
        return ((OUTLIER,) if self.outliers else ()) + (self.kinds if self.share else ())


@dataclass(frozen=True, slots=True)
class Stream:
    """Samples of `series` every `step` microseconds from `start` (since 1970) on, of so many `entities` each.

    `correlation`: the matrix of the noises' correlations; those series have the same `ar`.
    """

    seed: int
    start: int
    step: int
    series: tuple[Series, ...]
    entities: int = 1
    correlation: tuple[tuple[float, ...], ...] = ()
    anomalies: Anomalies | None = None

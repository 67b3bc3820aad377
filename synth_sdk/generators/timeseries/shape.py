"""From what is told of one series to the `Series` of the engine."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from synth_sdk.core.errors import RequestError
from synth_sdk.core.seeds import derive
from synth_sdk.engine.series.calendar import Calendar
from synth_sdk.engine.series.level import Bend, Level, Saturation
from synth_sdk.engine.series.model import LARGEST, Gaps, Grid, Regimes, Series
from synth_sdk.engine.series.season import Season
from synth_sdk.engine.series.spans import LARGEST_SHARE
from synth_sdk.generators.timeseries.days import factors, holiday, weekend
from synth_sdk.generators.timeseries.values import Clock, Told

_WAVES = frozenset({"period", "amplitude", "phase", "harmonics", "seasonality"})
SHAPE = _WAVES | {"base", "trend", "change_points", "capacity", "midpoint", "growth", "noise", "noise_ar"}
SERIES_KEYS = SHAPE | {
    *("weekend", "weekdays", "holidays", "regime_every", "regime_shift", "regime_noise"),
    *(
        "missing",
        "missing_gap",
        "type",
        "reset_every",
        "integer",
        "min",
        "max",
        "bounds",
        "decimals",
        "level_spread",
        "phase_spread",
    ),
    "unit",
}
_NEEDS = {
    "midpoint": "capacity",
    "growth": "capacity",
    "missing_gap": "missing",
    "regime_shift": "regime_every",
    "regime_noise": "regime_every",
    "bounds": "min or max",
}
_MOST_DECIMALS = 9
_MOST_HARMONICS = 64
_MOST_PARTS = 100  # of a list: seasons, change points, holidays
_CYCLES = ("1m", "1h", "1d", "7d", "365d")
_LEAST_IN_CYCLE = 7  # samples


@dataclass(frozen=True, slots=True)
class Setting:
    """What a series is to fit into: the clock, how many entities there are, and the numbers that its field allows (None: any)."""

    clock: Clock
    entities: int = 1
    grid: Grid | None = None
    nullable: bool = True


def build_series(name: str, told: Mapping[str, Any], setting: Setting) -> Series:
    """The series called `name`. RequestError for values that are wrong or contradict one another."""
    return _Reader(name, dict(told), setting).series()


class _Reader:
    """Reads what is told of one series."""

    def __init__(self, name: str, told: dict[str, Any], setting: Setting) -> None:
        self._name, self._setting, self._clock = name, setting, setting.clock
        self._own = {key: value for key, value in told.items() if value is not None}
        _check_needs(self._own)
        self._low, self._high = self._bounds()
        self._told = self._with_defaults()

    def series(self) -> Series:
        seasons = self._seasons()
        noise = self._number("noise", 0.0, low=0.0)
        base = Series(
            name=self._name,
            level=self._level(),
            seasons=seasons,
            calendar=self._calendar(),
            noise=noise,
            ar=self._number("noise_ar", 0.0, low=-0.99999, high=0.99999),
            gaps=self._gaps(),
            counter=self._counter,
            reset=self._reset(),
            level_spread=self._spread_of_levels(seasons),
            phase_spread=self._number("phase_spread", 0.1, low=0, high=1) if self._setting.entities > 1 else 0.0,
        )
        made = replace(base, regimes=self._regimes(base), grid=self._grid(base))
        if self._counter:
            _check_counter(made)
        return made

    def _has(self, key: str) -> bool:
        return key in self._told

    def _one(self, key: str) -> Told:
        return Told(self._told[key], f"{self._name} {key}")

    def _number(self, key: str, default: float, **limits: float) -> float:
        return self._one(key).number(**limits) if self._has(key) else default

    def _bounds(self) -> tuple[float | None, float | None]:
        """The told bounds, or those of the field."""
        low, high = (Told(self._own[key], f"{self._name} {key}").number() if key in self._own else None for key in ("min", "max"))
        if low is not None and high is not None and low > high:
            raise RequestError(f"{self._name} min={low:g} is above max={high:g}: swap them")
        grid = self._setting.grid
        if grid is None:
            return low, high
        scale = grid.unit / 10**grid.places
        first, last = grid.first * scale, grid.last * scale
        for key, value in (("min", low), ("max", high)):
            if value is not None and not first <= value <= last:
                raise RequestError(f"{self._name} {key}={value:g}: its field allows {first:g} to {last:g}")
        return first if low is None else low, last if high is None else high

    def _with_defaults(self) -> dict[str, Any]:
        """What is told, and for what isn't: a shape that fills a range that is known; a wave with noise where nothing is said of the shape."""
        told = self._own
        if self._low is not None and self._high is not None and (self._setting.grid is not None or not SHAPE & told.keys()):
            return self._of_range(self._low, self._high) | told
        if not SHAPE & told.keys():
            return {"base": 100, "amplitude": 10, "noise": 1} | told
        return told

    def _of_range(self, low: float, high: float) -> dict[str, Any]:
        """Half-way between the bounds, a day's wave, and noise that lasts."""
        width = high - low
        made: dict[str, Any] = {"base": low + width / 2, "noise": width / 25, "noise_ar": 0.8}
        if "capacity" in self._own or self._own.get("type") == "counter":
            return {"base": max(low, 0.0)} if "capacity" in self._own else {"base": 10, "noise": 1}
        if not _WAVES & self._own.keys():
            afternoon = 0.625 + derive(0, self._name) % 1000 / 8000  # highest after noon, not all series at once
            made["seasonality"] = [{"period": "1d", "amplitude": width / 5, "phase": afternoon % 1}]
        return made

    @property
    def _counter(self) -> bool:
        return self._has("type") and self._one("type").word(("gauge", "counter")) == "counter"

    def _level(self) -> Level:
        base, slope = self._number("base", 0.0), self._number("trend", 0.0)
        if not self._has("capacity"):
            return Level(base, slope, self._bends(slope))
        if slope or self._has("change_points"):
            raise RequestError(f"{self._name}: capacity and trend each say how the level moves; keep one")
        middle = self._clock.moment(self._one("midpoint")) if self._has("midpoint") else 500.0
        growth = self._number("growth", 10 / max(middle, 10.0), low=1e-12, high=1e6)
        return Level(base, saturation=Saturation(self._number("capacity", 0.0) - base, middle, growth))

    def _bends(self, slope: float) -> tuple[Bend, ...]:
        """The slope in force from each change point on, and jumps."""
        bends: list[Bend] = []
        for item in self._items("change_points"):
            parts = item.parts(("at",), ("trend", "shift"))
            at = self._clock.moment(parts["at"])
            if bends and at <= bends[-1].at:
                item.refuse("change points must follow one another in time")
            new = parts["trend"].number() if "trend" in parts else slope
            bends.append(Bend(at, new - slope, parts["shift"].number() if "shift" in parts else 0.0))
            slope = new
        return tuple(bends)

    def _seasons(self) -> tuple[Season, ...]:
        seasons = [self._season(item) for item in self._items("seasonality")]
        if {"period", "amplitude"} & self._told.keys():
            whole = {key: self._told[key] for key in ("period", "amplitude", "phase", "harmonics") if self._has(key)}
            seasons.append(self._season(Told({"period": self._cycle(), "amplitude": 10, **whole}, self._name)))
        elif {"phase", "harmonics"} & self._told.keys():
            raise RequestError(f"{self._name}: phase and harmonics belong to a wave; add period and amplitude")
        return tuple(season for season in seasons if season.amplitude)

    def _season(self, item: Told) -> Season:
        parts = item.parts(("period", "amplitude"), ("phase", "harmonics"))
        period, over = self._clock.period(parts["period"])
        if period < 2:
            parts["period"].refuse(
                f"a wave needs at least 2 samples, and this one has {period:g}: raise the period or lower sample_rate"
            )
        amplitude = parts["amplitude"].number()
        phase = parts["phase"].number() if "phase" in parts else 0.0
        waves = _harmonics(parts["harmonics"]) if "harmonics" in parts else (1.0,)
        return Season(period, tuple(amplitude * wave for wave in waves), (over + phase) % 1)

    def _cycle(self) -> str:
        """The shortest of a minute, an hour, a day, a week and a year with enough samples in it."""
        clock = self._clock
        return next((cycle for cycle in _CYCLES if clock.ticks(Told(cycle, "period")) >= _LEAST_IN_CYCLE), _CYCLES[-1])

    def _items(self, key: str) -> list[Told]:
        items = self._one(key).items() if self._has(key) else []
        if len(items) > _MOST_PARTS:
            self._one(key).refuse(f"at most {_MOST_PARTS}")
        return items

    def _calendar(self) -> Calendar | None:
        if self._has("weekdays") and self._has("weekend"):
            raise RequestError(f"{self._name}: weekdays and weekend each give the factor of a Saturday; keep one")
        weekdays = weekend(self._one("weekend")) if self._has("weekend") else factors(self._items("weekdays"), self._name)
        holidays = tuple(holiday(item) for item in self._items("holidays"))
        return Calendar(weekdays, holidays) if weekdays or holidays else None

    def _regimes(self, series: Series) -> Regimes | None:
        if not self._has("regime_every"):
            return None
        length = self._clock.length(self._one("regime_every"), 2)
        plain = not {"regime_shift", "regime_noise"} & self._told.keys()
        shift = self._number("regime_shift", 3 * series.spread if plain else 0.0, low=0)
        return Regimes(length, shift, self._number("regime_noise", 2.0 if plain else 1.0, low=1, high=1000))

    def _gaps(self) -> Gaps | None:
        share = self._number("missing", 0.0, low=0, high=LARGEST_SHARE)
        if not share:
            return None
        if not self._setting.nullable:
            self._one("missing").refuse("its field may not be null; let the schema say nullable")
        return Gaps(share, self._clock.length(self._one("missing_gap")) if self._has("missing_gap") else 1)

    def _reset(self) -> int | None:
        if not self._has("reset_every"):
            return None
        if not self._counter:
            self._one("reset_every").refuse("only a counter starts again; add type=counter")
        return self._clock.length(self._one("reset_every"), 4)

    def _spread_of_levels(self, seasons: tuple[Season, ...]) -> float:
        """By default a tenth of the level, or of the waves where it is 0."""
        if self._setting.entities == 1:
            return 0.0
        usual = abs(self._number("base", 0.0)) or sum(season.amplitude for season in seasons) or self._number("noise", 0.0)
        return self._number("level_spread", usual / 10, low=0)

    def _grid(self, series: Series) -> Grid:
        reflect = self._has("bounds") and self._one("bounds").word(("clip", "reflect")) == "reflect"
        if reflect and (self._low is None or self._high is None):
            self._one("bounds").refuse("to reflect, give min and max")
        whole = self._one("integer").yes() if self._has("integer") else False
        field = self._setting.grid
        if field is not None:
            scale = 10**field.places / field.unit
            ends = _ends(self._low, self._high, scale)
            return Grid(field.places, field.whole, max(ends[0], field.first), min(ends[1], field.last), field.unit, reflect)
        if whole and self._has("decimals"):
            raise RequestError(f"{self._name}: an integer has no decimals; leave one of integer and decimals out")
        counted = self._counter and not self._has("decimals")
        places = 0 if whole or counted else self._decimals(series)
        first, last = _ends(self._low, self._high, 10**places)
        if first > last:
            raise RequestError(f"{self._name} min={self._low:g}, max={self._high:g}: no number with {places} decimals in between")
        _check_size(series, places)
        return Grid(places, places == 0, first, last, 1, reflect)

    def _decimals(self, series: Series) -> int:
        """As told; else two, or enough to show the smallest movement with two digits."""
        if self._has("decimals"):
            return self._one("decimals").whole(0, _MOST_DECIMALS)
        moves = [abs(wave) for season in series.seasons for wave in season.harmonics[:1]] + [series.noise]
        smallest = min((move for move in moves if move), default=abs(series.level.slope) or 1.0)
        return min(max(2, 1 - Decimal(repr(smallest)).adjusted()), _MOST_DECIMALS)


def _check_needs(told: Mapping[str, Any]) -> None:
    for key, needed in _NEEDS.items():
        if key in told and not set(needed.split(" or ")) & told.keys():
            raise RequestError(f"{key}={told[key]}: says nothing without {needed}; add it or leave {key} out")


def _harmonics(told: Told) -> tuple[float, ...]:
    """Relative amplitudes from a list; a number n stands for 1, 1/2 ... 1/n, a sharp wave."""
    if isinstance(told.value, list | tuple):
        if not 0 < len(told.value) <= _MOST_HARMONICS:
            told.refuse(f"give 1 to {_MOST_HARMONICS} amplitudes")
        return tuple(item.number() for item in told.items())
    return tuple(1 / order for order in range(1, told.whole(1, _MOST_HARMONICS) + 1))


def _ends(low: float | None, high: float | None, scale: float) -> tuple[int, int]:
    """The first and the last number of a grid between two bounds, as the doubles that they are written as."""
    first = -LARGEST if low is None else max(math.ceil(Decimal(repr(low)) * Decimal(scale)), -LARGEST)
    last = LARGEST if high is None else min(math.floor(Decimal(repr(high)) * Decimal(scale)), LARGEST)
    return first, last


def _check_size(series: Series, places: int) -> None:
    largest = abs(series.level.base) + sum(season.amplitude for season in series.seasons) + 10 * series.noise
    if largest * 10**places >= LARGEST:
        raise RequestError(
            f"{series.name}: values of {largest:g} with {places} decimals are more than a double holds; lower either"
        )


def _check_counter(series: Series) -> None:
    """A counter's rate may never be negative, and its sum must have a closed form."""
    lowest = series.level.lowest()
    waves = sum(season.amplitude for season in series.seasons)
    if lowest < waves:
        why = "its trend falls for ever" if lowest == -math.inf else f"its rate would fall to {lowest - waves:g}"
        raise RequestError(f"{series.name}: a counter never runs backwards, but {why}; raise base, or lower amplitude and trend")
    for what, there in (("weekdays and holidays", series.calendar), ("regimes", series.regimes)):
        if there is not None:
            raise RequestError(f"{series.name}: {what} aren't for counters; use type=gauge, or a season of 7d")

"""Moments that follow one another at a fixed step, as ISO 8601 text: a date, a time of day, and what is finer than a second."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_sdk.engine.columns.lanes import I32, I64
from synth_sdk.engine.columns.pools import Lane, Pool, fixed_width
from synth_sdk.engine.columns.times import Moments
from synth_sdk.engine.series.lines import Joins
from synth_sdk.engine.series.model import DAY

_CHUNK = 12  # bits: days are written 4096 at a time
_DAY_SECONDS, _SECOND = 86_400, 1_000_000
_ZERO = ord("0")


@dataclass(frozen=True, slots=True)
class IsoMoments:
    """Writes moments of the grid `start` + n * `step` (microseconds since 1970)."""

    start: int
    step: int

    def column(self, moments: I64, joins: Joins) -> Moments:
        """The column of `moments`, which ascend."""
        grain = self._grain
        first = int(moments[0]) // DAY * DAY
        since = (moments - first) // (grain * _SECOND)  # grains since the first midnight
        if since[-1] < 1 << 31:  # arithmetic of 32 bits is several times faster
            since = since.astype(np.int32)
        days = since // (_DAY_SECONDS // grain)
        clock = since - days * (_DAY_SECONDS // grain)
        lanes: list[Lane] = [_dates(first // DAY, days, joins), _placed(clock, _clock_pool(grain), joins)]
        if self._digits:
            lanes += _fractions(moments - moments // _SECOND * _SECOND, self._digits, joins)
        return Moments(lanes, len(moments), moments=moments, behind="Z")

    @property
    def _grain(self) -> int:
        """Seconds of which every time of day is a multiple."""
        return 1 if self._digits else math.gcd(self.start // _SECOND, self.step // _SECOND, _DAY_SECONDS)

    @property
    def _digits(self) -> int:
        """Of the fraction of a second."""
        rests = (self.start % _SECOND, self.step % _SECOND)
        return 0 if rests == (0, 0) else 3 if all(rest % 1000 == 0 for rest in rests) else 6


def _placed(places: I32 | I64, pool: Pool, joins: Joins) -> I32:
    return places.astype(np.int32) + np.int32(joins.add(pool))


def _dates(first: int, since: I32 | I64, joins: Joins) -> I32:
    """Of days that are `since` the day `first` after 1970."""
    chunks = range(first >> _CHUNK, (first + int(since[-1]) >> _CHUNK) + 1)
    bases = [joins.add(_date_pool(chunk)) for chunk in chunks]
    if len(bases) == 1:
        return since.astype(np.int32) + np.int32(bases[0] + first - (chunks.start << _CHUNK))
    days = since.astype(np.int64) + first
    placed: I64 = np.array(bases, np.int64)[(days >> _CHUNK) - chunks.start] + (days & ((1 << _CHUNK) - 1))
    return placed.astype(np.int32)


def _fractions(micros: I64, digits: int, joins: Joins) -> list[Lane]:
    millis = micros // 1000
    lanes: list[Lane] = [_placed(millis, _thousand_pool("."), joins)]
    if digits > 3:
        lanes.append(_placed(micros - millis * 1000, _thousand_pool(""), joins))
    return lanes


@lru_cache(maxsize=1024)
def _date_pool(chunk: int) -> Pool:
    """`YYYY-MM-DDT` for 4096 days."""
    days = np.arange(chunk << _CHUNK, (chunk + 1) << _CHUNK).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    month, day = months.astype(np.int64) % 12 + 1, (days - months).astype(np.int64) + 1
    return _spelled((years, 4, "-"), (month, 2, "-"), (day, 2, "T"))


@lru_cache(maxsize=8)
def _clock_pool(grain: int) -> Pool:
    """`HH:MM:SS` for every `grain` seconds of a day."""
    seconds = np.arange(0, _DAY_SECONDS, grain)
    return _spelled((seconds // 3600, 2, ":"), (seconds // 60 % 60, 2, ":"), (seconds % 60, 2, ""))


@lru_cache(maxsize=2)
def _thousand_pool(before: str) -> Pool:
    return Pool([f"{before}{number:03}" for number in range(1000)])


def _spelled(*parts: tuple[NDArray[Any], int, str]) -> Pool:
    """Texts of numbers with so many digits each, and the text behind each."""
    columns: list[NDArray[Any]] = []
    for numbers, width, behind in parts:
        columns += [_ZERO + numbers // 10**place % 10 for place in reversed(range(width))]
        columns += [np.full(len(numbers), ord(letter)) for letter in behind]
    return Pool.of_ascii(fixed_width(np.stack(columns, axis=1).astype(np.uint8)))

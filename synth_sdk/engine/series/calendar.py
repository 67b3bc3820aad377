"""What the calendar does to a series: factors of weekdays, and days that are unlike others. Days are those of UTC."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from synth_sdk.engine.columns.lanes import I64
from synth_sdk.engine.series.normal import F64

_EPOCH = date(1970, 1, 1).toordinal()
_SINCE_MONDAY = 3  # 1970-01-01 was a Thursday


@dataclass(frozen=True, slots=True)
class Holiday:
    """`days` from (year, month, day) on - every year if `year` is None - on which the level is multiplied by `factor` and moved by `shift`."""

    month: int
    day: int
    year: int | None = None
    factor: float = 1.0
    shift: float = 0.0
    days: int = 1

    def first_days(self, years: range) -> list[int]:
        """Days since 1970 on which it begins."""
        wanted = years if self.year is None else [self.year] if self.year in years else []
        return [date(year, self.month, self.day).toordinal() - _EPOCH for year in wanted if _exists(year, self.month, self.day)]


@dataclass(frozen=True, slots=True)
class Calendar:
    """`weekdays`: seven factors from Monday on. A day that is in several holidays has the product of their factors and the sum of their shifts."""

    weekdays: tuple[float, ...] = ()
    holidays: tuple[Holiday, ...] = field(default=())

    def at(self, days: I64) -> tuple[F64, F64]:
        """Factor and shift of each of the days since 1970, an array of any shape."""
        first, last = int(days.min()), int(days.max())
        factors, shifts = np.ones(last - first + 1), np.zeros(last - first + 1)
        if self.weekdays:
            every = np.arange(first, last + 1)
            factors *= np.array(self.weekdays)[(every + _SINCE_MONDAY) % 7]
        for begin, holiday in self._between(first, last):
            where = slice(max(begin - first, 0), max(begin - first + holiday.days, 0))
            factors[where] *= holiday.factor
            shifts[where] += holiday.shift
        return factors[days - first], shifts[days - first]

    def _between(self, first: int, last: int) -> list[tuple[int, Holiday]]:
        longest = max((holiday.days for holiday in self.holidays), default=0)
        years = range((_day(first) - timedelta(days=min(longest, first + _EPOCH - 1))).year, _day(last).year + 1)
        return [
            (begin, holiday)
            for holiday in self.holidays
            for begin in holiday.first_days(years)
            if begin <= last and begin + holiday.days > first
        ]


def _day(since: int) -> date:
    return date.fromordinal(since + _EPOCH)


@lru_cache(maxsize=4096)
def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True

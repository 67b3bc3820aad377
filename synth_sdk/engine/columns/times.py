"""Columns of dates and times as text."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth_sdk.engine.columns.failure import NotColumnarError
from synth_sdk.engine.columns.lanes import I64, U64, below, permute
from synth_sdk.engine.columns.pools import Block, Lane, Piece, Pool, Table, pool_of
from synth_sdk.engine.columns.scene import Scenery, Scope
from synth_sdk.engine.columns.values import Text
from synth_sdk.engine.meaning.customs import DAY

_EPOCH = date(1970, 1, 1)
_MOST_DAYS = 150_000
_DAY_CODES, _MINUTE_CODES, _SECOND_CODES = frozenset("aAbBdjmUwWxyYGuVe"), frozenset("HIMp"), frozenset("S")
_FINENESS = {1: "YyG%", 2: "mbB", 4: "HIp", 5: "M", 6: "S"}
_ISO = {"date": "%Y-%m-%d", "date-time": "%Y-%m-%dT%H:%M:%SZ", "local-date-time": "%Y-%m-%dT%H:%M:%S", "time": "%H:%M:%SZ"}


@dataclass(slots=True, eq=False, kw_only=True)
class Moments(Text):
    """Moments as text, `behind` at the end of each. What tells them apart are the moments, not where their text stands in a table."""

    moments: I64
    behind: str = ""

    def json(self, block: Block) -> list[Piece]:
        return ['"', *self.bare(block), f'{self.behind}"']

    def some(self, rows: NDArray[np.intp]) -> "Moments":
        lanes: list[Lane] = [lane if isinstance(lane, int) else lane[rows] for lane in self.lanes]
        return Moments(lanes, len(rows), moments=self.moments[rows], behind=self.behind)

    def arrow(self, block: Block) -> pa.Array:
        return block.gather([*self.lanes, block.table.add(pool_of((self.behind,)))], self.count, for_json=False)

    def digest(self) -> U64:
        return self.moments.view(np.uint64)


class Timed(Protocol):
    """Knows the moments behind the texts of a column."""

    @property
    def format(self) -> str:
        """How they are written, by strftime."""

    @property
    def days(self) -> range | None:
        """The days since 1970 on which they can lie; None: that depends on the number of records."""

    def moments(self, scope: Scope) -> I64:
        """Seconds since 1970."""


def timed(sampler: Any) -> Timed | None:
    """The moments behind what `sampler` makes; None if it makes something else."""
    found: Timed | None = sampler if isinstance(sampler, MomentText) else getattr(sampler, "timed", None)
    return found


@dataclass(slots=True, eq=False)
class MomentText:
    """Moments of the scene, written by a strftime format. Days before `earliest` or after `latest` (seconds) are moved between them."""

    scenery: Scenery
    format: str
    rank: int  # 1 creation ... 7 removal; 0 a birth
    role: str
    lane: int
    earliest: int | None = None
    latest: int | None = None
    unique_key: int | None = None
    every: int | None = None  # records come in order, so many seconds apart on average

    def draw(self, scope: Scope) -> Text:
        return moment_column(self.moments(scope), self.format, self.days, self.scenery.table)

    @property
    def days(self) -> range | None:
        """The days since 1970 on which the moments can lie; None where that depends on the number of records. NotColumnarError for more
        than some hundred years.
        """
        if self.every is not None:
            return None
        usual = self.scenery.moment_days() if self.rank else self.scenery.birth_days()
        low, high = self._limits(usual)
        days = range(min(usual.start, low // DAY), max(usual.stop, high // DAY + 1))
        if len(days) > _MOST_DAYS or days.start < -_EPOCH.toordinal() + 2:
            raise NotColumnarError("dates over too long a time")
        return days

    def moments(self, scope: Scope) -> I64:
        """Seconds since 1970."""
        if self.every is not None and scope.rows.index is not None:
            first = self.earliest if self.earliest is not None else int(self.scenery.start.timestamp())
            return first + scope.rows.index * self.every + below(scope.rows.draw(self.lane), self.every)
        at = self.scenery.moment(scope, self.rank) if self.rank else self.scenery.birth(scope, self.role) * DAY
        if self.unique_key is not None and scope.rows.index is not None:
            return self._unique(scope.rows.index)
        if self.earliest is None and self.latest is None:
            return at
        low, high = self._limits(self.scenery.moment_days() if self.rank else self.scenery.birth_days())
        elsewhere = low + below(scope.rows.draw(self.lane), max(high - low, 0) + 1)
        return np.where((at >= low) & (at <= high), at, elsewhere)

    @property
    def size(self) -> int:
        """How many different texts there can be."""
        low, high = self._limits(self.scenery.moment_days() if self.rank else self.scenery.birth_days())
        return (high - low) // self._grain + 1

    @property
    def _grain(self) -> int:
        return _grain(self.format)

    def _unique(self, index: I64) -> I64:
        low, _ = self._limits(self.scenery.moment_days() if self.rank else self.scenery.birth_days())
        return low // self._grain * self._grain + permute(index, self.size, self.unique_key or 0) * self._grain

    def _limits(self, usual: range) -> tuple[int, int]:
        year = 365 * DAY
        if self.earliest is None and self.latest is None:
            return usual.start * DAY, (usual.stop - 1) * DAY
        low = self.earliest if self.earliest is not None else (self.latest or 0) - year
        return low, self.latest if self.latest is not None else low + year


def _days_of(moments: I64) -> range:
    """Whole years around the moments, so that the pool of days is seldom another one."""
    if not len(moments):
        return range(1)
    first, last = (datetime.fromtimestamp(int(moment), UTC).year for moment in (moments.min(), moments.max()))
    return range((date(first, 1, 1) - _EPOCH).days, (date(last, 12, 31) - _EPOCH).days + 1)


def iso_format(kind: str) -> str:
    """The strftime format of a JSON Schema format."""
    return _ISO[kind]


def moment_column(moments: I64, written: str, days: range | None, table: Table) -> Text:
    """Seconds since 1970 as text by a strftime format. `days` since 1970 on which all moments of all batches lie (None: nobody knows)."""
    if days is not None:
        return Text(_write(moments, written, days, table), len(moments))
    return Moments(_write(moments, written, _days_of(moments), table), len(moments), moments=moments // _grain(written))


def fineness(written: str) -> int:
    """How finely a strftime format tells moments apart: 1 by the year, 2 the month, 3 the day, 4 the hour, 5 the minute, 6 the second; 0 if it
    leaves out the year, so that texts don't follow the order of moments.
    """
    codes = [written[place + 1] for place in range(len(written) - 1) if written[place] == "%"]
    if not {"Y", "y", "G", "x"} & set(codes):
        return 0
    return max(next((level for level, fine in _FINENESS.items() if code in fine), 3) for code in codes)


def _grain(written: str) -> int:
    """The seconds by which moments must differ to be written differently."""
    units = {unit for unit, _ in _parts(written)}
    return 1 if "second" in units else 60 if "minute" in units else DAY


def _write(moments: I64, written: str, days: range, table: Table) -> list[Lane]:
    """In one piece for the day, one for hour and minute, one for the second."""
    day, second = np.divmod(moments, DAY)
    lanes: list[Lane] = []
    for unit, text in _parts(written):
        if unit == "day":
            lanes.append((day - days.start + table.add(_day_pool(text, days.start, days.stop))).astype(np.int32))
        elif unit == "minute":
            lanes.append((second // 60 + table.add(_clock_pool(text, 60))).astype(np.int32))
        else:
            lanes.append((second % 60 + table.add(_clock_pool(text, 1))).astype(np.int32))
    return lanes


@lru_cache(maxsize=256)
def _parts(written: str) -> tuple[tuple[str, str], ...]:
    """A strftime format in runs that change with the day, the minute or the second. NotColumnarError for other directives."""
    runs: list[list[str]] = []
    place = 0
    while place < len(written):
        step = 2 if written[place] == "%" else 1
        token, code = written[place : place + step], written[place + 1 : place + 2]
        unit = _unit(code) if step == 2 else ""
        if runs and unit in ("", runs[-1][0]):
            runs[-1][1] += token
        elif runs and not runs[-1][0]:
            runs[-1] = [unit, runs[-1][1] + token]
        else:
            runs.append([unit, token])
        place += step
    return tuple((unit or "day", text) for unit, text in runs)


def _unit(code: str) -> str:
    for unit, codes in (("day", _DAY_CODES), ("minute", _MINUTE_CODES), ("second", _SECOND_CODES)):
        if code in codes:
            return unit
    if code == "%":
        return ""
    raise NotColumnarError(f"the strftime directive %{code}")


@lru_cache(maxsize=64)
def _day_pool(written: str, first: int, stop: int) -> Pool:
    days = [_EPOCH + timedelta(days=day) for day in range(first, stop)]
    if written == "%Y-%m-%d":
        return Pool([day.isoformat() for day in days])
    if written == "%Y-%m-%dT":
        return Pool([f"{day.isoformat()}T" for day in days])
    return Pool([day.strftime(written) for day in days])


@lru_cache(maxsize=64)
def _clock_pool(written: str, seconds: int) -> Pool:
    """By the minute of the day (60), or by the second of the minute (1)."""
    count = 1440 if seconds == 60 else 60
    midnight = datetime(2000, 1, 1, tzinfo=UTC)
    return Pool([(midnight + timedelta(seconds=seconds * place)).strftime(written) for place in range(count)])

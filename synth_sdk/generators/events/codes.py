"""Columns of ids and timestamps."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np

from synth_sdk.core.seeds import derive
from synth_sdk.engine.columns.lanes import I64, U64, mix
from synth_sdk.engine.columns.pools import Block, Lane, Pool, Table, pool_of
from synth_sdk.engine.columns.values import Text

_DAY, _MINUTE, _SECOND = 86_400_000_000, 60_000_000, 1_000_000  # microseconds
_EPOCH = date(1970, 1, 1)
_EVEN = np.uint64(0x9E3779B97F4A7C15)
_USER_BITS = 48


@dataclass(slots=True, eq=False)
class Moments(Text):
    """ISO 8601 timestamps with microseconds, of `micros` since 1970."""

    micros: I64 = field(default_factory=lambda: np.zeros(0, np.int64))

    @classmethod
    def at(cls, micros: I64, block: Block) -> "Moments":
        day, rest = np.divmod(micros, _DAY)
        minute, rest = np.divmod(rest, _MINUTE)
        second, rest = np.divmod(rest, _SECOND)
        milli, micro = np.divmod(rest, 1000)
        first, stop = _years(micros)
        parts = (
            (day - first, _days(first, stop)),
            (minute, _minutes()),
            (second, _numbered(":", 60, 2, "")),
            (milli, _numbered(".", 1000, 3, "")),
            (micro, _numbered("", 1000, 3, "Z")),
        )
        lanes: list[Lane] = [(places + block.table.add(pool)).astype(np.int32) for places, pool in parts]
        return cls(lanes, len(micros), micros=micros)

    def digest(self) -> U64:
        return mix(self.micros.astype(np.uint64))


def micros_of(moment: datetime) -> int:
    """Microseconds since 1970."""
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@dataclass(frozen=True, slots=True)
class Codes:
    """Texts that stand for numbers, each for one: `prefix`, then as many hex digits as 48 bits (users) or 64 bits (sessions) have."""

    prefix: int  # where it is in the table
    hex: int  # where the groups of four digits are
    key: int

    @classmethod
    def of(cls, prefix: str, table: Table, seed: int) -> "Codes":
        return cls(table.add(pool_of((f"{prefix}_",))), table.add(_hex()), derive(seed, "events", prefix))

    def users(self, numbers: I64) -> Text:
        """Of numbers below 2**48."""
        mask = np.uint64((1 << _USER_BITS) - 1)
        bits = numbers.view(np.uint64) + np.uint64(self.key)
        for _ in range(2):  # odd factors and shifted sums are permutations of 48 bits
            bits = bits * _EVEN & mask
            bits = bits ^ bits >> np.uint64(_USER_BITS // 2)
        return self._text(bits, 3)

    def sessions(self, numbers: I64) -> Text:
        return self._text(mix(numbers.view(np.uint64) + np.uint64(self.key)), 4)

    def _text(self, bits: U64, groups: int) -> Text:
        lanes: list[Lane] = [self.prefix]
        for group in reversed(range(groups)):
            lanes.append((bits >> np.uint64(16 * group) & np.uint64(0xFFFF)).astype(np.int32) + np.int32(self.hex))
        return Text(lanes, len(bits))


def _years(micros: I64) -> tuple[int, int]:
    """Whole years around the moments as days since 1970, so that the pool of days is seldom another one."""
    if not len(micros):
        return 0, 1
    low, high = (datetime(1970, 1, 1) + timedelta(microseconds=int(moment)) for moment in (micros.min(), micros.max()))
    return (date(low.year, 1, 1) - _EPOCH).days, (date(high.year, 12, 31) - _EPOCH).days + 1


@lru_cache(maxsize=64)
def _days(first: int, stop: int) -> Pool:
    return Pool([f"{_EPOCH + timedelta(days=day)}T" for day in range(first, stop)])


@lru_cache(maxsize=1)
def _minutes() -> Pool:
    return Pool([f"{minute // 60:02}:{minute % 60:02}" for minute in range(1440)])


@lru_cache(maxsize=8)
def _numbered(before: str, count: int, width: int, after: str) -> Pool:
    return Pool([f"{before}{number:0{width}}{after}" for number in range(count)])


@lru_cache(maxsize=1)
def _hex() -> Pool:
    return Pool([f"{number:04x}" for number in range(1 << 16)])

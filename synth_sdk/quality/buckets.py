"""How numbers are spread, in bounded memory: counts of buckets whose width is the least for which not too many are occupied.

A number has a key, a whole number in the same order. Numbers proper take the bits of their double, so that buckets are relative
(log-linear, as in HDR histograms and DDSketch: Masson, Rim & Lee, VLDB 2019); moments take themselves, so that buckets are absolute.
Dropping the lowest bits of the keys joins buckets in pairs. How many must go is a matter of the set of keys alone, and a part never
needs more than the whole: merging gives what one pass gives, in any order.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_sdk.quality.counting import counted, summed
from synth_sdk.quality.hashing import I64

MOST = 4096  # occupied buckets
_LOOSE = 16 * MOST
_COUNTERS = 16  # bits
_NONE = np.zeros(0, np.int64)
_MANTISSA = 52
_POSITIVE = np.int64(0x7FFFFFFFFFFFFFFF)


def keys_of(values: NDArray[Any]) -> I64:
    """Whole numbers in the order of finite doubles."""
    bits = (values.astype(np.float64, copy=False) + 0.0).view(np.int64)  # -0.0 becomes 0.0
    return bits ^ ((bits >> np.int64(63)) & _POSITIVE)


def values_of(keys: I64) -> NDArray[np.float64]:
    """The doubles that have these keys."""
    return (keys ^ ((keys >> np.int64(63)) & _POSITIVE)).view(np.float64)


@dataclass(slots=True)
class Buckets:
    """Bucket k holds the keys from k << level up to ((k + 1) << level) - 1."""

    level: int = 0
    places: I64 = field(default_factory=lambda: _NONE)
    counts: I64 = field(default_factory=lambda: _NONE)
    _loose: list[tuple[I64, I64 | None]] = field(default_factory=list)  # buckets of the level

    def add(self, keys: I64, times: I64 | None = None) -> None:
        """Count keys, each once or so many `times`."""
        if len(keys):
            self._loose.append((keys >> np.int64(self.level), times))
            if sum(len(some) for some, _ in self._loose) > _LOOSE:
                self.settle()

    def merge(self, other: "Buckets") -> None:
        """Count all that `other` counted. What it hasn't put in order yet is put in order once, here."""
        if other.level > self.level:
            self.settle()
        if other.level > self.level:
            self._coarsen(other.level)
        for places, counts in ((other.places, other.counts), *other._loose):
            if len(places):
                self._loose.append((places >> np.int64(self.level - other.level), counts))
        if sum(len(some) for some, _ in self._loose) > _LOOSE:
            self.settle()

    def settle(self) -> None:
        """Put in order what came in; whatever is asked of the sketch does this first."""
        if not self._loose:
            return
        parts, self._loose = self._loose, []
        raw = [places for places, times in parts if times is None]
        loose = np.concatenate(raw) if raw else _NONE
        shift = _sure_shift(loose)
        if shift:
            self._coarsen(self.level + shift)
        known = [(places >> np.int64(shift), times) for places, times in parts if times is not None]
        known += [(self.places, self.counts)] if len(self.places) else []
        known += [counted(loose >> np.int64(shift))] if len(loose) else []
        self.places, self.counts = known[0] if len(known) == 1 and len(loose) else summed(known)
        if len(self.places) > MOST:
            self._coarsen(self.level + _least_shift(self.places))

    def __getstate__(self) -> Any:
        self.settle()
        return self.level, self.places, self.counts

    def __setstate__(self, state: Any) -> None:
        self.level, self.places, self.counts = state
        self._loose = []

    def __len__(self) -> int:
        """How many were counted."""
        self.settle()
        return int(self.counts.sum())

    def _coarsen(self, level: int) -> None:
        places = self.places >> np.int64(level - self.level)
        self.level = level
        if len(places):
            starts = np.flatnonzero(np.concatenate([[True], places[1:] != places[:-1]]))
            self.places, self.counts = places[starts], np.add.reduceat(self.counts, starts)

    @property
    def relative_error(self) -> float:
        """By how much a number may be off that is told as the middle of its bucket, in proportion to itself. 0: exact."""
        self.settle()
        return 2.0 ** min(self.level - _MANTISSA - 1, 0) if self.level else 0.0

    def middles(self) -> I64:
        """The middle key of each bucket."""
        self.settle()
        return (self.places << np.int64(self.level)) + np.int64((1 << self.level) // 2)

    def at(self, shares: "list[float]") -> I64:
        """The keys below or at which these shares of all lie: the middle of the bucket of the ceil(share * n)-th lowest."""
        middles = self.middles()
        ranks = np.maximum(1, np.ceil(np.array(shares) * len(self) - 1e-9)).astype(np.int64)
        return middles[np.searchsorted(np.cumsum(self.counts), ranks)]


def _sure_shift(places: I64) -> int:
    """Low bits that have to go in any case, told without sorting: so many that a counter for each bucket is worth it, if that is not enough."""
    if len(places) <= MOST:
        return 0
    shift = max(0, (int(places.max()) - int(places.min())).bit_length() - _COUNTERS)
    coarse = places >> np.int64(shift)
    return shift if np.count_nonzero(np.bincount(coarse - coarse.min())) > MOST else 0


def _least_shift(places: I64) -> int:
    """The fewest low bits to drop so that few enough buckets are left."""
    low, high = 1, 63
    while low < high:
        middle = (low + high) // 2
        shifted = places >> np.int64(middle)
        if int(np.count_nonzero(shifted[1:] != shifted[:-1])) < MOST:
            high = middle
        else:
            low = middle + 1
    return low

"""How many different values a field has, in bounded memory: the lowest digests, each with how often it came.

The k lowest of all digests are a uniform sample of the different values (Bar-Yossef et al., "Counting Distinct Elements in a Data
Stream", RANDOM 2002; Beyer et al., "On Synopses for Distinct-Value Estimation Under Multiset Operations", SIGMOD 2007). A digest that
is among the k lowest of the whole is so in each part, so merging loses no count, in whatever order. Unlike `core.distinct`, which
counts records without numpy, this one is made for many fields of many rows: arrays instead of a dict.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_sdk.quality.counting import summed
from synth_sdk.quality.hashing import I64, U64

KEPT = 4096  # digests; the standard error of the estimate is 1 / sqrt(KEPT - 2), 1.6 %
_LOOSE = 4 * KEPT
_AHEAD = 1.5  # times as many digests as are kept mostly hold enough different ones
_NO_DIGESTS, _NO_COUNTS = np.zeros(0, np.uint64), np.zeros(0, np.int64)
Often = tuple[U64, NDArray[np.float64]]  # digests, and the shares of all values that have them
NOTHING: Often = _NO_DIGESTS, np.zeros(0)


@dataclass(slots=True)
class Digests:
    """The `kept` lowest digests and their counts. `full`: others were let go."""

    kept: int = KEPT
    digests: U64 = field(default_factory=lambda: _NO_DIGESTS)
    counts: I64 = field(default_factory=lambda: _NO_COUNTS)
    full: bool = False
    _loose: list[tuple[U64, I64 | None]] = field(default_factory=list)

    def add(self, digests: U64, times: I64 | None = None) -> None:
        """Count digests, each once or so many `times`. The arrays must not change afterwards."""
        if self.full:
            low = digests <= self.digests[-1]
            digests, times = digests[low], None if times is None else times[low]
        if len(digests):
            self._loose.append((digests, times))
            if sum(len(some) for some, _ in self._loose) > max(_LOOSE, 2 * self.kept):
                self.settle()

    def merge(self, other: "Digests") -> None:
        """Count all that `other` counted. What it hasn't put in order yet is put in order once, here."""
        self.add(other.digests, other.counts)
        if other.full:
            self.settle()
            self.full = True
        for digests, times in other._loose:
            self.add(digests, times)

    def settle(self) -> None:
        """Put in order what came in; whatever is asked of the sketch does this first."""
        if not self._loose:
            return
        loose, self._loose = self._loose, []
        digests, counts = _united([(self.digests, self.counts), *loose], self.kept)
        self.full = self.full or len(digests) > self.kept
        self.digests, self.counts = digests[: self.kept], counts[: self.kept]

    def __getstate__(self) -> Any:
        self.settle()
        return self.kept, self.digests, self.counts, self.full

    def __setstate__(self, state: Any) -> None:
        self.kept, self.digests, self.counts, self.full = state
        self._loose = []

    def estimate(self, values: int) -> int:
        """How many of `values` values are different: exact unless `full`.

        By the k-th lowest digest; or, where that agrees within three standard errors, by how often the kept ones came, which is
        nearer to the truth if all values come about as often: the ids of a million rows are told to be a million.
        """
        self.settle()
        if not self.full:
            return len(self.digests)
        share = (int(self.digests[-1]) + 1) / 2.0**64
        by_place = (len(self.digests) - 1) / share
        by_count = values * len(self.digests) / int(self.counts.sum())
        near = abs(by_count - by_place) <= 3 * by_place / (len(self.digests) - 2) ** 0.5
        return min(values, round(by_count if near else by_place))

    def among(self, values: int, population: int) -> int:
        """How many different ones `population` values have, of which the `values` that were counted are a random part; rather too few than
        too many, where some come much more often than others. Exact if all were counted.

        Those that came once, and twice, tell how many have not come at all (Chao & Lin, "Nonparametric Lower Bound for Species Richness
        and Shared Species Richness under Sampling without Replacement", Biometrics 68, 2012): of values that are all different none repeats,
        and the estimate is `population`.
        """
        seen = self.estimate(values)
        if values >= population or not seen:
            return seen
        once, twice = seen * self._share(1), seen * self._share(2)
        part = values / population
        unseen = once * once / (2 * twice * values / max(1, values - 1) + once * part / (1 - part)) if once else 0.0
        return min(population, round(seen + unseen))

    def entropy(self, values: int, population: int = 0, often: Often | None = None) -> float:
        """Shannon entropy of the frequencies, in bits, of `population` values of which these are a random part (0: of these).

        Exact if all were counted and none let go. Else what comes `often` is told by itself - it may be among those that were let go -,
        and the kept ones stand for all others; those that came once, together, for as many as there are likely to be of them.
        """
        self.settle()
        if not values:
            return 0.0
        most = max(values, population)
        known, shares = often if often is not None and (self.full or most > values) else NOTHING
        rest = ~np.isin(self.digests, known)
        counts, seen = self.counts[rest], self.estimate(values)
        bits = np.log2(values / counts)
        once = seen * self._share(1)
        if once and most > values:
            bits[counts == 1] = np.log2((once + self.among(values, most) - seen) * values / once)
        mean = float((bits * counts).sum() / counts.sum()) if len(counts) else 0.0
        told = float(-(shares * np.log2(shares)).sum()) + max(0.0, 1 - float(shares.sum())) * mean
        return max(0.0, min(float(np.log2(most)), told))

    def _share(self, times: int) -> float:
        """The share of the different values that came so many times."""
        return float((self.counts == times).mean()) if len(self.counts) else 0.0


def _united(parts: list[tuple[U64, I64 | None]], kept: int) -> tuple[U64, I64]:
    """Different digests in order with their counts: at least the `kept` + 1 lowest, if there are so many."""
    loose = [some for some, times in parts if times is None]
    counted = [(some, times) for some, times in parts if times is not None and len(some)]
    if loose:
        counted.append(_lowest(np.concatenate(loose), kept))
    if not counted:
        return _NO_DIGESTS, _NO_COUNTS
    return counted[0] if len(counted) == 1 and _ordered(counted[0][0]) else summed(counted)


def _lowest(digests: U64, kept: int) -> tuple[U64, I64]:
    low = digests[digests < np.uint64(min(1.0, _AHEAD * kept / max(1, len(digests))) * (2.0**64 - 2048))]
    found = np.unique(low, return_counts=True)
    return found if len(found[0]) > kept else np.unique(digests, return_counts=True)


def _ordered(keys: Any) -> bool:
    return bool((keys[1:] > keys[:-1]).all())

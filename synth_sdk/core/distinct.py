"""How many different records there are, from a sample of bounded size that merges.

Adaptive distinct sampling (P. B. Gibbons, "Distinct Sampling for Highly-Accurate Answers to Distinct Values Queries and Event
Reports", VLDB 2001): only digests below a threshold are kept, each with how often it came; the threshold halves whenever too many are
kept. What is kept in the end depends on the set of digests alone, not on the order or the grouping in which they came.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BOUND = 16_384  # different digests kept at most


@dataclass(slots=True)
class DistinctSample:
    """Counts digests (uniform in 0..2**64-1) below 2**(64 - level)."""

    level: int = 0
    counts: dict[int, int] = field(default_factory=dict)
    _loose: "list[NDArray[np.uint64]]" = field(default_factory=list)  # digests below the threshold that aren't in `counts` yet

    def add(self, digest: int) -> None:
        """Count one digest."""
        if digest >> (64 - self.level) == 0:
            self.counts[digest] = self.counts.get(digest, 0) + 1
            self._shrink()

    def add_many(self, digests: "NDArray[np.uint64]") -> None:
        """Count an array of digests; the array is copied as far as it is kept."""
        self._loose.append(self._below(digests))
        if sum(map(len, self._loose)) > _BOUND:
            self._settle()

    def merge(self, other: "DistinctSample") -> None:
        """Count all that `other` counted."""
        if other.level > self.level:
            self.level = other.level
            self._drop_above()
        for digest, times in other.counts.items():
            if digest >> (64 - self.level) == 0:
                self.counts[digest] = self.counts.get(digest, 0) + times
        self._shrink()
        for digests in other._loose:
            self.add_many(digests)

    def uniqueness(self) -> float:
        """Different records divided by records: exact while few are different or all are, an estimate otherwise. 0.0 of none."""
        self._settle()
        counted = sum(self.counts.values())
        return len(self.counts) / counted if counted else 0.0

    def _below(self, digests: "NDArray[np.uint64]") -> Any:
        import numpy as np

        return digests[digests <= np.uint64((1 << (64 - self.level)) - 1)]

    def _settle(self) -> None:
        if not self._loose:
            return
        import numpy as np

        values, times = np.unique(np.concatenate([self._below(digests) for digests in self._loose]), return_counts=True)
        self._loose.clear()
        for digest, more in zip(values.tolist(), times.tolist(), strict=True):
            self.counts[digest] = self.counts.get(digest, 0) + more
        self._shrink()

    def _shrink(self) -> None:
        while len(self.counts) > _BOUND:
            self.level += 1
            self._drop_above()

    def _drop_above(self) -> None:
        threshold = 1 << (64 - self.level)
        self.counts = {digest: times for digest, times in self.counts.items() if digest < threshold}

"""How often each value occurs, for as long as the values are few; and whether any occurs twice."""

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

Value = TypeVar("Value", bound=Hashable)

MOST_COUNTED = 1_000  # distinct values
MOST_REMEMBERED = 1_000_000  # values whose hashes tell whether one comes again
MOST_CATEGORIES = 50
_FEW_ROWS = 20


class Tally(Generic[Value]):
    """`counts` is None once there are too many distinct values; `unique` is false once a value came again, or can't be told."""

    def __init__(self) -> None:
        self.total = 0
        self.counts: Counter[Value] | None = Counter()
        self._hashes: set[int] | None = set()

    def add(self, counts: Mapping[Value, int]) -> None:
        """Take in the values of one batch with their numbers."""
        rows = sum(counts.values())
        self.total += rows
        if self.counts is not None:
            self.counts.update(counts)
            if len(self.counts) > MOST_COUNTED:
                self.counts = None
        if self._hashes is not None:
            self._remember(set(map(hash, counts)), rows)

    def _remember(self, hashes: set[int], rows: int) -> None:
        assert self._hashes is not None  # noqa: S101 - for the type checker
        if len(hashes) < rows or self.total > MOST_REMEMBERED or not self._hashes.isdisjoint(hashes):
            self._hashes = None
        else:
            self._hashes |= hashes

    @property
    def unique(self) -> bool:
        """No value came twice, among at least two."""
        return self._hashes is not None and self.total > 1

    @property
    def constant(self) -> bool:
        """One value only, seen often enough to mean it."""
        return self.counts is not None and len(self.counts) == 1 and self.total >= 3

    def categories(self, most: int = MOST_CATEGORIES, rows_each: int = 2) -> list[tuple[Value, int]]:
        """The values with their numbers, most frequent first, if they are few and none is rare enough to point at one row; else nothing.

        `rows_each` is how many rows a value must stand for on average.
        """
        if self.counts is None or not 1 <= len(self.counts) <= most:
            return []
        several = 2 if self.total < _FEW_ROWS else 3
        if self.total < rows_each * len(self.counts) or min(self.counts.values()) < several:
            return []
        return self.counts.most_common()

"""Reasons told once: many records fail for the same reason with other numbers in it."""

import re
from dataclasses import dataclass, field

_FIGURES = re.compile(r"\S*\d\S*")
_MOST_LINES = 12
_MOST_KINDS = 10_000  # that are told apart: a rule's words may quote every record
_LONGEST = 400  # characters of a reason that a line shows: a dozen arms may each have one


@dataclass(slots=True)
class Reasons:
    """Counts reasons that differ in figures and ids only as one; the first wording is the one that is shown."""

    counts: dict[str, int] = field(default_factory=dict)
    wordings: dict[str, str] = field(default_factory=dict)
    others: int = 0  # beyond the kinds that are told apart

    def add(self, reason: str) -> None:
        kind = _FIGURES.sub("#", reason)
        if kind not in self.counts and len(self.counts) >= _MOST_KINDS:
            self.others += 1
            return
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.wordings.setdefault(kind, reason)

    @property
    def total(self) -> int:
        """How many were added."""
        return sum(self.counts.values()) + self.others

    def lines(self, what: str) -> list[str]:
        """One line for each kind of reason, the most frequent first, at most twelve; the rest are counted."""
        ranked = sorted(self.counts, key=lambda kind: -self.counts[kind])
        told = [f"{_records(self.counts[kind])} {what}: {_cut(self.wordings[kind])}" for kind in ranked[:_MOST_LINES]]
        rest = sum(self.counts[kind] for kind in ranked[_MOST_LINES:]) + self.others
        many = f"{'more than ' if self.others else ''}{len(ranked) - _MOST_LINES}"
        return told + ([f"{_records(rest)} {what} for {many} other reasons"] if rest else [])


def _records(count: int) -> str:
    return f"{count:,} record{'s' if count > 1 else ''}"


def _cut(reason: str) -> str:
    return reason if len(reason) <= _LONGEST else f"{reason[:_LONGEST]}..."

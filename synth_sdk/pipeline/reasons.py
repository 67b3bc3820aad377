"""Reasons told once: many records fail for the same reason with other numbers in it."""

import re
from dataclasses import dataclass, field

_FIGURES = re.compile(r"\S*\d\S*")
_MOST_LINES = 12
_LONGEST = 400  # characters of a reason that a line shows: a dozen arms may each have one


@dataclass(slots=True)
class Reasons:
    """Counts reasons that differ in figures and ids only as one; the first wording is the one that is shown."""

    counts: dict[str, int] = field(default_factory=dict)
    wordings: dict[str, str] = field(default_factory=dict)

    def add(self, reason: str) -> None:
        kind = _FIGURES.sub("#", reason)
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.wordings.setdefault(kind, reason)

    def lines(self, what: str) -> list[str]:
        """One line for each kind of reason, the most frequent first, at most twelve; the rest are counted."""
        ranked = sorted(self.counts, key=lambda kind: -self.counts[kind])
        told = [f"{_records(self.counts[kind])} {what}: {_cut(self.wordings[kind])}" for kind in ranked[:_MOST_LINES]]
        rest = sum(self.counts[kind] for kind in ranked[_MOST_LINES:])
        return told + ([f"{_records(rest)} {what} for {len(ranked) - _MOST_LINES} other reasons"] if rest else [])


def _records(count: int) -> str:
    return f"{count:,} record{'s' if count > 1 else ''}"


def _cut(reason: str) -> str:
    return reason if len(reason) <= _LONGEST else f"{reason[:_LONGEST]}..."

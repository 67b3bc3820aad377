"""Verdicts counted: wins, ties and losses of each arm, how sure that is, and whether the judge favours a position."""

from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from synth_sdk.pipeline.judging.question import Better

_Z = 1.6449  # of the normal distribution, for an interval of 90%


@dataclass(slots=True)
class Score:
    """Pairs of one arm's records with their offline twins."""

    wins: int = 0
    ties: int = 0
    losses: int = 0

    @property
    def pairs(self) -> int:
        return self.wins + self.ties + self.losses

    @property
    def win_rate(self) -> float:
        """Ties count half."""
        return (self.wins + self.ties / 2) / self.pairs if self.pairs else 0.5

    def add(self, said: str) -> None:
        self.wins += said == "win"
        self.ties += said == "tie"
        self.losses += said == "loss"

    def to_dict(self) -> dict[str, Any]:
        low, high = wilson(self.win_rate, self.pairs)
        return {
            "pairs": self.pairs,
            "wins": self.wins,
            "ties": self.ties,
            "losses": self.losses,
            "win_rate": round(self.win_rate, 3),
            "interval_90": [round(low, 3), round(high, 3)],
        }


@dataclass(slots=True)
class Positions:
    """How often a judge chose what it was shown first: 0.5 of the decided answers, if the position doesn't matter to it."""

    first: int = 0
    decided: int = 0
    agreed: int = 0
    pairs: int = 0

    def add(self, forward: Better, backward: Better) -> None:
        for said in (forward, backward):
            self.decided += said != "tie"
            self.first += said == "A"
        self.pairs += 1
        self.agreed += _mirrored(backward) == forward

    def to_dict(self) -> dict[str, Any]:
        return {
            "position_bias": round(self.first / self.decided - 0.5, 3) if self.decided else None,
            "agreement": round(self.agreed / self.pairs, 3) if self.pairs else None,
        }


@dataclass(slots=True)
class Verdicts:
    """What was found so far."""

    by_arm: dict[str, Score] = field(default_factory=dict)
    positions: Positions = field(default_factory=Positions)

    def add(self, arm: str, forward: Better, backward: Better) -> str:
        """One pair: in `forward` the arm's record was A, in `backward` B. It wins or loses only if both orders say so."""
        said = verdict(forward, backward)
        self.by_arm.setdefault(arm, Score()).add(said)
        self.positions.add(forward, backward)
        return said


def verdict(forward: Better, backward: Better) -> str:
    if forward == "A" and backward == "B":
        return "win"
    return "loss" if forward == "B" and backward == "A" else "tie"


def wilson(rate: float, count: int, z: float = _Z) -> tuple[float, float]:
    """The score interval of a proportion (Wilson 1927); everything is possible without a trial."""
    if not count:
        return 0.0, 1.0
    spread = z * sqrt(rate * (1 - rate) / count + z * z / (4 * count * count))
    middle, scale = rate + z * z / (2 * count), 1 + z * z / count
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def _mirrored(said: Better) -> Better:
    return "B" if said == "A" else "A" if said == "B" else "tie"

"""What is simulated, and which farms and seeds are for tuning and which for the table.

A world is a farm (arms, prices, limits, outages: from `farm`) and a run (records and coin flips: from `seed`). Whoever tunes a
policy may look at the worlds of TUNING as often as he likes; the table is scored on HELD_OUT.
"""

from dataclasses import dataclass
from typing import Literal

Split = Literal["tuning", "held-out"]
TUNING = tuple((100 + number, 1_100 + number) for number in range(20))
HELD_OUT = tuple((900 + number, 9_900 + number) for number in range(20))


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    farm: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """`difficulty` shifts all records (0: most arms manage most of them; in standard deviations). `hints` are the strengths
    (correlation with the true difficulty) among which a farm draws that of its difficulty hint. `warm`: the router has
    learned from a run of the same farm with another seed. Times are seconds, chances 0-1.
    """

    name: str
    told: str
    difficulty: float = 0.0
    hints: tuple[float, ...] = (0.0, 0.4, 0.8)
    false_reject: float = 0.0
    false_accept: float = 0.0
    drifting: float = 0.0  # the share of arms whose ability and cost change midway
    outages: float = 0.0  # the share of arms that are down for a while
    limited: float = 0.0  # the share of arms with limits that hurt
    records_per_call: int = 1
    warm: bool = False
    hasty: bool = False  # show also the oracle in haste, which rather pays than waits


SCENARIOS = {
    each.name: each
    for each in (
        Scenario(name="steady", told="nothing changes; sporadic 5xx and stalls"),
        Scenario(name="drift", told="midway prices and abilities change; outages and black holes", drifting=0.6, outages=0.3),
        Scenario(
            name="hard", told="weak arms fail most records; noisy checks", difficulty=1.5, false_reject=0.04, false_accept=0.03
        ),
        Scenario(
            name="tight",
            told="requests and tokens a minute are scarce; 429 with and without stated delay",
            limited=0.7,
            hasty=True,
        ),
        Scenario(name="batched", told="five records a call; validity falls with companions", records_per_call=5),
        Scenario(name="warm", told="steady, but the router starts from what it learned in an earlier run", warm=True),
    )
}


def worlds(split: Split, count: int) -> list[World]:
    """The first `count` worlds of a split."""
    pairs = TUNING if split == "tuning" else HELD_OUT
    if not 1 <= count <= len(pairs):
        raise ValueError(f"{count} worlds: a split has between 1 and {len(pairs)}")
    return [World(farm=farm, seed=seed) for farm, seed in pairs[:count]]

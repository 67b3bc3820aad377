"""Coin flips that depend on their place alone: (seed, record, arm, try) answer alike whichever policy asks, and in whatever order.

So two policies that make the same decision have the same luck, and what differs between them is their decisions.
"""

from statistics import NormalDist

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_NORMAL = NormalDist()


def _mixed(value: int) -> int:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & _MASK
    return value ^ (value >> 31)


class Draws:
    """A short stream of random numbers for one place."""

    __slots__ = ("_state",)

    def __init__(self, *place: int) -> None:
        state = 0
        for part in place:
            state = _mixed((state + part + _GOLDEN) & _MASK)
        self._state = state

    def uniform(self) -> float:
        """In the open interval (0, 1)."""
        self._state = (self._state + _GOLDEN) & _MASK
        return ((_mixed(self._state) >> 12) + 0.5) / (1 << 52)

    def normal(self) -> float:
        """Standard normal."""
        return _NORMAL.inv_cdf(self.uniform())


def normal_cdf(value: float) -> float:
    return _NORMAL.cdf(value)


def normal_quantile(share: float) -> float:
    return _NORMAL.inv_cdf(share)

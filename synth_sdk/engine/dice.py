"""Randomness for one place in a record: a SplitMix64 stream (Steele, Lea & Flood 2014) whose start is derived from a path.

Cheaper to start than `random.Random` (nanoseconds against microseconds, and each field of each row starts its own), and the
stream can't change between versions of Python.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from synth_sdk.core.seeds import derive

T = TypeVar("T")
_MASK = 0xFFFFFFFFFFFFFFFF
_STEP = 0x9E3779B97F4A7C15
_ASIDE = 0xD1B54A32D192ED03  # an odd constant unlike the step, so that `odds` share no state with `at`


@lru_cache(maxsize=1 << 16)
def _label(name: str) -> int:
    """64 bits that stand for a name on a path."""
    return derive(0, name)


class Dice:
    """Draws that depend on the seed alone. `at` starts an independent stream, whatever was drawn from this one."""

    __slots__ = ("_seed", "_state")

    def __init__(self, seed: int) -> None:
        self._seed = self._state = seed & _MASK

    def at(self, *path: str | int) -> "Dice":
        """The dice of a place below this one."""
        seed = self._seed
        for part in path:
            value = (
                (seed ^ (part if part.__class__ is int else _label(part))) + _STEP
            ) & _MASK  # the finaliser again: a call would cost more
            value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
            value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
            seed = value ^ (value >> 31)
        return Dice(seed)

    def odds(self, name: str) -> float:
        """A float in [0, 1) that belongs to `name` alone: cheaper than `at(name).random()`, and independent of it."""
        value = ((self._seed ^ _label(name)) + _ASIDE) & _MASK
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((value ^ (value >> 31)) >> 11) * 2.0**-53

    def bits(self) -> int:
        """64 random bits."""
        self._state = value = (self._state + _STEP) & _MASK
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK  # SplitMix64's finaliser: a permutation
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
        return value ^ (value >> 31)

    def random(self) -> float:
        """A float in [0, 1)."""
        return (self.bits() >> 11) * 2.0**-53

    def below(self, size: int) -> int:
        """A whole number in range(size), of any size; the bias is under size / 2**64 of a draw or smaller."""
        if size < 1 << 32:
            return (self.bits() * size) >> 64
        words = size.bit_length() // 64 + 2
        drawn = 0
        for _ in range(words):
            drawn = drawn << 64 | self.bits()
        return drawn * size >> (64 * words)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def chance(self, probability: float) -> bool:
        """True with `probability`."""
        return self.random() < probability

    def pick(self, options: Sequence[T]) -> T:
        """One of `options`."""
        return options[self.below(len(options))]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """`options` in random order."""
        order = list(options)
        for last in range(len(order) - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order

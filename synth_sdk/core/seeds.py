"""Seeds form a tree: root -> kind -> field -> row. A value depends on its path alone, never on what was drawn before it."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def derive(seed: int, *path: str | int) -> int:
    """A 64-bit seed for one place in the tree. Stateless and the same on every machine (BLAKE2b over the length-prefixed path)."""
    digest = hashlib.blake2b(digest_size=8)
    for part in (seed, *path):
        data = f"{'i' if isinstance(part, int) else 's'}{part}".encode()
        digest.update(len(data).to_bytes(4, "big") + data)
    return int.from_bytes(digest.digest(), "big")


def rng(seed: int, *path: str | int) -> random.Random:
    """A generator of its own for one place in the tree. Only methods whose streams Python keeps stable are used with it."""
    return random.Random(derive(seed, *path))


def pick(source: random.Random, options: Sequence[T]) -> T:
    """One of `options`, all alike."""
    return options[int(source.random() * len(options))]


def pick_weighted(source: random.Random, options: Sequence[T], weights: Sequence[float]) -> T:
    """One of `options`, with odds in proportion to `weights` (same length, not all zero)."""
    point = source.random() * sum(weights)
    for option, weight in zip(options, weights, strict=True):
        point -= weight
        if point < 0:
            return option
    return next(option for option, weight in zip(reversed(options), reversed(weights), strict=True) if weight > 0)


def permuted(index: int, size: int, seed: int) -> int:
    """The image of `index` under a seeded permutation of range(size): even use of a bank without remembering what was used.

    A Feistel network over the next power of four, walked until the image lies inside the range. Indices beyond `size` wrap into
    a further, differently seeded permutation.
    """
    lap, index = divmod(index, size)
    half_bits = max(1, (max(size - 1, 1).bit_length() + 1) // 2)
    mask = (1 << half_bits) - 1
    keys = [derive(seed, "permuted", lap, turn) for turn in range(4)]
    while True:
        left, right = index >> half_bits, index & mask
        for key in keys:
            mixed = (right * 0x9E3779B97F4A7C15 + key) & 0xFFFFFFFFFFFFFFFF
            mixed ^= mixed >> 29
            mixed = (mixed * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
            mixed ^= mixed >> 32
            left, right = right, left ^ (mixed & mask)
        index = left << half_bits | right
        if index < size:
            return index

"""Numbers as pieces of text: groups of digits from pools of all groups."""

from functools import lru_cache

import numpy as np

from synth_sdk.engine.columns.lanes import I64, Mask
from synth_sdk.engine.columns.pools import Block, Piece, Pool, pool_of


def digits(values: I64, block: Block) -> list[Piece]:
    """Whole numbers in decimal, in groups of four digits, without leading zeros."""
    if not len(values):
        return [np.zeros(0, np.int32)]
    if int(values.min()) < 0:
        minus = np.where(values < 0, block.structure("-"), 0).astype(np.int32)
        return [minus, *digits(np.abs(values), block)]
    base = block.table.add(digit_pool())
    groups: list[I64] = []
    rest, largest = values, int(values.max())
    while largest >= 10_000:
        rest, group = _split(rest, largest)
        groups.append(group)
        largest //= 10_000
    return _placed([*groups, rest], base)


def _split(values: I64, largest: int) -> tuple[I64, I64]:
    if largest < 1 << 32:  # division of 32 bits is several times faster
        short = values.astype(np.uint32)
        above = short // np.uint32(10_000)
        return above.astype(np.int64), (short - above * np.uint32(10_000)).astype(np.int64)
    upper: I64 = values // 10_000
    lower: I64 = values - upper * 10_000
    return upper, lower


def _placed(groups: list[I64], base: int) -> list[Piece]:
    """Groups from the lowest to the highest as positions, highest first; groups above the first digit of a number are empty."""
    placed: list[Piece] = []
    begun: Mask = np.zeros(len(groups[0]), np.bool_)
    for group in reversed(groups):
        filled = begun | (group > 0) if len(placed) < len(groups) - 1 else np.True_
        places = group + np.where(begun, base + 10_000, base) if placed else group + base
        placed.append(np.where(filled, places, 0).astype(np.int32))
        begun = begun | (group > 0)
    return placed


@lru_cache(maxsize=1)
def digit_pool() -> Pool:
    """0 ... 9999, then the same padded to four digits."""
    return pool_of((*map(str, range(10_000)), *(f"{number:04}" for number in range(10_000))))


@lru_cache(maxsize=8)
def _fraction_pool(places: int) -> Pool:
    """`.5` for every fraction of so many decimals: without zeros at the end, `.0` for none; then the same padded, without the dot."""
    size = 10**places
    ends = [f"{number:0{places}}".rstrip("0") for number in range(size)]
    return pool_of((*(f".{end or '0'}" for end in ends), *ends, *(f".{number:0{places}}" for number in range(size))))


def fraction(rest: I64, places: int, block: Block) -> list[Piece]:
    """The decimals with their dot, in the shortest form."""
    if places <= 4:
        return [(rest + block.table.add(_fraction_pool(places))).astype(np.int32)]
    lower = places - 4
    upper_part, lower_part = np.divmod(rest, 10**lower)
    upper, size = block.table.add(_fraction_pool(4)), 10_000
    first = np.where(lower_part > 0, upper_part + upper + 2 * size, upper_part + upper).astype(np.int32)
    return [first, *_ends(lower_part, lower, block)]


def _ends(rest: I64, places: int, block: Block) -> list[Piece]:
    """Further decimals, nothing where all are zero."""
    width = min(places, 4)
    upper_part, lower_part = np.divmod(rest, 10 ** (places - width))
    base, size = block.table.add(_fraction_pool(width)), 10**width
    if places == width:
        return [(upper_part + base + size).astype(np.int32)]
    padded = block.table.add(_padded_pool(width))
    first = np.where(lower_part > 0, upper_part + padded, upper_part + base + size).astype(np.int32)
    return [first, *_ends(lower_part, places - width, block)]


@lru_cache(maxsize=8)
def _padded_pool(width: int) -> Pool:
    return pool_of(tuple(f"{number:0{width}}" for number in range(10**width)))

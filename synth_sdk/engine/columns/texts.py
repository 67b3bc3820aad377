"""Text from a grammar, a column at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Protocol

import numpy as np

from synth_sdk.engine.columns.digits import digits
from synth_sdk.engine.columns.lanes import I64, Rows, Weighted, below, label, mix, permute
from synth_sdk.engine.columns.pools import Block, Lane, Pool, Same, Table, pool_of
from synth_sdk.engine.grammar.model import Grammar, Number, OneOf, Series, Words

_LARGEST_POOL = 1 << 16
_FEW_ROWS = 64


class Drawn(Protocol):
    """A compiled grammar: `width` lanes of pieces."""

    @property
    def width(self) -> int: ...

    def lanes(self, rows: Rows, block: Block) -> list[Lane]: ...


def compile_grammar(grammar: Grammar, table: Table, seed: int, path: str) -> Drawn:
    """`grammar` as lanes over `table`; `path` names the place whose randomness it uses."""
    shape, pools = _shape_of(Same(grammar))
    return _Bound(shape, _Ground(tuple([table.add(pool) for pool in pools]), seed), path)


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """What a shape is drawn with: where each of its pools begins in the table, and the seed."""

    bases: tuple[int, ...]
    seed: int


@dataclass(slots=True, eq=False)
class _Bound:
    """A shape at its place in a schema."""

    shape: "_Shape"
    ground: _Ground
    path: str

    @property
    def width(self) -> int:
        return self.shape.width

    def lanes(self, rows: Rows, block: Block) -> list[Lane]:
        return self.shape.lanes(rows, block, self.ground, self.path)


class _Shape(Protocol):
    """A grammar compiled once in a process, whatever the schema; pools are numbered from 0."""

    @property
    def width(self) -> int: ...

    def lanes(self, rows: Rows, block: Block, ground: _Ground, path: str) -> list[Lane]: ...


@lru_cache(maxsize=1024)
def _shape_of(grammar: Same) -> tuple[_Shape, tuple[Pool, ...]]:
    pools: dict[Pool, int] = {}
    return _shaped(grammar.it, pools), tuple(pools)


def _shaped(grammar: Grammar, pools: dict[Pool, int]) -> _Shape:
    """The shape of `grammar`; its pools are added to `pools`, each with its number."""

    def number_of(pool: Pool) -> int:
        return pools.setdefault(pool, len(pools))

    match grammar:
        case Words(texts, weights):
            return _OneText(number_of(pool_of(texts)), len(texts), weighted(weights))
        case Number(low, high, width) if high - low < _LARGEST_POOL:
            return _OneText(number_of(_number_pool(low, high, width)), high - low + 1, None)
        case Number():
            for width in range(1, 5):  # all enter the table, so that positions don't depend on which row needs one first
                number_of(_number_pool(0, 10**width - 1, width))
            return _BigNumber(grammar)
        case Series(parts):
            inner = [_shaped(part, pools) for part in parts]
            return _InTurn(inner, sum(part.width for part in inner))
        case OneOf(options, weights):
            inner = [_shaped(option, pools) for option in options]
            return _Alternatives(inner, weighted(weights), max(option.width for option in inner))


@lru_cache(maxsize=64)
def _number_pool(low: int, high: int, width: int) -> Pool:
    return Pool([f"{number:0{width}}" if width else str(number) for number in range(low, high + 1)])


def weighted(weights: tuple[float, ...] | None) -> Weighted | None:
    """A sampler by `weights`; None where all are alike."""
    return None if weights is None else _weighted(Same(weights))


@lru_cache(maxsize=512)
def _weighted(weights: Same) -> Weighted | None:
    return Weighted.of(weights.it) if len(set(weights.it)) > 1 else None


@dataclass(slots=True, eq=False)
class _OneText:
    """One of the `size` texts of a pool."""

    pool: int
    size: int
    weighted: Weighted | None
    width: int = 1

    def lanes(self, rows: Rows, block: Block, ground: _Ground, path: str) -> list[Lane]:
        base = ground.bases[self.pool]
        if self.size == 1:
            return [base]
        bits = rows.draw(label(ground.seed, path))
        places = self.weighted.draw(bits) if self.weighted else below(bits, self.size)
        return [(places + base).astype(np.int32)]


@dataclass(slots=True, eq=False)
class _BigNumber:
    number: Number

    @property
    def width(self) -> int:
        return -(-max(len(str(self.number.high)), self.number.width) // 4) + 1

    def lanes(self, rows: Rows, block: Block, ground: _Ground, path: str) -> list[Lane]:
        bits = rows.draw(label(ground.seed, path))
        return number_lanes(below(bits, self.number.high - self.number.low + 1) + self.number.low, self.number.width, block)


def number_lanes(values: I64, width: int, block: Block) -> list[Lane]:
    """Whole numbers from 0 up, padded with zeros to `width`."""
    if not width:
        return [piece if not isinstance(piece, str) else block.structure(piece) for piece in digits(values, block)]
    lanes: list[Lane] = []
    left = width
    while left > 0:
        take = left % 4 or 4
        left -= take
        base = block.table.add(_number_pool(0, 10**take - 1, take))
        lanes.append((values // 10**left % 10**take + base).astype(np.int32))
    return lanes


@dataclass(slots=True, eq=False)
class _InTurn:
    parts: Sequence[_Shape]
    width: int

    def lanes(self, rows: Rows, block: Block, ground: _Ground, path: str) -> list[Lane]:
        if len(rows) <= _FEW_ROWS and len(plain := self._plain()) > 1:
            drawn = dict(zip(plain, self._together(plain, rows, ground, path), strict=True))
        else:
            drawn = {}
        return [
            lane
            for place, part in enumerate(self.parts)
            for lane in ([drawn[place]] if place in drawn else part.lanes(rows, block, ground, f"{path}.{place}"))
        ]

    def _plain(self) -> list[int]:
        """The places of the parts that are one of a few texts, all alike."""
        return [at for at, part in enumerate(self.parts) if isinstance(part, _OneText) and part.size > 1 and not part.weighted]

    def _together(self, places: Sequence[int], rows: Rows, ground: _Ground, path: str) -> list[Lane]:
        """The lanes of several parts as one matrix: the same numbers, and for few rows many times faster than one by one."""
        leaves = [part for place in places if isinstance(part := self.parts[place], _OneText)]
        labels = np.array([label(ground.seed, f"{path}.{place}") for place in places], np.uint64)
        sizes = np.array([leaf.size for leaf in leaves], np.uint64)
        bases = np.array([ground.bases[leaf.pool] for leaf in leaves], np.int64)
        bits = mix(rows.keys + labels[:, None])
        drawn = ((bits >> np.uint64(32)) * sizes[:, None] >> np.uint64(32)).view(np.int64) + bases[:, None]
        return list(drawn.astype(np.int32))


@dataclass(slots=True, eq=False)
class _Alternatives:
    options: Sequence[_Shape]
    weighted: Weighted | None
    width: int

    def lanes(self, rows: Rows, block: Block, ground: _Ground, path: str) -> list[Lane]:
        bits = rows.draw(label(ground.seed, path))
        chosen = self.weighted.draw(bits) if self.weighted else below(bits, len(self.options))
        lanes = np.zeros((self.width, len(rows)), np.int32)
        for place in np.flatnonzero(np.bincount(chosen)).tolist():
            here = np.flatnonzero(chosen == place)
            for position, lane in enumerate(self.options[place].lanes(rows.some(here), block, ground, f"{path}|{place}")):
                lanes[position, here] = lane
        return list(lanes)


class NotUniqueError(ValueError):
    """A grammar whose texts can't be numbered without repeats."""


@dataclass(slots=True, eq=False)
class UniqueText:
    """Every row another text: the row's number goes through a permutation and is written in the mixed radix of the pieces.

    `size`: for how many rows that holds. Pieces beyond what 62 bits can number are drawn at random.
    """

    parts: Sequence[tuple[int, int]]  # (position of the first text, how many): in the order of the text
    size: int
    key: int

    @classmethod
    def of(cls, grammar: Grammar, table: Table, seed: int, path: str) -> "UniqueText":
        """NotUniqueError if two ways through `grammar` could give the same text."""
        leaves = list(_leaves(grammar))
        _check_distinct(leaves)
        parts = [(table.add(pool_of(leaf.texts)), len(leaf.texts)) for leaf in leaves]
        return cls(parts, prod(size for _, size in parts), label(seed, path, "unique"))

    def lanes(self, rows: Rows) -> list[Lane]:
        """The pieces; `rows` are root rows with a number under `size`."""
        if rows.index is None:
            raise NotUniqueError("only records are numbered, not the items of their lists")
        numbered, size = set[int](), 1
        for place, (_, count) in sorted(enumerate(self.parts), key=lambda part: -part[1][1]):
            if size * count < 1 << 62:
                numbered.add(place)
                size *= count
        rest = permute(rows.index, size, self.key)
        lanes: list[Lane] = []
        for place, (base, count) in enumerate(self.parts):
            if place in numbered:
                rest, digit = np.divmod(rest, count)
            else:
                digit = below(rows.draw(self.key + place), count)
            lanes.append((digit + base).astype(np.int32))
        return lanes


def _leaves(grammar: Grammar) -> list[Words]:
    match grammar:
        case Words(texts):
            return [Words(tuple(dict.fromkeys(texts)))]
        case Number(low, high, width) if high - low < _LARGEST_POOL:
            return [Words(tuple(f"{number:0{width}}" if width else str(number) for number in range(low, high + 1)))]
        case Number(low, high, width) if low == 0 and high == 10**width - 1:
            return [Words(tuple(f"{n:0{take}}" for n in range(10**take))) for take in _groups(width)]
        case Series(parts):
            return [leaf for part in parts for leaf in _leaves(part)]
    raise NotUniqueError("its alternatives can't be told apart")


def _groups(width: int) -> list[int]:
    return [width % 4] * (width % 4 > 0) + [4] * (width // 4)


def _check_distinct(leaves: Sequence[Words]) -> None:
    """Texts can be taken apart again if at most one piece has a varying length, or each such piece ends where its characters do."""
    varying = [place for place, leaf in enumerate(leaves) if len({len(text) for text in leaf.texts}) > 1]
    for place in varying[:-1]:
        after = leaves[place + 1]
        inside = {character for text in leaves[place].texts for character in text}
        if any(not text or text[0] in inside for text in after.texts):
            raise NotUniqueError("the end of a piece can't be told from the next")

"""Pools of texts, and the gather that turns positions in them into finished text.

A cell is a few pieces from one table of texts. With the positions of all pieces in one (rows, pieces) matrix, a single arrow
`take` copies every piece behind the other: its data buffer is the concatenated text, and every k-th offset is the bound of a row.
Each text is escaped for JSON once, when it enters the table, not once for every cell.
"""

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth_sdk.core.arrow import of_numpy, of_texts
from synth_sdk.engine.columns.lanes import I32, I64
from synth_sdk.schema.layout.json_text import one_line

Lane = I32 | int  # positions in a table, one for each row; or one position for all
Piece = str | I32  # JSON text that is the same for all rows; or positions in the block's texts
_OWN = 1 << 30  # a block's own texts are numbered from here on
_SMALL = 16
_RUN = 4096  # rows
_TO_ESCAPE = (b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9")


def escape(text: str) -> str:
    """`text` as it stands between the quotes of a JSON string."""
    return one_line(json.dumps(text, ensure_ascii=False)[1:-1])


class Pool:
    """Texts that don't change: as they are (`raw`), and as they stand inside a JSON string (`json`)."""

    __slots__ = ("json", "raw")

    def __init__(self, texts: Sequence[str], *, json_text: bool = False) -> None:
        self.raw = of_texts(texts)
        self.json = self.raw if json_text or not _needs_escapes(self.raw) else of_texts(map(escape, texts))

    @classmethod
    def of_array(cls, raw: pa.StringArray) -> "Pool":
        """A pool of an arrow array without nulls."""
        pool = cls.__new__(cls)
        pool.raw = raw
        pool.json = raw if not _needs_escapes(raw) else of_texts(escape(text.as_py()) for text in raw)
        return pool

    @classmethod
    def of_ascii(cls, raw: pa.StringArray) -> "Pool":
        """A pool of texts that are known to need no escapes."""
        pool = cls.__new__(cls)
        pool.raw = pool.json = raw
        return pool

    def __len__(self) -> int:
        return len(self.raw)


def _needs_escapes(texts: pa.StringArray) -> bool:
    data = texts.buffers()[2]
    if data is None or not data.size:
        return False
    codes = np.frombuffer(data, np.uint8)
    if bool(((codes < 0x20) | (codes == 0x22) | (codes == 0x5C)).any()):
        return True
    return bool((codes > 0x7F).any()) and any(sequence in bytes(data) for sequence in _TO_ESCAPE)


class Same:
    """A key that stands for one object: hashing a tuple of thousands of texts costs more than what is looked up by it."""

    __slots__ = ("it",)

    def __init__(self, it: Any) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.it is self.it


def pool_of(texts: tuple[str, ...]) -> Pool:
    """The pool of `texts`; made once in a process for the same tuple."""
    return _small_pool(texts) if len(texts) < _SMALL else _large_pool(Same(texts))


@lru_cache(maxsize=4096)
def _small_pool(texts: tuple[str, ...]) -> Pool:
    return Pool(texts)


@lru_cache(maxsize=512)
def _large_pool(texts: Same) -> Pool:
    return Pool(texts.it)


def fixed_width(characters: np.ndarray) -> pa.StringArray:
    """The rows of an (n, width) matrix of ASCII codes as an arrow array."""
    count, width = characters.shape
    bounds = np.arange(0, width * (count + 1), width or 1, dtype=np.int32)[: count + 1]
    return pa.StringArray.from_buffers(count, pa.py_buffer(bounds), pa.py_buffer(np.ascontiguousarray(characters)))


class Table:
    """All fixed texts of one compiled schema. Position 0 is the empty text."""

    def __init__(self) -> None:
        self._pools: list[Pool | str] = []  # a text alone is a piece of JSON
        self._bases: dict[int, int] = {}
        self._structure: dict[str, int] = {}
        self._size = 0
        self._joined: tuple[pa.StringArray, pa.StringArray] | None = None
        self.add(pool_of(("",)))

    def __len__(self) -> int:
        return self._size

    def add(self, pool: Pool) -> int:
        """The position of the pool's first text."""
        base = self._bases.get(id(pool))
        if base is None:
            base = self._bases[id(pool)] = self._size
            self._pools.append(pool)  # also keeps the pool alive, and so its id its own
            self._size += len(pool)
            self._joined = None
        return base

    def structure(self, text: str) -> int:
        """The position of a piece of JSON that is written as it is."""
        place = self._structure.get(text)
        if place is None:
            place = self._structure[text] = self._size
            self._pools.append(text)
            self._size += 1
            self._joined = None
        return place

    def joined(self) -> tuple[pa.StringArray, pa.StringArray]:
        """All texts: raw, and for JSON."""
        if self._joined is None:
            pools = self._gathered()
            raw = pa.concat_arrays([pool.raw for pool in pools])
            plain = all(pool.json is pool.raw for pool in pools)
            self._joined = raw, raw if plain else pa.concat_arrays([pool.json for pool in pools])
        return self._joined

    def _gathered(self) -> list[Pool]:
        """The pools in order, with neighbouring pieces of JSON as one."""
        pools: list[Pool] = []
        for _, run in groupby(self._pools, type):
            members = list(run)
            pieces = [piece for piece in members if isinstance(piece, str)]
            pools += [Pool(pieces, json_text=True)] if pieces else [pool for pool in members if isinstance(pool, Pool)]
        return pools


class Block:
    """The texts at hand while one block of rows is made: those of the table, and those made for these rows alone."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._own: list[Pool] = []
        self._own_size = 0
        self._joined: dict[bool, tuple[int, pa.StringArray]] = {}

    def own(self, pool: Pool) -> int:
        """The position of the first of some texts that were made for these rows."""
        base = _OWN + self._own_size
        self._own.append(pool)
        self._own_size += len(pool)
        return base

    def structure(self, text: str) -> int:
        """The position of a piece of JSON that is written as it is."""
        return self.table.structure(text)

    def gather(self, lanes: Sequence[Lane], count: int, *, for_json: bool) -> pa.StringArray:
        """For each of `count` rows its pieces, one behind the other."""
        runs = list(self.runs(lanes, count, for_json=for_json))
        return runs[0] if len(runs) == 1 else pa.concat_arrays(runs)

    def runs(self, lanes: Sequence[Lane], count: int, *, for_json: bool) -> Iterator[pa.StringArray]:
        """The same, some thousand rows at a time: so much stays in the processor's cache."""
        texts = self._texts(for_json)
        found = [self._found(lane) for lane in lanes]
        places = np.empty((min(count, _RUN), len(lanes)), np.int32)
        for start in range(0, max(count, 1), _RUN):
            rows = min(_RUN, count - start)
            for place, lane in enumerate(found):
                if not isinstance(lane, int):
                    places[:rows, place] = lane[start : start + rows]
                elif not start:
                    places[:, place] = lane
            pieces = pc.take(texts, of_numpy(places[:rows].reshape(-1)), boundscheck=False)
            yield _every(pieces, len(lanes), rows)

    def _found(self, lane: Lane) -> Lane:
        """Positions in the table's texts followed by the block's own."""
        if not self._own or isinstance(lane, int) or not len(lane) or lane.max() < _OWN:
            return lane
        return np.where(lane < _OWN, lane, lane - (_OWN - len(self.table)))

    def _texts(self, for_json: bool) -> pa.StringArray:
        known = self.table.joined()[for_json]
        if not self._own:
            return known
        size, joined = self._joined.get(for_json, (0, known))
        if size != len(self.table) + self._own_size:
            joined = pa.concat_arrays([known, *((pool.json if for_json else pool.raw) for pool in self._own)])
            self._joined[for_json] = len(self.table) + self._own_size, joined
        return joined


def _every(pieces: pa.StringArray, step: int, count: int) -> pa.StringArray:
    """Each `step` neighbouring texts as one."""
    _, bounds, data = pieces.buffers()
    if not step or bounds is None:
        return of_texts([""] * count)
    ends = np.frombuffer(bounds, np.int32)[pieces.offset : pieces.offset + count * step + 1 : step]
    return pa.StringArray.from_buffers(count, pa.py_buffer(np.ascontiguousarray(ends)), data)


def spans(texts: pa.StringArray, starts: I64) -> pa.StringArray:
    """Neighbouring texts joined: from starts[i] up to starts[i+1]."""
    _, bounds, data = texts.buffers()
    ends = np.frombuffer(bounds, np.int32)[texts.offset :][starts]
    return pa.StringArray.from_buffers(len(starts) - 1, pa.py_buffer(np.ascontiguousarray(ends)), data)

"""Two tables side by side: the fields that both have, each as numbers, as categories or as texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth_sdk.core.arrow import of_numpy, of_texts, to_mask, to_numbers
from synth_sdk.quality.correlation import as_floats, as_moments
from synth_sdk.quality.declared import Declared
from synth_sdk.quality.hashing import of_rows

MOST_CATEGORIES = 100
Kind = Literal["number", "date", "category", "text"]


@dataclass(frozen=True, slots=True)
class Pair:
    """One field of both tables: `numbers` (NaN for null), or `codes` of categories (-1 for null), or `texts` (null for null).

    Each holds the values of one's own table, then those of the sample. A text with few different values is a category.
    """

    name: str
    kind: Kind
    own: int
    numbers: NDArray[np.float64] | None = None
    codes: NDArray[np.int64] | None = None
    texts: pa.StringArray = None  # pyarrow is untyped: where there are neither numbers nor codes, there are texts

    @property
    def nulls(self) -> NDArray[np.bool_]:
        """Where nothing stands."""
        if self.numbers is not None:
            return np.isnan(self.numbers)
        return self.codes < 0 if self.codes is not None else to_mask(self.texts.is_null())


def pairs(own: pa.Table, like: pa.Table, declared: Mapping[str, Declared]) -> tuple[list[Pair], list[str]]:
    """The fields of both, in the order of the sample's, and the names of those that hold values of different types."""
    found, differing = [], []
    for name in like.column_names:
        if name in own.column_names:
            mine, theirs = _one(own.column(name)), _one(like.column(name))
            if mine.null_count == len(mine) or theirs.null_count == len(theirs):
                continue
            pair = _pair(name, mine, theirs, declared.get(name))
            found += [pair] if pair else []
            differing += [] if pair else [name]
    return found, differing


def some(table: pa.Table, most: int) -> pa.Table:
    """At most so many rows, chosen by a hash of their places, in their order."""
    if len(table) <= most:
        return table
    lowest = np.argsort(of_rows(np.arange(len(table))), kind="stable")[:most]
    return table.take(of_numpy(np.sort(lowest)))


def _pair(name: str, own: pa.Array, like: pa.Array, declared: Declared | None) -> Pair | None:
    if _is_number(own.type) and _is_number(like.type):
        return Pair(name, "number", len(own), numbers=np.concatenate([as_floats(own), as_floats(like)]))
    if pa.types.is_boolean(own.type) and pa.types.is_boolean(like.type):
        return Pair(name, "category", len(own), codes=np.concatenate([_truths(own), _truths(like)]))
    if not (pa.types.is_string(own.type) and pa.types.is_string(like.type)):
        return None
    if declared is not None and declared.moment:
        numbers = np.concatenate([as_moments(own, declared.moment), as_moments(like, declared.moment)])
        if not np.isnan(numbers[: len(own)]).all() and not np.isnan(numbers[len(own) :]).all():
            return Pair(name, "date", len(own), numbers=numbers)
    texts = pa.concat_arrays([own, like])
    coded = texts.dictionary_encode()
    if len(coded.dictionary) <= MOST_CATEGORIES:
        codes = np.where(to_mask(texts.is_null()), -1, to_numbers(coded.indices))
        return Pair(name, "category", len(own), codes=codes.astype(np.int64))
    return Pair(name, "text", len(own), texts=texts)


def _truths(column: pa.BooleanArray) -> NDArray[np.int64]:
    return np.where(to_mask(column.is_null()), -1, to_mask(column).astype(np.int64))


def _is_number(type: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type) or pa.types.is_floating(type))


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def blank(texts: pa.StringArray) -> pa.StringArray:
    """The same with empty text for null."""
    return pc.if_else(texts.is_valid(), texts, of_texts([""])[0]) if texts.null_count else texts

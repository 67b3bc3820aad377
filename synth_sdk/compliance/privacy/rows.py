"""Rows of mixed columns as arrays: texts as digests, numbers as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Self

import numpy as np

from synth_sdk.core.models import Json

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ODD = 0x9E3779B97F4A7C15


@dataclass(frozen=True, slots=True)
class Rows:
    """`texts` one digest for each cell (case and outer blanks don't count), `numbers` with NaN where there is none: shapes (rows, columns)."""

    texts: "NDArray[np.uint64]"
    numbers: "NDArray[np.float64]"

    @classmethod
    def of(cls, columns: Mapping[str, Sequence[Json]], texts: Sequence[str], numbers: Sequence[str], count: int) -> Self:
        """`count` rows of `columns` by name; a column that isn't there is null."""
        nothing = [None] * count
        words = [[text_digest(_plain(value)) for value in columns.get(name, nothing)] for name in texts]
        amounts = [[number_of(value) for value in columns.get(name, nothing)] for name in numbers]
        return cls(
            np.array(words, np.uint64).reshape(len(texts), count).T.copy(),
            np.array(amounts, np.float64).reshape(len(numbers), count).T.copy(),
        )

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, places: "NDArray[np.intp]") -> "Rows":
        return Rows(self.texts[places], self.numbers[places])

    def digests(self) -> "NDArray[np.uint64]":
        """One of each row, equal for equal rows."""
        return folded([*self.texts.T, *codes(self.numbers).T], len(self))

    @staticmethod
    def joined(parts: Sequence["Rows"]) -> "Rows":
        return Rows(np.concatenate([part.texts for part in parts]), np.concatenate([part.numbers for part in parts]))


def codes(numbers: "NDArray[np.float64]") -> "NDArray[np.uint64]":
    """The bits of each number; all NaN alike, -0 as 0."""
    plain = np.where(np.isnan(numbers), np.nan, numbers + 0.0)
    return plain.view(np.uint64)


def folded(columns: Sequence["NDArray[np.uint64]"], count: int) -> "NDArray[np.uint64]":
    """One digest for each row of several columns; the order of columns matters."""
    digest = np.full(count, np.uint64(_ODD))
    with np.errstate(over="ignore"):
        for column in columns:
            digest = (digest ^ column) * np.uint64(0xBF58476D1CE4E5B9)
            digest ^= digest >> np.uint64(29)
            digest *= np.uint64(0x94D049BB133111EB)
            digest ^= digest >> np.uint64(32)
    return digest


def number_of(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return np.nan
    try:
        return float(value)
    except OverflowError:
        return np.nan


def _plain(value: Json) -> str:
    return "\0" if value is None else str(value).strip().casefold()


@lru_cache(maxsize=200_000)
def text_digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")

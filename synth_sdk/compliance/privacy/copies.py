"""Does a record repeat a row of the sample that its schema was learned from?

Only *identifying* rows can be copied: such as are unique in the sample and carry at least log2(n) + 10 bits, where a cell carries
-log2(its value's share of the column). A generator that knows no more than the columns' shares hits one of the n rows less than once in
a thousand records, so a hit is no accident. Rows of few possible values - a plan and a country - identify nobody and are nobody's copy.

A near copy lies within a distance of 0.2 of an identifying row: the mean over all columns, of 0 or 1 for texts and |a - b| / spread for numbers
(spread: 5th to 95th percentile, the rest counts as 1). So one column in five may be altogether different. The columns that agree - numbers
to 5% of the spread, which carry fewer bits then - must carry as many bits by themselves, and as many more as there are ways to choose the others.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from synth_sdk.compliance.privacy.cells import columns_of, columns_of_arrow
from synth_sdk.compliance.privacy.index import NearIndex, grouped
from synth_sdk.compliance.privacy.rows import Rows
from synth_sdk.core.batches import Batch, ColumnBatch
from synth_sdk.core.models import Json

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

MOST_ROWS = 100_000  # of a sample; of more, the first are compared with
NEAR, AGREE = 0.2, 0.05
_MORE_BITS = 10
_KEPT, _AGAINST = 400, 4_000  # records, and rows of the sample, that distances are told from


@dataclass(slots=True)
class Copies:
    """What was seen of records; merges. `kept` are those of the smallest digests, from which distances are told."""

    records: int = 0
    exact: int = 0
    near: int = 0
    kept: Rows | None = None

    def merge(self, other: "Copies") -> None:
        self.records += other.records
        self.exact += other.exact
        self.near += other.near
        parts = [part for part in (self.kept, other.kept) if part is not None]
        self.kept = _smallest(Rows.joined(parts), _KEPT) if parts else None


@dataclass(slots=True)
class CopyGuard:
    """Holds the rows of a sample (the first 100,000) and knows their copies. Pickles with all it holds; merges what was `seen`."""

    texts: tuple[str, ...]
    numbers: tuple[str, ...]
    rows: Rows
    spread: "NDArray[np.float64]"
    bits: "NDArray[np.float64]"
    near_bits: "NDArray[np.float64]"
    wanted_bits: float
    near_wanted: float
    identifying: "NDArray[np.bool_]"
    index: NearIndex
    sample_rows: int
    seen: Copies = field(default_factory=Copies)

    @classmethod
    def of(cls, sample: Sequence[Json]) -> Self:
        """The guard of a sample's records."""
        columns = columns_of(sample[:MOST_ROWS])
        count = min(len(sample), MOST_ROWS)
        numbers = tuple(name for name, values in columns.items() if _is_numeric(values))
        texts = tuple(name for name in columns if name not in numbers)
        rows = Rows.of(columns, texts, numbers, count)
        spread = _spread(rows.numbers)
        bits = np.column_stack([*map(_bits, rows.texts.T), *map(_bits, rows.numbers.T.copy().view(np.uint64)), np.zeros(count)])[
            :, :-1
        ]
        near_bits = np.column_stack([np.zeros(count), *(_near_bits(*pair) for pair in zip(rows.numbers.T, spread, strict=True))])[
            :, 1:
        ]
        wanted = math.log2(max(count, 1)) + _MORE_BITS
        _, places, times = np.unique(rows.digests(), return_inverse=True, return_counts=True)
        identifying = (times[places] == 1) & (bits.sum(axis=1) >= wanted)
        index = NearIndex.of(
            rows, spread * AGREE, grouped(bits.mean(axis=0) if count else np.zeros(bits.shape[1]), NEAR), identifying
        )
        return cls(
            texts,
            numbers,
            rows,
            spread,
            bits,
            near_bits,
            wanted,
            wanted + _choices(bits.shape[1]),
            identifying,
            index,
            len(sample),
        )

    def flaws(self, record: Json) -> list[str]:
        """What a rule would have against the record."""
        return [told for _, told in self.flaws_of([record])]

    def flaws_of(self, source: "Batch | pa.RecordBatch | pa.Table | Sequence[Json]") -> list[tuple[int, str]]:
        """The places of the records that are copies, and of what kind."""
        rows = self._rows(source)
        exact, near = self._judged(rows)
        self.seen.merge(Copies(len(rows), int(exact.sum()), int(near.sum()), _smallest(rows, _KEPT)))
        told = dict.fromkeys(np.flatnonzero(exact).tolist(), "it is a copy of a row of the sample")
        told |= dict.fromkeys(
            np.flatnonzero(near).tolist(), f"it is nearly a copy of a row of the sample (distance of at most {NEAR})"
        )
        return sorted(told.items())

    def merge(self, other: "CopyGuard") -> None:
        self.seen.merge(other.seen)

    def report(self) -> dict[str, Any]:
        """Copies among the records seen, and distances to the nearest row - beside those of the sample's own rows to one another."""
        told: dict[str, Any] = {
            "sample_rows": self.sample_rows,
            "sample_rows_compared": len(self.rows),
            "identifying_rows": int(self.identifying.sum()),
            "records": self.seen.records,
            "exact_copies": self.seen.exact,
            "near_copies": self.seen.near,
            "near_distance": NEAR,
        }
        if self.sample_rows > len(self.rows):
            told["note"] = f"compared with the first {len(self.rows)} rows of the sample"
        if self.seen.kept is not None and len(self.rows) > 1:
            against = _smallest(self.rows, _AGAINST)
            told["distances"] = _quantiles(self._nearest(self.seen.kept, against, own=False))
            told["distances_within_sample"] = _quantiles(self._nearest(_smallest(self.rows, _KEPT), against, own=True))
        return told

    def _rows(self, source: Any) -> Rows:
        if isinstance(source, ColumnBatch):
            source = source.arrow()
        if hasattr(source, "records"):
            source = source.records()
        columns: Mapping[str, Sequence[Json]] = columns_of_arrow(source) if hasattr(source, "schema") else columns_of(source)
        return Rows.of(columns, self.texts, self.numbers, len(source))

    def _judged(self, rows: Rows) -> "tuple[NDArray[np.bool_], NDArray[np.bool_]]":
        """Which are exact copies, and which are near ones only."""
        exact = np.isin(rows.digests(), self.rows.digests()[self.identifying])
        near = np.zeros(len(rows), np.bool_)
        for asked, held in self.index.candidates(rows):
            gaps = self._gaps(rows.take(asked), self.rows.take(held))
            agreed = np.where(gaps <= 0, self.bits[held], 0.0)
            agreed[:, len(self.texts) :] = np.maximum(
                agreed[:, len(self.texts) :], np.where(gaps <= AGREE, self._near(held, gaps), 0.0)[:, len(self.texts) :]
            )
            near[asked[(gaps.mean(axis=1) <= NEAR) & (agreed.sum(axis=1) >= self.near_wanted)]] = True
        return exact, near & ~exact

    def _near(self, held: "NDArray[np.intp]", gaps: "NDArray[np.float64]") -> "NDArray[np.float64]":
        bits = np.zeros_like(gaps)
        bits[:, len(self.texts) :] = self.near_bits[held]
        return bits

    def _gaps(self, one: Rows, other: Rows) -> "NDArray[np.float64]":
        """The distance of two lists of rows in each column, 0 to 1."""
        words = (one.texts != other.texts).astype(np.float64)
        with np.errstate(invalid="ignore"):
            amounts = np.abs(one.numbers - other.numbers) / self.spread
        both = np.isnan(one.numbers) & np.isnan(other.numbers)
        amounts = np.where(both, 0.0, np.where(np.isnan(amounts), 1.0, np.minimum(amounts, 1.0)))
        return np.hstack([words, amounts])

    def _nearest(self, asked: Rows, held: Rows, *, own: bool) -> "NDArray[np.float64]":
        """The distance of each row to the nearest in `held`; `own`: to the nearest that isn't itself."""
        found = []
        for place in range(len(asked)):
            one = asked.take(np.full(len(held), place))
            distances = self._gaps(one, held).mean(axis=1)
            found.append(np.partition(distances, 1)[1] if own else distances.min())
        return np.array(found)


def _choices(columns: int) -> float:
    """In bits: in how many ways columns may be chosen that differ."""
    return math.log2(sum(math.comb(columns, some) for some in range(int(NEAR * columns) + 1)))


def _is_numeric(values: Sequence[Json]) -> bool:
    there = [value for value in values if value is not None]
    return bool(there) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in there)


def _spread(numbers: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Of each column, 5th to 95th percentile; never 0."""
    found = []
    for column in numbers.T:
        there = column[~np.isnan(column)]
        low, high = np.percentile(there, [5, 95]) if len(there) else (0.0, 1.0)
        found.append(high - low if high > low else max(float(np.ptp(there)), 1.0) if len(there) else 1.0)
    return np.array(found)


def _bits(column: "NDArray[np.uint64]") -> "NDArray[np.float64]":
    """-log2 of the share of each cell's value."""
    _, places, times = np.unique(column, return_inverse=True, return_counts=True)
    bits: NDArray[np.float64] = -np.log2(times[places] / len(column))
    return bits


def _near_bits(column: "NDArray[np.float64]", spread: float) -> "NDArray[np.float64]":
    """-log2 of the share of cells that agree with each."""
    ordered = np.sort(column[~np.isnan(column)])
    within = np.searchsorted(ordered, column + AGREE * spread, "right") - np.searchsorted(
        ordered, column - AGREE * spread, "left"
    )
    bits: NDArray[np.float64] = -np.log2(np.maximum(np.where(np.isnan(column), len(column), within), 1) / max(len(column), 1))
    return bits


def _smallest(rows: Rows, count: int) -> Rows:
    """The rows of the smallest digests: the same ones however the whole was split."""
    return rows.take(np.argsort(rows.digests(), kind="stable")[:count])


def _quantiles(distances: "NDArray[np.float64]") -> dict[str, float]:
    names = {"least": 0, "p5": 5, "median": 50}
    return {name: round(float(np.percentile(distances, percent)), 4) for name, percent in names.items()} if len(distances) else {}

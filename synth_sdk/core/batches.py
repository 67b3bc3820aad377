"""Many records at once: what generators hand on, measures count and formats write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from synth_sdk.core.models import Json

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from synth_sdk.core.measures import Measures

ITEMS = "[]"  # among the steps to a value: the items of a list
# What becomes of a value: given the value, and the steps from it to what is meant (none: itself).
Change = Callable[[Json, Sequence[str]], Json]


class Batch(Protocol):
    """Records in order."""

    def __len__(self) -> int: ...

    def records(self) -> Sequence[Json]:
        """The records as plain Python values."""


@runtime_checkable
class LineBatch(Batch, Protocol):
    """A batch that can be written without making a Python value of any record."""

    def lines(self) -> bytes:
        """Compact JSON in UTF-8, one record a line, each line ended."""


@runtime_checkable
class ColumnBatch(LineBatch, Protocol):
    """A batch held as columns, which can be written and measured without making a Python value of any record."""

    def arrow(self) -> "pa.RecordBatch":
        """One column for each property of the root object (a root that is no object: one column `value`). What is absent is null."""

    def measures(self) -> "Measures":
        """What measuring `records()` one by one would tell."""


@runtime_checkable
class MappableBatch(ColumnBatch, Protocol):
    """Columns of which one field can be changed while the others stay as they are."""

    def mapped(self, steps: Sequence[str], change: Change, rows: Sequence[int] | None = None) -> "MappableBatch":
        """With `change` done to what stands at `steps` - names, and `[]` for the items of a list - in `rows` (None: in all). It is
        called once for each different value; nulls, and what is absent, stay.
        """


@runtime_checkable
class RemeasuredBatch(ColumnBatch, Protocol):
    """Columns whose measures can be taken again where a few records are others."""

    def remeasured(self, digests: Mapping[int, tuple[int, int]]) -> "Measures":
        """`measures()`, had the records of these rows other digests (`core.measures.digests_of`) and the same features."""


@runtime_checkable
class PickableBatch(ColumnBatch, Protocol):
    """Columns that can be laid out for some records alone."""

    def arrow_of(self, rows: "NDArray[np.int64]") -> "pa.RecordBatch":
        """What `arrow()` says of these rows, in order."""


@dataclass(frozen=True, slots=True)
class Records:
    """A batch held as Python values."""

    values: Sequence[Json]

    def __len__(self) -> int:
        return len(self.values)

    def records(self) -> Sequence[Json]:
        return self.values

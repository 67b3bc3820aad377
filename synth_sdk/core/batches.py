"""Many records at once: what generators hand on, measures count and formats write."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from synth_sdk.core.models import Json

if TYPE_CHECKING:
    import pyarrow as pa

    from synth_sdk.core.measures import Measures


class Batch(Protocol):
    """Records in order."""

    def __len__(self) -> int: ...

    def records(self) -> Sequence[Json]:
        """The records as plain Python values."""


@runtime_checkable
class ColumnBatch(Batch, Protocol):
    """A batch held as columns, which can be written and measured without making a Python value of any record."""

    def lines(self) -> bytes:
        """Compact JSON in UTF-8, one record a line, each line ended."""

    def arrow(self) -> "pa.RecordBatch":
        """One column for each property of the root object (a root that is no object: one column `value`). What is absent is null."""

    def measures(self) -> "Measures":
        """What measuring `records()` one by one would tell."""


@dataclass(frozen=True, slots=True)
class Records:
    """A batch held as Python values."""

    values: Sequence[Json]

    def __len__(self) -> int:
        return len(self.values)

    def records(self) -> Sequence[Json]:
        return self.values

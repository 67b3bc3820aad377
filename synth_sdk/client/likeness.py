"""A sample of real records that a run is held against: nobody's record is copied, and the report says how alike the two are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from synth_sdk.core.batches import Batch
from synth_sdk.core.models import Json
from synth_sdk.core.spec import Spec

if TYPE_CHECKING:
    import pyarrow as pa

    from synth_sdk.compliance.privacy import CopyGuard


@dataclass(frozen=True, slots=True)
class NoCopy:
    """Implements `core.rules.Rule`, for a record and for a batch at once."""

    copies: "CopyGuard"

    def __call__(self, record: Json) -> Sequence[str]:
        return self.copies.flaws(record)

    def flaws_of(self, batch: Batch) -> Sequence[tuple[int, str]]:
        """The places of copies in `batch`, and what they are copies of."""
        return self.copies.flaws_of(batch)


class Likeness:
    """The sample in the file that `like` names. RequestError if it can't be read."""

    def __init__(self, path: str) -> None:
        from synth_sdk.compliance.privacy import CopyGuard
        from synth_sdk.quality.samples import read_sample

        self._table, self._schema, self._cut = read_sample(path)
        self._copies = CopyGuard.of(self._table.to_pylist())
        self._path = path

    @classmethod
    def of(cls, spec: Spec) -> Self:
        return cls(spec.like or "")

    @property
    def warnings(self) -> Sequence[str]:
        return [f"like {self._path!r}: only its first {len(self._table):,} rows are looked at"] if self._cut else []

    @property
    def no_copy(self) -> "NoCopy":
        """The rule that no record is that of somebody."""
        return NoCopy(self._copies)

    def compare(self, own: "pa.Table") -> dict[str, Any]:
        """How alike a sample of the run's records and the user's are."""
        from synth_sdk.quality.comparison import compare

        return compare(own, self._table, self._schema)

    def privacy(self) -> dict[str, Any]:
        """How many copies were refused."""
        return self._copies.report()

"""Kinds whose records are made one at a time, from wordings of their own, and never by models."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from synth_sdk.core.batches import Batch, Records
from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json
from synth_sdk.core.spec import Spec
from synth_sdk.generators.constraints import Convert, check_keys


class OfflineGenerator(ABC):
    """The part of the Generator protocol that such kinds share. They take neither schema nor pack."""

    kind: str
    constraint_keys: frozenset[str]
    record_schema: Json
    convert: Convert | None = None
    rows_per_batch = 256

    def __init__(self, spec: Spec) -> None:
        check_keys(self.kind, spec.constraints, self.constraint_keys)
        for name, given in (("schema", spec.document), ("pack", spec.pack)):
            if given is not None:
                raise RequestError(f"a {name} doesn't fit kind {self.kind!r}: leave --{name} out, or choose another kind")
        self._spec = spec

    @abstractmethod
    def record(self, row: int) -> Json:
        """Record `row`: a pure function of the Spec and the number."""

    @abstractmethod
    def features(self, record: Json) -> Mapping[str, str | float | bool | None]:
        """What the distribution analysis counts."""

    def batch(self, rows: range) -> Batch:
        return Records([self.record(row) for row in rows])

    def request(self, index: int, retry: int) -> None:
        return None

    def near_duplicates(self, block: Sequence[Json]) -> list[int]:
        return []

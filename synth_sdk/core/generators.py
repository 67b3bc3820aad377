"""What a kind of record must be able to say of itself, and what became of each record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from synth_sdk.core.batches import Batch
from synth_sdk.core.models import Json, Origin, Request


class Generator(Protocol):
    """One kind of record. Built from a Spec; raises RequestError then if the Spec asks for what the kind can't do.

    `request(n, retry)` is the ask that has record n written by a model, or None for a kind that is never written by models; every
    retry is another slot. Bought records are judged in blocks of 64. `record_schema` is the JSON Schema of one record (True:
    unknown); formats with columns rest on it.

    A generator whose records are told better by `features` than by their columns says `profiled_by_features = True`. A generator may have `warnings` (a sequence of texts for the report), and `convert`, a function that puts a record into the
    dialect that the Spec asks for; `record_schema` is then that dialect's.
    """

    kind: str
    constraint_keys: frozenset[str]
    record_schema: Json
    rows_per_batch: int

    def batch(self, rows: range) -> Batch:
        """The offline records of `rows`, best asked for `rows_per_batch` at a time. Row n is a pure function of (spec, n)."""

    def request(self, index: int, retry: int) -> Request | None: ...

    def said(self, record: Json) -> str | None:
        """The words by which near-duplicates are judged (`core.similar`); None where repeats are legitimate."""

    def features(self, record: Json) -> Mapping[str, str | float | bool | None]:
        """What the distribution analysis counts."""


def offline_record(generator: Generator, row: int) -> Json:
    """One offline record alone."""
    return generator.batch(range(row, row + 1)).records()[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where one delivered record came from. `cost_micros` is an equal share of its accepted call; failed tries are not in it."""

    origin: Origin
    model: str = ""
    cost_micros: int = 0
    saved_micros: int = 0
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One record and its provenance (None: there is no record). `reason`: why there is none, or why it is an offline stand-in."""

    index: int
    record: Json = None
    provenance: Provenance | None = None
    reason: str = ""

"""Real-looking personal data in records: first which records could hold some, then which of their texts, then where.

Only the last step reads texts in Python; on clean records it is hardly ever reached.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

import numpy as np
import pyarrow as pa

from synth_sdk.compliance.reserved import is_reserved
from synth_sdk.compliance.scanning.catalogue import DETECTORS, OPTIONAL
from synth_sdk.compliance.scanning.leaves import Leaf, leaves_of, under
from synth_sdk.compliance.scanning.shapes import Detector
from synth_sdk.core.arrow import of_texts
from synth_sdk.core.batches import Batch, ColumnBatch, LineBatch, MappableBatch
from synth_sdk.core.models import Json

if TYPE_CHECKING:
    from numpy.typing import NDArray

OTHERS, NAMES = "other_id", "person_name"
_DENSE = 8  # where one record in so many is under suspicion, columns are read instead of records
# The ranges of `compliance.reserved` whose values are nobody's, whatever they look like.
_RANGES = {
    "pan": "pan",
    "iban": "iban",
    "ssn": "ssn",
    "phone": "phone",
    "ip": "ipv4",
    "mac": "mac",
    "medical_record": "id",
    "passport": "id",
    "licence": "id",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A real-looking value: characters `start` to `end` - 1 of its text."""

    detector: Detector
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A leaf with hits, in their order. `record` is a list that holds the leaf's record alone, as `leaves_of` takes it; empty where the
    leaf was found in a column.
    """

    leaf: Leaf
    hits: tuple[Hit, ...]
    record: list[Json] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scanner:
    """Looks for what `detectors` find, the surest first. Pickles as their names. `names` is the folder of a model that finds people's names."""

    detectors: tuple[Detector, ...]
    names: str | None = None

    @classmethod
    def of(cls, detectors: Iterable[str] | None = None, *, names: str | None = None, presidio: bool | None = None) -> "Scanner":
        """For the detectors of these names (None: all). Presidio takes part where it is installed, unless told otherwise."""
        wanted = set(detectors) if detectors is not None else {*DETECTORS, *OPTIONAL}
        chosen = [detector for name, detector in DETECTORS.items() if name in wanted]
        if OTHERS in wanted and (find_spec("presidio_analyzer") is not None if presidio is None else presidio):
            chosen.append(OPTIONAL[OTHERS])
        return cls(tuple(chosen), names if NAMES in wanted else None)

    def hits(self, text: str, name: str = "") -> list[Hit]:
        """The hits in one text; `name` says what its field is called."""
        leaf = Leaf(0, (), name, None, 0, text)
        return self._hits(leaf, self.detectors)

    def scan(self, batch: Batch, exempt: frozenset[str] = frozenset()) -> Iterator[Found]:
        """The leaves with hits, but those at or within the paths `exempt`. Records without a suspicion aren't even parsed."""
        lines, records = _lines(batch)
        rows = self.suspects(lines) if self.names is None else np.arange(len(batch))
        if not len(rows):
            return
        if self._by_columns(batch, lines, rows):
            yield from self._scan_columns(cast(ColumnBatch, batch).arrow(), rows, exempt)
            return
        held = {row: [record] for row, record in zip(rows.tolist(), _picked(lines, records, rows), strict=True)}
        leaves = [leaf for row, root in held.items() for leaf in leaves_of(root, row)]
        for one in self._found(leaves, exempt):
            yield replace(one, record=held[one.leaf.row])

    def _by_columns(self, batch: Batch, lines: bytes | memoryview, rows: "NDArray[np.intp]") -> bool:
        """Is it less work to look through the columns than through the records of `rows`?"""
        dense = len(rows) * _DENSE >= len(batch)
        return dense and self.names is None and isinstance(batch, MappableBatch) and lines[:1] == b"{"

    def _scan_columns(self, table: pa.RecordBatch, rows: "NDArray[np.intp]", exempt: frozenset[str]) -> "Iterator[Found]":
        """The same over columns, field by field."""
        from synth_sdk.compliance.scanning.columns import columns_of
        from synth_sdk.compliance.scanning.prefilter import looking

        columns, leaves = columns_of(table, rows, exempt)
        yield from self._found(leaves, exempt)
        said = _concatenated(column.said for column in columns)
        suspected = looking(said, lambda: _concatenated(column.values for column in columns), self.detectors)
        first = 0
        for column in columns:
            own = range(first, first + len(column.values))
            hits = {
                place - first: self._hits(column.leaf(0, place - first), suspected[place]) for place in own if place in suspected
            }
            for place, row in column.standing([place for place, those in hits.items() if those]):
                yield Found(column.leaf(row, place), tuple(hits[place]))
            first = own.stop

    def _found(self, leaves: "Sequence[Leaf]", exempt: frozenset[str]) -> "Iterator[Found]":
        """The leaves with hits, but those at or within the paths `exempt`."""
        searched = [leaf for leaf in leaves if not (exempt and under(leaf.path, exempt))]
        for leaf, detectors in self._suspected(searched):
            if hits := self._hits(leaf, detectors):
                yield Found(leaf, tuple(hits))

    def suspects(self, lines: bytes | memoryview) -> "NDArray[np.intp]":
        """The numbers of the lines of JSON in which there may be hits."""
        from synth_sdk.compliance.scanning.prefilter import suspects

        return suspects(lines, self.detectors)

    def _suspected(self, leaves: Sequence[Leaf]) -> Iterator[tuple[Leaf, list[Detector]]]:
        """The leaves that a shape fits, in their order, with the detectors that have to look."""
        from synth_sdk.compliance.scanning.prefilter import looking

        said = _encoded(leaf.said for leaf in leaves)
        fitting = looking(said, lambda: _encoded(str(leaf.value) for leaf in leaves), self.detectors)
        if self.names is not None:
            return ((leaf, fitting.get(place, [])) for place, leaf in enumerate(leaves))
        return ((leaves[place], detectors) for place, detectors in fitting.items())

    def _hits(self, leaf: Leaf, detectors: Iterable[Detector]) -> list[Hit]:
        """Without overlaps: the surer detector has them."""
        said, offset = leaf.said, leaf.offset
        taken: list[Hit] = []
        for detector in detectors:
            for match in _compiled(detector.pattern).finditer(said):
                start, end = match.span(match.lastgroup or 0)
                free = (match.start() if detector.prose else start) >= offset and all(
                    end <= hit.start + offset or start >= hit.end + offset for hit in taken
                )
                if free and detector.real(match) and not is_reserved(_RANGES.get(detector.name, ""), said[start:end]):
                    taken.append(Hit(detector, start - offset, end - offset, said[start:end]))
        return sorted([*taken, *self._names(leaf, taken)], key=lambda hit: hit.start)

    def _names(self, leaf: Leaf, taken: Sequence[Hit]) -> list[Hit]:
        if self.names is None or not isinstance(leaf.value, str):
            return []
        from synth_sdk.compliance.scanning.names import names_in

        text = leaf.value
        spans = names_in(text, self.names)
        free = [(start, end) for start, end in spans if all(end <= hit.start or start >= hit.end for hit in taken)]
        return [Hit(OPTIONAL[NAMES], start, end, text[start:end]) for start, end in free]

    def __reduce__(self) -> "tuple[object, ...]":
        return _load, (tuple(detector.name for detector in self.detectors), self.names)


def _load(detectors: tuple[str, ...], names: str | None) -> Scanner:
    return Scanner(tuple((DETECTORS | OPTIONAL)[name] for name in detectors), names)


def _encoded(texts: Iterable[str]) -> pa.StringArray:
    there = list(texts)
    try:
        return of_texts(there)
    except UnicodeEncodeError:  # half a surrogate pair
        return of_texts(text.encode("utf-8", "replace").decode() for text in there)


def _concatenated(texts: Iterable[pa.StringArray]) -> pa.StringArray:
    return pa.concat_arrays([of_texts(()), *texts])


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _lines(batch: Batch) -> tuple[bytes | memoryview, Sequence[Json] | None]:
    """Lines of JSON, and the records where they are held as such."""
    if isinstance(batch, LineBatch):
        return batch.lines(), None
    records = batch.records()
    text = "\n".join(json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=str) for record in records)
    return f"{text}\n".encode("utf-8", "replace") if records else b"", records


def _picked(lines: bytes | memoryview, records: Sequence[Json] | None, rows: "NDArray[np.intp]") -> Iterator[Json]:
    """Copies of the records of `rows`, which may be changed."""
    from synth_sdk.compliance.scanning.prefilter import lines_of

    if records is not None:
        from copy import deepcopy

        return (deepcopy(records[row]) for row in rows.tolist())
    texts = lines_of(lines)
    return (json.loads(texts[row].as_py()) for row in rows.tolist())

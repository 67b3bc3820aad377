"""Real-looking personal data in records: first which records could hold some, then which of their texts, then where.

Only the last step reads texts in Python; on clean records it is hardly ever reached.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from synth_sdk.compliance.reserved import is_reserved
from synth_sdk.compliance.scanning.catalogue import DETECTORS, OPTIONAL
from synth_sdk.compliance.scanning.leaves import Leaf, leaves_of, under
from synth_sdk.compliance.scanning.shapes import Detector
from synth_sdk.core.batches import Batch, ColumnBatch
from synth_sdk.core.models import Json

if TYPE_CHECKING:
    from numpy.typing import NDArray

OTHERS, NAMES = "other_id", "person_name"
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
    """A leaf with hits, in their order. `record` is a list that holds the leaf's record alone, as `leaves_of` takes it."""

    leaf: Leaf
    hits: tuple[Hit, ...]
    record: list[Json]


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
        leaf = Leaf(0, "", name, None, 0, text)
        return self._hits(leaf, self.detectors)

    def scan(self, batch: Batch, exempt: frozenset[str] = frozenset()) -> Iterator[Found]:
        """The leaves with hits, but those at or within the paths `exempt`. Records without a suspicion aren't even parsed."""
        lines, records = _lines(batch)
        rows = self.suspects(lines) if self.names is None else np.arange(len(batch))
        if not len(rows):
            return
        held = {row: [record] for row, record in zip(rows.tolist(), _picked(lines, records, rows), strict=True)}
        leaves = [
            leaf for row, root in held.items() for leaf in leaves_of(root, row) if not (exempt and under(leaf.path, exempt))
        ]
        for leaf, detectors in self._suspected(leaves):
            if hits := self._hits(leaf, detectors):
                yield Found(leaf, tuple(hits), held[leaf.row])

    def suspects(self, lines: bytes | memoryview) -> "NDArray[np.intp]":
        """The numbers of the lines of JSON in which there may be hits."""
        from synth_sdk.compliance.scanning.prefilter import suspects

        return suspects(lines, self.detectors)

    def _suspected(self, leaves: Sequence[Leaf]) -> Iterator[tuple[Leaf, list[Detector]]]:
        """The leaves that a shape fits, in their order, with the detectors that have to look."""
        from synth_sdk.compliance.scanning.prefilter import matching
        from synth_sdk.core.arrow import of_texts

        texts = of_texts(leaf.said.encode("utf-8", "replace").decode() for leaf in leaves)
        looking: dict[int, list[Detector]] = {}
        for detector in self.detectors:
            for place in matching(texts, detector.shape).nonzero()[0].tolist():
                looking.setdefault(place, []).append(detector)
        if self.names is not None:
            return ((leaf, looking.get(place, [])) for place, leaf in enumerate(leaves))
        return ((leaves[place], looking[place]) for place in sorted(looking))

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


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _lines(batch: Batch) -> tuple[bytes | memoryview, Sequence[Json] | None]:
    """Lines of JSON, and the records where they are held as such."""
    if isinstance(batch, ColumnBatch):
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

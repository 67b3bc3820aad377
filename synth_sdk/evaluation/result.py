"""What an evaluation found."""

import json
from dataclasses import dataclass
from pathlib import Path

from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json
from synth_sdk.dialogue.dialects import Finding
from synth_sdk.evaluation.dialogues import Dialogue
from synth_sdk.evaluation.envelope import Range, corpora
from synth_sdk.evaluation.gates import Gate
from synth_sdk.evaluation.likeness import AREAS, NEAREST, Likeness
from synth_sdk.evaluation.measures import NEEDS_EXTRA, Figures
from synth_sdk.evaluation.neighbours import MISSING
from synth_sdk.evaluation.sections import Section, sections
from synth_sdk.evaluation.tallies import Findings
from synth_sdk.quality.extras import has_sklearn
from synth_sdk.sinks.sink import write_text

_FEWEST_FOR_ENVELOPE = 100  # dialogues: the human figures were taken from 200 of each corpus


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The figures of one file. `records` were read, `sample` measured; `figures` is empty where there is nothing to measure."""

    file: str
    dialect: str
    records: int
    flaws: Findings
    gates: list[Gate]
    figures: Figures
    ranges: list[Range]
    sample: list[Dialogue]
    likeness: Likeness | None = None

    @property
    def passed(self) -> bool:
        """The format is sound: every record has its dialect's shape and no validator found a flaw."""
        return all(gate.passed is not False for gate in self.gates if gate.format)

    @property
    def passed_strictly(self) -> bool:
        """All gates hold, those of consistency too."""
        return all(gate.passed is not False for gate in self.gates)

    @property
    def findings(self) -> list[Finding]:
        """The first findings of the validator."""
        return list(self.flaws.first)

    @property
    def inside(self) -> int:
        """How many figures lie in the human range."""
        return sum(one.inside for one in self.ranges)

    @property
    def lacks_extra(self) -> bool:
        """Some figures need the extra `eval`, which is not installed."""
        return bool(self.figures) and not has_sklearn()

    @property
    def notes(self) -> list[str]:
        """What the reader should know of the figures."""
        told = []
        if self.lacks_extra:
            count = len(NEEDS_EXTRA) + (len(AREAS) + len(NEAREST) if self.likeness else 0)
            told.append(f"{count} figures {MISSING}")
        if self.figures and len(self.sample) < _FEWEST_FOR_ENVELOPE:
            few = "1 dialogue is" if len(self.sample) == 1 else f"{len(self.sample)} dialogues are"
            told.append(f"{few} few: the human ranges were taken from 200 of each corpus")
        if self.figures and self.records > len(self.sample):
            told.append(f"figures of wording are taken from {len(self.sample):,} of {self.records:,} records; the gates from all")
        return told

    def sections(self) -> list[Section]:
        """Rows for people to read."""
        return sections(self)

    def to_dict(self) -> dict[str, Json]:
        """Everything as JSON data, with stable keys (docs/eval.md)."""
        found = self.flaws
        return {
            "file": self.file,
            "dialect": self.dialect,
            "records": self.records,
            "measured": len(self.sample),
            "passed": self.passed,
            "passed_strictly": self.passed_strictly,
            "gates": {gate.key: gate.to_dict() for gate in self.gates},
            "findings": {
                "total": found.total,
                "by_rule": dict(found.by_rule.most_common()),
                "first": [finding.to_dict() for finding in found.first],
            },
            "metrics": dict(self.figures),
            "envelope": {
                "inside": self.inside,
                "of": len(self.ranges),
                "corpora": list[Json](corpora()),
                "metrics": {one.name: one.to_dict() for one in self.ranges},
            },
            "like": self.likeness.to_dict() if self.likeness else None,
            "notes": list[Json](self.notes),
        }

    def save(self, path: str) -> str:
        """Write a page (.html) or the data (.json), whole or not at all. Returns the path."""
        suffix = Path(path).suffix.lower()
        if suffix not in (".html", ".htm", ".json"):
            raise RequestError(f"page {path!r}: an evaluation is saved as .html or .json")
        write_text(path, self._json() if suffix == ".json" else self._page())
        return path

    def _json(self) -> str:
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"

    def _page(self) -> str:
        from synth_sdk.evaluation.page import page

        return page(self)

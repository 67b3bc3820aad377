"""What compliance rules find: one verdict each, counted so that the findings of two halves merge into those of the whole."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Severity = Literal["info", "warning", "error"]
Stage = Literal["schema", "generation", "output"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule's verdict about one field.

    `rule` is its id (`pci-dss/3.3.1-cvv`), `framework` as users name it (`PCI-DSS`), `citation` where the rule stands in the law or standard.
    `field` is the path of the value in a record, with dots and `[]` for items ("" for the record as a whole). `action` is what was done, one
    word: "removed", "reserved" (drawn from a range that belongs to nobody), "generalised", "masked", "none"... `message` says it in a
    sentence. `count` is how many values it is about (0: the schema's field itself). `example` is a masked value, never a real-looking one.
    """

    rule: str
    framework: str
    citation: str
    field: str
    severity: Severity
    stage: Stage
    action: str
    message: str
    count: int = 0
    example: str = ""

    @property
    def violates(self) -> bool:
        """What the rule forbids is still there: an error that nothing was done about."""
        return self.severity == "error" and self.action == "none"

    def to_dict(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in told.items() if value != "" or name == "field"}


@dataclass(slots=True)
class Findings:
    """Findings by rule, field, severity, stage and action; those that agree in all of them are one, with their counts added."""

    found: dict[tuple[str, ...], Finding] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        key = (finding.framework, finding.rule, finding.field, finding.severity, finding.stage, finding.action)
        known = self.found.get(key)
        self.found[key] = replace(known, count=known.count + finding.count) if known else finding

    def extend(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.add(finding)

    def merge(self, other: "Findings") -> None:
        self.extend(other)

    def __iter__(self) -> Iterator[Finding]:
        """In the order of framework, rule, field."""
        return iter(self.found[key] for key in sorted(self.found))

    def __len__(self) -> int:
        return len(self.found)

    @property
    def violations(self) -> list[Finding]:
        return [finding for finding in self if finding.violates]

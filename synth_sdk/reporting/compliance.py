"""The report's findings of compliance, by framework, the gravest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synth_sdk.reporting.facts import Report
from synth_sdk.reporting.reading import listing, mapping, text, whole

_GRAVITY = {"error": 0, "warning": 1, "info": 2}
VERDICTS = {
    "clean": "nothing was found that a rule forbids",
    "adjusted": "what rules apply to was found and dealt with",
    "violated": "what a rule forbids is in the data",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One finding. `done` is the action in a word; `standing` means that what the rule forbids is still there."""

    rule: str
    framework: str
    citation: str
    field: str
    severity: str
    stage: str
    done: str
    message: str
    count: int
    example: str

    @property
    def standing(self) -> bool:
        return self.severity == "error" and self.done in ("", "none")


def asked(report: Report) -> Mapping[str, Any]:
    """What the report says of compliance; empty where no framework was asked for."""
    return mapping(report.get("compliance"))


def frameworks(report: Report) -> list[str]:
    return [str(name) for name in listing(asked(report).get("frameworks"))]


def findings(report: Report) -> list[Found]:
    """The findings; the gravest first, then by rule and field."""
    told = [_found(mapping(one)) for one in listing(asked(report).get("findings"))]
    return sorted(told, key=lambda one: (not one.standing, _GRAVITY.get(one.severity, 3), one.rule, one.field))


def by_framework(report: Report) -> dict[str, list[Found]]:
    """The findings of each framework that was asked for or found something, none among them included."""
    groups: dict[str, list[Found]] = {name: [] for name in frameworks(report)}
    for one in findings(report):
        groups.setdefault(one.framework or "Other", []).append(one)
    return groups


def _found(one: Mapping[str, Any]) -> Found:
    words = {name: text(one.get(name)) for name in ("rule", "framework", "citation", "field", "severity", "stage", "message")}
    return Found(**words, done=text(one.get("action")), count=whole(one.get("count")) or 0, example=text(one.get("example")))

"""The report's findings of compliance, by framework, the gravest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from synth_sdk.reporting.facts import Report
from synth_sdk.reporting.reading import listing, mapping, number, text, whole
from synth_sdk.reporting.words import count, figure, pairs, percent, plural, said

_GRAVITY = {"error": 0, "warning": 1, "info": 2}
VERDICTS = {
    "clean": "nothing was found that a rule forbids",
    "adjusted": "whatever a rule forbids was dealt with",
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
    def open(self) -> bool:
        """Nothing was done about it."""
        return self.done in ("", "none")

    @property
    def standing(self) -> bool:
        return self.severity == "error" and self.open


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


class Counted(NamedTuple):
    """The findings of one framework, by what became of them: those dealt with, warnings that somebody has to decide about, those that are
    worth knowing, and broken rules that stand.
    """

    framework: str
    findings: int
    done: int
    to_decide: int
    to_know: int
    standing: int


def counted(report: Report) -> list[Counted]:
    """The findings of each framework, counted."""
    return [_counted(name, found) for name, found in by_framework(report).items()]


def _counted(name: str, found: Sequence[Found]) -> Counted:
    still = [one for one in found if one.open]
    graver = sum(one.standing for one in still), sum(one.severity == "warning" for one in still)
    return Counted(name, len(found), len(found) - len(still), graver[1], len(still) - sum(graver), graver[0])


def verdict(report: Report) -> str:
    """What the status means here, and how many warnings wait for a decision."""
    said = VERDICTS.get(text(asked(report).get("status")), "")
    waiting = sum(one.to_decide for one in counted(report))
    return (
        f"{said}; {plural(waiting, 'warning')} {'waits' if waiting == 1 else 'wait'} for a decision" if said and waiting else said
    )


def anonymity(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """k-anonymity as rows: of one set of records, or of each table."""
    if "k" not in told:
        for table, one in told.items():
            yield from (
                (f"{table}: {name}", shown) for name, shown in anonymity(mapping(one)) if mapping(one).get("k") is not None
            )
        return
    records, alone = whole(told.get("records")), number(told.get("alone"))
    if fields := listing(told.get("quasi_identifiers")) or listing(told.get("fields")):
        yield "Fields that may single people out together", ", ".join(map(said, fields))
    yield "k: records in the smallest group that agree in all of these", said(told["k"])
    if (groups := number(told.get("classes", told.get("groups")))) is not None:
        yield "Groups", f"{count(groups)} of {plural(records, 'record')}" if records is not None else count(groups)
    if alone is not None:
        yield "Records that stand alone", percent(alone)
    for size, some in mapping(told.get("records_in_classes_below")).items():
        if size != "2" and (read := number(some)) is not None:
            yield f"Records in groups of fewer than {size}", count(read)
    if note := text(told.get("note")):
        yield "Note", note


_COPIES = {
    "sample_rows": "Rows of the sample",
    "sample_rows_compared": "Rows that records were held against",
    "identifying_rows": "Rows that would give somebody away",
    "records": "Records looked at",
    "exact_copies": "Exact copies, left out",
    "near_copies": "Near copies, left out",
    "near_distance": "Distance up to which a copy is near (0 to 1)",
    "distances": "Distance of records to the nearest row",
    "distances_within_sample": "Distance of the sample's rows to the nearest other row",
}


def copies(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What was found of copies of a sample's rows, as rows of a table."""
    for key, value in told.items():
        spread = {name: read for name, one in mapping(value).items() if (read := number(one)) is not None}
        if key in _COPIES and spread:
            yield _COPIES[key], ", ".join(f"{_QUANTILES.get(name, name)} {figure(read)}" for name, read in spread.items())
        else:
            yield from ((_COPIES.get(key, name), shown) for name, shown in pairs({key: value}, 3))


_QUANTILES = {"p5": "5th percentile"}


def _found(one: Mapping[str, Any]) -> Found:
    words = {name: text(one.get(name)) for name in ("rule", "framework", "citation", "field", "severity", "stage", "message")}
    return Found(**words, done=text(one.get("action")), count=whole(one.get("count")) or 0, example=text(one.get("example")))

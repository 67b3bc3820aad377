"""An evaluation as rows for people: the same for the terminal and the page."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from synth_sdk.evaluation.catalogue import ENTRIES, GROUPS
from synth_sdk.evaluation.likeness import NEAREST
from synth_sdk.evaluation.measures import NEEDS_EXTRA
from synth_sdk.evaluation.neighbours import NOT_MEASURED

if TYPE_CHECKING:
    from synth_sdk.evaluation.gates import Gate
    from synth_sdk.evaluation.result import Evaluation

_COPIED = {
    "turns": "turns found word for word",
    "runs_of_8_words": "runs of eight words found",
    "near80": "dialogues with a neighbour there above .8",
    "near60": "dialogues with a neighbour there above .6",
    "mean_max_sim": "mean likeness to the nearest there",
}
_AREAS = {
    "text": "AUC by the text",
    "masked": "AUC without values and names",
    "style": "AUC by function words and marks",
    "shape": "AUC by lengths and counts",
    "turn_user": "AUC by single user turns",
    "turn_assistant": "AUC by single assistant turns",
}
_SPREADS = {
    "turns": "turns, Jensen-Shannon",
    "words_user_turn": "words per user turn, Jensen-Shannon",
    "words_assistant_turn": "words per assistant turn, Jensen-Shannon",
    "calls": "calls, Jensen-Shannon",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `beside`: what the value is held against; `verdict`: ok, failed, inside, outside or nothing."""

    title: str
    value: str
    beside: str = ""
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of rows; `beside` heads their third column."""

    title: str
    beside: str
    rows: list[Row]


def sections(evaluation: "Evaluation") -> list[Section]:
    """Gates, figures beside the human range, distances."""
    found = [
        Section(group, "", [_gate(gate) for gate in evaluation.gates if gate.group == group])
        for group in ("structure", "consistency")
    ]
    found += [Section(group, "human range", list(_figures(evaluation, group))) for group in GROUPS if evaluation.figures]
    if evaluation.likeness:
        found += [
            Section("differences", f"in {PurePath(evaluation.likeness.file).name}", list(_differences(evaluation))),
            Section("distances", "", list(_distances(evaluation))),
        ]
    return [section for section in found if section.rows]


def number(value: float | None) -> str:
    """Three significant digits, whole numbers whole."""
    if value is None:
        return "-"
    whole = abs(value) >= 1000 or (value == int(value) and value != 0)
    return f"{value:,.0f}" if whole else f"{value:.3g}"


def _gate(gate: "Gate") -> Row:
    value = number(gate.value) if gate.of is None else f"{number(gate.value)} of {number(gate.of)}"
    return Row(gate.title, value, gate.wanted, {True: "ok", False: "failed", None: ""}[gate.passed])


def _figures(evaluation: "Evaluation", group: str) -> Iterator[Row]:
    ranges = {one.name: one for one in evaluation.ranges}
    for entry in ENTRIES:
        if entry.group != group or entry.key not in evaluation.figures:
            continue
        value, human = evaluation.figures[entry.key], ranges.get(entry.key)
        if entry.key in NEEDS_EXTRA and evaluation.lacks_extra:
            yield Row(entry.title, NOT_MEASURED)
        elif value is None or human is None:
            yield Row(entry.title, number(value))
        else:
            verdict = "inside" if human.inside else "outside"
            yield Row(entry.title, number(value), f"{number(human.low)}-{number(human.high)}", verdict)


def _differences(evaluation: "Evaluation") -> Iterator[Row]:
    other = evaluation.likeness.figures if evaluation.likeness else {}
    for entry in ENTRIES:
        mine, theirs = evaluation.figures.get(entry.key), other.get(entry.key)
        if mine is not None and theirs is not None:
            yield Row(entry.title, f"{mine - theirs:+.3g}" if mine != theirs else "0", number(theirs))


def _distances(evaluation: "Evaluation") -> Iterator[Row]:
    likeness = evaluation.likeness
    if likeness is None:
        return
    for titles, values in ((_SPREADS, likeness.divergences), (_AREAS, likeness.areas), (_COPIED, likeness.copied)):
        for key, title in titles.items():
            missing = evaluation.lacks_extra and (values is likeness.areas or key in NEAREST)
            yield Row(title, NOT_MEASURED if missing else number(values[key]))

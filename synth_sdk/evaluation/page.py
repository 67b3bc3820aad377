"""The page: figures, plots and conversations to read, in one file that needs nothing from the network."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from synth_sdk.evaluation.catalogue import ENTRIES
from synth_sdk.evaluation.dialogues import Dialogue
from synth_sdk.evaluation.envelope import corpora
from synth_sdk.evaluation.words import count_words, masked
from synth_sdk.reporting.plots import histogram, range_bar
from synth_sdk.reporting.talks import Part, labels, parts
from synth_sdk.reporting.templates import template

if TYPE_CHECKING:
    from markupsafe import Markup

    from synth_sdk.evaluation.result import Evaluation

_MOST_READ = 60  # conversations in the page
_MOST_OPENINGS = 12
_WORDS = 3  # of an opening


class Conversation(NamedTuple):
    """One to read: the number of its record, its labels, what is said and called."""

    number: int
    labels: dict[str, str]
    parts: list[Part]


def page(evaluation: "Evaluation") -> str:
    """The page as HTML."""
    return template("synth_sdk.evaluation", "page.html.jinja").render(
        evaluation=evaluation,
        sections=evaluation.sections(),
        plots=_plots(evaluation),
        ranges=_ranges(evaluation),
        openings=_openings(evaluation.sample),
        corpora=", ".join(corpora()),
        conversations=[_shown(one) for one in _read(evaluation)],
    )


def _plots(evaluation: "Evaluation") -> list["Markup"]:
    """What is spread, as bars; the sample held against it as a line."""
    own, other = evaluation.sample, evaluation.likeness.sample if evaluation.likeness else ()
    drawn = [
        histogram("turns in a dialogue", _turns(own), _turns(other)),
        histogram("words in a turn of the user", _words(own, "user"), _words(other, "user")),
        histogram("words in a turn of the assistant", _words(own, "assistant"), _words(other, "assistant")),
    ]
    if any(_calls(own)):
        drawn.append(histogram("tool calls in a dialogue", _calls(own), _calls(other)))
    return [plot for plot in drawn if plot]


def _turns(dialogues: Sequence[Dialogue]) -> list[int]:
    return [len(one.speech) for one in dialogues]


def _words(dialogues: Sequence[Dialogue], role: str) -> list[int]:
    return [count_words(text) for one in dialogues for text in one.turns(role)]


def _calls(dialogues: Sequence[Dialogue]) -> list[int]:
    return [one.calls for one in dialogues]


def _ranges(evaluation: "Evaluation") -> list[dict[str, Any]]:
    titles = {entry.key: entry.title for entry in ENTRIES}
    return [
        {
            "title": titles.get(one.name, one.name),
            "value": one.value,
            "low": one.low,
            "high": one.high,
            "inside": one.inside,
            "bar": range_bar(one.value, one.low, one.high, one.inside),
        }
        for one in evaluation.ranges
    ]


def _openings(dialogues: list[Dialogue]) -> list[tuple[str, float]]:
    """The commonest first words of users, with their shares."""
    openings = [one.turns("user")[0] for one in dialogues if one.turns("user")]
    counts = Counter(" ".join(masked(text).lower().split()[:_WORDS]) for text in openings)
    return [(words, count / len(openings)) for words, count in counts.most_common(_MOST_OPENINGS)]


def _read(evaluation: "Evaluation") -> list[Dialogue]:
    """The conversations to read, in the file's order: those with findings, and the first of the sample."""
    flawed = {finding.record for finding in evaluation.findings}
    chosen = sorted(evaluation.sample, key=lambda one: one.number not in flawed)[:_MOST_READ]
    return sorted(chosen, key=lambda one: one.number)


def _shown(dialogue: Dialogue) -> Conversation:
    return Conversation(
        dialogue.number, labels(dialogue.meta), [part for message in dialogue.messages for part in parts(message)]
    )

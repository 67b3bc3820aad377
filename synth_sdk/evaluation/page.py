"""The page: figures, plots and conversations to read, in one file that needs nothing from the network."""

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from synth_sdk.core.models import Json
from synth_sdk.evaluation.catalogue import ENTRIES
from synth_sdk.evaluation.dialogues import Dialogue
from synth_sdk.evaluation.envelope import corpora
from synth_sdk.evaluation.plots import histogram, range_bar
from synth_sdk.evaluation.words import count_words, masked

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

    from synth_sdk.evaluation.result import Evaluation

_MOST_READ = 60  # conversations in the page
_MOST_OPENINGS = 12
_WORDS = 3  # of an opening
_LONGEST_SHOWN = 20_000  # characters of one message


def page(evaluation: "Evaluation") -> str:
    """The page as HTML."""
    return _template().render(
        evaluation=evaluation,
        sections=evaluation.sections(),
        plots=_plots(evaluation),
        ranges=_ranges(evaluation),
        openings=_openings(evaluation.sample),
        corpora=", ".join(corpora()),
        conversations=[_shown(one) for one in _read(evaluation)],
    )


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("synth_sdk.evaluation", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.jinja")


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


def _shown(dialogue: Dialogue) -> dict[str, Json]:
    """What the page's script shows of a conversation."""
    labels = {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for key, value in dialogue.meta.items()
    }
    return {
        "number": dialogue.number,
        "labels": labels,
        "parts": [part for message in dialogue.messages for part in _parts(message)],
    }


def _parts(message: dict[str, Any]) -> list[dict[str, Json]]:
    shown: list[dict[str, Json]] = []
    if message["role"] == "tool":
        return [{"kind": "result", "text": _laid_out(message["content"])}]
    if message.get("content"):
        shown.append({"kind": message["role"], "text": message["content"][:_LONGEST_SHOWN]})
    for call in message.get("tool_calls") or ():
        shown.append({"kind": "call", "name": call["function"]["name"], "text": _laid_out(call["function"]["arguments"])})
    return shown


def _laid_out(text: str) -> str:
    """JSON with a line for each entry; other text as it is."""
    with suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return text[:_LONGEST_SHOWN]

"""Distances to a sample of one's own: figure by figure, in shape, for a classifier - and how much may have been copied from it."""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from synth_sdk.core.models import Json
from synth_sdk.evaluation.dialogues import NEIGHBOURS, Dialogue
from synth_sdk.evaluation.measures import Figures
from synth_sdk.evaluation.neighbours import nearest
from synth_sdk.evaluation.words import LONG, count_words, mean, tokens
from synth_sdk.quality.extras import has_sklearn

_WORD_BINS = (0, 1, 2, 3, 5, 8, 12, 17, 25, 41, 81)
_MOST_SPOKEN, _MOST_CALLS = 40, 11  # the last bin holds all above
_RUN = 8  # words: who has so many in a row in common did not come by them by chance
Counts = Counter[int]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a set compares with another, `file`, of which `sample` was measured.

    `divergences`: Jensen-Shannon, in bits, 0 for equal shares. `areas`: of a classifier that tells the sets apart. `copied`: shares of
    turns, of runs of eight words and of dialogues found (nearly) in the other set. `areas` and parts of `copied` are None without the
    extra `eval`.
    """

    file: str
    records: int
    sample: Sequence[Dialogue]
    figures: Figures
    divergences: dict[str, float | None]
    areas: dict[str, float | None]
    copied: dict[str, float | None]

    def to_dict(self) -> dict[str, Json]:
        return {
            "file": self.file,
            "records": self.records,
            "figures": dict(self.figures),
            "jensen_shannon": dict(self.divergences),
            "classifier_auc": dict(self.areas),
            "copied": dict(self.copied),
        }


AREAS = ("text", "masked", "style", "shape", "turn_user", "turn_assistant")
NEAREST = ("near80", "near60", "mean_max_sim")


def compare(file: str, records: int, own: Sequence[Dialogue], other: Sequence[Dialogue], figures: Figures) -> Likeness:
    """The distances of `own` to `other`, a sample of the `records` dialogues in `file` with `figures`."""
    measured = has_sklearn() and own and other
    areas: dict[str, float | None] = dict.fromkeys(AREAS)
    near: dict[str, float | None] = dict.fromkeys(NEAREST)
    if measured:
        from synth_sdk.evaluation.classifier import told_apart

        areas |= told_apart(other, own)
        near |= nearest(own[:NEIGHBOURS], other)
    return Likeness(file, records, other, figures, divergences(own, other), areas, {**copied(own, other), **near})


def divergences(own: Sequence[Dialogue], other: Sequence[Dialogue]) -> dict[str, float | None]:
    """How differently turns, words and calls are spread."""
    mine, theirs = _shapes(own), _shapes(other)
    return {name: jensen_shannon(mine[name], theirs[name]) for name in mine}


def _shapes(dialogues: Sequence[Dialogue]) -> dict[str, Counts]:
    return {
        "turns": Counter(min(len(one.speech), _MOST_SPOKEN) for one in dialogues),
        "words_user_turn": Counter(_bin(text) for one in dialogues for text in one.turns("user")),
        "words_assistant_turn": Counter(_bin(text) for one in dialogues for text in one.turns("assistant")),
        "calls": Counter(min(one.calls, _MOST_CALLS) for one in dialogues),
    }


def _bin(text: str) -> int:
    return bisect_right(_WORD_BINS, count_words(text))


def jensen_shannon(left: Counts, right: Counts) -> float | None:
    """The divergence of two histograms, in bits: 0 equal, 1 nothing in common. None if one is empty."""
    if not left or not right:
        return None
    total = 0.0
    for key in left.keys() | right.keys():
        p, q = left[key] / left.total(), right[key] / right.total()
        total += sum(part * math.log2(2 * part / (p + q)) for part in (p, q) if part) / 2
    return max(0.0, total)


def copied(own: Sequence[Dialogue], other: Sequence[Dialogue]) -> dict[str, float | None]:
    """The shares of turns (five words or more) and of runs of eight words that stand in the other set word for word."""
    mine, theirs = _long_turns(own), _long_turns(other)
    known_turns = set(map(tuple, theirs))
    known_runs = {run for turn in theirs for run in _runs(turn)}
    runs = [run in known_runs for turn in mine for run in _runs(turn)]
    return {
        "turns": mean(tuple(turn) in known_turns for turn in mine) if mine else None,
        "runs_of_8_words": mean(runs) if runs else None,
    }


def _long_turns(dialogues: Sequence[Dialogue]) -> list[list[str]]:
    return [tokens(text) for one in dialogues for _, text in one.speech if count_words(text) >= LONG]


def _runs(turn: list[str]) -> list[tuple[str, ...]]:
    return [tuple(turn[i : i + _RUN]) for i in range(len(turn) - _RUN + 1)]

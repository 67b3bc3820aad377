"""Which turns of a pack could do with more wordings, and what a wording of each must hold: read off the pack and a sample of its play."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from synth_sdk.dialogue import Pack
from synth_sdk.dialogue.frames import Choice, Parts, Slot, always, slots_of
from synth_sdk.dialogue.model import Act
from synth_sdk.dialogue.playing.player import traced
from synth_sdk.dialogue.playing.trace import Trace, Turn, trace

_PLAYED = 80  # dialogues that show how often each act is said
_OFTEN = _PLAYED / 200  # uses of each wording in the sample: once in 200 dialogues
_SAMPLES = 3  # turns that show with which values
_SURE = 12  # wordings that say the same slot by no accident
_SEED, _START = 1, datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Said:
    """How often a sample of dialogues says an act; `opens`: it may be its speaker's first turn; `where`: in which dialogues."""

    act: Act
    uses: int
    opens: bool
    where: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """The slot values of one turn as it was played, and its dialogue's date."""

    values: Mapping[str, Any]
    now: str


@dataclass(frozen=True, slots=True)
class Situation:
    """One act of a pack, as somebody who writes wordings for it has to know it: `allowed` slots may stand in a frame, `required` ones must."""

    pack: Pack
    act: Act
    allowed: frozenset[str]
    required: frozenset[str]
    opens: bool
    samples: tuple[Sample, ...]


def said(pack: Pack) -> list[Said]:
    """The acts that a sample of dialogues says and that have a wording without a condition, in the pack's order."""
    where: defaultdict[str, list[int]] = defaultdict(list)
    opening: set[str] = set()
    for index in range(_PLAYED):
        for turn, first in _turns(trace(pack, _SEED, index, _START)):
            where[turn.act.name].append(index)
            if first:
                opening.add(turn.act.name)
    return [
        Said(act, len(where[act.name]), act.name in opening, tuple(dict.fromkeys(where[act.name])))
        for act in pack.acts.values()
        if act.name in where and any(frame.when is None for frame in act.frames)
    ]


def plan(found: Sequence[Said], calls: range, frames: int, most: int) -> list[tuple[Said, int]]:
    """Which acts the next calls of `frames` wordings each go to, and the how manieth call of its act each is.

    One after the other to where each wording is used most often, counting those already on order; at most `most` to one act. As
    many as it takes until every wording is used about once in 200 dialogues, but no fewer than `calls` begins with and no more
    than it ends with.
    """
    given = Counter[str]()

    def need(one: Said) -> float:
        name = one.act.name
        return one.uses / (len(one.act.frames) + frames * given[name]) if given[name] < most else 0.0

    chosen: list[tuple[Said, int]] = []
    while len(chosen) < calls.stop - 1:
        one = max(found, key=need, default=None)
        if one is None or not need(one) or (len(chosen) >= calls.start and need(one) < _OFTEN):
            break
        chosen.append((one, given[one.act.name]))
        given[one.act.name] += 1
    order = {one.act.name: place for place, one in enumerate(found)}
    return sorted(chosen, key=lambda choice: (choice[1], order[choice[0].act.name]))


def situations(pack: Pack, acts: Iterable[Said]) -> dict[str, Situation]:
    """All about each of `acts`, by name: values are drawn for a few of the dialogues that say it."""
    wanted = {one.act.name: one for one in acts}
    samples: defaultdict[str, list[Sample]] = defaultdict(list)
    for index in sorted({index for one in wanted.values() for index in one.where[:_SAMPLES]}):
        found, _ = traced(pack, _SEED, index, _START)
        for turn, _ in _turns(found):
            samples[turn.act.name].append(Sample(turn.values, found.now))
    return {name: _situation(pack, one, samples[name][:_SAMPLES]) for name, one in wanted.items()}


def _turns(found: Trace) -> Iterator[tuple[Turn, bool]]:
    """The turns of a dialogue; whether each is its speaker's first."""
    spoke: set[str] = set()
    for event in found.events:
        if isinstance(event, Turn):
            yield event, event.act.role not in spoke
            spoke.add(event.act.role)


def _situation(pack: Pack, one: Said, samples: Sequence[Sample]) -> Situation:
    """Slots are taken from the wordings that are there. What all of them say has to be said - in a small bank, where that may be an
    accident, only if the act's meaning speaks of it too."""
    act = one.act
    banks = [frame.parts for frame in act.frames if frame.when is None]
    meant = frozenset(slot.name for slot in slots_of(act.about))
    known = meant.union(*(frozenset(slot.name for slot in slots_of(parts)) for parts in banks))
    shown = frozenset.intersection(*(frozenset(sample.values) for sample in samples))
    required = frozenset.intersection(*(always(parts) for parts in banks))
    if meant and len(banks) < _SURE:
        required &= meant
    return Situation(pack, act, known & (shown | required), required, one.opens, tuple(samples))


def plainly(parts: Parts) -> str:
    """A frame along its first alternatives, without what is optional: how a wording is shown to somebody who writes another."""
    words: list[str] = []
    for part in parts:
        if isinstance(part, str):
            words.append(part)
        elif isinstance(part, Slot):
            words.append(f"{{{part.name}{'|' if part.form else ''}{part.form}}}")
        elif isinstance(part, Choice) and part.rate == 1:
            words.append(plainly(part.options[0]))
    return " ".join("".join(words).split())

"""Does a pack make sense? What the compiler can't refuse but a reader of its records would notice."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Literal

from synth_sdk.core.errors import SynthError
from synth_sdk.dialogue.entities import Known
from synth_sdk.dialogue.frames import Parts, Slot, render
from synth_sdk.dialogue.gates import check
from synth_sdk.dialogue.model import Frame, Pack, Place
from synth_sdk.dialogue.paths import Site, open_ends, sites, speaking_errors, unreachable
from synth_sdk.dialogue.player import joined, play, traced

Level = Literal["error", "warning", "info"]

_SAMPLE = 200
_SEED = 1
_START = datetime(2025, 1, 1, tzinfo=UTC)
_COUNTED_WORDS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's verdict on one place of a pack."""

    rule: str
    level: Level
    message: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.level}: {self.message} [{self.rule}]"


def lint(pack: Pack) -> list[Finding]:
    """All findings, errors first. Plays a sample of dialogues only when the flow itself is sound."""
    found = [*_flow(pack), *_slots(pack), *_banks(pack), *_sources(pack)]
    if not any(finding.level == "error" for finding in found):
        found += _sample(pack)
    order = {"error": 0, "warning": 1, "info": 2}
    return sorted(found, key=lambda finding: (order[finding.level], finding.file, finding.line, finding.message))


def _finding(rule: str, level: Level, message: str, place: Place) -> Finding:
    return Finding(rule, level, message, place.file, place.line)


def _flow(pack: Pack) -> Iterator[Finding]:
    for name in unreachable(pack):
        yield _finding("flow", "warning", f"flow.{name} is never reached", pack.flow[name].place)
    for name in open_ends(pack):
        yield _finding("flow", "error", f"flow.{name} does not lead to the end", pack.flow[name].place)
    for name, message in speaking_errors(pack):
        yield _finding("roles", "error", f"flow.{name}: {message}", pack.flow[name].place)
    said = {site.act for site in sites(pack)}
    for act in pack.acts.values():
        if act.name not in said:
            yield _finding("acts", "warning", f"acts.{act.name} is never said", act.place)


def _slots(pack: Pack) -> Iterator[Finding]:
    """Frames whose slots are undefined wherever their act is said, and places where no frame can be used."""
    by_act: dict[str, list[Site]] = {}
    for site in sites(pack):
        by_act.setdefault(site.act, []).append(site)
    for name, places in by_act.items():
        act = pack.acts[name]
        somewhere = frozenset().union(*(site.slots for site in places))
        for frame in act.frames:
            if lost := sorted(frame.slots - somewhere):
                yield _finding("slots", "error", f"acts.{name}: {{{lost[0]}}} is undefined wherever this is said", frame.place)
        for site in places:
            if not any(frame.slots <= site.slots and frame.when is None for frame in act.frames):
                message = f"acts.{name}: at flow.{site.node} (goal {site.goal}) no frame can be used: defined there are {', '.join(sorted(site.slots))}"
                yield _finding("slots", "error", message, act.place)
                break


def _banks(pack: Pack) -> Iterator[Finding]:
    for act in pack.acts.values():
        if len(act.frames) < act.wanted:
            yield _finding(
                "frames", "warning", f"acts.{act.name} has {len(act.frames)} frames, wanted are {act.wanted}", act.place
            )
        seen: dict[str, Frame] = {}
        for frame in act.frames:
            key = " ".join(frame.text.lower().split()).rstrip(".!? ")
            if key in seen:
                yield _finding(
                    "frames", "warning", f"acts.{act.name}: the same frame as in line {seen[key].place.line}", frame.place
                )
            seen.setdefault(key, frame)


def _sources(pack: Pack) -> Iterator[Finding]:
    """Agents' frames that hold an amount, a date or an id of their own."""
    for act in pack.acts.values():
        for frame in act.frames if act.role == "agent" else ():
            own = Known().missing(_wording(frame.parts))
            if own:
                yield _finding(
                    "source", "error", f"acts.{act.name}: the {own[0]} {own[1]} comes from nowhere: use a slot", frame.place
                )


def _wording(parts: Parts) -> str:
    words = []
    for part in parts:
        if isinstance(part, str):
            words.append(part)
        elif isinstance(part, Slot):
            words.append(" ")
        else:
            words.append(" ".join(_wording(option) for option in part.options))
    return "".join(words)


def _sample(pack: Pack) -> Iterator[Finding]:
    """Play some dialogues: each must pass the gates, each feasible goal must succeed at least once."""
    place = Place(f"{pack.name}", 1)
    reached: Counter[str] = Counter()
    told: set[str] = set()
    for index in range(_SAMPLE):
        try:
            record = check(play(pack, _SEED, index, _START))
        except SynthError as error:
            if error.message not in told:
                told.add(error.message)
                yield _finding("gates", "error", f"record {index} of seed {_SEED}: {error.message}", place)
            continue
        reached[record["meta"]["goal"]] += record["meta"]["success"] or not record["meta"]["feasible"]
    for goal in pack.goals:
        if not told and goal.weight and not reached[goal.name]:
            yield _finding("goals", "warning", f"goals.{goal.name} never succeeded in {_SAMPLE} dialogues", place)
    if not told:
        rate = predicted_templated_rate(pack)
        yield _finding(
            "frames",
            "info",
            f"about {rate:.0%} of the turns of {_SAMPLE} dialogues share their wording with another dialogue",
            place,
        )


def predicted_templated_rate(pack: Pack) -> float:
    """The share of turns of 5 words or more whose wording, slots masked, is said in another one of 200 dialogues too."""
    rng = Random(_SEED)
    said: dict[str, set[int]] = {}
    turns: list[str] = []
    for index in range(_SAMPLE):
        for frame in traced(pack, _SEED, index, _START)[1]:
            words = joined(render(frame.parts, rng, lambda slot: "_")).lower()
            if len(words.split()) >= _COUNTED_WORDS:
                said.setdefault(words, set()).add(index)
                turns.append(words)
    return sum(len(said[words]) > 1 for words in turns) / len(turns) if turns else 0.0

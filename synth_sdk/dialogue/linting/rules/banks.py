"""Are the wordings enough, and can each of them be used somewhere?"""

from collections.abc import Iterator, Mapping

from synth_sdk.dialogue.frames import Parts, Slot
from synth_sdk.dialogue.gates.entities import Known
from synth_sdk.dialogue.linting.decisions import decide
from synth_sdk.dialogue.linting.findings import Finding, finding
from synth_sdk.dialogue.linting.paths import Site, sites
from synth_sdk.dialogue.model import Act, Frame, Pack, Place


def bank_findings(pack: Pack) -> Iterator[Finding]:
    by_act: dict[str, list[Site]] = {}
    for site in sites(pack):
        by_act.setdefault(site.act, []).append(site)
    for act in pack.acts.values():
        yield from _numbers(act)
        yield from _repeats(act)
        if act.role == "agent":
            yield from _sources(act)
        if act.name in by_act:
            yield from _unusable(act, by_act[act.name])
            yield from _speechless(act, by_act[act.name])


def _numbers(act: Act) -> Iterator[Finding]:
    if len(act.frames) < act.wanted:
        yield finding("frames", "warning", f"acts.{act.name} has {len(act.frames)} frames, wanted are {act.wanted}", act.place)


def _repeats(act: Act) -> Iterator[Finding]:
    """The same frame twice. Between two files the first is named: what comes later may be a shared bank, which is not the writer's to mend."""
    seen: dict[str, Place] = {}
    for frame in act.frames:
        key, place = " ".join(frame.text.lower().split()).rstrip(".!? "), frame.place
        first = seen.setdefault(key, place)
        if first.file != place.file:
            yield finding("frames", "warning", f"acts.{act.name}: the same frame as in {place.file}:{place.line}", first)
        elif first is not place:
            yield finding("frames", "warning", f"acts.{act.name}: the same frame as in line {first.line}", place)


def _sources(act: Act) -> Iterator[Finding]:
    """Agents' frames that hold an amount, a date or an id of their own."""
    for frame in act.frames:
        own = Known().missing(_wording(frame.parts))
        if own:
            message = f"acts.{act.name}: the {own[0]} {own[1]} comes from nowhere: use a slot"
            yield finding("source", "error", message, frame.place)


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


def _unusable(act: Act, places: list[Site]) -> Iterator[Finding]:
    """Frames whose slots are undefined, or whose condition is false, wherever their act is said."""
    somewhere = frozenset[str]().union(*(site.slots for site in places))
    known = {site.facts for site in places}
    for frame in act.frames:
        if lost := sorted(frame.slots - somewhere):
            yield finding("slots", "error", f"acts.{act.name}: {{{lost[0]}}} is undefined wherever this is said", frame.place)
        elif frame.when and all(decide(frame.when, dict(facts)) is False for facts in known):
            yield finding(
                "frames", "warning", f"acts.{act.name}: {frame.when.source!r} never holds where this is said", frame.place
            )


def _speechless(act: Act, places: list[Site]) -> Iterator[Finding]:
    """The first place where it is not sure that some frame can be used."""
    unconditional = {frame.slots for frame in act.frames if frame.when is None}
    for site in places:
        if any(slots <= site.slots for slots in unconditional):
            continue
        verdicts = _verdicts([frame for frame in act.frames if frame.slots <= site.slots], dict(site.facts))
        if True in verdicts:
            continue
        where = f"acts.{act.name}: at flow.{site.node} (goal {site.goal})"
        defined = f"defined there are {', '.join(sorted(site.slots)) or 'no slots'}"
        if None in verdicts:
            message = f"{where} every frame has a condition that may fail; {defined}"
            yield finding("slots", "warning", message, act.place)
        else:
            yield finding("slots", "error", f"{where} no frame can be used: {defined}", act.place)
        return


def _verdicts(frames: list[Frame], facts: Mapping[str, object]) -> set[bool | None]:
    return {decide(frame.when, facts) if frame.when else True for frame in frames}

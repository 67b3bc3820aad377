"""Compiling what can be said: slots, acts and their frames."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from synth_sdk.core.errors import PackError, nearest
from synth_sdk.dialogue.forms import PLAIN, Forms
from synth_sdk.dialogue.frames import BadFrame, Choice, Parts, Slot, first_words, parse_frame, slots_of, word_count
from synth_sdk.dialogue.loading.commonness import plainness
from synth_sdk.dialogue.loading.reading import known_keys, mapping, number_at, place_of, sequence, text_at, when_at
from synth_sdk.dialogue.loading.source import Map, Seq, fail
from synth_sdk.dialogue.loading.values import condition
from synth_sdk.dialogue.model import Act, Frame, Place, Role, SlotRule

MOST_WORDINGS = 100_000
_FRAME_KEYS = frozenset({"t", "if", "style", "w"})


def compile_slot(name: str, spec: Map, forms: Mapping[str, Forms]) -> SlotRule:
    known_keys(spec, {"is", "as"}, f"slots.{name}")
    kind = spec.get("as")
    if kind is not None and kind not in forms:
        raise fail(f"slots.{name}: {kind!r} is not a type with forms", spec, "as", "unknown type")
    return SlotRule(name, condition(spec.get("is"), spec, "is"), forms[kind] if kind else PLAIN)


def compile_acts(whole: Map, slots: Mapping[str, SlotRule]) -> dict[str, Act]:
    declared, say = mapping(whole, "acts"), mapping(whole, "say")
    for name in say:
        if name not in declared:
            raise fail(f"say.{name} is not a declared act{did_you_mean(name, declared)}", say, name, "unknown act")
    for name in declared:
        if not sequence(say, name):
            raise fail(f"acts.{name} has no frames: add some under say.{name}", declared, name, "frames")
    banks = {name: _drafts(say[name], slots) for name in declared}
    pull = number_at(whole, "plainness", 0, 0, 3)
    scores = plainness({name: [draft.text for draft in bank] for name, bank in banks.items()}) if pull else {}
    greetings = tuple(str(word).lower() for word in sequence(whole, "greetings"))
    acts = {}
    for name, bank in banks.items():
        factors = [math.exp(pull * score) for score in scores[name]] if pull else [1.0] * len(bank)
        acts[name] = _act(name, mapping(declared, name), _frames(bank, factors, greetings), slots)
    return acts


class _Draft(NamedTuple):
    """A frame as it is read, before it is compared with the others of its act."""

    parts: Parts
    text: str
    slots: frozenset[str]
    words: float
    extra: Map
    place: Place


def _drafts(bank: Seq, slots: Mapping[str, SlotRule]) -> list[_Draft]:
    return [_draft(frame, bank, i, slots) for i, frame in enumerate(bank)]


def _draft(frame: Any, bank: Seq, i: int, slots: Mapping[str, SlotRule]) -> _Draft:
    place = bank.places[i]
    if isinstance(frame, Map):
        known_keys(frame, _FRAME_KEYS, "a frame")
        extra, text = frame, frame.get("t")
    else:
        extra, text = Map(*place), frame
    parts, names = frame_parts(text, bank, i, slots)
    return _Draft(parts, str(text), names, word_count(parts), extra, Place(*place))


def frame_parts(text: Any, holder: Seq, i: int, slots: Mapping[str, SlotRule]) -> tuple[Parts, frozenset[str]]:
    """The parts of the frame that stands at `holder[i]`, and the slots it may show."""
    if not isinstance(text, str):
        raise fail(f"a frame is text, not {text!r}: put it in quotes", holder, i, "frame")
    return _checked(text, slots, lambda message, rule: fail(message, holder, i, rule))


def _checked(text: str, slots: Mapping[str, SlotRule], error: Callable[[str, str], PackError]) -> tuple[Parts, frozenset[str]]:
    try:
        parts = parse_frame(text)
    except BadFrame as flaw:
        raise error(str(flaw), "frame") from None
    if wordings(parts) > MOST_WORDINGS:
        raise error(f"a frame stands for at most {MOST_WORDINGS} wordings: split it", "frame")
    used = slots_of(parts)
    for slot in used:
        if slot.name not in slots:
            raise error(f"{{{slot.name}}} is not a slot{did_you_mean(slot.name, slots)}", "unknown slot")
        shows = slots[slot.name].forms.shows
        if slot.form and slot.form not in shows:
            raise error(f"{{{slot.name}|{slot.form}}}: its forms are {', '.join(shows)}", "unknown form")
    return parts, frozenset(slot.name for slot in used)


def wordings(parts: Parts) -> int:
    """How many different ways there are through a frame's alternatives, slots left aside."""
    count = 1
    for part in parts:
        if isinstance(part, Choice):
            count *= sum(map(wordings, part.options)) + (part.rate < 1)
    return count


def did_you_mean(name: str, known: Mapping[str, Any]) -> str:
    near = nearest(name, known)
    return f": did you mean {' or '.join(near)}?" if near else ""


def _act(name: str, spec: Map, frames: tuple[Frame, ...], slots: Mapping[str, SlotRule]) -> Act:
    known_keys(spec, {"user", "agent", "frames"}, f"acts.{name}")
    roles = [role for role in ("user", "agent") if role in spec]
    if len(roles) != 1:
        raise fail(f"acts.{name}: write user: or agent: and what it means", spec, None, "acts")
    about, named = _checked(text_at(spec, roles[0]), slots, lambda message, rule: fail(message, spec, roles[0], rule))
    used = named.union(*(frame.slots for frame in frames))
    role: Role = "user" if roles[0] == "user" else "agent"
    return Act(name, role, about, int(number_at(spec, "frames", 1)), frames, used, place_of(spec))


def _frames(bank: Sequence[_Draft], factors: Sequence[float], greetings: tuple[str, ...]) -> tuple[Frame, ...]:
    """The frames of one act: ranked by length, with their weights times `factors`."""
    lengths = sorted(draft.words for draft in bank)
    return tuple(
        _frame(draft, _rank(draft.words, lengths), factor, greetings) for draft, factor in zip(bank, factors, strict=True)
    )


def _rank(words: float, lengths: list[float]) -> float:
    """The place of a length among all, 0 (shortest) to 1; equal ones share the middle of theirs."""
    if len(lengths) < 2:
        return 0.5
    below, upto = bisect_left(lengths, words), bisect_right(lengths, words)
    return (below + (upto - below - 1) / 2) / (len(lengths) - 1)


def _frame(draft: _Draft, rank: float, factor: float, greetings: tuple[str, ...]) -> Frame:
    extra = draft.extra
    style = str(extra.get("style", ""))
    if style not in ("", "formal", "casual"):
        raise fail(f"style {style!r} is not formal or casual", extra, "style", "frame")
    weight = number_at(extra, "w", 1, 0.01, 100) * factor
    return Frame(
        draft.parts,
        draft.text,
        draft.slots,
        when_at(extra, "if"),
        style,
        weight,
        draft.words,
        rank,
        _greets(draft.parts, greetings),
        draft.place,
    )


def _greets(parts: Parts, greetings: tuple[str, ...]) -> bool:
    """Whether a frame begins with one of the words that open a dialogue."""
    if not greetings or isinstance(parts[0], Slot):
        return False
    head = first_words(parts)
    return head.startswith(greetings) and any(
        head.startswith(greeting) and not head[len(greeting) :][:1].isalpha() for greeting in greetings
    )

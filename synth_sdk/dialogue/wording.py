"""Compiling what can be said: slots, acts and their frames."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from synth_sdk.core.errors import PackError, nearest
from synth_sdk.dialogue.commonness import plainness
from synth_sdk.dialogue.forms import PLAIN, Forms
from synth_sdk.dialogue.frames import BadFrame, Parts, first_words, parse_frame, slots_of, word_count
from synth_sdk.dialogue.model import Act, Frame, Place, SlotRule
from synth_sdk.dialogue.reading import known_keys, mapping, number_at, place_of, sequence, text_at, when_at
from synth_sdk.dialogue.source import Map, Seq, fail
from synth_sdk.dialogue.values import condition


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
            near = nearest(name, declared)
            raise fail(
                f"say.{name} is not a declared act{': did you mean ' + ' or '.join(near) + '?' if near else ''}",
                say,
                name,
                "unknown act",
            )
    greetings = tuple(str(word).lower() for word in sequence(whole, "greetings"))
    acts = {name: _act(name, mapping(declared, name), sequence(say, name), slots, greetings) for name in declared}
    pull = number_at(whole, "plainness", 0, 0, 3)
    return _weighted(acts, pull) if pull else acts


def _weighted(acts: dict[str, Act], pull: float) -> dict[str, Act]:
    """The acts with plain frames weighted up and rare ones down: by e to the power of `pull` per standard deviation."""
    scores = plainness({name: [frame.text for frame in act.frames] for name, act in acts.items()})
    return {
        name: replace(
            act,
            frames=tuple(
                replace(frame, weight=frame.weight * math.exp(pull * score))
                for frame, score in zip(act.frames, scores[name], strict=True)
            ),
        )
        for name, act in acts.items()
    }


def _act(name: str, spec: Map, bank: Seq, slots: Mapping[str, SlotRule], greetings: tuple[str, ...]) -> Act:
    known_keys(spec, {"user", "agent", "frames"}, f"acts.{name}")
    roles = [role for role in ("user", "agent") if role in spec]
    if len(roles) != 1:
        raise fail(f"acts.{name}: write user: or agent: and what it means", spec, None, "acts")
    if not bank:
        raise fail(f"acts.{name} has no frames: add some under say.{name}", spec, None, "frames")
    about = _checked(text_at(spec, roles[0]), slots, lambda message, rule: fail(message, spec, roles[0], rule))
    drafts = [_draft(frame, bank, i, slots) for i, frame in enumerate(bank)]
    lengths = sorted(word_count(parts) for parts, _ in drafts)
    frames = tuple(_frame(parts, extra, bank, i, lengths, greetings) for i, (parts, extra) in enumerate(drafts))
    used = frozenset().union(*(frame.slots for frame in frames), {slot.name for slot in slots_of(about)})
    return Act(
        name, "user" if roles[0] == "user" else "agent", about, int(number_at(spec, "frames", 1)), frames, used, place_of(spec)
    )


def _draft(frame: Any, bank: Seq, i: int, slots: Mapping[str, SlotRule]) -> tuple[Parts, Map]:
    extra = frame if isinstance(frame, Map) else Map(*bank.places[i])
    known_keys(extra, {"t", "if", "style", "w"}, "a frame")
    return frame_parts(extra.get("t") if isinstance(frame, Map) else frame, bank, i, slots), extra


def frame_parts(text: Any, holder: Seq, i: int, slots: Mapping[str, SlotRule]) -> Parts:
    if not isinstance(text, str):
        raise fail(f"a frame is text, not {text!r}: put it in quotes", holder, i, "frame")
    return _checked(text, slots, lambda message, rule: fail(message, holder, i, rule))


def _checked(text: str, slots: Mapping[str, SlotRule], error: Callable[[str, str], PackError]) -> Parts:
    try:
        parts = parse_frame(text)
    except BadFrame as flaw:
        raise error(str(flaw), "frame") from None
    for slot in slots_of(parts):
        if slot.name not in slots:
            near = nearest(slot.name, slots)
            raise error(
                f"{{{slot.name}}} is not a slot{': did you mean ' + ' or '.join(near) + '?' if near else ''}", "unknown slot"
            )
        shows = slots[slot.name].forms.shows
        if slot.form and slot.form not in shows:
            raise error(f"{{{slot.name}|{slot.form}}}: its forms are {', '.join(shows)}", "unknown form")
    return parts


def _frame(parts: Parts, extra: Map, bank: Seq, i: int, lengths: list[float], greetings: tuple[str, ...]) -> Frame:
    style = str(extra.get("style", ""))
    if style not in ("", "formal", "casual"):
        raise fail(f"style {style!r} is not formal or casual", extra, "style", "frame")
    words = word_count(parts)
    below = sum(1 for length in lengths if length < words)
    same = sum(1 for length in lengths if length == words)
    rank = (below + (same - 1) / 2) / (len(lengths) - 1) if len(lengths) > 1 else 0.5
    head = first_words(parts)
    greets = any(head.startswith(greeting) and not head[len(greeting) :][:1].isalpha() for greeting in greetings)
    slots = frozenset(slot.name for slot in slots_of(parts))
    weight = number_at(extra, "w", 1, 0.01, 100)
    text = extra["t"] if "t" in extra else bank[i]
    return Frame(parts, text, slots, when_at(extra, "if"), style, weight, words, rank, greets, Place(*bank.places[i]))

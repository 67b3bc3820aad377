"""Playing a pack: record n of a seed, worded from the banks.

Wordings are dealt out per block of 256 records: among the frames that fit a turn, the one due next, in a seeded order that moves on from
block to block. So use is even over a run, and record n still is a function of (pack, seed, n, start) alone.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from math import ceil
from random import Random
from typing import Any

from synth_sdk.core.seeds import derive, permuted
from synth_sdk.core.seeds import rng as seeded
from synth_sdk.dialogue.frames import Piece, Slot, capitalised, render
from synth_sdk.dialogue.model import Act, Frame, Pack, Persona
from synth_sdk.dialogue.noise import greeted, noisy
from synth_sdk.dialogue.trace import ToolUse, Trace, Turn, trace

Record = dict[str, Any]

BLOCK = 256
_LENGTH_REACH = 0.55
_FORMAL_BELOW, _CASUAL_ABOVE = 0.45, 0.6


def play(pack: Pack, seed: int, index: int, start: datetime) -> Record:
    """Record `index` of a run: a pure function of its arguments."""
    if index < 0:
        raise IndexError(f"record {index}: indices count from 0")
    found, frames = _block(pack, seed, index // BLOCK, start)[index % BLOCK]
    return record(pack, seed, found, spoken(pack, seed, found, frames))


@lru_cache(maxsize=4)
def _block(pack: Pack, seed: int, block: int, start: datetime) -> list[tuple[Trace, list[Frame]]]:
    """The traces of a block and the frame of each of their turns. Kept, because a block's records are wanted one after the other."""
    traces = [trace(pack, seed, block * BLOCK + place, start) for place in range(BLOCK)]
    uses = Counter(event.act.name for found in traces for event in found.events if isinstance(event, Turn))
    dealer = _Dealer(pack, seed, block, uses)
    return [(found, dealer.deal(found)) for found in traces]


def traced(pack: Pack, seed: int, index: int, start: datetime) -> tuple[Trace, list[Frame]]:
    """The course of record `index` and the frames dealt to its turns."""
    return _block(pack, seed, index // BLOCK, start)[index % BLOCK]


@lru_cache(maxsize=4096)
def _order(pack: str, act: str, size: int, seed: int) -> tuple[int, ...]:
    """A seeded permutation of an act's frames."""
    return tuple(permuted(i, size, derive(seed, pack, "deal", act)) for i in range(size))


class _Dealer:
    """Deals frames to turns within one block.

    Each frame has a time at which it is due next: in the seeded order at first, then 1/weight later after each use. A block takes up where the
    one before would have ended if that had needed each act as often as this one does.
    """

    def __init__(self, pack: Pack, seed: int, block: int, uses: Counter[str]) -> None:
        self.due: dict[str, list[float]] = {}
        for name, count in uses.items():
            frames = pack.acts[name].frames
            past = block * count / sum(frame.weight for frame in frames)
            order = _order(pack.name, name, len(frames), seed)
            self.due[name] = [
                _due((place + 0.5) / len(frames), frame.weight, past) for place, frame in zip(order, frames, strict=True)
            ]

    def deal(self, found: Trace) -> list[Frame]:
        taken: set[tuple[str, int]] = set()
        spoken: set[str] = set()
        frames = []
        for event in found.events:
            if isinstance(event, Turn):
                person = found.cast.persona if event.act.role == "user" else found.cast.agent
                chosen = self._choose(event, person, event.act.role not in spoken, taken)
                spoken.add(event.act.role)
                taken.add((event.act.name, chosen))
                self.due[event.act.name][chosen] += 1 / event.act.frames[chosen].weight
                frames.append(event.act.frames[chosen])
        return frames

    def _choose(self, turn: Turn, person: Persona, is_first: bool, taken: set[tuple[str, int]]) -> int:
        """The index of the frame; rules of taste (length, style, greeting, no repeat) give way when nothing else is left."""
        name, due = turn.act.name, self.due[turn.act.name]
        values, unfit = turn.values.keys(), _unfit(turn.act, person)
        possible = [i for i, frame in enumerate(turn.act.frames) if frame.slots <= values and i not in turn.blocked]
        if not possible:
            raise _no_frame(turn.act)

        def cost(i: int) -> tuple[int, float]:
            greeting = 4 if turn.act.frames[i].greets and not is_first else 0
            return unfit[i] + greeting + (8 if (name, i) in taken else 0), due[i]

        return min(possible, key=cost)


def _due(phase: float, weight: float, past: float) -> float:
    """The first of the times phase/weight, (phase + 1)/weight, ... that is not before `past`."""
    return (phase + max(0, ceil(weight * past - phase))) / weight


@lru_cache(maxsize=2048)
def _unfit(act: Act, person: Persona) -> tuple[int, ...]:
    """How badly each frame of an act suits a person: 2 for the style, 1 for the length."""
    verbosity, formality = person.traits["verbosity"], person.traits["formality"]
    return tuple(
        2 * ((frame.style == "formal" and formality < _FORMAL_BELOW) or (frame.style == "casual" and formality > _CASUAL_ABOVE))
        + (abs(frame.rank - verbosity) > _LENGTH_REACH)
        for frame in act.frames
    )


def _no_frame(act: Act) -> Exception:
    from synth_sdk.core.errors import PackError

    return PackError(
        f"acts.{act.name}: no frame fits, each needs a slot that is undefined here",
        file=act.place.file,
        line=act.place.line,
        rule="slots",
    )


def spoken(pack: Pack, seed: int, found: Trace, frames: Sequence[Frame]) -> list[str]:
    """The text of each turn."""
    rng = seeded(seed, pack.name, "words", found.index)
    texts: list[str] = []
    turns = [event for event in found.events if isinstance(event, Turn)]
    for turn, frame in zip(turns, frames, strict=True):
        pieces = capitalised(_pieces(pack, frame.parts, turn.values, found.now, rng))
        if not texts and not frame.greets:
            pieces = greeted(pieces, found.cast.persona.traits, pack.openers, rng)
        if turn.act.role == "user":
            pieces = noisy(pieces, found.cast.persona.traits, pack.fillers, rng)
        texts.append(joined(pieces))
    return texts


def _pieces(pack: Pack, parts: Any, values: dict[str, Any], now: str, rng: Random) -> list[Piece]:
    def show(slot: Slot) -> str:
        return pack.slots[slot.name].forms.text(values[slot.name], slot.form, now, rng)

    return render(parts, rng, show)


def joined(pieces: list[Piece]) -> str:
    """One line of text: single spaces, none before punctuation."""
    text = " ".join("".join(text for text, _ in pieces).split())
    for mark in ",.?!":
        text = text.replace(f" {mark}", mark)
    return text


def system_text(pack: Pack, seed: int, found: Trace) -> str | None:
    """One of the pack's system messages, or None."""
    if not pack.system:
        return None
    rng = seeded(seed, pack.name, "system", found.index)
    parts = pack.system[int(rng.random() * len(pack.system))]
    return joined(_pieces(pack, parts, found.values, found.now, rng))


def name_of(pack: Pack, seed: int, index: int, *path: str | int) -> str:
    """24 hex digits for one place of one record: unique within a run and across packs and seeds."""
    text = "\x1f".join(str(part) for part in (pack.name, seed, index, *path))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def record(pack: Pack, seed: int, found: Trace, texts: Sequence[str]) -> Record:
    """The canonical record with `texts` as the spoken turns, in order."""
    messages: list[dict[str, Any]] = []
    words = iter(texts)
    for event in found.events:
        if isinstance(event, ToolUse):
            messages.extend(tool_messages(event, f"call_{name_of(pack, seed, found.index, len(messages))}"))
        else:
            messages.append({"role": "user" if event.act.role == "user" else "assistant", "content": next(words)})
    return assembled(pack, seed, found, messages)


def tool_messages(event: ToolUse, call_id: str) -> list[dict[str, Any]]:
    """The assistant's call and the tool's answer."""
    function = {"name": event.tool, "arguments": json.dumps(event.args, ensure_ascii=False)}
    return [
        {"role": "assistant", "content": None, "tool_calls": [{"id": call_id, "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": call_id, "content": json.dumps(event.result, ensure_ascii=False)},
    ]


def assembled(pack: Pack, seed: int, found: Trace, messages: list[dict[str, Any]], context: str = "") -> Record:
    """The record around `messages`: id, tools, labels, and the system message, with `context` at its end, if there is one."""
    system = " ".join(part for part in (system_text(pack, seed, found), context) if part)
    who = found.cast
    return {
        "id": f"conv_{name_of(pack, seed, found.index)}",
        "messages": ([{"role": "system", "content": system}] if system else []) + messages,
        "tools": json.loads(_tools_json(pack)),
        "meta": {
            "pack": pack.name,
            "goal": who.goal.name,
            "persona": who.persona.name,
            "agent": who.agent.name,
            "faults": list(found.faults),
            "feasible": who.goal.feasible,
            "success": found.success,
            "lang": pack.lang,
            "now": found.now,
            "world_before": found.world_before,
            "world_after": found.world_after,
            "seed": seed,
            "index": found.index,
        },
    }


@lru_cache(maxsize=16)
def _tools_json(pack: Pack) -> str:
    tools = pack.tools.values()
    return json.dumps(
        [
            {"type": "function", "function": {"name": t.name, "description": t.description, "parameters": t.parameters}}
            for t in tools
        ]
    )

"""Playing a pack: record n of a seed, alone or among many. All of it goes through the pack's compiled outlines."""

import json
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from synth_sdk.core.errors import PackError
from synth_sdk.dialogue.model import Frame, Pack
from synth_sdk.dialogue.playing.trace import ToolUse, Trace, Turn, trace

if TYPE_CHECKING:
    from synth_sdk.dialogue.columns.chorus import Chorus, Conversations

Record = dict[str, Any]

_KEPT = 32  # records made at once when they are asked for one by one


@lru_cache(maxsize=4)
def chorus(pack: Pack, seed: int, start: datetime) -> "Chorus":
    """The compiled outlines of a pack. Kept, because the records of a run are wanted one after the other."""
    from synth_sdk.dialogue.columns.chorus import Chorus

    return Chorus(pack, seed, start)


def batch(pack: Pack, seed: int, rows: range, start: datetime) -> "Conversations":
    """Records `rows` of a run, held as columns. Each is a pure function of (pack, seed, its number, start)."""
    return chorus(pack, seed, start).batch(rows)


def play(pack: Pack, seed: int, index: int, start: datetime) -> Record:
    """Record `index` of a run: a pure function of its arguments."""
    if index < 0:
        raise IndexError(f"record {index}: indices count from 0")
    try:
        line = _lines(pack, seed, index // _KEPT, start)[index % _KEPT]
    except PackError:  # perhaps of a neighbour
        line = batch(pack, seed, range(index, index + 1), start).lines()
    record: Record = json.loads(line)
    return record


@lru_cache(maxsize=16)
def _lines(pack: Pack, seed: int, block: int, start: datetime) -> list[bytes]:
    return batch(pack, seed, range(block * _KEPT, block * _KEPT + _KEPT), start).lines().splitlines()


def traced(pack: Pack, seed: int, index: int, start: datetime) -> tuple[Trace, list[Frame]]:
    """The course of record `index`, its values drawn, and the frames dealt to its turns."""
    from synth_sdk.dialogue.columns.chorus import OUTLINES

    made = batch(pack, seed, range(index, index + 1), start)
    found = trace(pack, seed, index % OUTLINES, start)
    hand = made.hand

    def drawn(event: Turn | ToolUse) -> Turn | ToolUse:
        if isinstance(event, Turn):
            return Turn(event.act, {name: hand.value(value, 0) for name, value in event.values.items()}, event.blocked)
        return ToolUse(event.tool, hand.value(event.args, 0), hand.value(event.result, 0), event.error)

    events = tuple(drawn(event) for event in found.events)
    return replace(found, index=index, now=hand.value(found.now, 0), events=events), _frames(pack, events, made.frames.tolist())


def _frames(pack: Pack, events: tuple[Turn | ToolUse, ...], dealt: list[int]) -> list[Frame]:
    """Frames by their numbers among all frames of the pack; a system message comes first and is none."""
    firsts, count = {}, 0
    for name, act in pack.acts.items():
        firsts[name], count = count, count + len(act.frames)
    turns = [event for event in events if isinstance(event, Turn)]
    return [
        turn.act.frames[place - firsts[turn.act.name]]
        for turn, place in zip(turns, dealt[len(dealt) - len(turns) :], strict=True)
    ]


def name_of(pack: Pack, seed: int, index: int, place: int) -> str:
    """24 hex digits for one place of one record (0: itself, then its calls): unique within a run and across packs and seeds."""
    import numpy as np

    from synth_sdk.core.seeds import derive
    from synth_sdk.dialogue.columns.labels import hexadecimal, id_words

    words = id_words(np.array([index], np.int64), np.array([place], np.int64), derive(seed, pack.name, "id"))
    return str(hexadecimal(words, 12)[0])


def tool_messages(event: ToolUse, call_id: str) -> list[dict[str, Any]]:
    """The assistant's call and the tool's answer."""
    function = {"name": event.tool, "arguments": json.dumps(event.args, ensure_ascii=False)}
    return [
        {"role": "assistant", "content": None, "tool_calls": [{"id": call_id, "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": call_id, "content": json.dumps(event.result, ensure_ascii=False)},
    ]

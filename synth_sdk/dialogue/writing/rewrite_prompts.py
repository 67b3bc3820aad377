"""What a model that rewords conversations is told: one static text per pack, the wire schema, one brief per conversation, and the marks of a leak.

The worked example is the pack's own: a short conversation, and the same with other frames of the same acts. So it is in the pack's
language and keeps to the rules that the answer is checked by.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from random import Random
from typing import Any

from synth_sdk.core.errors import Rejected
from synth_sdk.core.seeds import rng as seeded
from synth_sdk.dialogue.columns.spacing import capitalised, one_spaced
from synth_sdk.dialogue.frames import Slot, render
from synth_sdk.dialogue.gates.entities import is_name, leaves
from synth_sdk.dialogue.languages import language
from synth_sdk.dialogue.model import Frame, Pack
from synth_sdk.dialogue.writing.outlines import character
from synth_sdk.dialogue.writing.prompts import EXAMPLE_SEED, EXAMPLE_START, Leaks, example, shingles
from synth_sdk.dialogue.writing.rewriting import Line, Rewriting, rewriting

_MOST_TURNS = 64  # bounds "n" too: small models invent numbers of seven digits where nothing keeps them from it
TURNS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "turns": {
            "type": "array",
            "minItems": 1,
            "maxItems": _MOST_TURNS,
            "items": {
                "type": "object",
                "properties": {
                    "n": {"type": "integer", "minimum": 1, "maximum": _MOST_TURNS},
                    "text": {"type": "string", "minLength": 1},
                },
                "required": ["n", "text"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["turns"],
    "additionalProperties": False,
}

_RULES = """\
You reword chat conversations between a customer and an agent, as training data. Each brief below holds one conversation in numbered turns. \
What happens in it is fixed; how it is said is yours.

Setting: {setting}

Rules
- Write one item of "turns" for each numbered turn, in that order: "n" is its number, "text" its new words, in {language}.
- Say what the turn says, in another sentence: other verbs, another order, other openings. Swapping one word is not enough.
- What "keep" lists must stand in the new text letter by letter, as it is written there.
- Add nothing: no other number, date, name, amount, address or reason, and no promise.
- An agent's turn that asks still asks; one that does not ask must not.
- Customers type as the brief describes them: short, often fragments, sometimes with a slip. Agents are plain and warm. About as many words as before.
- No flattery, no lists, no markup, no emojis, no names in front of turns, one paragraph per turn.
- Nothing of the example below may stand in yours, neither its words nor its facts.
"""
_ROUNDS = 4  # of all frames of an act, for each turn of the example: dates and optional parts come out otherwise each time


def rewrite_instructions(pack: Pack) -> str:
    """The static prefix for rewording conversations of `pack`: the same bytes for every request."""
    plan, answer = _example(pack)
    rules = _RULES.format(setting=pack.description, language=language(pack.lang).name or pack.lang)
    return f"{rules}\nExample brief\n{rewrite_brief(plan)}\nExample answer\n{json.dumps(answer, ensure_ascii=False)}\n"


def rewrite_brief(plan: Rewriting) -> str:
    """One conversation's own part of the prompt."""
    head = f"Customer: {character(*plan.persona)}. Agent: {plan.agent}."
    return "\n".join([head, *(_numbered(line) for line in plan.lines)])


@lru_cache(maxsize=8)
def rewrite_leaks(pack: Pack) -> Leaks:
    """What the new words of a conversation of `pack` must not repeat."""
    plan, answer = _example(pack)
    spoken = [line.text for line in plan.lines] + [turn["text"] for turn in answer["turns"]]
    calls = [call for message in plan.offline["messages"] for call in message.get("tool_calls") or ()]
    given = (value for call in calls for value in leaves(json.loads(call["function"]["arguments"])))
    names = frozenset(value.lower() for value in given if is_name(value))
    runs = [shingles(_RULES.replace("{setting}", "").replace("{language}", "")), *map(shingles, spoken)]
    return Leaks(names, frozenset().union(*runs))


def _numbered(line: Line) -> str:
    keep = f" | keep {json.dumps(line.kept, ensure_ascii=False)}" if line.kept else ""
    return f"{line.number}. {line.speaker}: {line.text}{keep}"


@lru_cache(maxsize=8)
def _example(pack: Pack) -> tuple[Rewriting, Mapping[str, Any]]:
    """The conversation of the pack's worked example, and its turns in other words."""
    plan = rewriting(pack, EXAMPLE_SEED, example(pack)[0].trace.index, EXAMPLE_START)
    return plan, {"turns": [{"n": line.number, "text": _otherwise(plan, line)} for line in plan.lines]}


def _otherwise(plan: Rewriting, line: Line) -> str:
    """`line` by another frame of its act that says just the same; as it is if there is none."""
    source = seeded(EXAMPLE_SEED, plan.pack.name, "reworded", line.number)
    known = line.turn.values.keys()
    frames = [at for at, frame in enumerate(line.turn.act.frames) if at not in line.turn.blocked and frame.slots <= known]
    source.shuffle(frames)
    for at in frames * _ROUNDS:
        try:
            text = plan.worded(line, _said(plan, line, line.turn.act.frames[at], source))
        except Rejected:
            continue
        if text != line.text:
            return text
    return line.text


def _said(plan: Rewriting, line: Line, frame: Frame, source: Random) -> str:
    now = plan.offline["meta"]["now"]

    def show(slot: Slot) -> str:
        return plan.pack.slots[slot.name].forms.text(line.turn.values[slot.name], slot.form, now, source)

    return capitalised(one_spaced("".join(text for text, _ in render(frame.parts, source, show))).strip())

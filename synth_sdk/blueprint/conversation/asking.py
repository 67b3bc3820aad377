"""What a model is told when it writes wordings: one static text for a pack, one brief for a turn, one small schema for all."""

from collections.abc import Sequence
from random import Random
from typing import Any

from synth_sdk.blueprint.conversation.situations import Situation, plainly
from synth_sdk.core.seeds import rng
from synth_sdk.dialogue import Pack
from synth_sdk.dialogue.frames import slots_of
from synth_sdk.dialogue.languages import language

FRAMES = 10  # wordings in one call: few enough for a small model to keep them apart
_LEAST = 5
_SHOWN = 8
_MOST_FORMS = 3
MANNERS = (
    "plain and short, 2 to 9 words each: what most people would type",
    "of all lengths, 4 to 20 words; a few give a reason or a bit of circumstance",
    "five of them casual, as typed on a phone; five polite and correct",
    "unusual ways to put it, no two with the same first word",
)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "frames": {
            "type": "array",
            "minItems": _LEAST,
            "maxItems": 2 * FRAMES,
            "items": {"type": "string", "minLength": 1},
            "description": "the wordings, each one whole turn",
        }
    },
    "required": ["frames"],
    "additionalProperties": False,
}
EXAMPLE = (
    "Could you check when {tool} is due back?",
    "Hi, I borrowed {tool} and lost the slip. Until when may I keep it?",
    "{tool}, which day do you want it back",
)
OUTPUT_TOKENS = FRAMES * 45 + 80

_RULES = """\
You write wordings for a chat simulator, in {language}. A wording is one whole turn that somebody types in a chat. Facts are not \
written out: a placeholder in braces, such as {{order_id}}, stands where a fact goes, and the simulator fills it in.

Setting: {setting}

Rules
- Keep placeholders exactly as given, braces and all. Use no others. A placeholder is replaced by its value as it is, so the sentence \
has to fit around it.
- State no facts of your own: no numbers, dates, times, prices, names, brands, places or promises. Such things come from placeholders only.
- Each wording says what the brief says, no more and no less, and makes sense whatever was said before in the chat.
- Real people's chat: no flattery, no stock apologies, no markup, no emojis, no lists, no quotes around it, no name in front of it.
- The wordings of one brief differ in words and in build, not just in a synonym.

Example brief
Turn of the customer: asks until when {{tool}} may be kept. Must stand in each: {{tool}} (such as "a tile cutter"). Write 3.
Example answer
{{"frames": ["{0}", "{1}", "{2}"]}}
The example is from another setting: nothing of it belongs into yours.
"""


def instructions(pack: Pack) -> str:
    """The static prefix of all requests for `pack`."""
    return _RULES.format(*EXAMPLE, language=language(pack.lang).name, setting=pack.description)


def brief(situation: Situation, turn: int) -> str:
    """The `turn`-th call for one situation."""
    act = situation.act
    source = rng(0, "blueprint", situation.pack.name, act.name, turn)
    who = "customer" if act.role == "user" else "agent"
    lines = [
        f"Turn of the {who}: {plainly(act.about)}.",
        _place(situation, who),
        *_slots(situation, source),
        "There already, so none of these again:",
        *(f"- {text}" for text in _shown(situation, source)),
        f"Manner: {MANNERS[turn % len(MANNERS)]}.",
        f"Write {FRAMES}.",
    ]
    return "\n".join(lines)


def _place(situation: Situation, who: str) -> str:
    if situation.opens:
        return f"It may be the first thing that the {who} writes, or come later; at most two of the wordings greet."
    return "It comes in the middle of the chat: no greeting."


def _slots(situation: Situation, source: Random) -> list[str]:
    must = sorted(situation.required)
    may = sorted(situation.allowed - situation.required)
    told = [("Must stand in each", must), ("May stand in some", may)]
    lines = [f"{head}: {'; '.join(_slot(situation, name, source) for name in names)}." for head, names in told if names]
    return lines or ["No placeholder belongs here."]


def _slot(situation: Situation, name: str, source: Random) -> str:
    """A placeholder in the forms that the bank uses, each with what it may look like."""
    rule = situation.pack.slots[name]
    used = {slot.form for frame in situation.act.frames for slot in slots_of(frame.parts) if slot.name == name}
    shown: list[str] = []
    for form in ["", *sorted(used - {""})][:_MOST_FORMS]:
        texts = [
            rule.forms.text(sample.values[name], form or rule.forms.default[0], sample.now, source)
            for sample in situation.samples
            if name in sample.values
        ]
        example = f' (such as "{texts[0]}")' if texts else ""
        shown.append(f"{{{name}{'|' if form else ''}{form}}}{example}")
    return " or ".join(shown)


def _shown(situation: Situation, source: Random) -> Sequence[str]:
    """A few of the wordings that are there, different ones in every call."""
    bank = list(dict.fromkeys(plainly(frame.parts) for frame in situation.act.frames if frame.when is None))
    return bank if len(bank) <= _SHOWN else source.sample(bank, _SHOWN)

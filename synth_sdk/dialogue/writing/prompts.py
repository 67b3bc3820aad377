"""What a model that writes conversations is told: one static text per pack, the wire schema, and the marks by which a leak is found.

The worked example is a short conversation that the pack itself plays, from a seed of its own: it shows the setting's tone and how
facts are worded. Its ids, and runs of its words, are a leak wherever they stand in an answer.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from synth_sdk.dialogue.gates.entities import is_name, leaves
from synth_sdk.dialogue.model import Pack
from synth_sdk.dialogue.playing.player import Record, play
from synth_sdk.dialogue.writing.outlines import Outline, outline

EXCHANGES_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "exchanges": {
            "type": "array",
            "minItems": 2,
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {"customer": {"type": "string", "minLength": 1}, "agent": {"type": "string", "minLength": 1}},
                "required": ["customer", "agent"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["exchanges"],
    "additionalProperties": False,
}

_RULES = """\
You write realistic chat conversations between a customer and an agent, as training data. Each brief below fixes one conversation: who the \
customer is, what happens in each exchange, and what the agent's tools returned. You write only the words that the two type.

Setting: {setting}

Rules
- One item of "exchanges" per numbered exchange of the brief, in that order: "customer" first, "agent" replies. Tool calls are not written down; the \
agent simply knows what the tools returned in this or an earlier exchange.
- The agent states only what the customer wrote or a tool returned: no other dates, amounts, e-mail addresses or numbers, and no promises of its own.
- Where a fact stands in an exchange, it must be in the words: order numbers, e-mail addresses and the like exactly as written in the brief.
- Real people's chat: customers write 4 to 16 words a turn, often fragments, sometimes with a slip, in the given tone; agents write 6 to 25 words, plain and \
warm. Vary the lengths. Keep to the first words that the brief gives; do not start with "Hi! I need".
- No flattery, no stock apologies, no lists, no markup, no emojis, no names in front of turns, one paragraph per turn.
- Every conversation uses its own wording: nothing of the example below may stand in yours, neither its words nor its facts.
"""
_SHINGLE = 8
_WORD = re.compile(r"[a-z0-9']+")
EXAMPLE_SEED = -1  # no user's run can have it by accident: seeds count from 0 unless asked for
EXAMPLE_START = datetime(2019, 1, 1, tzinfo=UTC)
_EXAMPLES_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Leaks:
    """What must not come back: ids of the worked example (lower case), and runs of eight words of it and of the rules."""

    names: frozenset[str]
    runs: frozenset[str]

    def found(self, text: str) -> str | None:
        """The first leak in `text`, in words; None when there is none."""
        folded = text.lower()
        name = next((name for name in sorted(self.names) if name in folded), None)
        if name:
            return f"{name!r} is from the worked example of the instructions"
        if shingles(folded) & self.runs:
            return "repeats the instructions or their worked example word for word"
        return None


def instructions(pack: Pack) -> str:
    """The static prefix for conversations of `pack`: the same bytes for every request."""
    plan, words = example(pack)
    answer = json.dumps({"exchanges": words}, ensure_ascii=False)
    return f"{_RULES.format(setting=pack.description)}\nExample brief\n{plan.brief}\nExample answer\n{answer}\n"


@lru_cache(maxsize=8)
def leaks(pack: Pack) -> Leaks:
    """What an answer about `pack` must not repeat."""
    plan, words = example(pack)
    spoken = " ".join(turn for exchange in words for turn in exchange.values())
    given = (value for exchange in plan.exchanges for use in exchange.traffic for value in leaves(use.args))
    names = frozenset(value.lower() for value in given if is_name(value))
    return Leaks(names, shingles(_RULES.replace("{setting}", "")) | shingles(spoken))


def shingles(text: str) -> frozenset[str]:
    """Every run of eight words of `text`, lower case."""
    words = _WORD.findall(text.lower())
    return frozenset(" ".join(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1))


@lru_cache(maxsize=8)
def example(pack: Pack) -> tuple[Outline, list[dict[str, str]]]:
    """A conversation with tool traffic where nothing goes wrong: its outline and its words.

    The shorter the better, and with an opening that names no id: small models copy most of what they see first.
    """

    def unfit(candidate: tuple[Outline, list[dict[str, str]]]) -> tuple[bool, bool, int]:
        plan, words = candidate
        opening = words[0]["customer"]
        return (not plan.plain, any(is_name(word.strip(".,?!#")) for word in opening.split()), len(" ".join(map(str, words))))

    plans = [outline(pack, EXAMPLE_SEED, index, EXAMPLE_START) for index in range(_EXAMPLES_LOOKED_AT)]
    return min(((plan, words_of(play(pack, EXAMPLE_SEED, plan.trace.index, EXAMPLE_START))) for plan in plans), key=unfit)


def words_of(record: Record) -> list[dict[str, str]]:
    """The spoken turns of a conversation as exchanges."""
    said = [
        message["content"]
        for message in record["messages"]
        if message["role"] in ("user", "assistant") and message.get("content")
    ]
    return [{"customer": customer, "agent": agent} for customer, agent in zip(said[::2], said[1::2], strict=True)]

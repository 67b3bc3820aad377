"""What a judge is asked: which of two records, shown without their origin, is the better one."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from synth_sdk.core.errors import Rejected
from synth_sdk.core.models import Json, Request

Better = Literal["A", "B", "tie"]
VERDICT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "reason": {"type": "string", "maxLength": 200},
        "better": {"type": "string", "enum": ["A", "B", "tie"]},
    },
    "required": ["reason", "better"],
    "additionalProperties": False,
}
OUTPUT_TOKENS = 200
_LONGEST = 6_000  # characters of a record that are shown
_LONGEST_REASON = 200
_INSTRUCTIONS = """\
You compare synthetic records that are to serve as test and training data. Each brief below shows two records, A and B, made for the same purpose: {kind}.
Say which of the two you would rather have in the data, by these questions in this order:
1. Does everything in it agree: what is said with what happened, names, dates and amounts with one another?
2. Could it come from real life: would people, systems and documents say it so?
3. Is it specific and worded in its own way, rather than by a pattern?
Length is no merit, and neither is politeness. Ids and other made-up values are no flaw. The order in which the two are shown means nothing.
Answer "tie" when you would not mind which one you get. "reason": one short sentence, at most 25 words.
"""
_KINDS = {
    "conversation": "a chat between a customer or user and an agent with tools, as training data",
    "tool_call": "a user's request and the tool call that answers it",
    "text": "a short text",
}


def question(kind: str, first: Json, second: Json, slot: str, arms: tuple[str, ...]) -> Request:
    """The ask for one order of two records; its value is "A", "B" or "tie"."""
    return Request(
        task=f"judge:{kind}",
        instructions=_INSTRUCTIONS.format(kind=_KINDS.get(kind, f"a record of kind {kind}")),
        brief=f"Record A:\n{shown(first)}\n\nRecord B:\n{shown(second)}",
        schema=VERDICT_SCHEMA,
        check=_verdict,
        output_tokens=OUTPUT_TOKENS,
        slot=slot,
        arms=arms,
    )


def shown(record: Json) -> str:
    """A record as a judge reads it: a conversation turn by turn, with what the tools did; anything else as JSON. No ids, no labels."""
    if isinstance(record, Mapping) and isinstance(record.get("messages"), list):
        text = "\n".join(line for message in record["messages"] for line in _lines(message))
    elif isinstance(record, Mapping) and isinstance(record.get("meta"), Mapping):
        asked = record["meta"].get("request")
        rest = {name: value for name, value in record.items() if name not in ("meta", "id")}
        text = json.dumps(({"request": asked} if asked else {}) | rest, ensure_ascii=False, default=str)
    else:
        text = json.dumps(record, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} [...]"


def _lines(message: Mapping[str, Any]) -> list[str]:
    lines = [f"{message['role']}: {message['content']}"] if message.get("content") else []
    calls = [call["function"] for call in message.get("tool_calls") or ()]
    return lines + [f"tool call: {call['name']}({call['arguments']})" for call in calls]


def _verdict(value: Json) -> Json:
    if not isinstance(value, Mapping) or value.get("better") not in ("A", "B", "tie"):
        raise Rejected('"better" is none of "A", "B" and "tie"')
    return {"better": value["better"], "reason": str(value.get("reason", ""))[:_LONGEST_REASON]}

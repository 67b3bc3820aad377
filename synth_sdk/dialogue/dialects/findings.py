"""What is wrong with a record, and where."""

from collections.abc import Sequence
from dataclasses import dataclass

from synth_sdk.core.models import Json
from synth_sdk.schema.pointers import to_pointer

Place = tuple[str | int, ...]  # keys and indices from the record down
RULES = {
    "shape": "every key is known, there and of its type",
    "encoding": "the record can be written as JSON in UTF-8",
    "size": "nothing is longer than the format, or reason, allows",
    "name": "names and ids are made of the letters that the format allows",
    "role": "the speaker is one that the format knows, and says what that speaker can say",
    "alternation": "the system comes first, then the user; the speakers take turns",
    "empty-turn": "every turn says something",
    "ends-with-assistant": "the assistant has the last word, or makes the last calls",
    "call-id": "the id of a call is its own",
    "unanswered": "every call is answered before the next turn",
    "orphan-result": "every result answers a call, once, and names its tool",
    "undeclared-tool": "a call names a declared tool",
    "arguments-json": "arguments are JSON, and an object",
    "arguments-schema": "arguments satisfy their tool's schema",
    "tool-definition": "tools have a name of their own and the JSON Schema of an object",
    "block-order": "results come before anything else in a message (anthropic)",
    "reserved-text": "no text holds a word that the trainer keeps for itself (bedrock)",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule. `record` counts from 1; `pointer` is a JSON pointer into the record as it stands in the file."""

    record: int
    pointer: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"record {self.record} {self.pointer or '/'}  {self.rule}: {self.message}"

    def to_dict(self) -> dict[str, Json]:
        return {"record": self.record, "pointer": self.pointer, "rule": self.rule, "message": self.message}


@dataclass(frozen=True, slots=True)
class Flaw:
    """A broken rule before it is known which record it stands in."""

    at: Place
    rule: str
    message: str

    def within(self, record: int) -> Finding:
        return Finding(record, pointer(self.at), self.rule, self.message)


def pointer(at: Sequence[str | int]) -> str:
    """A JSON pointer (RFC 6901)."""
    return to_pointer(tuple(at))

"""Conversations as they are measured, and the sample of a file that is kept: the same whatever the file's order and size."""

import heapq
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from synth_sdk.evaluation.words import digest

SAMPLE = 2_000  # dialogues kept for measuring; all records pass the gates
DIVERSITY = 200  # of them for figures that depend on size, so that files of any size compare
NEIGHBOURS = 400  # of them among which near-duplicates are looked for
LONGEST = 20_000  # characters of one turn that are looked at: patterns over text grow with its square
_SPEAKERS = ("user", "assistant")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One conversation. `number` is its place in the file, from 1; `speech` the (role, text) of its spoken turns."""

    digest: int
    number: int
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    meta: dict[str, Any]
    speech: tuple[tuple[str, str], ...]
    calls: int

    @classmethod
    def of(cls, record: dict[str, Any], number: int) -> "Dialogue":
        """From a canonical record."""
        messages = record["messages"]
        spoken = (message for message in messages if message["role"] in _SPEAKERS and (message.get("content") or "").strip())
        speech = tuple((message["role"], message["content"][:LONGEST]) for message in spoken)
        calls = sum(len(message.get("tool_calls") or ()) for message in messages)
        order = digest(json.dumps(messages, ensure_ascii=False))
        return cls(order, number, messages, record.get("tools") or [], record.get("meta") or {}, speech, calls)

    def turns(self, role: str) -> list[str]:
        """What `role` says."""
        return [text for speaker, text in self.speech if speaker == role]


@dataclass(slots=True)
class Sample:
    """The `size` dialogues with the smallest digests of all that were added."""

    size: int = SAMPLE
    _heap: list[tuple[int, int, Dialogue]] = field(default_factory=list)

    def add(self, dialogue: Dialogue) -> None:
        entry = (-dialogue.digest, -dialogue.number, dialogue)
        if len(self._heap) < self.size:
            heapq.heappush(self._heap, entry)
        elif entry > self._heap[0]:
            heapq.heapreplace(self._heap, entry)

    def __iter__(self) -> Iterator[Dialogue]:
        """By digest, smallest first."""
        return (entry[2] for entry in sorted(self._heap, key=lambda entry: entry[:2], reverse=True))

    def __len__(self) -> int:
        return len(self._heap)

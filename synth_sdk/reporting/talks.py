"""Records to read: conversations as turns, everything else as JSON with a line for each entry."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from synth_sdk.reporting.reading import listing, mapping, text

_LONGEST = 20_000  # characters of one message or record
_MOST_SHOWN = 40_000  # characters of one conversation
_SPEAKERS = {"human": "user", "gpt": "assistant", "bot": "assistant", "model": "assistant"}


class Part(NamedTuple):
    """What is shown in one piece: `kind` is a speaker, or "call" or "result" of the tool `name`."""

    kind: str
    text: str
    name: str = ""


class Reading(NamedTuple):
    """One record as it is shown: the parts of a conversation with its labels, or text."""

    title: str
    parts: list[Part]
    labels: dict[str, str]
    text: str = ""


def reading(number: int, record: Any) -> Reading:
    """The record to read, `number` being its place among those shown."""
    turns = conversation(record)
    if not turns:
        return Reading(f"Record {number}", [], {}, laid_out(record))
    return Reading(f"Record {number}", list(_beginning(turns)), labels(mapping(mapping(record).get("meta"))))


def _beginning(turns: list[Part]) -> Iterator[Part]:
    """As many of the parts as can well be read in a page."""
    shown = 0
    for place, part in enumerate(turns):
        shown += len(part.text) + len(part.name) + 100  # and what is around it
        if shown > _MOST_SHOWN:
            yield Part("system", f"{len(turns) - place:,} more")
            return
        yield part


def conversation(record: Any) -> list[Part]:
    """The parts of a record that holds messages in any of the usual shapes; none of one that doesn't."""
    messages = listing(mapping(record).get("messages")) or listing(mapping(record).get("conversations"))
    return [part for message in messages if isinstance(message, Mapping) for part in parts(message)]


def labels(meta: Mapping[str, Any]) -> dict[str, str]:
    return {key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for key, value in meta.items()}


def parts(message: Mapping[str, Any]) -> Iterator[Part]:
    """What one message says and which tools it calls."""
    speaker = text(message.get("role")) or text(message.get("from"))
    content = message.get("content", message.get("value"))
    if speaker == "tool":
        yield Part("result", laid_out(content))
        return
    if content:
        yield Part(
            _SPEAKERS.get(speaker, speaker) or "message", content[:_LONGEST] if isinstance(content, str) else laid_out(content)
        )
    for call in map(mapping, listing(message.get("tool_calls"))):
        function = mapping(call.get("function"))
        yield Part("call", laid_out(function.get("arguments")), text(function.get("name")))


def laid_out(value: Any) -> str:
    """JSON with a line for each entry, also of text that holds JSON; other text as it is."""
    with suppress(ValueError, RecursionError):
        value = json.loads(value) if isinstance(value, str) else value
        value = json.dumps(value, indent=2, ensure_ascii=False)
    said = str(value)
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]} ..."

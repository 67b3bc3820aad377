"""What happens in a conversation, whatever its dialect: something is said, a tool is called, a call is answered."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.dialogue.dialects.findings import Place

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """A turn of the `system`, `user` or `assistant`. `message` counts the messages of the conversation."""

    message: int
    at: Place
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Called:
    """A tool call. `arguments` is JSON text."""

    message: int
    at: Place
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back for the call `id`. `name`: the tool, where the dialect repeats it."""

    message: int
    at: Place
    id: str
    text: str
    name: str = ""


Event = Said | Called | Answered


@dataclass(frozen=True, slots=True)
class Tool:
    """A declared tool; `parameters` is the JSON Schema of its arguments, `extras` what else its function says."""

    at: Place
    name: str
    description: str | None
    parameters: Json
    extras: Mapping[str, Json]

    def to_openai(self) -> Record:
        told = {} if self.description is None else {"description": self.description}
        parameters = {} if self.parameters is None else {"parameters": self.parameters}
        return {"type": "function", "function": {"name": self.name, **told, **parameters, **self.extras}}


def dumps(value: Json) -> str:
    """JSON text as our generators write it."""
    return json.dumps(value, ensure_ascii=False)


def messages_of(events: Iterable[Event]) -> list[Record]:
    """The canonical messages: one for what an assistant says and calls at once, one for each answer."""
    return [message for _, group in groupby(events, key=lambda event: event.message) for message in _messages(list(group))]


def _messages(group: list[Event]) -> Iterator[Record]:
    calls = [_call(event) for event in group if isinstance(event, Called)]
    for event in group:
        if isinstance(event, Answered):
            yield {"role": "tool", "tool_call_id": event.id, "content": event.text}
        elif isinstance(event, Said) and not (calls and event.role == "assistant"):
            yield {"role": event.role, "content": event.text}
    if calls:
        spoken = [event.text for event in group if isinstance(event, Said) and event.role == "assistant"]
        yield {"role": "assistant", "content": "\n".join(spoken) or None, "tool_calls": calls}


def _call(call: Called) -> Record:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}

"""What the dialects of content blocks have in common: `bedrock`, `anthropic`. Results of calls stand in the user's next message."""

from collections.abc import Callable, Iterator
from typing import Any

from synth_sdk.dialogue.dialects.events import Record
from synth_sdk.dialogue.dialects.findings import Flaw

Blocks = list[Record]


def turns(messages: list[Record], result: Callable[[Record], Record], spoken: Callable[[Record], Blocks]) -> Iterator[Record]:
    """`{role, content: blocks}` of canonical messages without the system's: results are gathered and go before what the user says."""
    waiting: Blocks = []
    for message in messages:
        if message["role"] == "tool":
            waiting.append(result(message))
            continue
        if waiting and message["role"] != "user":
            yield {"role": "user", "content": waiting}
            waiting = []
        yield {"role": message["role"], "content": [*waiting, *spoken(message)]}
        waiting = []
    if waiting:
        yield {"role": "user", "content": waiting}


def split_system(record: Record) -> tuple[str, list[Record]]:
    """The system message's text ("" if there is none) and the other messages."""
    messages = record["messages"]
    if messages and messages[0]["role"] == "system":
        return messages[0]["content"], messages[1:]
    return "", messages


def alternating(messages: list[dict[str, Any]]) -> Iterator[Flaw]:
    """User and assistant take turns, the user first. The first message out of turn is told."""
    for i, message in enumerate(messages):
        wanted = "assistant" if i % 2 else "user"
        if message["role"] != wanted:
            yield Flaw(
                ("messages", i), "alternation", f"a message of the {message['role']} stands where one of the {wanted} must stand"
            )
            return


def misplaced(i: int, place: int, role: str, wanted: str, what: str) -> Iterator[Flaw]:
    """A block that only messages of `wanted` may hold."""
    if role != wanted:
        yield Flaw(("messages", i, "content", place), "role", f"a {what} block may stand in the {wanted}'s messages only")

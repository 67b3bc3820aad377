"""Messages to send, and what came of sending them."""

import json
from collections.abc import AsyncIterator, Iterable, Sequence

from synth_sdk.client.background import wait_for
from synth_sdk.client.streaming import publish_all
from synth_sdk.core.streams import Message


def messages(count: int, size: int = 20) -> list[Message]:
    bodies = [json.dumps({"n": number, "text": "é" * size}, ensure_ascii=False).encode() for number in range(count)]
    return [Message(f"0123456789abcdef-{number}", body) for number, body in enumerate(bodies)]


def send(url: str, sent: Iterable[Message] | AsyncIterator[Message]) -> int:
    return wait_for(publish_all(url, sent))


def pairs(sent: Sequence[Message]) -> list[tuple[str, object]]:
    return [(message.id, json.loads(message.body)) for message in sent]

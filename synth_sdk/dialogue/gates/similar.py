"""What near-duplicates are judged by."""

from collections.abc import Mapping
from typing import Any


def spoken(record: Mapping[str, Any]) -> str:
    """What is said in a conversation, a turn a line."""
    turns = [message.get("content") for message in record.get("messages", ()) if message.get("role") in ("user", "assistant")]
    return "\n".join(turn for turn in turns if isinstance(turn, str) and turn)

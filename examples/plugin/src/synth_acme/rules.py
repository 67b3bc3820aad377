"""Rules are functions: what is wrong with a record, in words that a model could act on."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any


def arrives_after_departure(record: Any) -> Iterator[str]:
    """A parcel arrives later than it was sent."""
    if not isinstance(record, dict) or "sent" not in record or record.get("arrived") is None:
        return
    if datetime.fromisoformat(record["arrived"]) <= datetime.fromisoformat(record["sent"]):
        yield f"arrived {record['arrived']} must be later than sent {record['sent']}"

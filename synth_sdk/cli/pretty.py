"""Records for people to read, and data for programs."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import click

_NAMES = {"system": "system", "user": "user", "assistant": "assistant", "tool": "  result"}


def print_json(data: Any) -> None:
    """What `--json` prints."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False))


def pretty(record: Any, number: int | str) -> str:
    """One record: a conversation as a script, anything else as indented JSON."""
    if isinstance(record, dict) and "messages" in record:
        labels = ", ".join(
            f"{name} {_label(record['meta'].get(name))}"
            for name in ("pack", "goal", "persona", "faults", "success")
            if name in record["meta"]
        )
        return f"--- {number}: {labels}\n" + "\n".join(_script(record["messages"])) + "\n"
    return f"--- {number}\n{json.dumps(record, indent=2, ensure_ascii=False)}\n"


def _script(messages: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for message in messages:
        if message.get("content"):
            yield f"{_NAMES[message['role']]}: {message['content']}"
        for call in message.get("tool_calls") or ():
            yield f"  call {call['function']['name']}({call['function']['arguments']})"


def _label(value: Any) -> str:
    return ("+".join(map(str, value)) or "none") if isinstance(value, list) else str(value)

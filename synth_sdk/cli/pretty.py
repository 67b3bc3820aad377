"""Records and tables for people to read."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

_NAMES = {"system": "system", "user": "user", "assistant": "assistant", "tool": "  result"}


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


def models_table(arms: list[dict[str, Any]]) -> None:
    """Print the catalogue as a table, cheapest first."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title, justify in (
        ("model", "left"),
        ("provider", "left"),
        ("$/M in", "right"),
        ("$/M out", "right"),
        ("context", "right"),
        ("quality", "right"),
        ("usable", "left"),
    ):
        table.add_column(title, justify=justify, no_wrap=title != "usable", overflow="fold")  # type: ignore[arg-type]
    for arm in arms:
        prices = arm["prices"]
        table.add_row(
            (arm["aliases"] or [arm["id"]])[0],
            arm["provider"],
            _price(prices, "input_per_m"),
            _price(prices, "output_per_m"),
            f"{arm['context']:,}",
            f"{arm['quality']:.2f}",
            "yes" if arm["usable"] else f"no: {arm['why_not']}",
        )
    Console(highlight=False).print(table)


def _price(prices: Mapping[str, Any], name: str) -> str:
    if prices.get("free"):
        return "free"
    return "?" if prices[name] is None else f"{prices[name]:.3f}"

"""The texts of records with the paths that lead to them, and where to put others in their place."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.schema.names import snake


@dataclass(slots=True)
class Leaf:
    """One text, or whole number, of record `row`. `path` with dots, and `[]` for items; `name` as words that may tell what it holds."""

    row: int
    path: str
    name: str
    holder: Any
    key: str | int
    value: str | int

    @property
    def said(self) -> str:
        """The text behind its name, as in `cvv: 123`: one expression reads fields and prose."""
        return f"{self.name}: {self.value}"

    @property
    def offset(self) -> int:
        """Where in `said` the value begins."""
        return len(self.name) + 2


def leaves_of(root: list[Json], row: int) -> Iterator[Leaf]:
    """The leaves of `root[0]`, which is record `row`, in its order. Numbers with a fraction, booleans and nulls tell nothing of people."""
    waiting: list[tuple[Any, Any, str, str]] = [(root, 0, "", "")]
    while waiting:
        holder, key, path, name = waiting.pop()
        value = holder[key]
        if (
            isinstance(value, str)
            or (type(value) is int and not -99_999_999 < value < 99_999_999)
            or (type(value) is int and name)
        ):
            yield Leaf(row, path, name, holder, key, value)
        elif isinstance(value, dict):
            within = f"{path}." if path else ""
            waiting.extend((value, inner, f"{within}{inner}", _words(inner)) for inner in reversed(value))
        elif isinstance(value, list):
            waiting.extend((value, place, f"{path}[]", name) for place in reversed(range(len(value))))


@lru_cache(maxsize=4096)
def _words(name: str) -> str:
    return snake(name).replace("_", " ")


def under(path: str, fields: frozenset[str]) -> bool:
    """Is `path` one of `fields`, or within one?"""
    return path in fields or any(path.startswith((f"{field}.", f"{field}[")) for field in fields)

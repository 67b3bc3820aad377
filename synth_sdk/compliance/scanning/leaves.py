"""The texts of records with the paths that lead to them, and where to put others in their place."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from synth_sdk.core.batches import ITEMS
from synth_sdk.core.models import Json
from synth_sdk.schema.names import snake

TOLD_BY_SIZE = 99_999_999  # whole numbers from here on are looked at without a name


@dataclass(slots=True)
class Leaf:
    """One text, or whole number, of record `row`. `steps` lead to it: names of properties, and `[]` for items; `name` says as words what it
    may hold.
    """

    row: int
    steps: tuple[str, ...]
    name: str
    holder: Any
    key: str | int
    value: str | int

    @property
    def path(self) -> str:
        """The steps with dots between names."""
        return path_of(self.steps)

    @property
    def said(self) -> str:
        """The text behind its name, as in `cvv: 123`: one expression reads fields and prose."""
        return f"{self.name}: {self.value}"

    @property
    def offset(self) -> int:
        """Where in `said` the value begins."""
        return len(self.name) + 2


def leaves_of(root: list[Json], row: int, steps: tuple[str, ...] = (), name: str = "") -> Iterator[Leaf]:
    """The leaves of `root[0]`, which is record `row`, in its order; or what stands there at the end of `steps`, in a field called `name`.

    Numbers with a fraction, booleans and nulls tell nothing of people.
    """
    waiting: list[tuple[Any, Any, tuple[str, ...], str]] = [(root, 0, steps, name)]
    while waiting:
        holder, key, steps, name = waiting.pop()
        value = holder[key]
        if isinstance(value, str) or (type(value) is int and abs(value) >= TOLD_BY_SIZE) or (type(value) is int and name):
            yield Leaf(row, steps, name, holder, key, value)
        elif isinstance(value, dict):
            waiting.extend((value, inner, (*steps, inner), words(inner)) for inner in reversed(value))
        elif isinstance(value, list):
            within = (*steps, ITEMS)
            waiting.extend((value, place, within, name) for place in reversed(range(len(value))))


@lru_cache(maxsize=4096)
def path_of(steps: tuple[str, ...]) -> str:
    """As in `address.city` and `messages[].content`."""
    return "".join(step if step == ITEMS else f".{step}" for step in steps).removeprefix(".")


@lru_cache(maxsize=4096)
def words(name: str) -> str:
    """The name of a field as words."""
    return snake(name).replace("_", " ")


def under(path: str, fields: frozenset[str]) -> bool:
    """Is `path` one of `fields`, or within one?"""
    return path in fields or any(path.startswith((f"{field}.", f"{field}[")) for field in fields)

"""What a scenario says: which events follow each other in a session, and what each of them tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

END = -1  # where a session ends, in place of a node's number
CONTEXTS = ("user", "session", "subject")
Origin = Literal["own", "user", "session", "subject", "sum", "count", "product"]


@dataclass(frozen=True, slots=True)
class Field:
    """One property of a payload.

    `own`: drawn for each event by `schema`. `user`, `session`, `subject`: the property `source[0]` of what the event is about. `sum`: of
    the field source[1] over the events of type source[0] that came before in the session; `count`: how many of them there were.
    `product`: of two numbers of the same payload.
    """

    name: str
    origin: Origin
    schema: Mapping[str, Any]
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A state: an event of `type`, and what may come next (node numbers or END, with weights). `opens`: it is about a new subject."""

    name: str
    type: str
    moves: tuple[tuple[int, float], ...]
    payload: tuple[Field, ...]
    opens: bool = False
    journey: int = 0


@dataclass(frozen=True, slots=True)
class Scenario:
    """`gap` and `lifetime` in microseconds: the mean time between two events of a session, and how long a user stays. `prefix` is that of
    user ids. `start` are nodes with weights; `first` is the node that opens the very first session of a user. `contexts` are, for each
    journey, the JSON Schemas of what is drawn once for a user, a session, a subject.
    """

    name: str
    description: str
    gap: int
    lifetime: int
    prefix: str
    nodes: tuple[Node, ...]
    start: tuple[tuple[int, float], ...]
    first: int | None = None
    contexts: Sequence[Mapping[str, Mapping[str, Any]]] = field(default_factory=lambda: ({},))

    @property
    def types(self) -> list[str]:
        """The event types, each once, in order."""
        return list(dict.fromkeys(node.type for node in self.nodes))


def object_of(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of objects with just these properties."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }

"""A parsed pack: what the player, the lint and the outlines read. No YAML in here, and no state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Literal

from synth_sdk.dialogue.columns.chances import Chances
from synth_sdk.dialogue.expr import Expr
from synth_sdk.dialogue.forms import Forms
from synth_sdk.dialogue.frames import Parts

Env = dict[str, Any]
Row = dict[str, Any]
Role = Literal["user", "agent"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a pack's files."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Value:
    """A field value: `make(env, chances)` draws it; `paths` are the paths read; `constant` holds the value of one that is always the same."""

    make: Callable[[Env, Chances], Any]
    paths: frozenset[str] = frozenset()
    constant: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class VocabType:
    """A vocabulary and how its entries look in speech. `entries` is empty for a type that only has forms."""

    name: str
    entries: tuple[Any, ...]
    forms: Forms | None


@dataclass(frozen=True, slots=True)
class Entity:
    """Rows of the world. `low`..`high` rows, or one per row of `of` where `when` holds."""

    name: str
    low: int
    high: int
    of: str
    when: Expr | None
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Step:
    """One effect of a tool: find, set, add or remove."""

    kind: Literal["find", "set", "add", "remove"]
    name: str
    entity: str = ""
    where: Expr | None = None
    every: bool = False
    sort: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tool:
    """A function on the world. `errors` are (code, condition, message), in order."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    steps: tuple[Step, ...]
    errors: tuple[tuple[str, Expr, str], ...]
    returns: Value
    returned: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Goal:
    name: str
    weight: float
    wants: str
    needs: Mapping[str, Value]
    success: Expr
    feasible: bool


@dataclass(frozen=True, slots=True, eq=False)
class Persona:
    """Numbers in 0-1 by name (verbosity, patience, formality, digress, and the rates greet, typo, lower, nopunct, filler)."""

    name: str
    weight: float
    traits: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Edge:
    """One way on: its weight (a number or an expression) and its conditions."""

    target: str
    weight: float | Expr
    when: Expr | None
    unless: Expr | None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong. With `result` or `merge` it hits a call, `times` (low, high) times; else it is only a name."""

    name: str
    weight: float
    when: Expr | None
    unless: Expr | None
    result: Mapping[str, Any] | None
    merge: Mapping[str, Any] | None
    times: tuple[int, int]
    next: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A step of the flow: a turn of a role, a call of a tool, or neither."""

    name: str
    role: Role | None
    act: str
    call: str
    args: Mapping[str, Value]
    save: str
    faults: tuple[str, ...]
    on_error: Mapping[str, tuple[Edge, ...]]
    set: Mapping[str, Value]
    label: str
    next: tuple[Edge, ...]
    max_visits: int
    exhausted: str
    place: Place


@dataclass(frozen=True, slots=True)
class SlotRule:
    """Where a slot's value comes from and which forms it takes."""

    name: str
    value: Expr
    forms: Forms


@dataclass(frozen=True, slots=True)
class Frame:
    """One wording of a whole turn. `rank` is its place by length within its act, 0 (shortest) to 1."""

    parts: Parts
    text: str
    slots: frozenset[str]
    when: Expr | None
    style: str
    weight: float
    words: float
    rank: float
    greets: bool
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Act:
    """Something that can be said: by whom, what it means, and its frames. `slots` are those that any of the frames shows."""

    name: str
    role: Role
    about: Parts
    wanted: int
    frames: tuple[Frame, ...]
    slots: frozenset[str]
    place: Place


@dataclass(frozen=True, eq=False)
class Pack:
    """A scenario, in one of its languages. `source` and `lang` load it again (a name or a path); `digest` changes with any of its bytes.

    `languages` are the codes of all that it speaks, its own first.
    A dialogue's date is the start, seen in `zone`, plus 0 to `span_days` days.
    """

    name: str
    version: str
    lang: str
    description: str
    zone: tzinfo
    span_days: int
    openers: tuple[str, ...]
    fillers: tuple[str, ...]
    system: tuple[Parts, ...]
    types: Mapping[str, VocabType]
    world: tuple[Entity, ...]
    personas: tuple[Persona, ...]
    agents: tuple[Persona, ...]
    goals: tuple[Goal, ...]
    faults: tuple[Fault, ...]
    tools: Mapping[str, Tool]
    flow: Mapping[str, Node]
    slots: Mapping[str, SlotRule]
    acts: Mapping[str, Act]
    invariants: tuple[Expr, ...]
    source: str
    digest: str
    languages: tuple[str, ...]

    def __reduce__(self) -> tuple[Callable[[str, str], "Pack"], tuple[str, str]]:
        """Compiled expressions don't travel between processes; the name and the language do."""
        from synth_sdk.dialogue.loading.loader import load_pack

        return load_pack, (self.source, self.lang)

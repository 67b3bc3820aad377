"""What a value must be, as one flat set of facts: the merger of several subschemas that all hold at once.

`$ref` and `allOf` are merged in. `anyOf`, `oneOf`, `if`, `not` and schemas that depend on a property become *choices*: lists of
alternatives, one of which is merged in later. What no alternative can express is left to the validator (`residual`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from synth_sdk.core.models import Json

ALL_TYPES = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A subschema, the resolver for its references, and its JSON pointer for messages. One Part for one place in the document."""

    schema: Json
    resolver: Any
    pointer: str
    made: dict[str, Json] = field(default_factory=dict)  # schemas derived from this one, kept so that they too have one Part each


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One of `options` has to hold. `key` names the choice; a merger that has decided it doesn't offer it again."""

    key: tuple[int, str]
    keyword: str
    pointer: str
    options: tuple[Part, ...]


@dataclass(slots=True, eq=False)
class Facts:
    """`dead` holds (reason, pointer, keyword) if the facts contradict each other. Bounds are exact; None: no bound."""

    parts: tuple[Part, ...]
    decided: frozenset[tuple[int, str]]
    types: frozenset[str] = ALL_TYPES
    typed: bool = False
    enum: list[Json] | None = None
    forbidden: list[Json] = field(default_factory=list)
    low: Fraction | None = None
    high: Fraction | None = None
    open_low: bool = False
    open_high: bool = False
    multiples: list[float | int] = field(default_factory=list)
    min_length: int = 0
    max_length: int | None = None
    patterns: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    min_items: int = 0
    max_items: int | None = None
    unique: bool = False
    arrays: list[Part] = field(default_factory=list)
    contains: list[tuple[Part, int]] = field(default_factory=list)
    objects: list[Part] = field(default_factory=list)
    required: dict[str, None] = field(default_factory=dict)
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    min_properties: int = 0
    max_properties: int | None = None
    names: list[Part] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    residual: bool = False
    dead: tuple[str, str, str] | None = None
    hints: dict[str, Json] = field(default_factory=dict)
    samples: list[Json] = field(default_factory=list)
    children: dict[str | int, tuple[Part, ...]] = field(default_factory=dict)

    @property
    def pointer(self) -> str:
        return self.parts[0].pointer if self.parts else ""

    def kill(self, reason: str, part: Part, keyword: str) -> None:
        """Note a contradiction; the first one counts."""
        self.dead = self.dead or (reason, part.pointer, keyword)

    def likely_types(self) -> tuple[str, ...]:
        """The types to choose from: those declared; failing that, those that the other keywords speak of; failing that, text."""
        types = self.types - {"integer"} if "number" in self.types else self.types
        if self.typed:
            return tuple(sorted(types))
        spoken = set()
        if self.objects or self.required or self.names or self.min_properties or self.max_properties is not None:
            spoken.add("object")
        if self.arrays or self.contains or self.min_items or self.max_items is not None or self.unique:
            spoken.add("array")
        if self.low is not None or self.high is not None or self.multiples:
            spoken.add("number")
        if self.patterns or self.formats or self.min_length or self.max_length is not None:
            spoken.add("string")
        return tuple(sorted(spoken & types)) or (("string",) if "string" in types else tuple(sorted(types)))


def json_key(value: Json) -> Any:
    """A hashable image of a JSON value under which values that JSON Schema calls equal are equal (1 and 1.0, but not 1 and true)."""
    if isinstance(value, bool) or value is None:
        return ("literal", value)
    if isinstance(value, Mapping):
        return ("object", frozenset((name, json_key(inner)) for name, inner in value.items()))
    if isinstance(value, list | tuple):
        return ("array", tuple(json_key(inner) for inner in value))
    return value


def type_names(value: Json) -> frozenset[str]:
    """The JSON Schema types that `value` has."""
    if value is None:
        return frozenset({"null"})
    if isinstance(value, bool):
        return frozenset({"boolean"})
    if isinstance(value, int):
        return frozenset({"integer", "number"})
    if isinstance(value, float):
        return frozenset({"integer", "number"}) if value.is_integer() else frozenset({"number"})
    if isinstance(value, str):
        return frozenset({"string"})
    return frozenset({"array"}) if isinstance(value, list) else frozenset({"object"})

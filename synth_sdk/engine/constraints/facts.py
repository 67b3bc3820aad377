"""What a value must be, as one flat set of facts: the merger of several subschemas that all hold at once.

The values inside Facts are never changed in place, only replaced, so that copies share them and empty ones cost nothing.

`$ref` and `allOf` are merged in. `anyOf`, `oneOf`, `if`, `not` and schemas that depend on a property become *choices*: lists of
alternatives, one of which is merged in later. What no alternative can express is left to the validator (`residual`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from synth_sdk.core.models import Json

ALL_TYPES = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A subschema, the resolver for its references (None: that of the document), and its JSON pointer for messages. One Part for
    one place in the document.

    `unsure` marks a derived schema that says less than it stands for: values made for it have to be judged.
    """

    schema: Json
    resolver: Any
    pointer: str
    unsure: bool = False
    made: dict[str, Any] = field(default_factory=dict)  # what was derived from this part, so that it is derived once


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One of `options` has to hold. `key` names the choice; a merger that has decided it doesn't offer it again."""

    key: tuple[int, str]
    keyword: str
    pointer: str
    options: tuple[Part, ...]


_NOTHING: Mapping[str, Any] = MappingProxyType({})


def _nothing() -> Mapping[str, Any]:
    """One empty mapping for all."""
    return _NOTHING


@dataclass(slots=True, eq=False)
class Facts:
    """`dead` holds (reason, pointer, keyword) if the facts contradict each other. Bounds are exact; None: no bound."""

    parts: tuple[Part, ...]
    decided: frozenset[tuple[int, str]]
    types: frozenset[str] = ALL_TYPES
    typed: bool = False
    enum: list[Json] | None = None
    forbidden: tuple[Json, ...] = ()
    low: Fraction | None = None
    high: Fraction | None = None
    open_low: bool = False
    open_high: bool = False
    multiples: tuple[float | int, ...] = ()
    min_length: int = 0
    max_length: int | None = None
    patterns: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    min_items: int = 0
    max_items: int | None = None
    unique: bool = False
    arrays: tuple[Part, ...] = ()
    contains: tuple[tuple[Part, int], ...] = ()
    objects: tuple[Part, ...] = ()
    required: Mapping[str, None] = field(default_factory=_nothing)
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=_nothing)
    min_properties: int = 0
    max_properties: int | None = None
    names: tuple[Part, ...] = ()
    choices: tuple[Choice, ...] = ()
    residual: bool = False
    dead: tuple[str, str, str] | None = None
    hints: Mapping[str, Json] = field(default_factory=_nothing)
    samples: tuple[Json, ...] = ()
    wanted: tuple[Part, ...] = ()  # each has `name` and `value`: some property must have such a name and value
    seen: frozenset[int] = frozenset()  # ids of the parts that are merged in
    children: dict[str | int, tuple[Part, ...]] = field(default_factory=dict)
    plans: dict[Any, Any] = field(default_factory=dict)  # what the makers of values worked out once for all records

    @property
    def pointer(self) -> str:
        return self.parts[0].pointer if self.parts else ""

    def refined(self, options: tuple[Part, ...], settled: Choice) -> "Facts":
        """A copy to merge `options` into, with `settled` no longer open."""
        copy = Facts((*self.parts, *options), self.decided | {settled.key})
        for name in _COPIED:
            setattr(copy, name, getattr(self, name))
        copy.choices = tuple([choice for choice in self.choices if choice.key != settled.key])
        return copy

    def speaks_of_types_only(self) -> bool:
        """Is there nothing here but types and listed values?"""
        return not (
            self.choices or self.residual or self.forbidden or self.patterns or self.formats or self.multiples or self.objects
            or self.required or self.arrays or self.contains or self.names or self.needs or self.wanted or self.min_length
            or self.min_items or self.min_properties or self.unique or self.low is not None or self.high is not None
            or self.max_length is not None or self.max_items is not None or self.max_properties is not None
        )  # fmt: skip

    def kill(self, reason: str, part: Part, keyword: str) -> None:
        """Note a contradiction; the first one counts."""
        self.dead = self.dead or (reason, part.pointer, keyword)

    def likely_types(self) -> tuple[str, ...]:
        """The types to choose from: those declared; failing that, those that the other keywords speak of; failing that, text."""
        found: tuple[str, ...] | None = self.plans.get("likely")
        if found is None:
            found = self.plans["likely"] = self._likely_types()
        return found

    def _likely_types(self) -> tuple[str, ...]:
        types = self.types - {"integer"} if "number" in self.types else self.types
        if self.typed:
            return tuple(sorted(types))
        spoken = set()
        if self.objects or self.required or self.names or self.wanted or self.min_properties or self.max_properties is not None:
            spoken.add("object")
        if self.arrays or self.contains or self.min_items or self.max_items is not None or self.unique:
            spoken.add("array")
        if self.low is not None or self.high is not None or self.multiples:
            spoken.add("number")
        if self.patterns or self.formats or self.min_length or self.max_length is not None:
            spoken.add("string")
        return tuple(sorted(spoken & types)) or (("string",) if "string" in types else tuple(sorted(types)))


_OWN = ("parts", "decided", "choices", "children", "plans")
_COPIED = tuple(item.name for item in fields(Facts) if item.name not in _OWN)


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
    if isinstance(value, float):
        return _TYPES_OF[int] if value.is_integer() else _TYPES_OF[float]
    return _TYPES_OF.get(type(value)) or frozenset({"array" if isinstance(value, list | tuple) else "object"})


_TYPES_OF: Mapping[type, frozenset[str]] = {
    type(None): frozenset({"null"}),
    bool: frozenset({"boolean"}),
    int: frozenset({"integer", "number"}),
    float: frozenset({"number"}),
    str: frozenset({"string"}),
    list: frozenset({"array"}),
    dict: frozenset({"object"}),
}

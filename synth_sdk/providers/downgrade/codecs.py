"""Values as a target can say them, and back.

A codec belongs to one place of a schema. `lower` turns a value of the original schema into one of the reduced schema, `lift` turns
a reply back; both leave alone what they don't understand, for the reply is validated in full afterwards. What a target can't say
plainly is encoded: a map with free keys as a list of {key, value}, a value of any type as JSON text, an optional property as null.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from synth_sdk.core.models import Json

KEY, VALUE, REST = "key", "value", "additional_properties"


class Codec(Protocol):
    @property
    def plain(self) -> bool:
        """Nothing is changed either way."""

    def lower(self, value: Json) -> Json: ...

    def lift(self, value: Json) -> Json: ...


@dataclass(frozen=True, slots=True)
class Plain:
    """The value as it is."""

    plain: bool = True

    def lower(self, value: Json) -> Json:
        return value

    def lift(self, value: Json) -> Json:
        return value


PLAIN = Plain()


@dataclass(frozen=True, slots=True)
class Text:
    """Any value as its JSON text."""

    plain: bool = False

    def lower(self, value: Json) -> Json:
        return json.dumps(value, ensure_ascii=False)

    def lift(self, value: Json) -> Json:
        try:
            return json.loads(value) if isinstance(value, str) else value
        except (ValueError, RecursionError):
            return value


@dataclass(frozen=True, slots=True)
class Pairs:
    """A map with free keys as a list of {key, value}."""

    values: Codec
    plain: bool = False

    def lower(self, value: Json) -> Json:
        if not isinstance(value, dict):
            return value
        return [{KEY: key, VALUE: self.values.lower(item)} for key, item in value.items()]

    def lift(self, value: Json) -> Json:
        if not isinstance(value, list) or not all(isinstance(pair, dict) and set(pair) == {KEY, VALUE} for pair in value):
            return value
        return {str(pair[KEY]): self.values.lift(pair[VALUE]) for pair in value}


@dataclass(frozen=True, slots=True)
class Fields:
    """An object. Declared properties in `nulled` are said as null when they are left out; in a reply such a null is dropped, except
    in `keeping`, where null is a value of its own. `rest` encodes what isn't declared; `shut`: without it that can't be said.
    """

    declared: Mapping[str, Codec]
    nulled: frozenset[str] = frozenset()
    keeping: frozenset[str] = frozenset()
    rest: Pairs | None = None
    shut: bool = False

    @property
    def plain(self) -> bool:
        return not (self.nulled or self.rest or self.shut) and all(codec.plain for codec in self.declared.values())

    def lower(self, value: Json) -> Json:
        if not isinstance(value, dict):
            return value
        told = {name: codec.lower(value[name]) for name, codec in self.declared.items() if name in value}
        told |= {name: None for name in self.declared if name in self.nulled and name not in value}
        others = {name: item for name, item in value.items() if name not in self.declared}
        if self.rest is not None:
            return {**told, REST: self.rest.lower(others)}
        return told if self.shut else {**told, **others}

    def lift(self, value: Json) -> Json:
        if not isinstance(value, dict):
            return value
        given = dict(value)
        others = self.rest.lift(given.pop(REST, [])) if self.rest is not None else {}
        told = {
            name: self.declared[name].lift(item) if name in self.declared else item
            for name, item in given.items()
            if not (item is None and name in self.nulled - self.keeping)
        }
        return {**told, **others} if isinstance(others, dict) else told


@dataclass(frozen=True, slots=True)
class Items:
    """An array whose first items have codecs of their own."""

    first: tuple[Codec, ...]
    others: Codec

    @property
    def plain(self) -> bool:
        return self.others.plain and all(codec.plain for codec in self.first)

    def lower(self, value: Json) -> Json:
        return self._each(value, lambda codec, item: codec.lower(item))

    def lift(self, value: Json) -> Json:
        return self._each(value, lambda codec, item: codec.lift(item))

    def _each(self, value: Json, turn: Callable[[Codec, Json], Json]) -> Json:
        if not isinstance(value, list):
            return value
        count = len(self.first)
        return [turn(self.first[place] if place < count else self.others, item) for place, item in enumerate(value)]


@dataclass(frozen=True, slots=True)
class ByType:
    """One codec for objects, one for arrays, one for all else."""

    fields: Codec = PLAIN
    items: Codec = PLAIN

    @property
    def plain(self) -> bool:
        return self.fields.plain and self.items.plain

    def lower(self, value: Json) -> Json:
        return self._of(value).lower(value)

    def lift(self, value: Json) -> Json:
        return self._of(value).lift(value)

    def _of(self, value: Json) -> Codec:
        return self.fields if isinstance(value, dict) else self.items if isinstance(value, list) else PLAIN


@dataclass(frozen=True, slots=True)
class NullOr:
    """Null as it is, all else by `codec`."""

    codec: Codec
    plain: bool = False

    def lower(self, value: Json) -> Json:
        return None if value is None else self.codec.lower(value)

    def lift(self, value: Json) -> Json:
        return None if value is None else self.codec.lift(value)


@dataclass(frozen=True, slots=True)
class Union:
    """One of several branches. `accepts[n](value)`: the reduced schema of branch n takes the value."""

    branches: tuple[Codec, ...]
    accepts: tuple[Callable[[Json], bool], ...]

    @property
    def plain(self) -> bool:
        return all(codec.plain for codec in self.branches)

    def lower(self, value: Json) -> Json:
        """By the first branch that can say the value whole, else by the first that can say it."""
        told = [
            (codec.lift(lowered) == value, lowered)
            for codec, accepts in zip(self.branches, self.accepts, strict=True)
            if accepts(lowered := codec.lower(value))
        ]
        return next((lowered for whole, lowered in told if whole), told[0][1] if told else value)

    def lift(self, value: Json) -> Json:
        for codec, accepts in zip(self.branches, self.accepts, strict=True):
            if accepts(value):
                return codec.lift(value)
        return value


@dataclass(frozen=True, slots=True)
class Named:
    """The codec of a definition, looked up when it is needed: a definition may contain itself."""

    name: str
    known: Mapping[str, Codec]
    plain: bool = False

    def lower(self, value: Json) -> Json:
        return self.known[self.name].lower(value)

    def lift(self, value: Json) -> Json:
        return self.known[self.name].lift(value)

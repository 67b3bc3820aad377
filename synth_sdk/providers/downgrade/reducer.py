"""From a schema to the part of it that a target takes, place by place.

Soundness by construction: a keyword is repeated, weakened or left out, never sharpened; alternatives are spread over what stands
beside them (X and (A or B) is (X and A) or (X and B)); what can't be said plainly is encoded (`codecs`).
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count

from synth_sdk.core.models import Json
from synth_sdk.providers.downgrade.codecs import PLAIN, Codec, Named, NullOr, Text, Union
from synth_sdk.providers.downgrade.emitter import Emitter
from synth_sdk.providers.downgrade.facts import facts_of
from synth_sdk.providers.downgrade.places import Document, Key, Place, key_of
from synth_sdk.providers.downgrade.reduced import SCALARS, Reduced
from synth_sdk.providers.downgrade.targets import Target
from synth_sdk.providers.downgrade.words import in_words

_MOST_BRANCHES = 24  # alternatives that are spread over a base
_JSON_TEXT = {"type": "string", "description": "any JSON value, written as JSON text"}


class TooLarge(Exception):
    """The reduced schema would be beyond what the target takes."""


@dataclass(slots=True)
class _Judge:
    """Does a value satisfy a reduced schema? Compiled when first asked."""

    schema: dict[str, Json]
    definitions: dict[str, Json]
    _valid: Callable[[Json], bool] | None = None

    def __call__(self, value: Json) -> bool:
        if self._valid is None:
            from synth_sdk.schema.drafts import build_validator, compile_fast

            document = {**self.schema, "$defs": self.definitions}
            validator = compile_fast("2020-12", document) or build_validator("2020-12", document)
            self._valid = validator.is_valid
        return self._valid(value)


@dataclass(slots=True)
class Reducer:
    """Reduces the places of one document for one target. `dropped` maps (pointer, words) of what the reduced schema
    doesn't enforce to whether a description says it.
    """

    document: Document
    target: Target
    definitions: dict[str, Json] = field(default_factory=dict)
    dropped: dict[tuple[str, str], bool] = field(default_factory=dict)
    _codecs: dict[str, Codec] = field(default_factory=dict)
    _names: dict[Key, str] = field(default_factory=dict)
    _done: dict[Key, Reduced | None] = field(default_factory=dict)
    _open: dict[Key, tuple[int, int]] = field(default_factory=dict)  # under way -> optional properties and containers above
    _kept: list[Place] = field(default_factory=list)  # keeps schemas alive whose ids are keys
    _optional: int = 0
    _levels: int = 0
    _nodes: int = 0
    _enum_values: int = 0
    _depth: int = 0

    # -- places ---------------------------------------------------------------------------------------------------------------

    def reduce(self, *places: Place) -> Reduced | None:
        """What holds where all `places` do; None if nothing can."""
        parts = self.document.together(places)
        if parts is None:
            return None
        if not parts:
            return self.anything()
        key = key_of(parts)
        if key in self._done:
            return self._done[key]
        if key in self._open:
            return self._again(key, parts[0])
        self._nodes += 1
        if self._nodes > 4 * self.target.most_nodes:
            raise TooLarge("it has too many parts")
        self._kept += parts
        self._open[key] = (self._optional, self._depth)
        if len(places) == 1 and self.document.is_reference(places[0]) and "$ref" in self.target.keywords:
            self._name(key, places[0])
        try:
            made = self._alternatives(parts)
        finally:
            del self._open[key]
        self._done[key] = made = self._defined(key, made)
        return made

    def anything(self) -> Reduced:
        """A value of any type."""
        return Reduced(dict(_JSON_TEXT), Text()) if self.target.anything is None else Reduced(dict(self.target.anything))

    def of_property(self, places: Sequence[Place], required: bool) -> Reduced | None:
        """What holds for a property of which all `places` speak."""
        self._optional += not required
        try:
            return self.reduce(*places)
        finally:
            self._optional -= not required

    @property
    def too_deep(self) -> bool:
        return self.target.deepest is not None and self._levels >= self.target.deepest

    @contextmanager
    def level(self) -> Iterator[None]:
        """Within an object."""
        self._levels += 1
        try:
            yield
        finally:
            self._levels -= 1

    def count_enum(self, values: Sequence[Json]) -> bool:
        """Is there room for so many more enumerated values? If so, they are counted."""
        most = self.target.most_enum_values
        if most is not None and self._enum_values + len(values) > most:
            return False
        self._enum_values += len(values)
        return True

    def drop(self, place: Place, words: str, *, said: bool = False) -> None:
        self.dropped[place.pointer, words] = said and self.dropped.get((place.pointer, words), True)

    def drop_keyword(self, place: Place, keyword: str) -> None:
        self.drop(place, in_words(keyword, place.schema[keyword]))

    def _again(self, key: Key, place: Place) -> Reduced | None:
        """A place that contains itself; None if it is its own alternative, which adds nothing to it."""
        optional, depth = self._open[key]
        if self._depth == depth:
            return None
        allowed = self.target.recursion and "$ref" in self.target.keywords
        if not allowed or (self.target.recursion_in_optional_only and self._optional <= optional):
            self.drop(place, "it may contain itself")
            return self.anything()
        name = self._name(key, place)
        return Reduced({"$ref": f"#/$defs/{name}"}, Named(name, self._codecs))

    def _name(self, key: Key, place: Place) -> str:
        if key not in self._names:
            wanted = str(place.schema.get("$ref", place.pointer)).rpartition("/")[2]
            plain = "".join(char for char in wanted if char.isascii() and char.isalnum())[:30] or "part"
            taken = set(self._names.values())
            numbered = (f"{plain}{number}" for number in count(2))
            self._names[key] = plain if plain not in taken else next(name for name in numbered if name not in taken)
        return self._names[key]

    def _defined(self, key: Key, made: Reduced | None) -> Reduced | None:
        """`made`, by reference where it has a name."""
        name = self._names.get(key)
        if name is None:
            return made
        made = made or self.anything()
        self.definitions[name], self._codecs[name] = made.schema, made.codec
        return Reduced({"$ref": f"#/$defs/{name}"}, PLAIN if made.codec.plain else Named(name, self._codecs))

    # -- alternatives ---------------------------------------------------------------------------------------------------------

    def _alternatives(self, parts: tuple[Place, ...]) -> Reduced | None:
        """The parts' unions spread out, one after the other; without any, their facts."""
        for number, part in enumerate(parts):
            keyword = part.union
            if keyword is None:
                continue
            bare = replace(part, without=part.without | {keyword})
            rest = (*parts[:number], *([bare] if bare.keywords else []), *parts[number + 1 :])
            branches = [self.document.inside(part, keyword, place) for place in range(len(part.schema[keyword]))]
            if rest and (len(branches) > _MOST_BRANCHES or self._nodes > self.target.most_nodes):
                self.drop_keyword(part, keyword)
                return self.reduce(*rest)
            return self.union([self.reduce(*rest, branch) for branch in branches])
        self._depth += 1
        try:
            return Emitter(self, facts_of(self.document, parts)).emit()
        finally:
            self._depth -= 1

    def union(self, branches: Sequence[Reduced | None]) -> Reduced | None:
        """One of the branches that anything satisfies."""
        found = {json.dumps(branch.schema, sort_keys=True): branch for branch in branches if branch is not None}
        if len(found) < 2:
            return next(iter(found.values()), None)
        parts = list(found.values())
        if any(isinstance(part.codec, Text) for part in parts):
            return self._with_text(parts)
        if any(part.schema == self.target.anything for part in parts):
            return self.anything()
        scalars = [part for part in parts if set(part.schema) == {"type"} and part.types <= set(SCALARS)]
        if len(scalars) > 1:
            types = sorted({name for part in scalars for name in part.types}, key=SCALARS.index)
            parts = [part for part in parts if part not in scalars] + [Reduced({"type": types})]
        if len(parts) == 1:
            return parts[0]
        if len(parts) == 2 and any(part.schema == {"type": "null"} for part in parts):
            return self.nullable(next(part for part in parts if part.schema != {"type": "null"}))
        return self._any_of(parts)

    def _with_text(self, parts: list[Reduced]) -> Reduced:
        """A union with JSON text: texts among the others are said as JSON text too, or nobody could tell them apart."""
        others = [part for part in parts if not isinstance(part.codec, Text) and "string" not in part.types]
        texts = [part for part in parts if isinstance(part.codec, Text)]
        alone = texts[0] if len(others) + len(texts) == len(parts) and len(texts) == 1 else self.anything()
        return self._any_of([*others, alone]) if others else alone

    def _any_of(self, parts: list[Reduced]) -> Reduced:
        codec = Union(tuple(part.codec for part in parts), tuple(_Judge(part.schema, self.definitions) for part in parts))
        return Reduced({"anyOf": [part.schema for part in parts]}, PLAIN if codec.plain else codec)

    def nullable(self, part: Reduced) -> Reduced:
        """Or null."""
        codec: Codec = part.codec if part.codec.plain else NullOr(part.codec)
        if self.allows_null(part):
            return Reduced(part.schema, codec)
        told = part.schema.get("type")
        if told is not None and "enum" not in part.schema:
            return Reduced({**part.schema, "type": [*(told if isinstance(told, list) else [told]), "null"]}, codec)
        options = part.schema["anyOf"] if set(part.schema) == {"anyOf"} else [part.schema]
        return Reduced({"anyOf": [*options, {"type": "null"}]}, codec)

    def allows_null(self, part: Reduced) -> bool:
        """Is null one of its encoded values? Of a definition that is still under way: no."""
        name = str(part.schema.get("$ref", "")).rpartition("/")[2]
        if name:
            return name in self.definitions and self.allows_null(Reduced(self.definitions[name]))
        if "anyOf" in part.schema:
            return any(self.allows_null(Reduced(option)) for option in part.schema["anyOf"])
        return "null" in part.types

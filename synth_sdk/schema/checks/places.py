"""The places of a document at which a subschema stands, and what is found there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.schema.drafts import OLD_DRAFTS
from synth_sdk.schema.pointers import to_pointer
from synth_sdk.schema.references import REFERENCE_KEYWORDS, enter, follow, root_resolver, subschemas

Level = Literal["error", "warning", "info"]
_RANK = {"error": 0, "warning": 1, "info": 2}
_SHELVES = ("$defs", "definitions")  # schemas that only references use
_BRANCHES = frozenset({"anyOf", "oneOf", "if", "then", "else", "dependentSchemas", "dependencies"})
_INVERTED = "not"
_MOST_CONJUNCTS = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt about a schema. An error: no value can be valid here, or it can't be read; a warning is probably a mistake; info is worth knowing."""

    level: Level
    pointer: str
    keyword: str
    message: str

    def __str__(self) -> str:
        return f"{self.level:<7} {self.pointer or '/'}  {self.keyword + ': ' if self.keyword else ''}{self.message}"

    def to_dict(self) -> dict[str, str]:
        return {"level": self.level, "pointer": self.pointer, "keyword": self.keyword, "message": self.message}

    @property
    def order(self) -> tuple[str, int, str, str]:
        return (self.pointer, _RANK[self.level], self.keyword, self.message)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A subschema that is an object. `path` leads to it; `optional`: it is a property that may be left out; `count`: records wanted."""

    schema: Mapping[str, Json]
    path: tuple[str | int, ...]
    resolver: Any
    validator: Any
    draft: str
    optional: bool = False
    count: int | None = None

    @property
    def pointer(self) -> str:
        return to_pointer(self.path)

    @property
    def declared(self) -> bool:
        """Does the document say which draft it is written in?"""
        return "$schema" in self.validator.schema

    def found(self, level: Level, keyword: str, message: str) -> Finding:
        return Finding(level, self.pointer, keyword, message)

    def contradiction(self, keyword: str, message: str) -> Iterator[Finding]:
        """No value can satisfy this place: an error, unless it is one branch of several. Beneath `not` it is meant."""
        if _INVERTED not in self.path:
            yield self.found("warning" if _BRANCHES & set(self.path) else "error", keyword, message)

    def is_valid(self, value: Json) -> bool:
        """Does `value` satisfy the subschema? Also true where that can't be told."""
        try:
            return next(self.validator.descend(value, self.schema, resolver=self.resolver), None) is None
        except (SchemaError, RecursionError, ValueError, TypeError, LookupError, AttributeError):
            return True
        except Exception as error:
            if type(error).__module__.split(".")[0] in ("jsonschema", "referencing"):
                return True
            raise

    def conjuncts(self) -> Iterator[tuple[Mapping[str, Json], bool]]:
        """Every subschema that has to hold here together: its own, those of `allOf` and of references. True: the place's own."""
        waiting: list[tuple[Json, Any]] = [(self.schema, self.resolver)]
        seen: set[int] = set()
        while waiting and len(seen) < _MOST_CONJUNCTS:
            schema, resolver = waiting.pop()
            if not isinstance(schema, dict) or id(schema) in seen:
                continue
            seen.add(id(schema))
            referring = self.draft in OLD_DRAFTS and "$ref" in schema
            if not referring:
                yield schema, schema is self.schema
                waiting.extend((inner, resolver) for inner in schema.get("allOf") or () if isinstance(inner, dict))
            for keyword in REFERENCE_KEYWORDS:
                if isinstance(schema.get(keyword), str):
                    try:
                        waiting.append(follow(resolver, schema[keyword], "", keyword))
                    except SchemaError:
                        continue  # told once, where it stands

    def types(self) -> frozenset[str]:
        """The types that its own `type` allows; empty if it says nothing."""
        return types_of(self.schema)


def types_of(schema: Mapping[str, Json]) -> frozenset[str]:
    declared = schema.get("type")
    names = (
        {declared}
        if isinstance(declared, str)
        else {name for name in declared if isinstance(name, str)}
        if isinstance(declared, list)
        else set()
    )
    return frozenset(names)


def places(document: Json, draft: str, validator: Any, count: int | None) -> Iterator[Place]:
    """Every place of the document, parents first. Definitions that nothing uses are included."""
    root = root_resolver(document, draft)
    waiting: list[tuple[Json, tuple[str | int, ...], Any, bool]] = [(document, (), root, False)]
    seen: set[int] = set()
    while waiting:
        schema, path, resolver, optional = waiting.pop()
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        resolver = _entered(resolver, schema, draft) if path else resolver
        yield Place(schema, path, resolver, validator, draft, optional, count)
        required = schema.get("required") if isinstance(schema.get("required"), list) else []
        for step, inner in (*subschemas(schema), *_shelved(schema)):
            waiting.append((inner, (*path, *step), resolver, step[0] == "properties" and step[-1] not in (required or ())))


def _shelved(schema: Mapping[str, Json]) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    for shelf in _SHELVES:
        if isinstance(schema.get(shelf), dict):
            yield from (((shelf, name), inner) for name, inner in schema[shelf].items())


def _entered(resolver: Any, schema: Mapping[str, Json], draft: str) -> Any:
    try:
        return enter(resolver, schema, draft)
    except (ValueError, TypeError, LookupError, AttributeError):  # an $id that is no URI
        return resolver

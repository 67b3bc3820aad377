"""Arguments for any tool: valid under its schema, and such that a person could have asked for them."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from random import Random
from typing import Any

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.core.spec import Spec
from synth_sdk.engine import Engine
from synth_sdk.generators.tool_call.tools import Tool
from synth_sdk.generators.tool_call.vocabulary import bounds_for, is_fractional, values_for
from synth_sdk.schema import Schema, parse_schema
from synth_sdk.schema.names import snake

_ROWS = 512  # argument sets that are made of one tool; draws beyond meet them again, with other wordings
_OPTIONAL_RATE = 0.35
_MOST_ITEMS = 3
_MOST_TRIED = 200  # numbers that are tried before a narrowed schema counts as empty
_SPAN = ({"start", "begin", "from", "in", "since", "after", "departure"}, {"end", "to", "out", "until", "before", "return"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SETTLED = ("enum", "const", "format", "pattern", "$ref", "anyOf", "oneOf", "allOf", "not", "if", "x-synth")


class Arguments:
    """Draws arguments of one tool. Every set satisfies the tool's own schema. `values`: what some of its parameters may say."""

    def __init__(self, tool: Tool, spec: Spec, values: Mapping[str, Sequence[Json]] | None = None) -> None:
        self._tool, self._spec, self._values = tool, spec, values or {}

    @cached_property
    def _engine(self) -> Engine:
        """Of the narrowed schema; of the tool's own where nothing satisfies the narrowed one."""
        natural = _natural(dict(self._tool.parameters), self._tool.name)
        for document in (_with_values(natural, self._values), natural, self._tool.parameters):
            try:
                schema = parse_schema(document)
                engine = Engine(schema, self._spec.seed, self._spec.locale, self._spec.start)
                if self._tool.schema.accepts(engine.record(0)):
                    return engine
            except SchemaError as error:
                failure = error
        raise SchemaError(f"no arguments of {self._tool.name!r} can be made: {failure.message}")

    def draw(self, rng: Random) -> dict[str, Json]:
        """One set: what is required, and now and then something that isn't."""
        made = self._engine.record(int(rng.random() * _ROWS))
        found: dict[str, Json] = _whole(made) if isinstance(made, Mapping) else {}
        if not self._tool.schema.accepts(found):
            found = dict(self._engine.record(0))
        required = self._tool.parameters.get("required") or ()
        for name in [name for name in found if name not in required]:
            if rng.random() >= _OPTIONAL_RATE:
                without = {key: value for key, value in found.items() if key != name}
                found = without if self._tool.schema.accepts(without) else found
        return self._in_order(found)

    def _in_order(self, found: dict[str, Json]) -> dict[str, Json]:
        """A stay doesn't end before it begins: two dates whose names say begin and end change places if they must."""
        begin, end = (
            next((key for key in found if _DAY.match(str(found[key])) and words & set(snake(key).split("_"))), "")
            for words in _SPAN
        )
        if begin and end and begin != end and str(found[begin]) > str(found[end]):
            swapped = found | {begin: found[end], end: found[begin]}
            return swapped if self._tool.schema.accepts(swapped) else found
        return found


def _with_values(schema: Any, values: Mapping[str, Sequence[Json]]) -> Any:
    """The schema of an object with the given values for some of its properties."""
    if not values or not isinstance(schema, dict):
        return schema
    given = {name: {"enum": list(values[name])} for name in schema.get("properties", {}) if name in values}
    return {**schema, "properties": {**schema.get("properties", {}), **given}}


def _whole(value: Json) -> Any:
    """The value with 19.0 as 19, which people and JSON take for the same."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _natural(schema: Any, name: str) -> Any:
    """The schema narrowed: texts from a vocabulary, numbers within what is usual, short lists, nothing undeclared.

    Only where nothing else settles the value; what the result allows, the schema allows.
    """
    if not isinstance(schema, dict) or any(key in schema for key in _SETTLED):
        return schema
    match schema.get("type"):
        case "object":
            inner = {key: _natural(value, key) for key, value in schema.get("properties", {}).items()}
            return {"additionalProperties": False, **schema, "properties": inner} if inner else schema
        case "array":
            most = max(_MOST_ITEMS, schema.get("minItems", 0))
            return {
                **schema,
                "items": _natural(schema.get("items", True), name),
                "maxItems": min(most, schema.get("maxItems", most)),
            }
        case "string":
            own = parse_schema(schema)
            texts = [text for text in values_for(name, str(schema.get("description", ""))) if own.accepts(text)]
            return {**schema, "enum": texts} if texts else schema
        case "integer" | "number":
            return _bounded(schema, name)
        case _:
            return schema


def _bounded(schema: dict[str, Any], name: str) -> dict[str, Any]:
    """Within the bounds that suit the name, where the schema leaves one open; whole, unless the name speaks of an amount or a measure."""
    low, high = bounds_for(name)
    floor = schema.get("minimum", schema.get("exclusiveMinimum"))
    ceiling = schema.get("maximum", schema.get("exclusiveMaximum"))
    if floor is not None and (floor >= high or ceiling is not None):
        low, high = floor, floor + 50
    if ceiling is not None and (ceiling <= low or floor is not None):
        low, high = min(low, ceiling - 50) if floor is None else floor, ceiling
    narrowed = {"minimum": low, "maximum": high, **schema, **({} if is_fractional(name) else {"type": "integer"})}
    return narrowed if _satisfiable(parse_schema(narrowed), low, high) else schema


def _satisfiable(schema: Schema, low: int, high: int) -> bool:
    """Some whole number between the bounds is valid: the narrowing left something over."""
    return any(schema.accepts(value) for value in range(int(low), min(int(high), int(low) + _MOST_TRIED) + 1))

"""Types for properties that say no more than where their value comes from, by which the short dialects know them for fields.

Those of foreign keys, sums and the like stand in until the other tables are known.
"""

from collections.abc import Mapping
from typing import Any

from synth_sdk.schema.annotations import KEYWORD
from synth_sdk.schema.rows import Node, said

_FOR_GOOD = {"count": "integer", "formula": "number"}
_FOR_NOW = {"ref": "string", "sum": "number", "min_of": "string", "max_of": "string"}
_TYPES = _FOR_NOW | _FOR_GOOD


def with_types(source: Any, untyped: set[tuple[str, str]], name: str = "") -> Any:
    """`source` with a type in each bare `{"x-synth": {"ref": ...}}` and its like. `untyped` collects the names of those that stand in,
    and where their values come from.
    """
    if isinstance(source, list):
        return [with_types(value, untyped, name) for value in source]
    if not isinstance(source, Mapping):
        return source
    key, origin = _origin(source)
    if key and set(source) == {KEYWORD}:
        untyped |= {(name, origin)} if key in _FOR_NOW else set()
        return {"type": _TYPES[key], **source}
    return {key: with_types(value, untyped, str(key)) for key, value in source.items()}


def without_types(document: Node, untyped: set[tuple[str, str]]) -> Node:
    """`document` without the types that stand in at those places."""

    def bare(value: Any, name: str) -> Any:
        if isinstance(value, list):
            return [bare(one, name) for one in value]
        if not isinstance(value, Mapping):
            return value
        key, origin = _origin(value)
        if (name, origin) in untyped and value.get("type") == _FOR_NOW.get(key):
            return {key: inner for key, inner in value.items() if key != "type"}
        return {key: bare(inner, str(key)) for key, inner in value.items()}

    return bare(document, "") if untyped else document


def _origin(node: Mapping[str, Any]) -> tuple[str, str]:
    """Where a value comes from: the key that says it, and what it says; empty if nothing does."""
    note = said(node)
    return next(((key, note[key]) for key in _TYPES if isinstance(note.get(key), str)), ("", ""))

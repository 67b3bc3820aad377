"""Is a document JSON at all, and of a size that can be worked with? Walked without recursion, so depth can't break the check."""

import math
from collections.abc import Iterable

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.schema.pointers import to_pointer

DEEPEST = 250  # containers within containers; a level of "properties" takes two
MOST_NODES = 2_000_000  # also stops documents that YAML aliases would blow up
_PLAIN = frozenset({str, int, bool, type(None)})


def check_tree(document: Json) -> frozenset[str]:
    """Every key that occurs in some object of the document.

    SchemaError for what JSON can't say (a key that isn't text, a date, NaN) and for documents beyond the limits above.
    """
    keys: set[str] = set()
    level: Iterable[Json] = (document,)
    nodes = 0
    for _ in range(DEEPEST + 1):
        below: list[Json] = []
        for value in level:
            kind = type(value)
            if kind is dict:
                keys.update(value)
                below.extend(value.values())
            elif kind is list:
                below.extend(value)
            elif kind not in _PLAIN and not (kind is float and math.isfinite(value)):
                return _looked_at_closely(document)
        nodes += len(below)
        if nodes > MOST_NODES or not below:
            break
        level = below
    if below or not all(type(key) is str for key in keys):
        return _looked_at_closely(document)
    return frozenset(keys)


def _looked_at_closely(document: Json) -> frozenset[str]:
    """The same, some ten times slower, with the path of what is wrong; it also knows subclasses of the plain types."""
    waiting: list[tuple[Json, tuple[str | int, ...]]] = [(document, ())]
    nodes = 0
    keys: set[str] = set()
    while waiting:
        value, path = waiting.pop()
        nodes += 1
        if nodes > MOST_NODES:
            raise SchemaError(f"it has more than {MOST_NODES} values; split it")
        if len(path) > DEEPEST:
            raise SchemaError(
                f"it is nested more than {DEEPEST} levels deep; move inner parts to $defs", pointer=to_pointer(path[:6]) + "/..."
            )
        if isinstance(value, dict):
            keys.update(value)
            for key, inner in value.items():
                if not isinstance(key, str):
                    raise SchemaError(f"the key {key!r} is not text; quote it", pointer=to_pointer(path))
                waiting.append((inner, (*path, key)))
        elif isinstance(value, list | tuple):
            waiting.extend((inner, (*path, position)) for position, inner in enumerate(value))
        elif isinstance(value, float) and not math.isfinite(value):
            raise SchemaError(f"{value!r} is not a JSON number", pointer=to_pointer(path))
        elif not isinstance(value, str | int | float | bool | None):
            raise SchemaError(f"{value!r} ({type(value).__name__}) is not JSON; quote it", pointer=to_pointer(path))
    return frozenset(keys)

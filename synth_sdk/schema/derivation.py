"""In which order the properties of an object can be made, when some are derived from others (`x-synth.from`)."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from synth_sdk.core.errors import SchemaError, nearest
from synth_sdk.core.models import Json
from synth_sdk.schema.annotations import KEYWORD, NOTHING, read_annotation
from synth_sdk.schema.pointers import to_pointer


def derivation_order(schema: Mapping[str, Json], pointer: str = "") -> tuple[str, ...]:
    """The names under `properties` of the object schema at `pointer`, each after the one it is derived from, else as declared.

    SchemaError (keyword `x-synth`) if a property is derived from one that isn't declared, or round in a circle.
    """
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return ()
    origins = {name: _origin(name, inner, properties, pointer) for name, inner in properties.items()}
    try:
        TopologicalSorter({name: (origin,) for name, origin in origins.items() if origin}).prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        told = " from ".join(map(repr, circle))
        raise SchemaError(f"{told}: derived in a circle", pointer=_place(pointer, circle[0]), keyword=KEYWORD) from None
    return _ordered(origins)


def _ordered(origins: Mapping[str, str]) -> tuple[str, ...]:
    order: dict[str, None] = {}
    for name in origins:
        chain = [name]
        while chain[-1] and chain[-1] not in order:
            chain.append(origins[chain[-1]])
        order.update(dict.fromkeys(reversed(chain[:-1])))
    return tuple(order)


def _origin(name: str, schema: Json, properties: Mapping[str, Json], pointer: str) -> str:
    """The sibling that the property `name` is derived from; empty: from none."""
    note = read_annotation(schema, _place(pointer, name)) if isinstance(schema, dict) else NOTHING
    path = (note.given,) if note.given else note.origin
    if not path:
        return ""
    inner: Json = {"properties": properties}
    for depth, step in enumerate(path):
        declared = inner.get("properties") if isinstance(inner, dict) else None
        if not isinstance(declared, dict):
            break  # below a reference or a free object: only the record will tell
        if step not in declared:
            near = nearest(step, declared) or sorted(declared)[:5]
            told = f"from {'.'.join(path[: depth + 1])!r}: no such property beside {name!r}; did you mean {' or '.join(near)}?"
            raise SchemaError(told, pointer=_place(pointer, name), keyword=KEYWORD)
        inner = declared[step]
    return path[0]


def _place(pointer: str, name: str) -> str:
    return f"{pointer}{to_pointer(('properties', name))}"

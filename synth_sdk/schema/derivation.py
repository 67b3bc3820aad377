"""In which order the properties of an object can be made, when some are derived from others (`x-synth`: from, given, formula)."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from synth_sdk.core.errors import SchemaError, nearest
from synth_sdk.core.models import Json
from synth_sdk.schema.annotations import KEYWORD, NOTHING, Annotation, read_annotation
from synth_sdk.schema.pointers import to_pointer


def derivation_order(schema: Mapping[str, Json], pointer: str = "") -> tuple[str, ...]:
    """The names under `properties` of the object schema at `pointer`, each after those it is derived from, else as declared.

    SchemaError (keyword `x-synth`) if a property is derived from one that isn't declared, or round in a circle.
    """
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return ()
    sources = {name: _sources(name, inner, properties, pointer) for name, inner in properties.items()}
    try:
        TopologicalSorter(sources).prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        told = " from ".join(map(repr, circle))
        raise SchemaError(f"{told}: derived in a circle", pointer=_place(pointer, circle[0]), keyword=KEYWORD) from None
    return in_order(properties, sources)


def in_order(names: Iterable[str], sources: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """`names`, each behind its `sources` among them, otherwise as they come. What would close a circle is passed over."""
    names = dict.fromkeys(names)
    order: dict[str, None] = {}
    for name in names:
        way, entered = [name], set[str]()
        while way:
            entered.add(way[-1])
            ahead = [one for one in sources.get(way[-1], ()) if one in names and one not in order and one not in entered]
            if ahead:
                way.append(ahead[0])
            else:
                order.setdefault(way.pop())
    return tuple(order)


def source_paths(note: Annotation) -> tuple[tuple[str, ...], ...]:
    """The properties of the same object that one annotated so is derived from: for each the path of names that leads there."""
    if note.formula is not None:
        return note.formula.paths
    return ((note.given,),) if note.given else (note.origin,) if note.origin else ()


def _sources(name: str, schema: Json, properties: Mapping[str, Json], pointer: str) -> tuple[str, ...]:
    """The siblings that the property `name` is derived from."""
    note = read_annotation(schema, _place(pointer, name)) if isinstance(schema, dict) else NOTHING
    paths = source_paths(note)
    for path in paths:
        _check_path(path, name, properties, "formula" if note.formula else "given" if note.given else "from", pointer)
    return tuple(path[0] for path in paths)


def _check_path(path: tuple[str, ...], name: str, properties: Mapping[str, Json], key: str, pointer: str) -> None:
    inner: Json = {"properties": properties}
    for depth, step in enumerate(path):
        declared = inner.get("properties") if isinstance(inner, dict) else None
        if not isinstance(declared, dict):
            return  # below a reference or a free object: only the record will tell
        if step not in declared:
            near = nearest(step, declared) or sorted(declared)[:5]
            told = f"{key} {'.'.join(path[: depth + 1])!r}: no such property beside {name!r}; did you mean {' or '.join(near)}?"
            raise SchemaError(told, pointer=_place(pointer, name), keyword=KEYWORD)
        inner = declared[step]


def _place(pointer: str, name: str) -> str:
    return f"{pointer}{to_pointer(('properties', name))}"

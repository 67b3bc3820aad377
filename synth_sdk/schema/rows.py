"""What the document of a table says of its rows: their properties, and what those may hold, as far as reading tells."""

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from synth_sdk.core.errors import SchemaError
from synth_sdk.schema.annotations import KEYWORD
from synth_sdk.schema.pointers import to_pointer

_DATA = frozenset({"const", "default", "enum", "example", "examples"})  # keywords whose values are no schemas
_JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null", list: "array", dict: "object"}
_MOST_STEPS = 50

Node = dict[str, Any]
Documents = Mapping[str, Node]
Path = tuple[str, ...]


def annotated(value: Any, keys: frozenset[str], path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """The schemas whose `x-synth` has one of `keys`, with their paths."""
    if isinstance(value, dict):
        if said(value).keys() & keys:
            yield path, value
        for key, inner in value.items():
            if (key not in _DATA and key != KEYWORD) or path[-1:] == ("properties",):
                yield from annotated(inner, keys, (*path, str(key)))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from annotated(inner, keys, (*path, str(place)))


def said(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """What `node` says under `x-synth`."""
    note = node.get(KEYWORD)
    return note if isinstance(note, Mapping) else {}


def columns_of(document: Node) -> dict[str, Node]:
    """The properties of a table's rows."""
    return _properties(document, document, 0)


def required_of(document: Node) -> set[str]:
    """Those that every row has."""
    return _required(document, document, 0)


def _properties(node: Node, document: Node, steps: int) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for part in _parts(node, document, steps):
        declared = part.get("properties")
        found |= {name: one for name, one in declared.items() if isinstance(one, dict)} if isinstance(declared, dict) else {}
    return found


def _required(node: Node, document: Node, steps: int) -> set[str]:
    return {name for part in _parts(node, document, steps) for name in part.get("required") or () if isinstance(name, str)}


def _parts(node: Any, document: Node, steps: int) -> Iterator[Node]:
    """`node`, and what it refers to or combines."""
    if not isinstance(node, dict) or steps > _MOST_STEPS:
        return
    yield node
    if isinstance(node.get("$ref"), str):
        yield from _parts(_local(node["$ref"], document), document, steps + 1)
    for inner in node.get("allOf") or () if isinstance(node.get("allOf"), list) else ():
        yield from _parts(inner, document, steps + 1)


def _local(reference: str, document: Node) -> Any:
    """What a reference within the document leads to; None for all others."""
    value: Any = document
    for step in reference.removeprefix("#").split("/")[1:] if reference.startswith("#") else ("",):
        step = step.replace("~1", "/").replace("~0", "~")
        value = value.get(step) if isinstance(value, dict) else None
    return value


def flat_of(node: Node, document: Node) -> Node:
    """`node` with what it refers to merged in, and a choice of null as a type."""
    flat: Node = {}
    for part in _parts(node, document, 0):
        flat |= {key: value for key, value in part.items() if key not in ("$ref", "allOf", "$defs", "definitions")}
    options = flat.get("anyOf")
    others = [one for one in options if one != {"type": "null"}] if isinstance(options, list) else []
    if isinstance(options, list) and len(others) == 1 and len(options) == 2 and isinstance(others[0], dict):
        inner = flat_of(others[0], document)
        return (
            {key: value for key, value in flat.items() if key != "anyOf"} | inner | {"type": sorted(types_of(inner) | {"null"})}
        )
    return flat


def types_of(flat: Node) -> set[str]:
    """The types that a schema names or lists; empty: it doesn't say."""
    kind = flat.get("type")
    if isinstance(kind, str | list):
        return {kind} if isinstance(kind, str) else {one for one in kind if isinstance(one, str)}
    values = [flat["const"]] if "const" in flat else flat.get("enum")
    return {_JSON_TYPES[type(value)] for value in values} if isinstance(values, list) else set()


def widened(types: set[str]) -> set[str]:
    """`types` with those whose every value is of one of them."""
    return types | {"integer"} if "number" in types or not types else types


def node_at(document: Node, pointer: str) -> Node:
    """The schema at `pointer`."""
    value: Any = document
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        value = value[int(step)] if isinstance(value, list) else value[step]
    found: Node = value
    return found


def refuse(told: str, table: str, pointer: str, keyword: str = KEYWORD) -> NoReturn:
    """An error at `pointer` within the schema of `table`."""
    raise SchemaError(told, pointer=at(table, pointer), keyword=keyword)


def at(table: str, pointer: str) -> str:
    """`pointer` within the schema of `table`, as it stands in the set."""
    return to_pointer(("tables", table, "schema")) + pointer

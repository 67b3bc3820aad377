"""Fields by their paths - `address.city`, `messages[].content` - in a schema and in records."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synth_sdk.core.batches import ITEMS
from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.models import Json

_DEEPEST = 24
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Target:
    """A field: the `steps` to it, and the subschemas that speak of it (none: the schema leaves it open)."""

    path: str
    steps: tuple[str, ...]
    nodes: tuple[Mapping[str, Any], ...]

    @property
    def name(self) -> str:
        """What the field is called: the last name on the way."""
        return next((step for step in reversed(self.steps) if step != ITEMS), "")

    def said(self, keyword: str) -> Any:
        """What the schema says under a keyword, if anything."""
        return next((node[keyword] for node in self.nodes if keyword in node), None)

    @property
    def types(self) -> frozenset[str]:
        named = [node.get("type", []) for node in self.nodes]
        return frozenset(name for names in named for name in ([names] if isinstance(names, str) else names))


def find(path: str, schema: Json) -> Target:
    """The field at `path` in records of `schema`. UnknownName with the nearest; RequestError for a path that isn't one."""
    parts = _parts(path)
    nodes, steps = _spread(schema, [schema]), list[str]()
    while parts:
        if parts[0] == ITEMS:
            inner = [node["items"] for node in nodes if isinstance(node.get("items"), Mapping)]
            if not inner and nodes and not _may_be(nodes, "array"):
                raise RequestError(f"mask {path!r}: {'.'.join(steps) or 'the record'} has no items; leave out []")
            size = 1
        else:
            size, inner = _property(parts, nodes)
            if not inner and nodes and not _open(nodes):
                raise UnknownName("field", path, known_fields(schema))
        steps.append(".".join(parts[:size]) if parts[0] != ITEMS else ITEMS)
        parts, nodes = parts[size:], _spread(schema, inner)
    return Target(path, tuple(steps), tuple(nodes))


def change(record: Json, steps: Sequence[str], method: Callable[[Json], Json]) -> Json:
    """`record` with `method` applied at the end of `steps`; what isn't on the way is shared with it. Nulls, and what is absent, stay."""
    if record is None:
        return None
    if not steps:
        return method(record)
    step, rest = steps[0], steps[1:]
    if step == ITEMS and isinstance(record, list):
        return [change(item, rest, method) for item in record]
    if not isinstance(record, dict) or step not in record:
        return record
    return {**record, step: change(record[step], rest, method)}


def _parts(path: str) -> list[str]:
    plain = path.replace(ITEMS, f".{ITEMS}").strip(".")
    parts = plain.split(".")
    if not all(parts) or "[" in plain.replace(ITEMS, ""):
        raise RequestError(f"mask {path[:_SHOWN]!r}: a field is named as in address.city or messages[].content")
    return parts


def _property(parts: Sequence[str], nodes: Sequence[Mapping[str, Any]]) -> tuple[int, list[Json]]:
    """How many of `parts` the name of a declared property takes (names may hold dots, the longest first), and its subschemas."""
    for size in range(len(parts), 0, -1):
        name = ".".join(parts[:size])
        inner = [node["properties"][name] for node in nodes if name in (node.get("properties") or {})]
        if inner:
            return size, inner
    return 1, []


def _spread(schema: Json, nodes: Sequence[Json], depth: int = 0) -> list[Mapping[str, Any]]:
    """`nodes` with what they refer to and are combined of."""
    found: list[Mapping[str, Any]] = []
    for node in nodes:
        if not isinstance(node, Mapping) or depth > _DEEPEST:
            continue
        inner = [part for keyword in ("allOf", "anyOf", "oneOf") for part in node.get(keyword) or []]
        inner += [node[keyword] for keyword in ("then", "else") if keyword in node]
        found += [node, *_spread(schema, [*inner, *_referred(schema, node)], depth + 1)]
    return found


def _referred(schema: Json, node: Mapping[str, Any]) -> list[Json]:
    reference = node.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#"):
        return []
    target: Any = schema
    for part in reference[1:].split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        target = target.get(part) if isinstance(target, Mapping) else None
    return [target] if isinstance(target, Mapping) else []


def _open(nodes: Sequence[Mapping[str, Any]]) -> bool:
    """May there be properties of which the schema says nothing?"""
    if any(node.get("patternProperties") or isinstance(node.get("additionalProperties"), Mapping) for node in nodes):
        return True
    return _may_be(nodes, "object") and not any(node.get("properties") for node in nodes)


def _may_be(nodes: Sequence[Mapping[str, Any]], type: str) -> bool:
    named = [node["type"] for node in nodes if "type" in node]
    return not named or any(type in ([names] if isinstance(names, str) else names) for names in named)


def known_fields(schema: Json) -> list[str]:
    """The paths of all fields, as far as they are declared."""

    def walk(nodes: Sequence[Json], path: str, depth: int) -> Iterator[str]:
        for node in _spread(schema, nodes) if depth < 6 else []:
            for name, inner in (node.get("properties") or {}).items():
                yield f"{path}.{name}".strip(".")
                yield from walk([inner], f"{path}.{name}", depth + 1)
            if isinstance(node.get("items"), Mapping):
                yield from walk([node["items"]], f"{path}{ITEMS}", depth + 1)

    return list(dict.fromkeys(walk([schema], "", 0)))

"""What must hold of a scenario beyond its form: sessions begin, get everywhere and end; a name means one type of value."""

from collections.abc import Iterator

from synth_sdk.generators.events.scenario import END, Field, Node, Scenario
from synth_sdk.generators.events.script import NoScriptError, chapter_of
from synth_sdk.schema.layout.datatypes import DataType, type_of

_NUMBERS = ("integer", "number")


def graph_flaws(scenario: Scenario) -> list[str]:
    """States that are never reached, or from which a session never ends."""
    nodes = scenario.nodes
    begun = {place for place, _ in scenario.start} | ({scenario.first} if scenario.first is not None else set())
    reached = _closure(begun, {at: [to for to, _ in node.moves if to != END] for at, node in enumerate(nodes)})
    flaws = [f"at {_at(node)}: no session ever comes to {node.name!r}" for at, node in enumerate(nodes) if at not in reached]
    backward: dict[int, list[int]] = {at: [] for at in range(len(nodes))}
    for at, node in enumerate(nodes):
        for to, _ in node.moves:
            if to != END:
                backward[to].append(at)
    ending = _closure({at for at, node in enumerate(nodes) if any(to == END for to, _ in node.moves)}, backward)
    flaws += [
        f"at {_at(node)}/next: from {node.name!r} no session ever ends; let it, or a state after it, go to end"
        for at, node in enumerate(nodes)
        if at not in ending
    ]
    if not flaws:
        try:
            chapter_of(scenario)
        except NoScriptError as error:
            flaws.append(f"at /states: {error}")
    return flaws


def payload_flaws(scenario: Scenario) -> list[str]:
    """Fields that mean different types in different states; sums of what isn't there."""
    kinds: dict[str, tuple[str, str]] = {}
    flaws = []
    for node in scenario.nodes:
        for field in node.payload:
            at = f"{_at(node)}/payload/{field.name}"
            kind = kind_of(field)
            known, where = kinds.setdefault(field.name, (kind, node.name))
            if not alike(kind, known):
                flaws.append(
                    f"at {at}: {field.name!r} is of type {kind} here and {known} in {where!r}; give one of them another name"
                )
            flaws += [f"at {at}: {told}" for told in _source_flaws(scenario, node, field)]
    return flaws


def kind_of(field: Field) -> str:
    """The JSON type of a field's values; "json" for what has none in particular."""
    if field.origin in ("sum", "product"):
        return "number"
    kind = _type(field).kind
    return "integer" if kind == "unsigned" else kind


def alike(kind: str, other: str) -> bool:
    """Values of both types can stand in one column."""
    return kind == other or {kind, other} <= set(_NUMBERS)


def nullable(field: Field) -> bool:
    """Values may be null."""
    return _type(field).nullable


def _type(field: Field) -> DataType:
    return type_of({"type": "object", "properties": {field.name: field.schema}}).fields[0].type


def _source_flaws(scenario: Scenario, node: Node, field: Field) -> Iterator[str]:
    types = {other.type: other for other in scenario.nodes if other.journey == node.journey}
    if field.origin in ("sum", "count"):
        if field.source[0] not in types:
            yield f"unknown event type {field.source[0]!r}; a sum is of TYPE.FIELD, a count of TYPE"
            return
        if field.origin == "sum":
            for other in (other for other in scenario.nodes if other.type == field.source[0] and other.journey == node.journey):
                yield from _number_flaws(other, field.source[1], ("sum", "count"))
    if field.origin == "product":
        for name in field.source:
            yield from _number_flaws(node, name, ("product", "sum", "count"))


def _number_flaws(node: Node, name: str, never: tuple[str, ...]) -> Iterator[str]:
    found = next((field for field in node.payload if field.name == name), None)
    if found is None:
        yield f"{node.name!r} has no field {name!r}"
    elif found.origin in never or kind_of(found) not in _NUMBERS:
        yield f"{name!r} of {node.name!r} must be a number that is drawn, or of its user, session or subject"


def _closure(begin: set[int], steps: dict[int, list[int]]) -> set[int]:
    found, waiting = set(begin), list(begin)
    while waiting:
        for after in steps[waiting.pop()]:
            if after not in found:
                found.add(after)
                waiting.append(after)
    return found


def _at(node: Node) -> str:
    return f"/states/{node.name}"

"""Do the parts of a pack fit together? Names that lead nowhere are refused before anything is played."""

from collections import Counter

from synth_sdk.core.errors import PackError, nearest
from synth_sdk.dialogue.loading.mechanics import END, RETRY, START
from synth_sdk.dialogue.loading.reading import mapping
from synth_sdk.dialogue.loading.source import Map, fail
from synth_sdk.dialogue.model import Node, Pack, Place

MOST_ROWS = 1000


def check_references(pack: Pack, whole: Map) -> None:
    for key, something in (("goals", pack.goals), ("personas", pack.personas), ("acts", pack.acts)):
        if not something:
            raise fail(f"{key}: at least one is needed", whole, key, "missing")
    for group in (pack.goals, pack.personas, pack.agents, pack.faults):
        if not sum(item.weight for item in group):
            raise fail("all weights are 0", whole, None, "weights")
    for key, people in (("personas", pack.personas), ("agents", pack.agents)):
        twice = [name for name, count in Counter(person.name for person in people).items() if count > 1]
        if twice:
            raise fail(f"{key}: the name {twice[0]!r} stands twice", whole, key, "declared twice")
    for crowd in pack.world:
        if crowd.high > MOST_ROWS:
            raise fail(f"world.{crowd.name}: at most {MOST_ROWS} rows", mapping(whole, "world"), crowd.name, "size")
    if START not in pack.flow:
        raise fail(f"flow has no node {START!r}", whole, "flow", "flow")
    for reserved in (END, RETRY):
        if reserved in pack.flow:
            raise fail(f"flow: {reserved!r} is reserved", mapping(whole, "flow"), reserved, "flow")
    for node in pack.flow.values():
        _check_node(pack, node)
    for fault in pack.faults:
        for edge in fault.next:
            _check_target(pack, edge.target, Place(whole.file, whole.line), f"faults.{fault.name}")
    entities = {entity.name: entity for entity in pack.world}
    for goal in pack.goals:
        for path in goal.needs:
            entity, _, name = path.partition(".")
            if entity not in entities or name not in entities[entity].fields:
                raise fail(
                    f"goals.{goal.name}: needs {path!r} is not a field of the world", mapping(whole, "goals"), goal.name, "needs"
                )


def _check_node(pack: Pack, node: Node) -> None:
    where = f"flow.{node.name}"
    for edges in (node.next, *node.on_error.values()):
        for edge in edges:
            _check_target(pack, edge.target, node.place, where)
    if node.exhausted:
        _check_target(pack, node.exhausted, node.place, where)
    if node.role:
        for goal in pack.goals if "{goal}" in node.act else pack.goals[:1]:
            act = node.act.replace("{goal}", goal.name)
            if act not in pack.acts:
                near = nearest(act, pack.acts)
                raise _flow_error(
                    f"{where}: {act!r} is not a declared act{': did you mean ' + ' or '.join(near) + '?' if near else ''}",
                    node.place,
                )
            if pack.acts[act].role != node.role:
                raise _flow_error(f"{where}: the act {act!r} belongs to the {pack.acts[act].role}", node.place)
    if node.call:
        if node.call not in pack.tools:
            raise _flow_error(f"{where}: {node.call!r} is not a tool", node.place)
        tool = pack.tools[node.call]
        missing = [name for name in tool.parameters.get("required", ()) if name not in node.args]
        extra = [name for name in node.args if name not in tool.parameters.get("properties", {})]
        if missing or extra:
            raise _flow_error(
                f"{where}: {node.call} {'needs' if missing else 'has no argument'} {', '.join(missing or extra)}", node.place
            )
    names = {fault.name for fault in pack.faults}
    for name in (*node.faults, *([node.label] if node.label else [])):
        if name not in names:
            raise _flow_error(f"{where}: {name!r} is not a declared fault", node.place)


def _check_target(pack: Pack, target: str, place: Place, where: str) -> None:
    if target not in pack.flow and target not in (END, RETRY):
        near = nearest(target, pack.flow)
        raise _flow_error(
            f"{where}: leads to {target!r}, which is no node{': did you mean ' + ' or '.join(near) + '?' if near else ''}", place
        )


def _flow_error(message: str, place: Place) -> PackError:
    return PackError(message, file=place.file, line=place.line, rule="flow")

"""Anomalies put into a finished draft, with the nodes and edges that make each up: the ground truth for detectors."""

from collections.abc import Callable
from dataclasses import dataclass, field

from synth_sdk.core.seeds import pick, pick_weighted
from synth_sdk.generators.trajectory.banks import BANKS, between
from synth_sdk.generators.trajectory.draft import Draft, Edge, Node

_SPIKE = (12, 60)  # a spiked step takes so many times as long


@dataclass(slots=True)
class Anomaly:
    """What was done to a trajectory, and where."""

    kind: str
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)


Inject = Callable[[Draft, int], Anomaly | None]


def inject(draft: Draft, largest: int) -> Anomaly | None:
    """One anomaly, as often as the configuration says; None mostly. The trajectory keeps at most `largest` nodes and stays connected.

    A kind that this trajectory has no place for (no hand-off to drop, say) makes room for another.
    """
    if draft.rng.random() >= draft.config.anomaly_rate:
        return None
    odds = {kind: weight for kind, weight in (draft.config.anomalies or dict.fromkeys(ANOMALIES, 1.0)).items() if weight}
    while odds:
        kind = pick_weighted(draft.rng, list(odds), list(odds.values()))
        if found := ANOMALIES[kind](draft, largest):
            return found
        del odds[kind]
    return None


def _loop(draft: Draft, largest: int) -> Anomaly | None:
    """The same step again and again: a tool call and what follows it are repeated, as long as there is room; else the flow leads back."""
    spot = _spot(draft, [call for call in draft.nodes if call.type == "TOOL_CALL" and _after(draft, call)])
    if spot is None:
        return None
    found, way_on = Anomaly("loop"), _after(draft, spot)
    last = way_on[0].target
    if last.type != "OBSERVATION" or len(draft.nodes) + 2 > largest:
        edge = Edge(last, spot, "execution_flow", "repeats", way_on[0].seconds)
        draft.edges.append(edge)
        return Anomaly("loop", [spot, last], [edge])
    onward = _after(draft, last)
    place = draft.nodes.index(last) + 1
    for _ in range(min(between(draft.rng, 2, 4), (largest - len(draft.nodes)) // 2)):
        call = _copy(draft, spot, last)
        seen = _copy(draft, last, call)
        draft.nodes[place:place] = [call, seen]
        place += 2
        found.nodes += [call, seen]
        found.edges += draft.edges[-2:]
        last = seen
    for edge in onward:
        edge.source = last
    return found


def _copy(draft: Draft, node: Node, after: Node) -> Node:
    copy = draft.add(node.type, node.agent, [], node.description, **node.attributes)
    draft.nodes.pop()  # its place is beside the original, which the caller knows
    copy.status = node.status
    draft.link(after, copy, relationship="repeats")
    return copy


def _dropped_handoff(draft: Draft, largest: int) -> Anomaly | None:
    """The receiver never gets what was handed to it: it begins from the plan alone, and the hand-off leads nowhere."""
    edges = [edge for edge in draft.edges if edge.type == "handoff"]
    if not edges:
        return None
    dropped: Edge = pick(draft.rng, edges)
    plan = next(node for node in draft.nodes if node.type == "PLANNING")
    if any(edge.source is plan and edge.target is dropped.target for edge in draft.edges):
        return None
    draft.edges.remove(dropped)
    draft.link(plan, dropped.target, "data_dependency", "depends_on")
    return Anomaly("dropped_handoff", [dropped.source, dropped.target], [draft.edges[-1]])


def _tool_misuse(draft: Draft, largest: int) -> Anomaly | None:
    """A tool that has nothing to do with the task, and may do harm."""
    call = _spot(draft, [node for node in draft.nodes if node.type == "TOOL_CALL"])
    if call is None:
        return None
    call.attributes["tool_type"] = pick(draft.rng, BANKS["misused"])
    return Anomaly("tool_misuse", [call])


def _latency_spike(draft: Draft, largest: int) -> Anomaly | None:
    """One to three steps, and the ways to them, take many times as long as they should."""
    slow = [node for node in draft.nodes[1:] if node.type in ("TOOL_CALL", "LLM_CALL", "MEMORY_ACCESS", "HANDOFF")]
    if not slow:
        return None
    chosen = {id(node): node for node in (pick(draft.rng, slow) for _ in range(between(draft.rng, 1, 3)))}
    found = Anomaly("latency_spike", list(chosen.values()))
    for node in found.nodes:
        node.seconds *= between(draft.rng, *_SPIKE)
    for edge in draft.edges:
        if id(edge.target) in chosen:
            edge.seconds *= between(draft.rng, *_SPIKE)
            found.edges.append(edge)
    return found


def _wrong_order(draft: Draft, largest: int) -> Anomaly | None:
    """Two steps that follow each other change places: an observation before its call, a delivery before its check."""
    pairs = [
        edge
        for edge in draft.edges
        if (edge.source.type, edge.target.type)
        in (("TOOL_CALL", "OBSERVATION"), ("VALIDATION", "ACTION"), ("REASONING", "VALIDATION"))
    ]
    if not pairs:
        return None
    edge: Edge = pick(draft.rng, pairs)
    first, second = edge.source, edge.target
    for name in ("type", "agent", "description", "seconds", "attributes", "status"):
        before, after = getattr(first, name), getattr(second, name)
        setattr(first, name, after)
        setattr(second, name, before)
    return Anomaly("wrong_order", [first, second], [edge])


ANOMALIES: dict[str, Inject] = {
    "loop": _loop,
    "dropped_handoff": _dropped_handoff,
    "tool_misuse": _tool_misuse,
    "latency_spike": _latency_spike,
    "wrong_order": _wrong_order,
}


def _spot(draft: Draft, nodes: list[Node]) -> Node | None:
    return pick(draft.rng, nodes) if nodes else None


def _after(draft: Draft, node: Node) -> list[Edge]:
    return [edge for edge in draft.edges if edge.source is node]

"""A trajectory under construction: nodes in an order in which they can happen, and at most one edge from one node to another."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from synth_sdk.core.seeds import pick_weighted
from synth_sdk.generators.trajectory.banks import BANKS, Matter, lognormal
from synth_sdk.generators.trajectory.config import Config

_TYPICAL_SECONDS = {
    "USER_ENQUIRY": 0.5, "PLANNING": 2.5, "REASONING": 2.0, "LLM_CALL": 4.0, "VALIDATION": 1.0, "HANDOFF": 0.3, "MEMORY_ACCESS": 0.15,
    "OBSERVATION": 0.1, "ACTION": 0.8,
}  # fmt: skip
_SPREAD = 0.5  # standard deviation of the logarithm of a duration


@dataclass(slots=True, eq=False)
class Node:
    """One step. `seconds` is how long it takes; `attributes` are those of its type (tool_type, planning_type...)."""

    id: str
    type: str
    agent: str
    description: str
    seconds: float
    attributes: dict[str, Any] = field(default_factory=dict)
    status: str = "completed"


@dataclass(slots=True, eq=False)
class Edge:
    """One way on. `seconds` is its latency."""

    source: Node
    target: Node
    type: str
    relationship: str
    seconds: float


@dataclass(slots=True)
class Draft:
    """What the patterns build on. All randomness comes from `rng`."""

    rng: Random
    config: Config
    matter: Matter
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    last_tool: str = ""
    _linked: set[tuple[str, str]] = field(default_factory=set)

    def add(self, type_: str, agent: str, after: Iterable[Node] = (), description: str = "", **attributes: Any) -> Node:
        """A node of `type_` that follows the nodes in `after`."""
        tool = attributes.get("tool_type")
        typical = BANKS.tools[tool].seconds if tool in BANKS.tools else _TYPICAL_SECONDS.get(type_, 1.0)
        node = Node(self._id(), type_, agent, description, typical * lognormal(self.rng, 0, _SPREAD), attributes)
        self.nodes.append(node)
        for number, source in enumerate(after):
            self.link(source, node, relationship="sequential" if number == 0 else "joins")
        return node

    def link(self, source: Node, target: Node, type_: str = "execution_flow", relationship: str = "sequential") -> None:
        """An edge, unless there is one already."""
        if source is not target and (source.id, target.id) not in self._linked:
            self._linked.add((source.id, target.id))
            self.edges.append(Edge(source, target, type_, relationship, lognormal(self.rng, -3, 0.7)))

    def next_tool(self) -> str:
        """The tool that follows the last one, by the odds of tool_transitions."""
        odds = (
            self.config.transitions.get(self.last_tool) or self.matter.transitions.get(self.last_tool) or self.matter.first_tools
        )
        self.last_tool = pick_weighted(self.rng, list(odds), list(odds.values()))
        return self.last_tool

    def _id(self) -> str:
        return str(UUID(int=self.rng.getrandbits(128), version=4))

"""The patterns: each builds a trajectory of exactly `count` nodes, every node reached from the enquiry."""

from collections.abc import Callable
from itertools import pairwise
from random import Random

from synth_sdk.core.seeds import pick
from synth_sdk.generators.trajectory import steps
from synth_sdk.generators.trajectory.banks import BANKS, between
from synth_sdk.generators.trajectory.draft import Draft, Node

Build = Callable[[Draft, int], None]
_DEPENDS = ("data_dependency", "depends_on")


def simple_linear(draft: Draft, count: int) -> None:
    """Enquiry, a plan, steps one after the other, delivery."""
    agent = steps.worker(draft)
    last = steps.enquiry(draft)
    if count > 2:
        last = steps.planning(draft, [last])
    if count > 3:
        last = steps.work(draft, agent, [last], count - 3)
    if count > 1:
        steps.action(draft, agent, [last])


def branched_analysis(draft: Draft, count: int) -> None:
    """A plan, two to four lines of work side by side, brought together, checked, delivered."""
    agent = steps.worker(draft)
    plan = steps.planning(draft, [steps.enquiry(draft)])
    room = count - 5
    ends = [steps.work(draft, agent, [plan], size) for size in _shares(draft.rng, room, min(between(draft.rng, 2, 4), room // 2))]
    merged = steps.reasoning(draft, agent, ends, BANKS["synthesis"], "inductive")
    for end in ends[1:]:
        _depend(draft, end, merged)
    steps.action(draft, agent, [steps.validation(draft, [merged])])


def multi_agent_handoffs(draft: Draft, count: int) -> None:
    """Agents work in turn; each hands over to the next, and the last result is checked against what the first one found."""
    room = count - 4
    parts = max(2, min(5, room // 4))
    crew = _crew(draft, parts)
    last = steps.planning(draft, [steps.enquiry(draft)])
    sender, first_finding = "PLANNER", last
    for agent, size in zip(crew, _shares(draft.rng, room - parts, parts), strict=True):
        given = steps.handoff(draft, sender, agent, [last])
        last = _received(draft, given, agent, size)
        first_finding = last if sender == "PLANNER" else first_finding
        sender = agent
    checked = steps.validation(draft, [last])
    _depend(draft, first_finding, checked)
    steps.action(draft, sender, [checked])


def complex_research(draft: Draft, count: int) -> None:
    """Rounds of parallel searching, reasoning and checking, each planned from what the last one showed; then written up by a writer."""
    last = steps.planning(draft, [steps.enquiry(draft)])
    room = count - 6  # enquiry, plan, hand-off, text, check, delivery
    findings: list[Node] = []
    while room >= 7:
        recalled = steps.memory(draft, "RESEARCHER", [last], "search" if not findings else "read")
        branches = 2 if room < 9 or draft.rng.random() < 0.6 else 3
        seen = [steps.observation(draft, steps.tool_call(draft, "RESEARCHER", [recalled])) for _ in range(branches)]
        thought = steps.reasoning(draft, "ANALYST", seen)
        room -= 2 + 2 * branches
        if findings:
            _depend(draft, findings[-1], thought)
        findings.append(thought)
        last = thought
        if room >= 8:
            last = steps.planning(draft, [thought], again=True)
            room -= 1
    if room:
        last = steps.work(draft, "ANALYST", [last], room)
    given = steps.handoff(draft, "ANALYST", "WRITER", [last])
    text = steps.receive(draft, given, steps.llm_call(draft, "WRITER", []))
    for finding in findings[-3:]:
        _depend(draft, finding, text)
    steps.action(draft, "WRITER", [steps.validation(draft, [text])])


def error_recovery(draft: Draft, count: int) -> None:
    """A tool fails, the agent finds out why, tries again or another way - once or several times -, and gets there."""
    agent = steps.worker(draft)
    last = steps.planning(draft, [steps.enquiry(draft)])
    room = count - 4
    episodes = max(1, min(between(draft.rng, 1, 3), room // 5))
    spare = _shares(draft.rng, room - 4 * episodes, episodes, least=0)
    for before in spare:
        if before:
            last = steps.work(draft, agent, [last], before)
        failed = steps.fail(draft, steps.tool_call(draft, agent, [last]))
        why = steps.reasoning(draft, agent, [steps.observation(draft, failed)], BANKS["diagnosis"], "abductive")
        again = draft.rng.random() < 0.6
        last = steps.tool_call(draft, agent, [why], failed.attributes["tool_type"] if again else "")
        if again:
            draft.link(failed, last, "data_dependency", "retries")
    steps.action(draft, agent, [steps.validation(draft, [last])])


# The fewest nodes of which each pattern can be built.
FEWEST = {"simple_linear": 1, "branched_analysis": 9, "multi_agent_handoffs": 10, "complex_research": 13, "error_recovery": 8}
PATTERNS: dict[str, Build] = {
    "simple_linear": simple_linear,
    "branched_analysis": branched_analysis,
    "multi_agent_handoffs": multi_agent_handoffs,
    "complex_research": complex_research,
    "error_recovery": error_recovery,
}


def _received(draft: Draft, given: Node, agent: str, size: int) -> Node:
    """The work of `agent` after a hand-off, `size` steps."""
    before = len(draft.nodes)
    last = steps.work(draft, agent, [given], size)
    for edge in draft.edges:
        if edge.source is given and edge.target is draft.nodes[before]:
            edge.type, edge.relationship = "handoff", "delegates"
    return last


def _depend(draft: Draft, source: Node, target: Node) -> None:
    """A data dependency between two nodes, also where the flow already leads from one to the other."""
    for edge in draft.edges:
        if edge.source is source and edge.target is target:
            edge.type, edge.relationship = _DEPENDS
            return
    draft.link(source, target, *_DEPENDS)


def _crew(draft: Draft, count: int) -> list[str]:
    """`count` agents, no two alike next to each other."""
    usual = ["RESEARCHER", "ANALYST", "SPECIALIST", "EXECUTOR", "WRITER", "COORDINATOR"]
    crew = [steps.worker(draft)]
    while len(crew) < count:
        crew.append(pick(draft.rng, [agent for agent in usual if agent != crew[-1]]))
    return crew


def _shares(rng: Random, total: int, parts: int, least: int = 1) -> list[int]:
    """`total` split into `parts` random shares of at least `least`."""
    cuts = sorted(between(rng, 0, total - least * parts) for _ in range(parts - 1))
    edges = [0, *cuts, total - least * parts]
    return [least + high - low for low, high in pairwise(edges)]

"""What the flow allows, judged without playing: what is reachable, who can speak after whom, which slots are defined where.

Conditions on the goal, the fault and names that nodes set to constants are decided; all others are taken to go either way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from synth_sdk.dialogue.mechanics import END, RETRY, START
from synth_sdk.dialogue.mix import fits
from synth_sdk.dialogue.model import Edge, Env, Fault, Goal, Node, Pack

Facts = frozenset[tuple[str, Any]]
Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Site:
    """One place where an act is said, for one goal: the slots that are surely defined there."""

    act: str
    node: str
    goal: str
    slots: Names


@dataclass(frozen=True, slots=True)
class _At:
    """A point of the flow: the node, who spoke last, the last call, and the names that were set to constants."""

    node: str
    spoke: str
    call: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class _Course:
    """All points that one goal and fault can lead to, the ways between them, and what is defined on arrival."""

    goal: Goal
    ways: dict[_At, tuple[_At, ...]]
    defined: dict[_At, Names]


def pairs(pack: Pack) -> Iterator[tuple[Goal, Fault]]:
    """Every goal with every fault that may go with it."""
    for goal in pack.goals:
        for fault in pack.faults:
            if goal.weight and fault.weight and fits(fault, {"goal": goal.name}):
                yield goal, fault


@lru_cache(maxsize=8)
def _courses(pack: Pack) -> tuple[_Course, ...]:
    return tuple(_course(pack, goal, fault) for goal, fault in pairs(pack))


def _course(pack: Pack, goal: Goal, fault: Fault) -> _Course:
    """A forward fixed point: what is defined at a point is what every way to it defines."""
    world = frozenset(entity.name for entity in pack.world if entity.low > 0 or entity.of)
    given = frozenset(path.partition(".")[0] for path in goal.needs)
    facts: Facts = frozenset({("goal", goal.name), ("fault", fault.name)})
    first = _At(START, "agent", "", facts)
    defined: dict[_At, Names] = {first: world | given | {"now", "goal", "fault", "persona"}}
    ways: dict[_At, tuple[_At, ...]] = {}
    queue = [first]
    while queue:
        at = queue.pop()
        steps = list(_steps(pack, at, fault)) if at.node != END else []
        ways[at] = tuple(target for target, _ in steps)
        for target, names in steps:
            reached, known = defined[at] | names, defined.get(target)
            merged = reached if known is None else known & reached
            if merged != known:
                defined[target] = merged
                queue.append(target)
    return _Course(goal, ways, defined)


def _steps(pack: Pack, at: _At, fault: Fault) -> Iterator[tuple[_At, Names]]:
    """Where the flow can go from a point, and the names that are defined on that way."""
    node = pack.flow[at.node]
    if node.max_visits:
        yield _At(node.exhausted, at.spoke, at.call, at.facts), frozenset()
    facts = _set(node, at.facts)
    spoke, call = node.role or at.spoke, node.name if node.call else at.call
    for target, names in _exits(pack, node, dict(facts), fault):
        if target != RETRY or call:
            yield _At(call if target == RETRY else target, spoke, call, facts), names | frozenset(node.set)


def _set(node: Node, facts: Facts) -> Facts:
    if not node.set:
        return facts
    kept = {(name, value) for name, value in facts if name not in node.set}
    return frozenset(kept | {(name, value.constant[0]) for name, value in node.set.items() if value.constant})


def _exits(pack: Pack, node: Node, facts: Env, fault: Fault) -> Iterator[tuple[str, Names]]:
    saved = frozenset({node.save}) if node.save else frozenset[str]()
    for edge in _open(node.next, facts):
        yield edge.target, saved | (edge.when.sure if edge.when else frozenset())
    if not node.call:
        return
    hit = fault.name in node.faults and (fault.result is not None or fault.merge is not None)
    at_hit = saved if fault.merge is not None else frozenset[str]()
    codes = {code for code, _, _ in pack.tools[node.call].errors} | {"else"}
    for code, edges in node.on_error.items():
        for edge in _open(edges, facts) if code in codes or (hit and code == fault.name) else ():
            yield edge.target, at_hit if code == fault.name else frozenset()
    if hit and fault.name not in node.on_error:
        for edge in _open(fault.next, facts):
            yield edge.target, at_hit


def _open(edges: tuple[Edge, ...], facts: Env) -> Iterator[Edge]:
    """The edges that are not shut by what is known."""
    scope = _nested(facts)
    for edge in edges:
        if edge.when and edge.when.paths <= facts.keys() and not edge.when.run(scope):
            continue
        if edge.unless and edge.unless.paths <= facts.keys() and edge.unless.run(scope):
            continue
        if not isinstance(edge.weight, float) or edge.weight > 0:
            yield edge


def _nested(facts: Env) -> Env:
    """Facts by path (`known.hint`) as the scope that expressions read (`{"known": {"hint": ...}}`)."""
    scope: dict[str, Any] = {}
    for path, value in facts.items():
        *outer, last = path.split(".")
        place = scope
        for name in outer:
            place = place.setdefault(name, {})
        place[last] = value
    return scope


def unreachable(pack: Pack) -> list[str]:
    """Nodes that no goal and fault lead to."""
    seen = {at.node for course in _courses(pack) for at in course.ways}
    return [name for name in pack.flow if name not in seen]


def open_ends(pack: Pack) -> list[str]:
    """Nodes from some visit of which the end can't be reached."""
    stuck: set[str] = set()
    for course in _courses(pack):
        back: dict[_At, list[_At]] = {}
        for at, targets in course.ways.items():
            for target in targets:
                back.setdefault(target, []).append(at)
        queue = [at for at in course.ways if at.node == END]
        good = set(queue)
        while queue:
            fresh = [at for at in back.get(queue.pop(), ()) if at not in good]
            good.update(fresh)
            queue.extend(fresh)
        stuck |= {at.node for at in course.ways if at not in good}
    return [name for name in pack.flow if name in stuck]


def speaking_errors(pack: Pack) -> list[tuple[str, str]]:
    """(node, what is wrong), one per node, wherever the roles may fail to alternate."""
    errors: dict[str, str] = {}
    for course in _courses(pack):
        for at in course.ways:
            if at.node == END:
                if at.spoke != "agent":
                    errors.setdefault(START, "the agent must speak last")
                continue
            node = pack.flow[at.node]
            if node.role == at.spoke:
                errors.setdefault(at.node, f"the {at.spoke} may have spoken just before (goal {course.goal.name})")
            if node.call and at.spoke != "user":
                errors.setdefault(at.node, f"a call must follow a customer's turn (goal {course.goal.name})")
    return list(errors.items())


@lru_cache(maxsize=8)
def sites(pack: Pack) -> tuple[Site, ...]:
    """Where each act is said, for each goal, with the slots surely defined there (over all faults)."""
    found: dict[tuple[str, str, str], Names] = {}
    for course in _courses(pack):
        for at, defined in course.defined.items():
            node = pack.flow.get(at.node)
            if node and node.role:
                slots = _slots(pack, defined | frozenset(node.set))
                key = (node.act.replace("{goal}", course.goal.name), at.node, course.goal.name)
                found[key] = found.get(key, slots) & slots
    return tuple(Site(act, node, goal, slots) for (act, node, goal), slots in found.items())


@lru_cache(maxsize=4096)
def _slots(pack: Pack, defined: Names) -> Names:
    return frozenset(name for name, rule in pack.slots.items() if all(_covered(path, defined) for path in rule.value.sure))


def _covered(path: str, defined: Names) -> bool:
    parts = path.split(".")
    return any(".".join(parts[:i]) in defined for i in range(1, len(parts) + 1))

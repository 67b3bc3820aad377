"""What the flow allows, judged without playing: what is reachable, who can speak after whom, which slots are defined where.

Conditions on the goal, the fault and names that nodes set to constants are decided, as far as these settle them; all others are taken to
go either way. Only names that some condition reads tell points of the flow apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from synth_sdk.core.errors import PackError
from synth_sdk.dialogue.expr import Expr
from synth_sdk.dialogue.linting.decisions import decide
from synth_sdk.dialogue.loading.mechanics import END, RETRY, START
from synth_sdk.dialogue.model import Edge, Env, Fault, Goal, Node, Pack
from synth_sdk.dialogue.playing.mix import fits

MOST_POINTS = 100_000
Facts = frozenset[tuple[str, Any]]
Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Site:
    """One place where an act is said, for one goal: the slots that are surely defined there, and what is known about names."""

    act: str
    node: str
    goal: str
    slots: Names
    facts: Facts


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a tool is called, for one goal: the names that are surely defined there."""

    node: str
    goal: str
    defined: Names


@dataclass(frozen=True, slots=True)
class _At:
    """A point of the flow: the node, who spoke last, the last call, and the names whose value is known."""

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
    """PackError when the flow has more points than can be looked at in seconds."""
    read = _read(pack)
    left, found = MOST_POINTS, []
    for goal, fault in pairs(pack):
        course = _course(pack, goal, fault, read, left)
        left -= len(course.ways)
        found.append(course)
    return tuple(found)


def _read(pack: Pack) -> Names:
    """The paths that conditions of the flow or of frames read."""
    conditions: list[Expr | None] = [frame.when for act in pack.acts.values() for frame in act.frames]
    edges = [edge for fault in pack.faults for edge in fault.next]
    for node in pack.flow.values():
        edges += [*node.next, *(edge for some in node.on_error.values() for edge in some)]
    for edge in edges:
        conditions += [edge.when, edge.unless]
    return frozenset[str]().union(*(condition.paths for condition in conditions if condition))


def _unset(pack: Pack, read: Names) -> Facts:
    """Names that only nodes set: nothing before the first of them does."""
    others = {"now", "goal", "fault", "persona", "error"} | {node.save for node in pack.flow.values()}
    others |= {name for entity in pack.world for name in (entity.name, f"{entity.name}s")}
    others |= {path.split(".")[0] for tool in pack.tools.values() for step in tool.steps for path in step.values}
    names = {path for node in pack.flow.values() for path in node.set}
    return frozenset((path, None) for path in names & read if path.split(".")[0] not in others)


def _course(pack: Pack, goal: Goal, fault: Fault, read: Names, most: int) -> _Course:
    """A forward fixed point: what is defined at a point is what every way to it defines."""
    world = frozenset(entity.name for entity in pack.world if entity.low > 0 or entity.of)
    given = frozenset(path.partition(".")[0] for path in goal.needs)
    facts: Facts = frozenset({("goal", goal.name), ("fault", fault.name)}) | _unset(pack, read)
    first = _At(START, "agent", "", facts)
    defined: dict[_At, Names] = {first: world | given | {"now", "goal", "fault", "persona"}}
    ways: dict[_At, tuple[_At, ...]] = {}
    queue = [first]
    while queue:
        at = queue.pop()
        steps = list(_steps(pack, at, fault, read)) if at.node != END else []
        ways[at] = tuple(target for target, _ in steps)
        if len(ways) > most:
            raise _too_large(pack, goal, fault)
        for target, names in steps:
            reached, known = defined[at] | names, defined.get(target)
            merged = reached if known is None else known & reached
            if merged != known:
                defined[target] = merged
                queue.append(target)
    return _Course(goal, ways, defined)


def _too_large(pack: Pack, goal: Goal, fault: Fault) -> PackError:
    place = pack.flow[START].place
    return PackError(
        f"flow: has more than {MOST_POINTS} states (at goal {goal.name} with fault {fault.name}): set fewer names that conditions read",
        file=place.file,
        line=place.line,
        rule="flow",
    )


def _steps(pack: Pack, at: _At, fault: Fault, read: Names) -> Iterator[tuple[_At, Names]]:
    """Where the flow can go from a point, and the names that are defined on that way."""
    node = pack.flow[at.node]
    if node.max_visits:
        yield _At(node.exhausted, at.spoke, at.call, at.facts), frozenset()
    facts = _set(node, at.facts, read)
    spoke, call = node.role or at.spoke, node.name if node.call else at.call
    for target, names in _exits(pack, node, dict(facts), fault):
        if target != RETRY or call:
            yield _At(call if target == RETRY else target, spoke, call, facts), names | frozenset(node.set)


def _set(node: Node, facts: Facts, read: Names) -> Facts:
    if not node.set:
        return facts
    kept = {(name, value) for name, value in facts if name not in node.set}
    constants = {(name, value.constant[0]) for name, value in node.set.items() if value.constant and name in read}
    return frozenset(kept | constants)


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
    for edge in edges:
        if edge.when and decide(edge.when, facts) is False:
            continue
        if edge.unless and decide(edge.unless, facts):
            continue
        if not isinstance(edge.weight, float) or edge.weight > 0:
            yield edge


def unreachable(pack: Pack) -> list[str]:
    """Nodes that no goal and fault lead to."""
    seen = {at.node for course in _courses(pack) for at in course.ways}
    return [name for name in pack.flow if name not in seen]


def open_ends(pack: Pack) -> list[tuple[str, str]]:
    """(node, a state in which it is met) of nodes from some visit of which the end can't be reached, in the flow's order."""
    stuck: dict[str, str] = {}
    for course in _courses(pack):
        good = _leading_to_end(course)
        for at in course.ways:
            if at not in good and at.node not in stuck:
                stuck[at.node] = _told(at.facts)
    return [(name, stuck[name]) for name in pack.flow if name in stuck]


def _leading_to_end(course: _Course) -> set[_At]:
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
    return good


def _told(facts: Facts) -> str:
    """The facts as a reader of the pack would say them: goal return, outcome 'kept'."""
    known = dict(facts)
    names = sorted(name for name, value in known.items() if value is not None and name not in ("goal", "fault"))
    return ", ".join([f"goal {known['goal']}", f"fault {known['fault']}", *(f"{name} {known[name]!r}" for name in names)])


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
    """Where each act is said, for each goal and each state of what is known, with the slots surely defined there."""
    read = _read(pack)
    found: dict[tuple[str, str, str, Facts], Names] = {}
    for course in _courses(pack):
        for at, defined in course.defined.items():
            node = pack.flow.get(at.node)
            if node and node.role:
                slots = _slots(pack, defined | frozenset(node.set))
                key = (node.act.replace("{goal}", course.goal.name), at.node, course.goal.name, _set(node, at.facts, read))
                found[key] = found.get(key, slots) & slots
    return tuple(Site(act, node, goal, slots, facts) for (act, node, goal, facts), slots in found.items())


def uses(pack: Pack) -> list[Use]:
    """Where tools are called, for each goal, with the names surely defined there (over all faults)."""
    found: dict[tuple[str, str], Names] = {}
    for course in _courses(pack):
        for at, defined in course.defined.items():
            node = pack.flow.get(at.node)
            if node and node.call:
                names, key = defined | frozenset(node.set), (at.node, course.goal.name)
                found[key] = found.get(key, names) & names
    return [Use(node, goal, names) for (node, goal), names in found.items()]


@lru_cache(maxsize=4096)
def _slots(pack: Pack, defined: Names) -> Names:
    return frozenset(name for name, rule in pack.slots.items() if all(covered(path, defined) for path in rule.value.sure))


def covered(path: str, defined: Names) -> bool:
    """Whether `path`, or something that holds it, is among the names defined."""
    parts = path.split(".")
    return any(".".join(parts[:i]) in defined for i in range(1, len(parts) + 1))

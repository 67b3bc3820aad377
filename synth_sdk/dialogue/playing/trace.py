"""The course of one outline before it is worded: turns with their slot values, tool calls with their results; what is open is symbolic."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Any

from synth_sdk.core.errors import PackError
from synth_sdk.core.seeds import pick_weighted
from synth_sdk.core.seeds import rng as seeded
from synth_sdk.dialogue.columns.chances import Chances
from synth_sdk.dialogue.columns.symbols import Lin, frozen
from synth_sdk.dialogue.expr import Expr
from synth_sdk.dialogue.loading.mechanics import END, RETRY, START
from synth_sdk.dialogue.model import Act, Edge, Env, Node, Pack
from synth_sdk.dialogue.playing.mix import Cast, cast
from synth_sdk.dialogue.playing.world import World, assign, build, call, changes, plain

_MOST_STEPS = 200
_MOST_TRIES = 20


@dataclass(frozen=True, slots=True)
class Turn:
    """Something said. `values` are the slots that are defined at this point; `blocked` the frames whose condition fails."""

    act: Act
    values: dict[str, Any]
    blocked: frozenset[int]


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A call and what came back."""

    tool: str
    args: dict[str, Any]
    result: dict[str, Any]
    error: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The whole course. `values` are the slots defined at the outset (for the system message); `changes` what became of the world."""

    index: int
    cast: Cast
    now: Any
    events: tuple[Turn | ToolUse, ...]
    values: dict[str, Any]
    faults: tuple[str, ...]
    success: bool
    changes: tuple[tuple[str, Any, Any], ...]
    chances: Chances


def trace(pack: Pack, seed: int, index: int, start: datetime) -> Trace:
    """The course of outline `index`; a try that breaks an invariant is thrown away for the next one."""
    for attempt in range(_MOST_TRIES):
        try:
            found = _attempt(pack, seed, index, start, attempt)
        except (TypeError, ValueError, LookupError, AttributeError, OverflowError, RecursionError) as error:
            raise PackError(f"pack {pack.name}: record {index} of seed {seed} can't be played: {error}", rule="values") from error
        if found:
            return found
    raise PackError(
        f"pack {pack.name}: record {index} of seed {seed} broke an invariant or found no end {_MOST_TRIES} times",
        rule="invariants",
    )


@dataclass(slots=True)
class _State:
    pack: Pack
    cast: Cast
    env: Env
    world: World
    chances: Chances
    events: list[Turn | ToolUse] = field(default_factory=list)
    visits: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    hits_left: int = 0
    last_call: str = ""


def _attempt(pack: Pack, seed: int, index: int, start: datetime, attempt: int) -> Trace | None:
    rng = seeded(seed, pack.name, "trace", index, attempt)
    who = cast(pack, seed, index, rng)
    chances = Chances(rng)
    now = chances.within("now", lambda: _now(pack, start, chances), in_world=True)
    env: Env = {"now": now, "goal": who.goal.name, "fault": who.fault.name, "persona": who.persona.traits}
    world = chances.within("world", lambda: build(pack, who.goal, env, chances), in_world=True)
    before = {name: list(rows) for name, rows in world.items()}
    env["known"] = {}
    state = _State(pack, who, env, world, chances)
    low, high = who.fault.times
    state.hits_left = (
        low + int(rng.random() * (high - low + 1)) if who.fault.result is not None or who.fault.merge is not None else 0
    )
    values = _values(pack, system_slots(pack), env)
    node = START
    for _ in range(_MOST_STEPS):
        if node == END:
            break
        step = pack.flow[node]
        node = chances.within(f"{node}@{state.visits[node]}", lambda step=step: _step(state, step))  # type: ignore[misc]
    else:
        return None
    if not node or not all(rule.run(env) for rule in pack.invariants):
        return None
    success = bool(who.goal.success.run(env))
    changed = tuple(changes(world, before))
    return Trace(index, who, now, tuple(state.events), values, tuple(state.faults), success, changed, chances)


def _now(pack: Pack, start: datetime, chances: Chances) -> Any:
    first = (start.astimezone(pack.zone) if start.tzinfo else start).date()
    if not pack.span_days:
        return first.isoformat()
    return Lin(((chances.draw(range(pack.span_days + 1)), 1),), first.toordinal(), "date")


def _step(state: _State, node: Node) -> str:
    """Do what `node` says; the name of the next one."""
    state.visits[node.name] += 1
    if node.max_visits and state.visits[node.name] > node.max_visits:
        return node.exhausted
    for path, value in node.set.items():
        assign(state.env, path, value.make(state.env, state.chances))
    if node.label and node.label not in state.faults:
        state.faults.append(node.label)
    if node.role:
        _speak(state, node)
    edges = _use_tool(state, node) if node.call else node.next
    target = choose(edges, state.env, state.chances.rng)
    if target is None:
        raise PackError(f"flow.{node.name}: no way on is open", file=node.place.file, line=node.place.line, rule="flow")
    return state.last_call if target == RETRY else target


def choose(edges: tuple[Edge, ...], env: Env, rng: Random) -> str | None:
    """The target of one of the edges that are open, by weight."""
    if len(edges) == 1 and edges[0].when is None and edges[0].unless is None:
        return edges[0].target
    open_edges = [
        edge for edge in edges if (edge.when is None or edge.when.run(env)) and not (edge.unless and edge.unless.run(env))
    ]
    weights = [_weight(edge, env) for edge in open_edges]
    if not sum(weights):
        return None
    return pick_weighted(rng, open_edges, weights).target


def _weight(edge: Edge, env: Env) -> float:
    value = frozen(edge.weight.run(env)) if isinstance(edge.weight, Expr) else edge.weight
    return max(0.0, float(value or 0))


def _speak(state: _State, node: Node) -> None:
    act = state.pack.acts[node.act.replace("{goal}", state.cast.goal.name)]
    blocked = frozenset(i for i, frame in _conditional(act) if frame.when and not frame.when.run(state.env))
    state.events.append(Turn(act, _values(state.pack, sorted_slots(act), state.env), blocked))


@lru_cache(maxsize=1024)
def _conditional(act: Act) -> tuple[Any, ...]:
    return tuple((i, frame) for i, frame in enumerate(act.frames) if frame.when)


@lru_cache(maxsize=1024)
def sorted_slots(act: Act) -> tuple[str, ...]:
    """The slots that an act's frames show, in the order in which they are numbered."""
    return tuple(sorted(act.slots))


@lru_cache(maxsize=16)
def system_slots(pack: Pack) -> tuple[str, ...]:
    """The slots that the system messages show."""
    from synth_sdk.dialogue.frames import slots_of

    return tuple(sorted({slot.name for parts in pack.system for slot in slots_of(parts)}))


def _values(pack: Pack, names: tuple[str, ...], env: Env) -> dict[str, Any]:
    found = {}
    for name in names:
        value = pack.slots[name].value.run(env)
        if value is not None:
            found[name] = value
    return found


def _use_tool(state: _State, node: Node) -> tuple[Edge, ...]:
    """Call the node's tool, or let the dialogue's fault hit it; the edges to go on by."""
    args = {name: plain(value.make(state.env, state.chances)) for name, value in node.args.items()}
    state.last_call = node.name
    fault = state.cast.fault
    hit = state.hits_left > 0 and fault.name in node.faults
    if hit and fault.result is not None:
        result, error = dict(fault.result), fault.name
    else:
        result, error = call(state.pack.tools[node.call], state.world, state.env, args, state.chances)
        if hit and fault.merge is not None and not error:
            result, error = {**result, **fault.merge}, fault.name
        else:
            hit = False
    if hit:
        state.hits_left -= 1
        if fault.name not in state.faults:
            state.faults.append(fault.name)
    state.events.append(ToolUse(node.call, args, result, error))
    state.env["error"] = error
    if node.save and "error" not in result:
        state.env[node.save] = result
    if hit:
        return node.on_error.get(fault.name, fault.next)
    if not error:
        return node.next
    edges = node.on_error.get(error, node.on_error.get("else", ()))
    if not edges:
        place = node.place
        raise PackError(
            f"flow.{node.name}: {node.call} failed with {error!r} and on_error does not say what then",
            file=place.file,
            line=place.line,
            rule="flow",
        )
    return edges

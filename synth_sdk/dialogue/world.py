"""The world of one dialogue and the tools as functions on it."""

import hashlib
from collections.abc import Mapping
from random import Random
from typing import Any

from synth_sdk.dialogue.expr import Money
from synth_sdk.dialogue.model import Entity, Env, Goal, Pack, Row, Step, Tool, Value
from synth_sdk.dialogue.values import ROWS

World = dict[str, list[Row]]


def build(pack: Pack, goal: Goal, env: Env, rng: Random) -> World:
    """The rows of every entity, in the order declared. `env` gains each entity (its first row) and its plural."""
    world: World = {}
    for entity in pack.world:
        needs = {path.partition(".")[2]: value for path, value in goal.needs.items() if path.startswith(f"{entity.name}.")}
        rows = world[entity.name] = []
        for parent in _parents(entity, world, rng):
            scope = {**env, **({entity.of: parent} if entity.of else {})}
            if entity.when and not entity.when.run(scope):
                continue
            rows.append(_row(entity.name, {**entity.fields, **needs} if not rows else entity.fields, scope, rows, rng))
        env[entity.name], env[f"{entity.name}s"] = (rows[0] if rows else None), rows
    return world


def _parents(entity: Entity, world: World, rng: Random) -> list[Row | None]:
    if entity.of:
        return list(world[entity.of])
    return [None] * (entity.low + int(rng.random() * (entity.high - entity.low + 1)))


def _row(name: str, fields: Mapping[str, Value], scope: Env, rows: list[Row], rng: Random) -> Row:
    row: Row = {}
    scope[name], scope[ROWS] = row, rows
    for key, value in fields.items():
        row[key] = value.make(scope, rng)
    return row


def call(tool: Tool, world: World, env: Env, args: Mapping[str, Any], rng: Random) -> tuple[dict[str, Any], str]:
    """What the tool returns, as plain JSON data, and its error code ("" when it succeeded). Changes `world` only on success.

    The same world and arguments give the same answer; `rng` draws what the tool itself makes up (a ticket number).
    """
    scope: Env = {**env, "args": args}
    for step in tool.steps:
        if step.kind == "find":
            scope[step.name] = _find(step, world, scope)
    for code, when, message in tool.errors:
        if when.run(scope):
            return {"error": {"code": code, "message": message}}, code
    for step in tool.steps:
        if step.kind != "find":
            _change(step, world, scope, rng)
    return plain(tool.returns.make(scope, rng)), ""


def _find(step: Step, world: World, scope: Env) -> Any:
    rows = [row for row in world.get(step.entity, ()) if step.where is None or step.where.run({**scope, "row": row})]
    if step.sort:
        rows.sort(key=lambda row: str(row.get(step.sort)))
    return rows if step.every else (rows[0] if rows else None)


def _change(step: Step, world: World, scope: Env, rng: Random) -> None:
    if step.kind == "set":
        drawn = {path: value.make(scope, rng) for path, value in step.values.items()}
        for path, value in drawn.items():
            assign(scope, path, value)
    elif step.kind == "add":
        rows = world.setdefault(step.name, [])
        rows.append(_row(step.name, step.values, scope, rows, rng))
    else:
        for rows in world.values():
            rows[:] = [row for row in rows if row is not scope.get(step.name)]


def assign(env: Env, path: str, value: Any) -> None:
    """`env["known"]["email"] = value` for the path known.email; missing mappings are made."""
    *holders, last = path.split(".")
    target: dict[str, Any] = env
    for holder in holders:
        inner = target.get(holder)
        if not isinstance(inner, dict):
            inner = target[holder] = {}
        target = inner
    target[last] = value


def plain(value: Any) -> Any:
    """JSON data: money becomes text with two decimals."""
    if isinstance(value, Money):
        return str(value)
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    return value


def digest(world: World) -> str:
    """A short hash of the world's state, for the record's labels. Links between rows never change, so plain values tell states apart."""
    state = [
        [name, [[value for value in row.values() if not isinstance(value, (dict, list))] for row in rows]]
        for name, rows in world.items()
    ]
    return hashlib.blake2b(repr(state).encode(), digest_size=8).hexdigest()

"""The world of one dialogue and the tools as functions on it.

Fields are worked out when somebody looks at them, from the world as it was in the beginning: an outline holds what its dialogue touches.
"""

import operator
from collections.abc import Iterator, Mapping
from typing import Any

from synth_sdk.dialogue.columns.chances import Chances
from synth_sdk.dialogue.columns.drawing import fixed
from synth_sdk.dialogue.columns.symbols import Lin, Money, Of, Symbol, of, ordered
from synth_sdk.dialogue.loading.values import ROWS
from synth_sdk.dialogue.model import Entity, Env, Goal, Pack, Step, Tool, Value

World = dict[str, list["Row"]]


class Origin(Mapping[str, Any]):
    """A row as it was in the beginning."""

    __slots__ = ("_made", "chances", "fields", "name", "row", "scope")
    __hash__ = object.__hash__

    def __init__(self, name: str, fields: Mapping[str, Value], scope: Env, chances: Chances) -> None:
        self.name, self.fields, self.scope, self.chances = name, fields, scope, chances
        self._made: dict[str, Any] = {}
        self.row = Row(self)

    def get(self, key: str, default: Any = None) -> Any:
        if key not in self._made:
            field = self.fields.get(key)
            if field is None:
                return default
            self._made[key] = None  # a field that needs itself finds nothing
            self._made[key] = self.chances.within(
                f"{self.name}.{key}", lambda: field.make(self.scope, self.chances), in_world=True
            )
        return self._made[key]

    def __getitem__(self, key: str) -> Any:
        if key not in self.fields:
            raise KeyError(key)
        return self.get(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __eq__(self, other: object) -> bool:
        return self is other


class Row(Mapping[str, Any]):
    """A row as it is now: what was set, over what it was in the beginning."""

    __slots__ = ("changed", "origin")
    __hash__ = object.__hash__

    def __init__(self, origin: Origin | None) -> None:
        self.origin = origin
        self.changed: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        if key in self.changed or self.origin is None:
            return self.changed.get(key, default)
        return _present(self.origin.get(key, default))

    def __getitem__(self, key: str) -> Any:
        if key not in self.changed and (self.origin is None or key not in self.origin.fields):
            raise KeyError(key)
        return self.get(key)

    def __iter__(self) -> Iterator[str]:
        return iter({**(self.origin.fields if self.origin else {}), **self.changed})

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __eq__(self, other: object) -> bool:
        return self is other


def _present(value: Any) -> Any:
    """Links lead to rows as they are now."""
    if isinstance(value, Origin):
        return value.row
    if isinstance(value, list) and any(isinstance(one, Origin) for one in value):
        return [_present(one) for one in value]
    return value


def build(pack: Pack, goal: Goal, env: Env, chances: Chances) -> World:
    """The rows of every entity, in the order declared. `env` gains each entity (its first row) and its plural."""
    world: World = {}
    scope, origins = dict(env), dict[str, list[Origin]]()
    for entity in pack.world:
        needs = {path.partition(".")[2]: value for path, value in goal.needs.items() if path.startswith(f"{entity.name}.")}
        found = origins[entity.name] = []
        for parent in _parents(entity, origins, chances):
            inner = {**scope, **({entity.of: parent} if entity.of else {})}
            if entity.when and not entity.when.run(inner):
                continue
            fields = {**entity.fields, **needs} if not found else entity.fields
            found.append(_origin(f"{entity.name}{len(found)}", entity.name, fields, inner, found, chances))
        scope[entity.name], scope[f"{entity.name}s"] = (found[0] if found else None), found
        rows = world[entity.name] = [one.row for one in found]
        env[entity.name], env[f"{entity.name}s"] = (rows[0] if rows else None), rows
    return world


def _parents(entity: Entity, origins: Mapping[str, list[Origin]], chances: Chances) -> list[Origin | None]:
    if entity.of:
        return list(origins[entity.of])
    return [None] * int(fixed(range(entity.low, entity.high + 1), chances))


def _origin(label: str, name: str, fields: Mapping[str, Value], scope: Env, rows: list[Origin], chances: Chances) -> Origin:
    made = Origin(label, fields, scope, chances)
    scope[name], scope[ROWS] = made, list(rows)
    return made


def call(tool: Tool, world: World, env: Env, args: Mapping[str, Any], chances: Chances) -> tuple[dict[str, Any], str]:
    """What the tool returns, as plain JSON data, and its error code ("" when it succeeded). Changes `world` only on success.

    The same world and arguments give the same answer; `chances` draw what the tool itself makes up (a ticket number).
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
            _change(step, world, scope, chances)
    return plain(tool.returns.make(scope, chances)), ""


def _find(step: Step, world: World, scope: Env) -> Any:
    where = step.where
    fitting = (row for row in world.get(step.entity, ()) if where is None or where.run({**scope, "row": row}))
    if not step.every and not step.sort:
        return next(fitting, None)
    rows = list(fitting)
    if step.sort:
        rows.sort(key=lambda row: _Rank(row.get(step.sort)))
    return rows if step.every else (rows[0] if rows else None)


class _Rank:
    """A value to sort by: symbols by what they stand for, everything else by its text."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: "_Rank") -> bool:
        a, b = self.value, other.value
        if isinstance(a, Symbol) or isinstance(b, Symbol):
            return ordered(operator.lt, a, b)
        return str(a) < str(b)


def _change(step: Step, world: World, scope: Env, chances: Chances) -> None:
    if step.kind == "set":
        drawn = {path: value.make(scope, chances) for path, value in step.values.items()}
        for path, value in drawn.items():
            assign(scope, path, value)
    elif step.kind == "add":
        rows = world.setdefault(step.name, [])
        row = Row(None)
        scope[step.name], scope[ROWS] = row, list(rows)
        for key, value in step.values.items():
            row.changed[key] = value.make(scope, chances)
        rows.append(row)
    else:
        for rows in world.values():
            rows[:] = [row for row in rows if row is not scope.get(step.name)]


def assign(env: Env, path: str, value: Any) -> None:
    """`env["known"]["email"] = value` for the path known.email; missing mappings are made."""
    *holders, last = path.split(".")
    target: Any = env
    for holder in holders:
        inner = target.get(holder)
        if not isinstance(inner, (dict, Row)):
            inner = dict(inner) if isinstance(inner, Mapping) else {}
            _put(target, holder, inner)
        target = inner
    _put(target, last, value)


def _put(target: Any, key: str, value: Any) -> None:
    if isinstance(target, Row):
        target.changed[key] = value
    else:
        target[key] = value


def plain(value: Any) -> Any:
    """JSON data: money becomes text with two decimals."""
    if isinstance(value, Money):
        return str(value)
    if isinstance(value, Lin):
        return Lin(value.terms, value.const, "amount") if value.kind == "money" else value
    if isinstance(value, Of):
        return of(value.draw, value.table.map("plain", plain))
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    return [plain(entry) for entry in value] if isinstance(value, list) else value


def changes(world: World, before: Mapping[str, list[Row]]) -> list[tuple[str, Any, Any]]:
    """What is not as it was: (where, the value in the beginning, the value now). Rows that came or went differ in all their fields."""
    found: list[tuple[str, Any, Any]] = []
    for name, rows in world.items():
        known = before.get(name, [])
        for place, row in enumerate(rows):
            there = row.origin is not None and any(row is one for one in known)
            for key, value in row.changed.items():
                old = row.origin.get(key) if row.origin else None
                found.append((f"{row.origin.name if row.origin else f'{name}+{place}'}.{key}", old if there else _Absent, value))
        for row in known:
            if not any(row is one for one in rows):
                found.append((f"{row.origin.name if row.origin else name}", True, _Absent))
    return found


_Absent = "\0"

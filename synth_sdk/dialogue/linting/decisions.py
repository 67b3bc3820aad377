"""What a condition comes to when only some names are known: true, false, or not decided (Kleene's three values)."""

import ast
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from synth_sdk.dialogue.expr import Env, Expr, parse

Verdict = bool | None
Judge = Callable[[Env], Verdict]


def decide(expr: Expr, facts: Mapping[str, Any]) -> Verdict:
    """The truth of `expr` given `facts` by dotted path (`known.hint`); None when a fact that matters is missing."""
    return _judge_of(expr.source.removeprefix("="))(facts)


@lru_cache(maxsize=4096)
def _judge_of(source: str) -> Judge:
    return _judge(ast.parse(source.strip(), mode="eval").body)


def _judge(node: ast.expr) -> Judge:
    match node:
        case ast.BoolOp(op=op, values=values):
            return _any_or_all([_judge(value) for value in values], isinstance(op, ast.And))
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            judge = _judge(inner)
            return lambda facts: None if (verdict := judge(facts)) is None else not verdict
        case _:
            return _whole(parse(ast.unparse(node)))


def _any_or_all(judges: list[Judge], is_and: bool) -> Judge:
    def judge(facts: Env) -> Verdict:
        verdicts = [judge(facts) for judge in judges]
        if (not is_and) in verdicts:
            return not is_and
        return None if None in verdicts else is_and

    return judge


def _whole(expr: Expr) -> Judge:
    def judge(facts: Env) -> Verdict:
        return bool(expr.run(nested(facts))) if expr.paths <= facts.keys() else None

    return judge


def nested(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts by path (`known.hint`) as the scope that expressions read (`{"known": {"hint": ...}}`)."""
    scope: dict[str, Any] = {}
    for path, value in facts.items():
        *outer, last = path.split(".")
        place = scope
        for name in outer:
            place = place.setdefault(name, {})
        place[last] = value
    return scope

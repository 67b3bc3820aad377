"""Expressions of packs: paths, comparisons, `in`, `and`/`or`/`not`, `+ - *`, literals. Read with `ast`, whitelisted, never evaluated as Python."""

import ast
import keyword
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from synth_sdk.dialogue.columns.reckoning import reckon
from synth_sdk.dialogue.columns.symbols import Money, Of, Symbol, contains, equal, ordered

Env = Mapping[str, Any]
Run = Callable[[Env], Any]

_RESERVED = re.compile(rf"\.(?:{'|'.join(keyword.kwlist)})\b")
_LONGEST = 500
_DEEPEST = 24
_CONSTANTS = {"true": True, "false": False, "null": None}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_LONGEST_TEXT = 10_000  # what a loop of the flow adds up stays within bounds; beyond them it is null
_LARGEST_NUMBER = 10**15
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


@dataclass(frozen=True, slots=True)
class Expr:
    """A compiled expression. `paths` are the dotted paths read; `sure` those without which the value is null or false."""

    source: str
    run: Run
    paths: frozenset[str]
    sure: frozenset[str]


class BadExpression(ValueError):
    """The text isn't an expression of the subset; the loader adds file and line."""


def parse(source: str) -> Expr:
    """Compile `source`. BadExpression says what isn't allowed."""
    if len(source) > _LONGEST:
        raise BadExpression(f"expression longer than {_LONGEST} characters")
    try:
        tree = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        hint = " (a key that is a word of Python is written x['from'])" if _RESERVED.search(source) else ""
        raise BadExpression(f"{source!r} is not an expression{hint}") from None
    if _depth(tree) > _DEEPEST:
        raise BadExpression(f"{source!r} is nested more than {_DEEPEST} deep")
    paths = frozenset(_paths(tree))
    return Expr(source, _compile(tree, source), paths, frozenset(_sure(tree)))


def _depth(node: ast.AST) -> int:
    return 1 + max((_depth(child) for child in ast.iter_child_nodes(node)), default=0)


def _compile(node: ast.expr, source: str) -> Run:
    match node:
        case ast.Constant() if node.value is None or isinstance(node.value, (str, int, float)):
            value = node.value
            return lambda env: value
        case ast.Name(id=name):
            return (lambda env: _CONSTANTS[name]) if name in _CONSTANTS else (lambda env: env.get(name))
        case ast.Attribute(value=inner, attr=key):
            path = (_path(node) or "").split(".")
            return _walk(path[0], path[1:]) if _is_plain(node) else _key(_compile(inner, source), key)
        case ast.Subscript(value=inner, slice=ast.Constant(value=str() as key)):
            return _key(_compile(inner, source), key)
        case ast.Subscript(value=inner, slice=ast.Constant(value=int() as index)):
            return _index(_compile(inner, source), index)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            runs = [_compile(item, source) for item in items]
            return lambda env: [run(env) for run in runs]
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            run = _compile(inner, source)
            return lambda env: not run(env)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=(int() | float()) as number)):
            return lambda env: -number
        case ast.BoolOp(op=op, values=values):
            return _bool(isinstance(op, ast.And), [_compile(value, source) for value in values])
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _ARITHMETIC:
            return _arithmetic(_ARITHMETIC[type(operation)], _compile(left, source), _compile(right, source))
        case ast.Compare(left=left, ops=ops, comparators=rights):
            tests = [_test(op, source) for op in ops]
            return _chain(_compile(left, source), tests, [_compile(right, source) for right in rights])
        case _:
            raise BadExpression(f"{ast.unparse(node)!r} is not allowed in an expression")


def _is_plain(node: ast.expr) -> bool:
    """A name with attributes and nothing else: most expressions of a pack."""
    return (isinstance(node, ast.Name) and node.id not in _CONSTANTS) or (
        isinstance(node, ast.Attribute) and _is_plain(node.value)
    )


def _walk(root: str, keys: list[str]) -> Run:
    def get(env: Env) -> Any:
        value = env.get(root)
        for key in keys:
            if type(value) is not dict and not isinstance(value, (Mapping, Symbol)):
                return None
            value = value.get(key)
        return value

    return get


def _key(run: Run, key: str) -> Run:
    def get(env: Env) -> Any:
        holder = run(env)
        return holder.get(key) if isinstance(holder, (Mapping, Symbol)) else None

    return get


def _index(run: Run, index: int) -> Run:
    def get(env: Env) -> Any:
        holder = run(env)
        if isinstance(holder, Of):
            return holder.get(index)
        return holder[index] if isinstance(holder, list) and -len(holder) <= index < len(holder) else None

    return get


def _bool(is_and: bool, runs: list[Run]) -> Run:
    def combine(env: Env) -> Any:
        value: Any = None
        for run in runs:
            value = run(env)
            if bool(value) != is_and:
                return value
        return value

    return combine


def _numbers(left: Any, right: Any) -> tuple[Any, Any]:
    """Text that meets a number is read as money, so that amounts in tool arguments can be reckoned with."""
    if isinstance(left, str) and isinstance(right, (int, float)):
        return Money(left), right
    if isinstance(right, str) and isinstance(left, (int, float)):
        return left, Money(right)
    return left, right


def _arithmetic(operation: Callable[[Any, Any], Any], left: Run, right: Run) -> Run:
    def plainly(a: Any, b: Any) -> Any:
        if a is None or b is None:
            return None
        if isinstance(a, str) and isinstance(b, str):
            return a + b if operation is operator.add and len(a) + len(b) <= _LONGEST_TEXT else None
        try:
            a, b = _numbers(a, b)
            value = operation(a, b) if isinstance(a, (int, float)) and isinstance(b, (int, float)) else None
        except (ValueError, OverflowError):
            return None
        if value is None or abs(value) > _LARGEST_NUMBER:
            return None
        return Money(round(value, 2)) if isinstance(a, Money) or isinstance(b, Money) else value

    def run(env: Env) -> Any:
        a, b = left(env), right(env)
        if a is None or b is None:
            return None
        return reckon(operation, a, b, plainly) if isinstance(a, Symbol) or isinstance(b, Symbol) else plainly(a, b)

    return run


def _test(op: ast.cmpop, source: str) -> Callable[[Any, Any], bool]:
    match op:
        case ast.Eq() | ast.Is():
            return _equals
        case ast.NotEq() | ast.IsNot():
            return lambda a, b: not _equals(a, b)
        case ast.In():
            return _contains
        case ast.NotIn():
            return lambda a, b: not _contains(a, b)
        case _ if type(op) in _COMPARE:
            return _ordered(_COMPARE[type(op)])
        case _:
            raise BadExpression(f"{source!r} holds a comparison that is not allowed")


def _equals(a: Any, b: Any) -> bool:
    return equal(a, b) if isinstance(a, Symbol) or isinstance(b, Symbol) else bool(a == b)


def _contains(item: Any, holder: Any) -> bool:
    if isinstance(item, Symbol) or isinstance(holder, Symbol):
        return contains(item, holder)
    if isinstance(holder, str):
        return isinstance(item, str) and item in holder
    return isinstance(holder, (list, Mapping)) and item in holder


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def test(a: Any, b: Any) -> bool:
        if isinstance(a, Symbol) or isinstance(b, Symbol):
            return a is not None and b is not None and ordered(compare, a, b)
        try:
            a, b = _numbers(a, b)
            return bool(compare(a, b))
        except (TypeError, ValueError):
            return False

    return test


def _chain(first: Run, tests: list[Callable[[Any, Any], bool]], rest: list[Run]) -> Run:
    if len(tests) == 1:
        test, second = tests[0], rest[0]
        return lambda env: test(first(env), second(env))

    def compare(env: Env) -> bool:
        left = first(env)
        for test, run in zip(tests, rest, strict=True):
            right = run(env)
            if not test(left, right):
                return False
            left = right
        return True

    return compare


def _path(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name):
            return None if name in _CONSTANTS else name
        case ast.Attribute(value=inner, attr=key):
            base = _path(inner)
            return f"{base}.{key}" if base else None
        case ast.Subscript(value=inner, slice=ast.Constant(value=(int() | str()) as index)):
            base = _path(inner)
            return f"{base}.{index}" if base else None
        case _:
            return None


def _paths(node: ast.AST) -> set[str]:
    path = _path(node)
    if path:
        return {path}
    return set().union(*(_paths(child) for child in ast.iter_child_nodes(node)))


def _sure(node: ast.AST) -> set[str]:
    """Paths that must lead somewhere for the value to be true."""
    path = _path(node)
    if path:
        return {path}
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            return set().union(*(_sure(value) for value in values))
        case ast.BoolOp(values=values):
            return set.intersection(*(_sure(value) for value in values))
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]) if not _is_empty(right):
            return _sure(left) | _sure(right)
        case ast.BinOp(left=left, right=right):
            return _sure(left) | _sure(right)
        case _:
            return set()


def _is_empty(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "null"

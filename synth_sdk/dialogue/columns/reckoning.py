"""Sums and products in which a side is drawn."""

import operator
from collections.abc import Callable
from typing import Any

from synth_sdk.dialogue.columns.symbols import (
    Code,
    Kind,
    Lin,
    Of,
    Symbol,
    Text,
    Typo,
    aligned,
    as_lin,
    as_value,
    frozen,
    of,
    plus,
    scaled,
    text,
    zipped,
)
from synth_sdk.dialogue.columns.tables import identity


def reckon(operation: Callable[[Any, Any], Any], a: Any, b: Any, plainly: Callable[[Any, Any], Any]) -> Any:
    """+, - or * where one side is a symbol; `plainly` does the same for plain values."""
    if isinstance(a, Of) and not isinstance(b, Symbol):
        return of(a.draw, a.table.map((operation, "left", identity(b)), lambda value: plainly(value, b)))
    if isinstance(b, Of) and not isinstance(a, Symbol):
        return of(b.draw, b.table.map((operation, "right", identity(a)), lambda value: plainly(a, value)))
    if isinstance(a, Of) and isinstance(b, Of) and a.draw is b.draw:
        return of(a.draw, zipped(plainly, a.table, b.table))
    if operation is operator.add and _is_speech(a) and _is_speech(b):
        return text([a, b])
    first, second = _number(a), _number(b)
    unlike = type(a) is float or type(b) is float  # a number that is no amount: not whole, so not a sum of draws
    if first is None or second is None or unlike or first.kind == "date" or second.kind == "date":
        return plainly(frozen(a), frozen(b))
    if operation is operator.mul:
        return _product(first, second) or plainly(frozen(a), frozen(b))
    first, second = aligned(first, second)
    found = plus(first, second, 1 if operation is operator.add else -1)
    kind: Kind = "int" if first.kind == second.kind == "int" else "money"
    return Lin(found.terms, found.const, kind) if found.terms else as_value(found.const, kind)


def _is_speech(value: Any) -> bool:
    return isinstance(value, (str, Text, Code, Typo)) or (
        isinstance(value, Of) and all(isinstance(one, str) for one in value.table.values)
    )


def _number(value: Any) -> Lin | None:
    if isinstance(value, Lin):
        return Lin(value.terms, value.const, "money") if value.kind == "amount" else value
    return as_lin(value, "int")


def _product(a: Lin, b: Lin) -> Lin | None:
    if a.terms:
        a, b = b, a
    if a.terms or a.kind != "int":
        return None
    found = scaled(b, a.const)
    return found if found.terms else None

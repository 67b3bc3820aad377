"""What Python's `re` and jsonschema's format checkers say of one text, or floating-point division of one number.

The two validators differ at such leaves (dialects of regular expressions, what an e-mail address is, 0.07 / 0.01), and agree on the
structure above them. Catastrophic expressions are kept from Python's backtracking engine.
"""

import math
import re
from collections.abc import Callable
from functools import cache, lru_cache
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json

_SHORT = 20  # characters within which an expression may backtrack as it likes
_MOST_STEPS = 10_000_000  # of Python's engine for one text: a fraction of a second
_REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT)
_INNER = {ops.SUBPATTERN: 3, ops.ASSERT: 1, ops.ASSERT_NOT: 1}  # where what is inside stands


def matches(pattern: str, text: str) -> bool:
    """Does `pattern` occur in `text`, as Python reads it? SchemaError for an expression that Python can't read.

    Where Python could take for ever - repeats within repeats, very long texts - the linear-time engine of jsonschema-rs decides.
    """
    compiled = _compiled(pattern)
    if len(text) > _safe_length(pattern):
        return bool(_linear(pattern).is_valid(text))
    return compiled.search(text) is not None


def divides(value: Json, multiple: float | int) -> bool:
    """Does jsonschema call `value` a multiple? It divides floats, so 0.07 is none of 0.01 to it."""
    if isinstance(multiple, float) or isinstance(value, float):
        quotient = value / multiple
        return math.isfinite(quotient) and int(quotient) == quotient
    return bool(value % multiple == 0)


class Pattern:
    """The keyword `pattern` for jsonschema-rs, judged by `matches`."""

    def __init__(self, _parent: dict[str, Any], value: Any, _path: list[str | int]) -> None:
        self.pattern = value

    def validate(self, instance: Any) -> None:
        if isinstance(instance, str) and not matches(self.pattern, instance):
            raise ValueError(f"it does not match {self.pattern!r}")


class MultipleOf:
    """The keyword `multipleOf` for jsonschema-rs, judged by `divides`."""

    def __init__(self, _parent: dict[str, Any], value: Any, _path: list[str | int]) -> None:
        self.multiple = value

    def validate(self, instance: Any) -> None:
        if isinstance(instance, int | float) and not isinstance(instance, bool) and not divides(instance, self.multiple):
            raise ValueError(f"it is not a multiple of {self.multiple!r}")


@cache
def format_functions(draft_checker: Any) -> dict[str, Callable[[str], bool]]:
    """jsonschema's format checkers as functions of a text."""
    return {name: _format_function(draft_checker, name) for name in draft_checker.checkers}


def _format_function(checker: Any, name: str) -> Callable[[str], bool]:
    return lambda text: bool(checker.conforms(text, name))


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise SchemaError(f"pattern {pattern[:80]!r} is not supported offline: {error}", keyword="pattern") from None


@lru_cache(maxsize=4096)
def _linear(pattern: str) -> Any:
    from jsonschema_rs import Draft202012Validator

    try:
        return Draft202012Validator({"pattern": pattern})
    except ValueError:
        raise SchemaError(
            f"pattern {pattern[:80]!r} is not supported offline: it repeats repeats; simplify it", keyword="pattern"
        ) from None


@lru_cache(maxsize=4096)
def _safe_length(pattern: str) -> int:
    """The length of text up to which Python's engine is sure to be quick.

    Repeats within repeats take exponential time; d open repeats one after the other, from any place, the power d + 1 of the length.
    """
    parsed = parser.parse(pattern)
    if _explosive(parsed, inside=False):
        return _SHORT
    return max(_SHORT, int(_MOST_STEPS ** (1 / (_open_repeats(parsed) + 1))))


def _explosive(items: Any, *, inside: bool) -> bool:
    """Is there a repeat of something that itself has a repeat or a choice?"""
    for op, argument in items:
        if op in _REPEATS:
            least, most, body = argument
            if (inside and most != least) or _explosive(body, inside=inside or most > 1):
                return True
        elif op is ops.BRANCH:
            if inside or any(_explosive(option, inside=inside) for option in argument[1]):
                return True
        elif op in _INNER and _explosive(argument[_INNER[op]], inside=inside):
            return True
    return False


def _open_repeats(items: Any) -> int:
    """How many repeats may go on for long."""
    found = 0
    for op, argument in items:
        if op in _REPEATS:
            found += argument[1] > _SHORT
        elif op is ops.BRANCH:
            found += sum(map(_open_repeats, argument[1]))
        elif op in _INNER:
            found += _open_repeats(argument[_INNER[op]])
    return found

"""Formats and patterns of a text by the judgement of both validators, one text at a time."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.engine.constraints.verdicts import total
from synth_sdk.schema.drafts import compile_fast, format_checker
from synth_sdk.schema.leaves import divides, matches


class TextRules:
    """What texts have to be in one draft."""

    def __init__(self, draft: str) -> None:
        self._draft = draft

    def has_format(self, text: str, name: str) -> bool:
        """Is `text` in the format `name`? Formats that nobody checks are always met."""
        return all(judge(text) for judge in _format_judges(self._draft, name))

    def fits(self, text: str, pattern: str) -> bool:
        """Does `pattern` occur in `text`, in Python's dialect and in ECMA 262's?"""
        return _leaf(self._draft, "pattern", pattern)(text) and matches(pattern, text)


def divides_for_both(value: Json, multiple: float | int) -> bool:
    """Do both validators call `value` a multiple? One divides floats, the other decimals."""
    return divides(value, multiple) and _leaf("2020-12", "multipleOf", multiple)(value)


@lru_cache(maxsize=512)
def _format_judges(draft: str, name: str) -> tuple[Callable[[Any], bool], ...]:
    checker = format_checker(draft)
    known = (lambda text: bool(checker.conforms(text, name)),) if name in checker.checkers else ()
    return (_leaf(draft, "format", name), *known)


@lru_cache(maxsize=4096)
def _leaf(draft: str, keyword: str, value: Json) -> Callable[[Json], bool]:
    """jsonschema-rs's view of one keyword; what it can't compile it doesn't judge."""
    fast = compile_fast(draft, {keyword: value})
    return (lambda _: True) if fast is None else total(fast.is_valid)

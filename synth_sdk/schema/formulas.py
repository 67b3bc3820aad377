"""Arithmetic over the properties of one object: what an author writes under `x-synth.formula`, read into a tree. Nothing is ever run.

Names are property names, joined by dots to lead further in; names that hold more than letters, digits and _ stand in backticks. Python's
own parser is given numbered names in their place, so that it decides what binds how and no word is one of its keywords.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Symbol = Literal["+", "-", "*", "/", "min", "max", "coalesce"]

_FUNCTIONS: dict[str, Symbol] = {"min": "min", "max": "max", "coalesce": "coalesce"}
_SYMBOLS: dict[type, Symbol] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_LONGEST = 500
_MOST_DIGITS = 15  # of a number, before and after the point
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)(?![\w.])|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)|`(?P<quoted>[^`]+)`|(?P<sign>[-+*/(),]))"
)
_ALLOWED = "numbers, property names, + - * /, parentheses, and min, max and coalesce of several"


@dataclass(frozen=True, slots=True)
class Name:
    """The value of another property: the path of names that leads there within the same object."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A number, exactly as written."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Operation:
    """`symbol` applied to its operands: two of them, or any number for the functions."""

    symbol: Symbol
    operands: tuple["Term", ...]


Term = Name | Number | Operation


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that can be read. `text` is how it was written."""

    text: str
    term: Term

    @property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """The properties in it, each once, in the order of the text."""
        return tuple(dict.fromkeys(_paths(self.term)))


def parse_formula(text: str) -> Formula:
    """The formula that is written as `text`. ValueError, with the reason, if it isn't one."""
    if len(text) > _LONGEST:
        raise ValueError(f"a formula has at most {_LONGEST} characters, this one has {len(text)}")
    terms: list[Term] = []
    written = "".join(_numbered(text, terms))
    try:
        tree = ast.parse(written.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError(f"it can't be read; it may hold {_ALLOWED}") from None
    return Formula(text, _term(tree, terms))


def _paths(term: Term) -> Iterator[tuple[str, ...]]:
    if isinstance(term, Name):
        yield term.path
    elif isinstance(term, Operation):
        for operand in term.operands:
            yield from _paths(operand)


def _numbered(text: str, terms: list[Term]) -> Iterator[str]:
    """The tokens, with the n-th name or number written as `_n` and put into `terms`."""
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None:
            raise ValueError(f"{text[place:].strip()[:20]!r} isn't understood; it may hold {_ALLOWED}")
        place = found.end()
        name, sign = found["name"] or found["quoted"], found["sign"]
        if sign:
            yield f" {sign}"
        elif found["name"] in _FUNCTIONS and text[place:].lstrip().startswith("("):
            yield f" {found['name']}"
        else:
            terms.append(Name(tuple(name.split(".")) if found["name"] else (name,)) if name else _number(found["number"]))
            yield f" _{len(terms) - 1}"


def _number(text: str) -> Number:
    whole, _, rest = text.partition(".")
    if len(whole.lstrip("0")) > _MOST_DIGITS or len(rest) > _MOST_DIGITS:
        raise ValueError(f"{text[:40]} has more than {_MOST_DIGITS} digits")
    return Number(Fraction(text))


def _term(node: ast.expr, terms: list[Term]) -> Term:
    match node:
        case ast.Name(id=name) if name[1:].isdigit():
            return terms[int(name[1:])]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SYMBOLS:
            return Operation(_SYMBOLS[type(op)], (_term(left, terms), _term(right, terms)))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Operation("-", (Number(Fraction(0)), _term(operand, terms)))
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _term(operand, terms)
        case ast.Call(func=ast.Name(id=name), args=[_, _, *_] as args, keywords=[]) if name in _FUNCTIONS:
            return Operation(_FUNCTIONS[name], tuple(_term(inner, terms) for inner in args))
    raise ValueError(f"it may hold {_ALLOWED}, and nothing else")

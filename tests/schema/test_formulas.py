"""Formulas: what is read, how it binds, what is refused."""

from collections.abc import Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.schema.formulas import Name, Number, Operation, Term, parse_formula


def value(term: Term, known: Mapping[tuple[str, ...], Fraction]) -> Fraction:
    match term:
        case Name(path=path):
            return known[path]
        case Number(value=number):
            return number
        case Operation(symbol=symbol, operands=operands):
            steps: dict[str, Any] = {
                "+": lambda a, b: a + b,
                "-": lambda a, b: a - b,
                "*": lambda a, b: a * b,
                "/": lambda a, b: a / b,
                "min": min,
                "max": max,
                "coalesce": lambda a, b: a,
            }
            return reduce(steps[symbol], (value(operand, known) for operand in operands))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("7 - 2 - 1", 4),
        ("8 / 2 / 2", 2),
        ("-a + +3", -7),
        ("2 * -a", -20),
        ("max(1, a, 4)", 10),
        ("min(a.b, `unit price` / 2)", Fraction(3, 4)),
        ("class * if", 6),
        ("min + max", 12),
        (".5 + 0.10", Fraction(3, 5)),
        ("coalesce(a, 0) * naïve", 50),
        ("  a\n  + 1 ", 11),
    ],
)
def test_what_is_read(text: str, expected: Fraction) -> None:
    names = {"a": 10, "class": 2, "if": 3, "min": 5, "max": 7, "unit price": Fraction(3, 2), "naïve": 5}
    known = {("a", "b"): Fraction(4), **{(name,): Fraction(number) for name, number in names.items()}}
    assert value(parse_formula(text).term, known) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "can't be read"),
        ("a +", "can't be read"),
        ("a b", "can't be read"),
        ("a ** 2", "can't be read"),
        ("a // b", "can't be read"),
        ("(a", "can't be read"),
        ("a or b", "can't be read"),
        ("a % 2", "'% 2' isn't understood"),
        ("a[0]", "isn't understood"),
        ("1.2.3", "isn't understood"),
        ("1e5", "isn't understood"),
        ("__import__('os')", "isn't understood"),
        ("f(a)", "and nothing else"),
        ("min(a)", "and nothing else"),
        ("max(a, *b)", "and nothing else"),
        ("(a, b)", "and nothing else"),
        ("(a)(b)", "and nothing else"),
        ("9" * 16, "more than 15 digits"),
        ("a" * 501, "at most 500 characters"),
    ],
)
def test_what_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=r"^.*" + told) as caught:
        parse_formula(text)
    assert "\n" not in str(caught.value)


def test_the_properties_of_a_formula_are_named_once() -> None:
    assert parse_formula("a * b.c + a - `x y` / `b.c`").paths == (("a",), ("b", "c"), ("x y",), ("b.c",))


@given(st.text(max_size=40) | st.text(alphabet="ab_.`0123456789+-*/(), ", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        formula = parse_formula(text)
    except ValueError:
        return
    assert formula.text == text


def test_deep_nesting_does_no_harm() -> None:
    assert parse_formula("+".join(["a"] * 250)).paths == (("a",),)
    for text in ("(" * 249 + "a" + ")" * 249, "-" * 499 + "a"):
        try:
            parse_formula(text)
        except ValueError:
            continue

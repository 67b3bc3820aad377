"""Columns with a formula: exactly what the written numbers give, rounded once; known to fit before a row is made."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.errors import SchemaError
from synth_sdk.engine import Engine
from synth_sdk.schema import parse_schema
from synth_sdk.schema.formulas import parse_formula
from tests.schema.test_formulas import value


def made(schema: Any, count: int = 200, seed: int = 0) -> list[Any]:
    engine = Engine(parse_schema(schema), seed=seed)
    assert engine.columnar
    return engine.batch(range(count)).records()


def rounded(exact: Fraction, places: int) -> Fraction:
    scaled = abs(exact) * 10**places
    nearest = (scaled + Fraction(1, 2)).__floor__()
    return Fraction(nearest if exact >= 0 else -nearest, 10**places)


def written(number: float) -> Fraction:
    return Fraction(repr(number))


NUMBERS = {
    "a": {"type": "integer", "min": 0, "max": 9},
    "b": {"type": "number", "min": -5, "max": 40, "decimals": 2},
    "c": {"type": "number", "enum": [0.5, 4.95, 9.9, 20]},
    "d": {"type": "number", "min": 1, "max": 2, "decimals": 7},
    "n": {"type": "number", "min": 1, "max": 9, "decimals": 1, "null_rate": 0.3},
}
TERMS = st.recursive(
    st.sampled_from(["a", "b", "c", "d", "coalesce(n, 2)", "3", "0.0825", "100"]),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
        st.builds("{} / max({}, 0.5)".format, inner, inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds("-({})".format, inner),
    ),
    max_leaves=5,
)


@given(TERMS.filter(lambda text: bool(parse_formula(text).paths)), st.integers(0, 6), st.integers(0, 2**40))
@settings(max_examples=40, deadline=None)
def test_values_are_those_of_the_written_numbers(text: str, places: int, seed: int) -> None:
    schema = {**NUMBERS, "x": {"type": "number", "formula": text, "decimals": places}}
    term = parse_formula(text).term
    try:
        rows = made(schema, 25, seed)
    except SchemaError as error:
        assert "may be as large as" in error.message  # noqa: PT017 - which of the two it is, the formula decides
        return
    for row in rows:
        known = {(name,): written(2 if row[name] is None else row[name]) for name in NUMBERS}
        assert Fraction(row["x"]) == Fraction(float(rounded(value(term, known), places)))


def test_decimals_are_those_of_the_columns_unless_they_are_said() -> None:
    fine = made({**NUMBERS, "x": {"type": "number", "formula": "a * d"}, "y": {"type": "number", "formula": "a / 3"}})
    assert all(written(row["x"]) == row["a"] * written(row["d"]) for row in fine)
    assert all(written(row["y"]) == rounded(Fraction(row["a"], 3), 2) for row in fine)
    whole = made({**NUMBERS, "x": {"type": "integer", "formula": "b / 2"}})
    assert all(type(row["x"]) is int and row["x"] == rounded(written(row["b"]) / 2, 0) for row in whole)
    assert any(row["b"] < 0 and abs(row["x"]) * 2 > abs(row["b"]) for row in whole)  # half away from 0


def test_without_a_type_it_is_a_number() -> None:
    assert all(row["x"] == row["a"] * 2 for row in made({"a": "integer", "x": {"x-synth": {"formula": "a * 2"}}}))
    bare = {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "x": {"x-synth": {"formula": "a + 1"}}},
        "required": ["a", "x"],
    }
    assert all(row["x"] == row["a"] + 1 for row in made(bare))


def test_what_is_null_or_absent_gives_null() -> None:
    rows = made({**NUMBERS, "x": {"type": "number", "nullable": True, "formula": "n + a"}})
    assert {row["x"] is None for row in rows} == {True, False}
    assert all((row["x"] is None) == (row["n"] is None) for row in rows)
    optional = {
        "type": "object",
        "properties": {
            "at": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
            "x": {"type": ["number", "null"], "x-synth": {"formula": "at.n * 2"}},
        },
        "required": ["x"],
    }
    rows = made(optional)
    assert {"at" in row for row in rows} == {True, False}
    assert all(row["x"] == (row["at"]["n"] * 2 if "at" in row else None) for row in rows)
    rows = made({"a": {"type": "integer", "min": 0, "max": 3}, "x": {"type": "number", "nullable": True, "formula": "6 / a"}})
    assert all(row["x"] == (6 / row["a"] if row["a"] else None) for row in rows)


def test_formulas_build_on_formulas_in_any_order_and_deep_inside() -> None:
    schema = {
        "total": {"type": "number", "formula": "subtotal + fee.amount"},
        "subtotal": {"type": "number", "formula": "quantity * unit_price"},
        "quantity": {"type": "integer", "min": 1, "max": 5},
        "unit_price": {"type": "number", "min": 1, "max": 90},
        "fee": {"amount": {"type": "number", "enum": [0, 4.95]}, "vat": {"type": "number", "formula": "amount * 0.19"}},
        "double": {"type": "number", "formula": "total * 2"},
        "due": {"type": "number", "from": "double"},
        "again": {"type": "number", "formula": "due / 2"},
    }
    for row in made(schema):
        assert written(row["subtotal"]) == row["quantity"] * written(row["unit_price"])
        assert written(row["total"]) == written(row["subtotal"]) + written(row["fee"]["amount"])
        assert row["again"] == row["total"]


def test_in_the_items_of_a_list() -> None:
    line = {
        "type": "object",
        "properties": {
            "q": {"type": "integer", "minimum": 1, "maximum": 9},
            "t": {"type": "integer", "x-synth": {"formula": "q * q"}},
        },
        "required": ["q", "t"],
    }
    rows = made(
        {"type": "object", "properties": {"lines": {"type": "array", "minItems": 1, "items": line}}, "required": ["lines"]}
    )
    assert all(one["t"] == one["q"] ** 2 for row in rows for one in row["lines"])


def test_any_split_gives_the_same_bytes_and_digests() -> None:
    schema = {**NUMBERS, "x": {"type": "number", "nullable": True, "formula": "n * b / max(a, 1) - d", "decimals": 4}}
    engine = Engine(parse_schema(schema), seed=3)
    whole: Any = engine.batch(range(300))
    parts: list[Any] = [engine.batch(range(at, min(at + 70, 300))) for at in range(0, 300, 70)]
    assert b"".join(part.lines() for part in parts) == whole.lines()
    assert sum(part.measures().content for part in parts) % 2**64 == whole.measures().content
    assert whole.arrow().column("x").to_pylist() == [row["x"] for row in whole.records()]


def test_numbers_beyond_64_bits_on_the_way_are_exact() -> None:
    big = {"type": "integer", "min": 8 * 10**12, "max": 9 * 10**12}
    for row in made({"p": big, "q": big, "x": {"type": "number", "formula": "p * q * q / (q * q)"}}, 50):
        assert row["x"] == row["p"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"formula": "a * z"}, "no such property beside 'x'; did you mean"),
        ({"formula": "x + 1"}, "derived in a circle"),
        ({"formula": "t + 1"}, "'t' isn't made of numbers"),
        ({"formula": "e + 1"}, "'e' isn't made of numbers"),
        ({"formula": "l + 1"}, "'l' isn't made of numbers"),
        ({"formula": "n + 1"}, r"'n' in formula 'n \+ 1' may be null or absent: allow null here, or write coalesce\(n, 0\)"),
        ({"formula": "1 / a"}, "may divide by 0: allow null here"),
        ({"formula": "a / (2 - 2)"}, "always divides by 0"),
        ({"formula": "b", "min": 0}, "may be as low as -5, below the minimum 0"),
        ({"formula": "a + b", "max": 40}, "may be as high as 49, above the maximum 40"),
        ({"formula": "a", "exclusiveMaximum": 9}, "above the maximum 9"),
        ({"formula": "a * 100000000000000"}, "as large as 9e"),
        ({"formula": "a", "enum": [1, 2]}, "enum doesn't leave"),
        ({"formula": "a", "multipleOf": 2}, "multipleOf doesn't leave"),
        ({"formula": "3 * 4"}, "names no property"),
        ({"formula": "a b"}, "can't be read"),
        ({"formula": "a", "unique": True}, "'unique' says nothing of what 'formula' computes"),
    ],
)
def test_what_cannot_be_computed_is_refused(more: dict[str, Any], told: str) -> None:
    text = {"t": "string", "e": {"type": "number", "edge_cases": 0.1}, "l": {"type": "array", "items": {"type": "integer"}}}
    with pytest.raises(SchemaError, match=told) as caught:
        made({**NUMBERS, **text, "x": {"type": "number", **more}})
    assert "\n" not in caught.value.message


def test_bounds_that_always_hold_may_be_said() -> None:
    rows = made({**NUMBERS, "x": {"type": "number", "formula": "max(0, min(b, 0.1))", "min": 0, "max": 0.1}})
    assert {0, 0.1} <= {row["x"] for row in rows}


def test_where_rows_are_made_one_by_one_it_says_so() -> None:
    odd = {"type": "object", "properties": {"a": {"type": "integer"}, "x": {"type": "integer", "x-synth": {"formula": "a * 2"}}},
           "required": ["a", "x"], "patternProperties": {"^y": {"type": "integer"}}}  # fmt: skip
    with pytest.raises(SchemaError, match="'formula' needs a record that can be made in columns"):
        Engine(parse_schema(odd))

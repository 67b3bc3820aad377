"""Columns derived from columns that are derived themselves."""

from datetime import datetime
from itertools import permutations
from typing import Any

import pytest

from synth_sdk.core.errors import SchemaError
from synth_sdk.engine import Engine
from synth_sdk.schema import parse_schema
from tests.engine.test_tables import made as made_tables

MOMENTS: dict[str, Any] = {
    "ordered": {"type": "datetime", "min": "2024-01-01", "max": "2024-06-30"},
    "paid": {"type": "datetime", "from": "ordered", "within": "2h"},
    "shipped": {"type": "datetime", "from": "paid", "within": "9d"},
    "arrived": {"type": "date", "from": "shipped", "within": "6d"},
}


def made(schema: Any, count: int = 200, seed: int = 0) -> list[Any]:
    engine = Engine(parse_schema(schema), seed=seed)
    assert engine.columnar
    return engine.batch(range(count)).records()


def test_moments_follow_one_another_however_they_are_declared() -> None:
    first = made(MOMENTS)
    for row in first:
        steps = [datetime.fromisoformat(row[name]) for name in ("ordered", "paid", "shipped")]
        assert 0 < (steps[1] - steps[0]).total_seconds() <= 7200
        assert 0 < (steps[2] - steps[1]).days * 86400 + (steps[2] - steps[1]).seconds <= 9 * 86400
        assert row["shipped"][:10] <= row["arrived"]
    for names in permutations(MOMENTS):
        assert made({name: MOMENTS[name] for name in names}, 20) == first[:20]


def test_a_chain_may_begin_in_order_or_pass_through_copies() -> None:
    schema = {
        "at": {"type": "datetime", "every": "1h"},
        "seen": {"type": "string", "from": "at"},
        "answered": {"type": "datetime", "from": "seen", "within": "1d"},
        "closed": {"type": "datetime", "from": "answered", "within": "1d"},
    }
    assert all(row["at"] == row["seen"] < row["answered"] < row["closed"] for row in made(schema))


def test_chains_cross_tables() -> None:
    orders = {"id": "integer", **MOMENTS}
    returns = {
        "order_id": {"x-synth": {"ref": "orders.id"}},
        "shipped": {"x-synth": {"ref": "orders.shipped"}},
        "asked": {"type": "datetime", "from": "shipped", "within": "9d"},
        "booked": {"type": "datetime", "from": "asked", "within": "9d"},
    }
    refunds = {"booked": {"x-synth": {"ref": "returns.booked"}}, "paid": {"type": "datetime", "from": "booked", "within": "9d"}}
    tables = {
        "orders": {"schema": orders},
        "returns": {"per": {"table": "orders", "min": 0, "max": 1}, "schema": returns},
        "refunds": {"per": {"table": "returns", "min": 1, "max": 1}, "schema": refunds},
    }
    rows = made_tables({"tables": tables}, 120)
    shipped = {order["id"]: order["shipped"] for order in rows["orders"]}
    for row, refund in zip(rows["returns"], rows["refunds"], strict=True):
        assert shipped[row["order_id"]] == row["shipped"] < row["asked"] < row["booked"] == refund["booked"] < refund["paid"]


def test_words_by_words_by_words() -> None:
    schema = {
        "kind": {"type": "string", "words": ["fruit", "herb"]},
        "name": {"type": "string", "given": "kind", "words": {"fruit": ["apple", "apple", "plum"], "herb": ["mint"]}},
        "colour": {"type": "string", "given": "name", "words": {"apple": ["red", "green"], "plum": ["blue"], "mint": ["green"]}},
    }
    schema["tone"] = {"type": "string", "given": "colour", "words": {"red": ["warm"], "green": ["cold"], "blue": ["cold"]}}
    rows = made(schema)
    told = {(row["kind"], row["name"], row["colour"], row["tone"]) for row in rows}
    assert told == {
        ("fruit", "apple", "red", "warm"),
        ("fruit", "apple", "green", "cold"),
        ("fruit", "plum", "blue", "cold"),
        ("herb", "mint", "green", "cold"),
    }


def test_words_by_a_value_of_the_parent_or_of_the_person() -> None:
    parents = {"id": "integer", "tier": {"type": "string", "enum": ["gold", "basic"]}}
    children = {
        "tier": {"x-synth": {"ref": "p.tier"}},
        "perk": {"type": "string", "given": "tier", "words": {"gold": ["lounge"], "basic": ["none"]}},
    }
    tables = {"p": {"schema": parents}, "c": {"per": {"table": "p", "min": 1, "max": 3}, "schema": children}}
    assert {(row["tier"], row["perk"]) for row in made_tables({"tables": tables}, 60)["c"]} == {
        ("gold", "lounge"),
        ("basic", "none"),
    }
    person = {
        "first_name": "first_name",
        "sex": {"type": "string", "enum": ["female", "male"]},
        "title": {"type": "string", "given": "sex", "words": {"female": ["Ms"], "male": ["Mr"]}},
    }
    assert {(row["sex"], row["title"]) for row in made(person)} == {("female", "Ms"), ("male", "Mr")}


def test_a_total_may_be_the_source_of_what_is_made_early() -> None:
    schema = {
        "aa": {"type": "number", "formula": "total / 2"},
        "total": "number",
        "unit_price": {"type": "number", "min": 1, "max": 50, "decimals": 2},
        "quantity": {"type": "integer", "min": 2, "max": 4},
        "copy": {"type": "number", "from": "total"},
    }
    for row in made(schema):
        assert row["total"] == pytest.approx(row["unit_price"] * row["quantity"])
        assert row["copy"] == row["total"]


@pytest.mark.parametrize("names", [("paid", "shipped"), ("ordered", "paid", "shipped")])
def test_circles_are_refused(names: tuple[str, ...]) -> None:
    schema = {name: {"type": "datetime", "from": other} for name, other in zip(names, (*names[1:], names[0]), strict=True)}
    with pytest.raises(SchemaError, match="derived in a circle") as caught:
        Engine(parse_schema({**schema, "x": "integer"}))
    assert all(repr(name) in caught.value.message for name in names)

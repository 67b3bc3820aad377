"""Sums, counts and ends over the rows of another table: exactly what its written rows say, however either table is made."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.errors import SchemaError
from synth_sdk.engine.columns import aggregates
from synth_sdk.engine.tables import TableEngine, table_sizes
from synth_sdk.schema.tables import parse_tables
from tests.engine.test_tables import made


def x(**told: Any) -> dict[str, Any]:
    return {"x-synth": told}


SHOP: dict[str, Any] = {
    "tables": {
        "customers": {
            "schema": {
                "id": "integer",
                "order_count": x(count="orders"),
                "spent": x(sum="orders.total"),
                "largest": x(max_of="orders.total"),
                "first_order": x(min_of="orders.at"),
                "last_day": {"type": "date", "nullable": True, "max_of": "orders.at"},
                "average": {"type": "number", "nullable": True, "formula": "spent / order_count"},
            }
        },
        "products": {"count": 30, "schema": {"id": "integer", "price": {"type": "number", "min": 1, "max": 90}}},
        "orders": {
            "per": {"table": "customers", "min": 0, "max": 5},
            "schema": {
                "id": "integer",
                "customer_id": x(ref="customers.id"),
                "customer_spent": x(ref="customers.spent"),
                "at": {"type": "datetime", "min": "2024-01-01", "max": "2024-12-31"},
                "shipping": {"type": "number", "words": [0.0, 4.95, 9.9]},
                "pieces": x(sum="items.quantity"),
                "subtotal": x(sum="items.amount"),
                "total": x(formula="subtotal + shipping"),
            },
        },
        "items": {
            "per": {"table": "orders", "min": 0, "max": 4},
            "schema": {
                "order_id": x(ref="orders.id"),
                "product_id": x(ref="products.id"),
                "price": x(ref="products.price"),
                "quantity": {"type": "integer", "min": 1, "max": 5},
                "amount": x(formula="price * quantity"),
                "share_pct": {"type": "number", "nullable": True, "formula": "100 * amount / order_subtotal", "decimals": 1},
                "order_subtotal": x(ref="orders.subtotal"),
            },
        },
        "complaints": {"count": 90, "schema": {"order_id": x(ref="orders.id"), "worth": x(ref="orders.total")}},
    }
}


def exact(numbers: Iterable[float | None]) -> list[Fraction]:
    """The numbers as they are written, without nulls."""
    return [Fraction(repr(number)) for number in numbers if number is not None]


def by(rows: list[Any], key: str) -> dict[Any, list[Any]]:
    found = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found


@pytest.fixture(scope="module")
def shop() -> dict[str, list[Any]]:
    return made(SHOP, 300, 5)


def test_an_order_comes_to_what_its_items_come_to(shop: dict[str, list[Any]]) -> None:
    items = by(shop["items"], "order_id")
    assert {len(items[order["id"]]) for order in shop["orders"]} == set(range(5))
    for order in shop["orders"]:
        own = items[order["id"]]
        assert sum(exact(item["amount"] for item in own)) == Fraction(repr(order["subtotal"]))
        assert order["pieces"] == sum(item["quantity"] for item in own)
        assert sum(exact([order["subtotal"], order["shipping"]])) == Fraction(repr(order["total"]))
        assert all(item["order_subtotal"] == order["subtotal"] for item in own)


def test_a_customer_over_orders_over_items(shop: dict[str, list[Any]]) -> None:
    orders = by(shop["orders"], "customer_id")
    assert {customer["order_count"] for customer in shop["customers"]} == set(range(6))
    for customer in shop["customers"]:
        own = orders[customer["id"]]
        assert customer["order_count"] == len(own)
        assert Fraction(repr(customer["spent"])) == sum(exact(order["total"] for order in own))
        assert customer["largest"] == max((order["total"] for order in own), default=None)
        assert customer["first_order"] == min((order["at"] for order in own), default=None)
        assert customer["last_day"] == max((order["at"][:10] for order in own), default=None)
        assert (customer["average"] is None) == (not own)
        assert all(order["customer_spent"] == customer["spent"] for order in own)


def test_rows_that_refer_to_a_total_hold_the_same(shop: dict[str, list[Any]]) -> None:
    orders = {order["id"]: order["total"] for order in shop["orders"]}
    assert all(row["worth"] == orders[row["order_id"]] for row in shop["complaints"])


def test_rows_do_not_depend_on_batches_nor_on_how_many_children_are_made_at_once(
    shop: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = parse_tables(SHOP)
    for name in ("customers", "orders", "items"):
        engine = TableEngine(tables, name, 5, count=300)
        whole: Any = engine.batch(range(engine.size))
        parts: list[Any] = [engine.batch(range(at, min(at + 83, engine.size))) for at in range(0, engine.size, 83)]
        assert b"".join(part.lines() for part in parts) == whole.lines()
        assert sum(part.measures().content for part in parts) % 2**64 == whole.measures().content
        assert whole.records() == shop[name]
        monkeypatch.setattr(aggregates, "_MOST_CHILDREN", 7)
        assert TableEngine(tables, name, 5, count=300).batch(range(engine.size)).lines() == whole.lines()  # type: ignore[attr-defined]
        monkeypatch.undo()


def test_asking_for_more_never_changes_the_first_totals() -> None:
    keys = {"tables": {name: SHOP["tables"][name] for name in ("customers", "products", "orders", "items")}}
    few, many = made(keys, 40), made(keys, 400)
    assert many["customers"][:40] == few["customers"]
    assert many["orders"][: len(few["orders"])] == few["orders"]


def test_nulls_count_for_nothing() -> None:
    child = {
        "type": "object",
        "properties": {
            "of": {"type": "integer", **x(ref="p.id")},
            "n": {"type": ["number", "null"], "minimum": -9, "maximum": 9, **x(null_rate=0.5, decimals=1)},
            "m": {"type": "integer", "minimum": 1, "maximum": 9},
            "at": {"type": ["string", "null"], "format": "date", **x(null_rate=0.6)},
        },
        "required": ["of", "n", "at"],
    }
    parent = {
        "id": "integer",
        "n": x(sum="c.n"),
        "low": x(min_of="c.n"),
        "m": x(sum="c.m"),
        "high": x(max_of="c.m"),
        "at": x(max_of="c.at"),
    }
    rows = made({"tables": {"p": {"schema": parent}, "c": {"per": {"table": "p", "min": 1, "max": 3}, "schema": child}}}, 300)
    children = by(rows["c"], "of")
    assert any(one["low"] is None for one in rows["p"])
    assert any(one["high"] is None for one in rows["p"])
    for one in rows["p"]:
        own = children[one["id"]]
        assert Fraction(repr(one["n"])) == sum(exact(row["n"] for row in own))
        assert one["low"] == min((row["n"] for row in own if row["n"] is not None), default=None)
        assert one["m"] == sum(row.get("m", 0) for row in own)
        assert one["high"] == max((row["m"] for row in own if "m" in row), default=None)
        assert one["at"] == max((row["at"] for row in own if row["at"] is not None), default=None)


def test_types_are_those_of_what_is_summed_up() -> None:
    properties: Any = parse_tables(SHOP)["customers"].schema.document["properties"]  # type: ignore[index]
    assert [properties[name]["type"] for name in ("order_count", "spent", "largest", "first_order")] == [
        "integer", "number", ["null", "number"], ["null", "string"],
    ]  # fmt: skip
    assert properties["first_order"]["format"] == "date-time"
    assert parse_tables(parse_tables(SHOP).document()).document() == parse_tables(SHOP).document()


def test_moments_of_children_lead_on() -> None:
    parent = {
        "id": "integer",
        "last": x(max_of="events.at"),
        "closed": {"type": "datetime", "from": "last", "within": "3d"},
        "archived": {"type": "datetime", "from": "closed", "within": "3d"},
    }
    events = {"p_id": x(ref="p.id"), "at": {"type": "datetime", "every": "2h"}}
    tables = {"p": {"schema": parent}, "events": {"per": {"table": "p", "min": 1, "max": 5}, "schema": events}}
    rows = made({"tables": tables}, 150)
    own = by(rows["events"], "p_id")
    for row in rows["p"]:
        assert row["last"] == max(event["at"] for event in own[row["id"]]) < row["closed"] < row["archived"]


def test_a_parent_of_very_many_children() -> None:
    tables = {
        "p": {"schema": {"id": "integer", "n": x(count="c"), "s": x(sum="c.v")}},
        "c": {"per": {"table": "p", "min": 0, "max": 10_000}, "schema": {"v": {"type": "integer", "min": -3, "max": 9}}},
    }
    parsed = parse_tables({"tables": tables})
    parents = TableEngine(parsed, "p", count=70).batch(range(70)).records()
    children = TableEngine(parsed, "c", count=70)
    values: list[int] = children.batch(range(children.size)).arrow().column("v").to_pylist()  # type: ignore[attr-defined]
    assert sum(row["n"] for row in parents) == children.size == table_sizes(parsed, 0, 70)["c"]
    start = 0
    for row in parents:
        assert row["s"] == sum(values[start : start + row["n"]])
        start += row["n"]


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_totals_are_the_sums_of_the_written_children(data: st.DataObject) -> None:
    places = data.draw(st.integers(0, 5))
    numbers = [
        {"type": "integer", "min": -20, "max": 70},
        {"type": "number", "min": -4, "max": 30, "decimals": places},
        {"type": "number", "enum": [0.1, 0.25, 7, -3.125]},
        {"type": "number", "min": 0, "max": 8, "decimals": 3, "null_rate": 0.4},
        {"type": "number", "formula": "w / 3", "decimals": places},
        {"type": "number", "distribution": {"lognormal": {"median": 20, "sigma": 1}}, "max": 900, "decimals": 2},
    ]
    depth = data.draw(st.integers(1, 3))
    tables: dict[str, Any] = {}
    for level in range(depth + 1):
        schema = {"id": "integer", "w": {"type": "integer", "min": 0, "max": 99}, "v": data.draw(st.sampled_from(numbers))}
        tables[f"t{level}"] = {"schema": schema}
        if level:
            least, more = data.draw(st.integers(0, 2)), data.draw(st.integers(1, 3))
            tables[f"t{level}"]["per"] = {"table": f"t{level - 1}", "min": least, "max": least + more}
            schema["up"] = x(ref=f"t{level - 1}.id")
            tables[f"t{level - 1}"]["schema"] |= {
                "sum": x(sum=f"t{level}.{'sum' if level < depth else 'v'}"),
                "count": x(count=f"t{level}"),
                "least": x(min_of=f"t{level}.v"),
                "most": x(max_of=f"t{level}.v"),
            }
    for level in reversed(range(depth)):  # from below, so that what is summed up comes first in no table
        tables[f"t{level}"]["schema"] = dict(reversed(tables[f"t{level}"]["schema"].items()))
    rows = made({"tables": tables}, data.draw(st.integers(1, 40)), data.draw(st.integers(0, 2**40)))
    for level in range(depth):
        column = "v" if level + 1 == depth else "sum"
        children = by(rows[f"t{level + 1}"], "up")
        for row in rows[f"t{level}"]:
            own = children[row["id"]]
            assert row["count"] == len(own)
            assert sum(exact(one[column] for one in own)) == Fraction(repr(row["sum"]))
            ends = [one["v"] for one in own if one["v"] is not None]
            assert (row["least"], row["most"]) == (min(ends, default=None), max(ends, default=None))


def refused(parent: dict[str, Any], child: dict[str, Any], least: int = 0, **more: Any) -> SchemaError:
    per = {"table": "orders", "min": least, "max": 3}
    tables = {
        "orders": {"schema": {"id": "integer", **parent}},
        "items": {"per": per, "schema": {"id": "integer", **child}},
        **more,
    }
    with pytest.raises(SchemaError) as caught:
        made({"tables": tables}, 5)
    assert "\n" not in caught.value.message
    return caught.value


NUMBER = {"type": "number", "min": 0, "max": 100}


@pytest.mark.parametrize(
    ("total", "child", "told"),
    [
        (x(sum="item.a"), NUMBER, "there is no table 'item': did you mean items"),
        (x(sum="items.aa"), NUMBER, "table 'items' has no column 'aa': did you mean a"),
        (x(count="orders"), NUMBER, "the rows of 'orders' don't belong to rows of 'orders': declare \"per\""),
        (x(sum="items.a"), "string", "sum is for numbers, and items.a is string"),
        (x(max_of="items.a"), "boolean", "max_of is for numbers and moments, and items.a is boolean"),
        (x(max_of="items.a"), "name", "isn't made of numbers with a few decimals, nor moments"),
        (x(sum="items.a"), {**NUMBER, "edge_cases": 0.1}, "leave edge cases and Faker out of it"),
        (x(sum="items.a"), x(ref="orders.s"), "derived in a circle"),
        ({"type": "integer", "sum": "items.a"}, NUMBER, "items.a is number; declare the same type, or none"),
        ({"type": "number", "sum": "items.a", "decimals": 1}, NUMBER, "has 2 decimals and is not rounded"),
        ({"type": "number", "sum": "items.a", "max": 299}, NUMBER, "may be as high as 300, above the maximum 299"),
        ({"type": "integer", "count": "items", "max": 2}, NUMBER, "may be as high as 3, above the maximum 2"),
        ({"type": "number", "min_of": "items.a"}, NUMBER, "there may be no row to take it from"),
        ({"type": "datetime", "nullable": True, "min_of": "items.a"}, "date", "too coarse for"),
        ({"type": "string", "nullable": True, "min_of": "items.a"}, "time", "doesn't follow the order of time"),
        ({"type": "number", "sum": "items.a", "distribution": {"zipf": {}}}, NUMBER, "keep one"),
        ({"type": "number", "sum": "items.a", "edge_cases": 0.1}, NUMBER, "'edge_cases' says nothing"),
        ({"type": "array", "items": x(sum="items.a")}, NUMBER, "declare it beside the list"),
    ],
)
def test_what_cannot_be_summed_up_is_refused(total: Any, child: Any, told: str) -> None:
    error = refused({"s": total}, {"a": child})
    assert told in error.message
    assert error.pointer.startswith("/tables/orders/schema")


def test_circles_through_formulas_and_parents_are_refused() -> None:
    told = refused({"s": x(sum="items.a")}, {"a": x(formula="b * 2"), "b": x(ref="orders.s")}).message
    assert "orders.s from items.a from items.b from orders.s: derived in a circle" in told
    error = refused({"s": x(sum="items.total")}, {"total": "number", "quantity": "integer", "price": x(ref="orders.s")})
    assert "derived in a circle" in error.message


def test_an_error_names_the_table_where_it_stands() -> None:
    error = refused({"s": x(sum="items.a")}, {"a": {"type": "number", "formula": "b / c"}, "b": "integer", "c": "integer"})
    assert error.pointer == "/tables/items/schema/properties/a"


def test_sums_may_stand_in_objects() -> None:
    parent = {"id": "integer", "totals": {"items": x(count="items"), "worth": x(sum="items.a")}}
    tables = {
        "orders": {"schema": parent},
        "items": {"per": {"table": "orders", "max": 3}, "schema": {"of": x(ref="orders.id"), "a": NUMBER}},
    }
    rows = made({"tables": tables}, 50)
    for order in rows["orders"]:
        own = [row["a"] for row in rows["items"] if row["of"] == order["id"]]
        assert (order["totals"]["items"], Fraction(repr(order["totals"]["worth"]))) == (len(own), sum(exact(own)))

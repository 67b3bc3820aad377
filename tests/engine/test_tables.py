"""Tables of a set: keys lead to rows that exist, and agree with them, however the rows are made."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from synth_sdk.core.errors import RequestError, SchemaError
from synth_sdk.engine.tables import TableEngine, table_sizes
from synth_sdk.schema.tables import parse_tables
from tests.engine.columns.test_laws import SHOP as RICH

PERSON = {"id": "integer", "name": "string", "email": "email", "born_on": "date", "score": {"type": "number", "min": 0, "max": 9}}
SHOP: dict[str, Any] = {
    "tables": {
        "users": {"schema": {**PERSON, "boss_id": {"type": "integer", "nullable": True, "ref": "users.id"}}},
        "products": {"count": 40, "schema": {"id": "uuid", "price": {"type": "number", "min": 1, "max": 90}}},
        "orders": {
            "per": {"table": "users", "min": 0, "max": 5},
            "schema": {
                "id": "integer",
                "user_id": {"x-synth": {"ref": "users.id"}},
                "user_email": {"x-synth": {"ref": "users.email"}},
                "seller_id": {"x-synth": {"ref": "users.id", "popularity": "uniform"}},
                "seller_name": {"x-synth": {"ref": "users.name"}},
            },
        },
        "items": {
            "per": {"table": "orders", "min": 1, "max": 4},
            "schema": {
                "order_id": {"x-synth": {"ref": "orders.id"}},
                "buyer": {"x-synth": {"ref": "orders.user_email"}},
                "product_id": {"x-synth": {"ref": "products.id", "popularity": "zipf"}},
                "price": {"x-synth": {"ref": "products.price"}},
                "quantity": {"type": "integer", "min": 1, "max": 5},
                "total": "number",
            },
        },
    }
}


def made(source: Any, count: int = 60, seed: int = 0, **settings: Any) -> dict[str, list[Any]]:
    """All rows of all tables."""
    tables = parse_tables(source)
    sizes = table_sizes(tables, seed, count)
    engines = {name: TableEngine(tables, name, seed, count=count, **settings) for name in sizes}
    assert {name: engine.size for name, engine in engines.items()} == sizes
    return {name: list(engine.batch(range(engine.size)).records()) for name, engine in engines.items()}


@pytest.fixture(scope="module")
def shop() -> dict[str, list[Any]]:
    return made(SHOP, 300, 5)


def by_id(rows: list[Any]) -> dict[Any, Any]:
    found = {row["id"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def test_every_key_leads_to_a_row_and_what_is_copied_from_it_agrees(shop: dict[str, list[Any]]) -> None:
    users, orders, products = (by_id(shop[name]) for name in ("users", "orders", "products"))
    for order in shop["orders"]:
        assert users[order["user_id"]]["email"] == order["user_email"]
        assert users[order["seller_id"]]["name"] == order["seller_name"]
    for item in shop["items"]:
        assert orders[item["order_id"]]["user_email"] == item["buyer"]
        assert products[item["product_id"]]["price"] == item["price"]
        assert item["total"] == pytest.approx(item["price"] * item["quantity"])


def test_counts_per_parent_and_popularity(shop: dict[str, list[Any]]) -> None:
    orders = Counter(order["user_id"] for order in shop["orders"])
    assert set(Counter(orders[user["id"]] for user in shop["users"])) == set(range(6))
    assert 2.2 < len(shop["orders"]) / 300 < 2.8
    items = Counter(item["order_id"] for item in shop["items"])
    assert {items[order["id"]] for order in shop["orders"]} == {1, 2, 3, 4}
    popular = Counter(item["product_id"] for item in shop["items"]).most_common()
    assert popular[0][1] > 0.15 * len(shop["items"]) > 4 * popular[-1][1]
    sellers = Counter(order["seller_id"] for order in shop["orders"])
    assert max(sellers.values()) < 15


def test_two_roles_are_two_people(shop: dict[str, list[Any]]) -> None:
    assert sum(order["user_id"] == order["seller_id"] for order in shop["orders"]) < 20


def test_a_table_may_refer_to_itself(shop: dict[str, list[Any]]) -> None:
    bosses = [user["boss_id"] for user in shop["users"]]
    assert bosses[0] is None
    assert all(boss is None or 1 <= boss < user["id"] for boss, user in zip(bosses, shop["users"], strict=True))
    assert 0.03 < bosses.count(None) / len(bosses) < 0.2
    strict = {"tables": {"users": {"schema": {"id": "integer", "boss_id": {"type": "integer", "ref": "users.id"}}}}}
    assert made(strict)["users"][0] == {"id": 1, "boss_id": 1}


def test_rows_do_not_depend_on_batches_or_on_later_tables(shop: dict[str, list[Any]]) -> None:
    tables = parse_tables(SHOP)
    for table in tables:
        engine = TableEngine(tables, table.name, 5, count=300)
        whole = engine.batch(range(engine.size)).lines()  # type: ignore[attr-defined]
        for step in (1, 97):
            parts = [
                engine.batch(range(at, min(at + step, 150, engine.size))).lines() for at in range(0, min(150, engine.size), step)
            ]  # type: ignore[attr-defined]
            assert whole.startswith(b"".join(parts))
    fewer = {"tables": {name: SHOP["tables"][name] for name in ("users", "products", "orders")}}
    assert made(fewer, 300, 5) == {name: shop[name] for name in ("users", "products", "orders")}
    assert made(SHOP, 300, 6)["items"][:5] != shop["items"][:5]


def test_digests_do_not_depend_on_batches() -> None:
    tables = parse_tables(SHOP)
    for table in tables:
        engine = TableEngine(tables, table.name, 5, count=300)
        whole = engine.batch(range(200)).measures().content  # type: ignore[attr-defined]
        parts = [engine.batch(range(at, at + 40)).measures().content for at in range(0, 200, 40)]  # type: ignore[attr-defined]
        assert sum(parts) % 2**64 == whole


def test_the_first_parents_keep_their_children_when_more_come() -> None:
    keys = {"tables": {name: SHOP["tables"][name] for name in ("users", "orders")}}
    few, many = made(keys, 50)["orders"], made(keys, 500)["orders"]
    assert [order["user_email"] for order in few] == [order["user_email"] for order in many[: len(few)]]


@pytest.mark.parametrize("name", [name for name in RICH["properties"] if name != "nickname"])
def test_any_column_can_be_made_again_alone(name: str) -> None:
    properties = {**RICH["properties"], "mixed": {"enum": ["a", "b"]}}
    parent = {**RICH, "properties": properties, "required": list(properties)}
    child = {"type": "object", "required": ["of"], "properties": {"of": {"x-synth": {"ref": f"parents.{name}"}}}}
    tables = {"parents": {"schema": parent}, "children": {"per": {"table": "parents", "min": 1, "max": 1}, "schema": child}}
    rows = made({"tables": tables}, 70)
    assert [row["of"] for row in rows["children"]] == [row[name] for row in rows["parents"]]


def test_what_is_derived_is_derived_again() -> None:
    parent = {
        "id": "integer",
        "email": {"type": "string", "format": "email", "x-synth": {"from": "who.name"}},
        "who": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        "begins": "date",
        "ends": {"type": "date", "from": "begins", "within": "9d"},
        "price": "number",
        "quantity": "integer",
        "total": "number",
    }
    columns = ("email", "ends", "total")
    child = {f"parent_{name}": {"x-synth": {"ref": f"parents.{name}"}} for name in ("id", *columns)}
    rows = made({"tables": {"parents": {"schema": parent}, "children": {"schema": child}}})
    parents = by_id(rows["parents"])
    for row in rows["children"]:
        assert {name: row[f"parent_{name}"] for name in columns} == {name: parents[row["parent_id"]][name] for name in columns}


def test_moments_may_lie_after_those_of_the_parent() -> None:
    orders = {
        "user_id": {"x-synth": {"ref": "users.id"}},
        "joined": {"x-synth": {"ref": "users.joined"}},
        "at": {"type": "datetime", "from": "joined", "within": "20d"},
    }
    users = {"id": "integer", "joined": "datetime"}
    tables = {"users": {"schema": users}, "orders": {"per": {"table": "users", "min": 1, "max": 3}, "schema": orders}}
    for row in made({"tables": tables})["orders"]:
        after = datetime.fromisoformat(row["at"]) - datetime.fromisoformat(row["joined"])
        assert timedelta(0) < after <= timedelta(days=20)


@pytest.mark.parametrize("said", [("id", {"popularity": "uniform"}), ("name", {"exponent": 2.5})])
def test_a_grandchild_agrees_whichever_key_says_how_popular_a_row_is(said: tuple[str, dict[str, Any]]) -> None:
    keys = {
        f"user_{name}": {"x-synth": {"ref": f"users.{name}", **(said[1] if name == said[0] else {})}} for name in ("id", "name")
    }
    tables = {
        "users": {"schema": {"id": "integer", "name": "name"}},
        "visits": {"count": 200, "schema": {"id": "integer", **keys}},
        "pages": {
            "per": {"table": "visits", "min": 1, "max": 2},
            "schema": {"visit_id": {"x-synth": {"ref": "visits.id"}}, "name": {"x-synth": {"ref": "visits.user_name"}}},
        },
    }
    rows = made({"tables": tables}, 100)
    users, visits = by_id(rows["users"]), by_id(rows["visits"])
    assert all(users[visit["user_id"]]["name"] == visit["user_name"] for visit in rows["visits"])
    assert all(visits[page["visit_id"]]["user_name"] == page["name"] for page in rows["pages"])


def test_keys_in_objects_and_lists() -> None:
    line = {
        "type": "object",
        "properties": {"product_id": {"x-synth": {"ref": "products.id"}}, "price": {"x-synth": {"ref": "products.price"}}},
        "required": ["product_id", "price"],
    }
    buyer = {
        "type": "object",
        "properties": {"id": {"x-synth": {"ref": "users.id"}}, "email": {"x-synth": {"ref": "users.email"}}},
        "required": ["id", "email"],
    }
    baskets = {
        "per": {"table": "users", "min": 1, "max": 2},
        "schema": {"type": "object", "required": ["user_id", "user", "guest", "lines"], "properties": {
            "user_id": {"x-synth": {"ref": "users.id"}}, "user": buyer, "guest": buyer, "lines": {"type": "array", "minItems": 2, "items": line},
        }},
    }  # fmt: skip
    rows = made({"tables": {"users": SHOP["tables"]["users"], "products": SHOP["tables"]["products"], "baskets": baskets}}, 100)
    users, products = by_id(rows["users"]), by_id(rows["products"])
    for basket in rows["baskets"]:
        assert basket["user_id"] == basket["user"]["id"]
        assert all(users[one["id"]]["email"] == one["email"] for one in (basket["user"], basket["guest"]))
        assert all(products[one["product_id"]]["price"] == one["price"] for one in basket["lines"])
    assert sum(basket["guest"]["id"] == basket["user_id"] for basket in rows["baskets"]) < 15
    assert len({one["product_id"] for basket in rows["baskets"] for one in basket["lines"]}) > 20


def test_keys_of_one_role_are_null_together() -> None:
    keys = {
        "user_id": {"type": ["integer", "null"], "x-synth": {"ref": "users.id", "null_rate": 0.4}},
        "user_name": {"type": ["string", "null"], "x-synth": {"ref": "users.name", "null_rate": 0.4}},
    }
    visits = {"count": 400, "schema": {"type": "object", "properties": keys, "required": list(keys)}}
    rows = made({"tables": {"users": SHOP["tables"]["users"], "visits": visits}})["visits"]
    assert all((row["user_id"] is None) == (row["user_name"] is None) for row in rows)
    assert 100 < sum(row["user_id"] is None for row in rows) < 220


def test_an_absent_value_is_null_in_the_child() -> None:
    users = {"type": "object", "properties": {"id": {"type": "integer"}, "nick": {"type": "string"}}, "required": ["id"]}
    rows = made(
        {
            "tables": {
                "users": {"schema": users},
                "visits": {"schema": {"id": {"x-synth": {"ref": "users.id"}}, "nick": {"x-synth": {"ref": "users.nick"}}}},
            }
        },
        200,
    )
    nicks = {user["id"]: user.get("nick") for user in rows["users"]}
    assert None in nicks.values()
    assert all(visit["nick"] == nicks[visit["id"]] for visit in rows["visits"])


def refused(child: Any, users: Any = SHOP["tables"]["users"]["schema"], **more: Any) -> str:
    with pytest.raises(SchemaError) as caught:
        made({"tables": {"users": {"schema": users}, "visits": {"schema": child, **more}}})
    return caught.value.message


def test_what_cannot_be_followed_is_refused() -> None:
    optional = {"type": "object", "properties": {"nick": {"type": "string"}}}
    assert "may be absent or null" in refused({"nick": {"type": "string", "ref": "users.nick"}}, optional)
    items = {
        "type": "object",
        "properties": {"x": {"type": "array", "items": {"x-synth": {"ref": "users.id"}}}},
        "required": ["x"],
    }
    assert "declare the key beside the list" in refused(
        {
            **items,
            "properties": {
                **items["properties"],
                "user_id": {"x-synth": {"ref": "users.id"}},
                "user": {"type": "array", "items": {"x-synth": {"ref": "visits.id"}}},
                "id": {"type": "integer"},
            },
        }
    )
    assert "made in columns" in refused({"type": "object", "patternProperties": {"^a": {"type": "string"}}})
    assert "unsatisfiable: only 3 different values" in _over_capacity()
    with pytest.raises(RequestError, match="would have"):
        table_sizes(
            parse_tables(
                {
                    "tables": {
                        "a": {"count": 2**53, "schema": {"id": "integer"}},
                        "b": {"per": {"table": "a", "max": 10_000}, "schema": {"id": "integer"}},
                    }
                }
            ),
            0,
            1,
        )


def _over_capacity() -> str:
    tables = parse_tables({"tables": {"a": {"schema": {"x": {"type": "string", "enum": ["a", "b", "c"], "unique": True}}}}})
    with pytest.raises(SchemaError) as caught:
        TableEngine(tables, "a", count=4).check_count(4)
    return caught.value.message


def test_unique_columns_are_known() -> None:
    schema = {
        "id": "integer",
        "token": "uuid",
        "code": {"type": "string", "pattern": "^[A-Z]{3}[0-9]{4}$", "unique": True},
        "n": "integer",
    }
    assert TableEngine(parse_tables({"tables": {"a": {"schema": schema}}}), "a").unique == ["id", "token", "code"]
    small = {"id": {"type": "integer", "max": 5}}
    assert TableEngine(parse_tables({"tables": {"a": {"schema": small}}}), "a", count=6).unique == []


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_random_small_sets_hold_together(data: st.DataObject) -> None:
    names = ["alpha", "beta", "gamma"][: data.draw(st.integers(1, 3))]
    tables: dict[str, Any] = {}
    for place, name in enumerate(names):
        schema: dict[str, Any] = {"id": data.draw(st.sampled_from(["integer", "uuid"])), "name": "name"}
        for other in data.draw(st.lists(st.sampled_from(names[: place + 1]), unique=True, max_size=2)):
            popularity = data.draw(st.sampled_from([{}, {"popularity": "zipf", "exponent": 0.7}, {"popularity": "uniform"}]))
            said = [popularity, data.draw(st.sampled_from([{}, popularity]))]
            schema |= {
                f"{other}_{column}": {"x-synth": {"ref": f"{other}.{column}", **told}}
                for column, told in zip(("id", "name"), data.draw(st.permutations(said)), strict=True)
            }
        tables[name] = {"schema": schema}
        if place and data.draw(st.booleans()):
            tables[name]["per"] = {"table": names[place - 1], "min": 1, "max": data.draw(st.integers(1, 4))}
    rows = made({"tables": tables}, data.draw(st.integers(1, 80)), data.draw(st.integers(0, 2**40)))
    for name, table in tables.items():
        for other in names:
            if f"{other}_id" in table["schema"]:
                known = by_id(rows[other])
                assert all(known[row[f"{other}_id"]]["name"] == row[f"{other}_name"] for row in rows[name])


class Product(BaseModel):
    id: int
    price: float = Field(ge=1, le=50)


class Line(BaseModel):
    product_id: int = Field(json_schema_extra={"x-synth": {"ref": "products.id"}})
    price: float = Field(json_schema_extra={"x-synth": {"ref": "products.price"}})


class Order(BaseModel):
    id: int
    after_id: int | None = Field(json_schema_extra={"x-synth": {"ref": "orders.id", "null_rate": 0.2}})
    main: Line
    lines: list[Line] = Field(min_length=1)


def test_models_with_models_inside() -> None:
    rows = made({"tables": {"orders": {"schema": Order}, "products": {"count": 30, "schema": Product}}}, 200)
    products = by_id(rows["products"])
    for order in rows["orders"]:
        assert all(products[line["product_id"]]["price"] == line["price"] for line in (order["main"], *order["lines"]))
    assert rows["orders"][0]["after_id"] is None
    assert 15 < sum(order["after_id"] is None for order in rows["orders"]) < 70
    assert sum(order["main"]["product_id"] == order["lines"][0]["product_id"] for order in rows["orders"]) < 100


def test_a_table_may_be_declared_elsewhere_in_its_document() -> None:
    order = {
        "type": "object",
        "properties": {"user_id": {"type": "integer", "x-synth": {"ref": "users.id"}}},
        "required": ["user_id"],
    }
    visits = {"per": {"table": "users", "min": 2, "max": 2}, "schema": {"$ref": "#/$defs/order", "$defs": {"order": order}}}
    rows = made({"tables": {"users": {"schema": {"id": "integer", "name": "name"}}, "visits": visits}}, 3)
    assert [row["user_id"] for row in rows["visits"]] == [1, 1, 2, 2, 3, 3]

"""Sets of tables: read from any dialect, refused with a pointer."""

import copy
import json
import pickle
from typing import Any

import pytest
from pydantic import BaseModel, Field

from synth_sdk.core.errors import SchemaError
from synth_sdk.schema.tables import is_table_set, parse_declared, parse_tables

SHOP: dict[str, Any] = {
    "tables": {
        "orders": {
            "per": {"table": "customers", "max": 5},
            "schema": {"id": "integer", "customer_id": {"type": "integer", "ref": "customers.id"}, "email": {"x-synth": {"ref": "customers.email"}}},
        },
        "customers": {"count": 30, "schema": {"fields": [{"name": "id", "type": "integer"}, {"name": "email", "type": "email"}]}},
        "reviews": {"schema": {"type": "object", "properties": {"of": {"x-synth": {"ref": "orders.email"}}}, "required": ["of"]}},
    }
}  # fmt: skip


def ref(column: str, **more: Any) -> dict[str, Any]:
    return {"x-synth": {"ref": column}, **more}


def two(child: dict[str, Any], parent: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A set of parents with these properties and children with those."""

    def table(properties: dict[str, Any]) -> dict[str, Any]:
        return {"type": "object", "properties": properties, "required": list(properties)}

    parent = {"id": {"type": "integer"}, "name": {"type": "string"}} if parent is None else parent
    return {"tables": {"parents": {"schema": table(parent)}, "children": {"schema": table(child), **more}}}


def roles(child: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    keys = parse_tables(two(child))["children"].foreign_keys
    return {key.pointer.removeprefix("/properties/"): (key.role, key.of_row) for key in keys}


def test_any_dialect_becomes_plain_json_with_parents_first() -> None:
    before = copy.deepcopy(SHOP)
    tables = parse_tables(SHOP)
    assert before == SHOP
    assert [table.name for table in tables] == ["customers", "orders", "reviews"]
    assert tables["orders"].schema.document["properties"]["email"]["type"] == "string"
    assert tables["reviews"].schema.document["properties"]["of"]["type"] == "string"  # by way of another reference
    document = json.loads(json.dumps(tables.document()))
    assert parse_tables(document).document() == document == parse_declared(SHOP)
    assert pickle.loads(pickle.dumps(tables)).document() == document  # noqa: S301 - our own
    assert parse_tables(tables) is tables
    assert tables.counting(7).document()["tables"]["reviews"]["count"] == 7
    assert tables.counting(7)["customers"].count == 30


def test_models_are_tables_too() -> None:
    class Customer(BaseModel):
        id: int
        manager_id: int | None = Field(json_schema_extra={"x-synth": {"ref": "customers.id"}})

    (key,) = parse_tables({"tables": {"customers": {"schema": Customer}}})["customers"].foreign_keys
    assert (key.name, key.table, key.column, key.role) == ("manager_id", "customers", "id", "manager")


def test_what_a_set_is() -> None:
    assert is_table_set(SHOP)
    for other in (
        True,
        {},
        {"tables": "string"},
        {"tables": {"type": "object"}},
        {"tables": {"a": {"type": "integer"}}},
        {**SHOP, "x": 1},
    ):
        assert not is_table_set(other)
    assert parse_declared({"tables": "string"})["properties"] == {"tables": {"type": "string"}}


def test_keys_of_one_role_mean_the_same_parent() -> None:
    assert roles({"parent_id": ref("parents.id"), "parent_name": ref("parents.name")}) == {
        "parent_id": ("parent", True),
        "parent_name": ("parent", True),
    }
    two_people = {
        "sender_id": ref("parents.id"),
        "receiverId": ref("parents.id"),
        "receiver_name": ref("parents.name"),
        "label": ref("parents.name"),
    }
    assert [role for role, _ in roles(two_people).values()] == ["sender", "receiver", "receiver", "sender"]
    inside = {"type": "object", "properties": {"id": ref("parents.id"), "name": ref("parents.name")}}
    nested = roles({"buyer_id": ref("parents.id"), "buyer": inside, "seller": inside})
    assert nested["buyer/properties/name"] == ("buyer", True)
    assert nested["seller/properties/name"] == ("seller", False)
    assert roles({"id": ref("parents.id")}) == {"id": ("parents", True)}
    assert roles({"parent_ids": {"type": "array", "items": ref("parents.id")}}) == {"parent_ids/items": ("parent", False)}


@pytest.mark.parametrize(
    ("source", "says", "pointer"),
    [
        (two({"a": ref("parent.id")}), "no table 'parent': did you mean parents", "/tables/children/schema/properties/a"),
        (two({"a": ref("parents.nme")}), "no column 'nme': did you mean name", "/tables/children/schema/properties/a"),
        (two({"a": ref("parents.id")}, {}), "has no columns: declare them", "/tables/children/schema/properties/a"),
        (two({"a": ref("parents.id", type="string")}), "parents.id is integer", "/tables/children/schema/properties/a"),
        (two({"a": ref("parents.id", maximum=9)}), "'maximum' limits the values", "/tables/children/schema/properties/a"),
        (two({"a": ref("parents.id")}, {"id": {}}), "declares no type", "/tables/children/schema/properties/a"),
        (two({"a": {"x-synth": {"ref": "parents.id", "popularity": "uniform"}}, "b": {"x-synth": {"ref": "parents.name", "exponent": 1.5}}}),
         "popularity zipf with exponent 1.5 here, popularity uniform at 'a': both mean the same row of 'parents'", "/tables/children/schema/properties/b"),
        (two({}, {"id": {"type": "integer"}, "n": {"x-synth": {"count": "childs"}}}), "no table 'childs': did you mean children", "/tables/parents/schema/properties/n"),
        (two({}, {"id": {"type": "integer"}, "n": {"x-synth": {"count": "children"}}}), "don't belong to rows of 'parents'", "/tables/parents/schema/properties/n"),
        (two({"a": {"x-synth": {"ref": "parents.id", "edge_cases": 0.1}}}), "no edge cases", "/tables/children/schema/properties/a"),
        (two({}, {"id": ref("parents.id")}), "in a circle", "/tables/parents/schema/properties/id"),
        (two({"a": ref("parents.b")}, {"b": ref("children.a")}), "in a circle", "/tables/"),
        (two({"a": ref("children.b"), "b": {"type": "integer", "x-synth": {"from": "a"}}}), "in a circle", "/tables/children/schema/properties/"),
        (two({}, per={"table": "pärents", "max": 2}), "there is no table 'pärents': did you mean parents", "/tables/children/per"),
        (two({}, per={"table": "children", "max": 2}), "each has rows per row", "/tables/children/per"),
        (two({}, per={"table": "parents", "min": 3, "max": 2}), "min 3 is above max 2", "/tables/children/per"),
        (two({}, per={"table": "parents", "max": 0}), "max 0 is not a whole number from 1", "/tables/children/per"),
        (two({}, per={"table": "parents"}), "per is an object such as", "/tables/children/per"),
        (two({}, per={"table": "parents", "max": 1, "mean": 1}), "unknown key 'mean'", "/tables/children/per"),
        (two({}, per={"table": "parents", "max": 1}, count=3), "keep one", "/tables/children"),
        (two({}, count=0), "count 0 is not a whole number from 1", "/tables/children"),
        (two({}, count=True), "count True is not", "/tables/children"),
        (two({}, cuont=3), "unknown key 'cuont': did you mean count", "/tables/children"),
        (two({"a": {"type": "integer", "minimum": "x"}}), "'x' is not of type 'number'", "/tables/children/schema/properties/a"),
        ({"tables": {"a": {"count": 3}}}, "needs a schema", "/tables/a"),
        ({"tables": {"a b": {"schema": {}}}}, "has to be a letter followed by", "/tables/a b"),
        ({"tables": {}}, "a set of tables is", ""),
        ({"tables": {"a": {"schema": True}}}, "the rows of a table are objects", "/tables/a/schema"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(source: Any, says: str, pointer: str) -> None:
    with pytest.raises(SchemaError, match=says) as caught:
        parse_tables(source)
    assert caught.value.pointer.startswith(pointer)


def test_one_key_may_say_for_its_role_how_popular_a_row_is() -> None:
    keys = parse_tables(two({"a": ref("parents.id"), "b": {"x-synth": {"ref": "parents.name", "popularity": "uniform"}}}))[
        "children"
    ].foreign_keys
    assert [(key.role, key.popularity) for key in keys] == [("a", "uniform"), ("a", "uniform")]
    two_people = {
        "from_id": ref("parents.id"),
        "to_id": {"x-synth": {"ref": "parents.id", "exponent": 0.5}},
        "to_name": ref("parents.name"),
    }
    keys = parse_tables(two(two_people))["children"].foreign_keys
    assert [(key.role, key.exponent) for key in keys] == [("from", 1.1), ("to", 0.5), ("to", 0.5)]


def test_tables_may_refer_to_one_another() -> None:
    source = two(
        {"id": {"type": "integer"}, "parent_id": ref("parents.id")}, {"id": {"type": "integer"}, "best_id": ref("children.id")}
    )
    assert [table.name for table in parse_tables(source)] == ["parents", "children"]

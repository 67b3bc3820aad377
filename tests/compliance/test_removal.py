"""What is made from a property or a column that has to go, goes with it or stands on its own."""

from typing import Any

from synth_sdk.compliance.removal import forget, remove
from synth_sdk.compliance.walking import records
from synth_sdk.schema.tables import parse_tables


def node(**told: Any) -> dict[str, Any]:
    return {"type": "number", "x-synth": told} if told else {"type": "number"}


def test_a_formula_that_names_a_removed_property_is_dropped() -> None:
    properties = {"net": node(), "fee": node(), "total": node(formula="net + fee", decimals=2), "double": node(formula="net * 2")}
    document: Any = {"type": "object", "properties": properties, "required": list(properties)}
    (record,) = records(document)
    assert remove(record, "fee")
    assert document["properties"] == {"net": node(), "total": node(decimals=2), "double": node(formula="net * 2")}


def test_totals_of_a_removed_column_go_too() -> None:
    source = {
        "tables": {
            "orders": {
                "schema": {"id": "integer", "worth": {"x-synth": {"sum": "items.price"}}, "n": {"x-synth": {"count": "items"}}}
            },
            "items": {"per": {"table": "orders", "max": 2}, "schema": {"price": "number"}},
        }
    }
    document: Any = parse_tables(source).document()
    assert forget(document, {"items.price"}) == {"orders.worth": "removed"}
    assert list(document["tables"]["orders"]["schema"]["properties"]) == ["id", "n"]

"""References that lead nowhere are counted, whatever shape the tables have and in whatever order they come."""

import pickle
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.engine.tables import TableEngine
from synth_sdk.quality import integrity
from synth_sdk.quality.distinct import Digests
from synth_sdk.quality.integrity import Integrity, path_of, referential_integrity
from synth_sdk.schema.foreign_keys import ForeignKey
from synth_sdk.schema.tables import parse_tables

LINK = {"orders": [ForeignKey("/properties/customer_id", "customer_id", "customers", "id", True)]}
keys = st.lists(st.integers(0, 12) | st.none(), max_size=40)


@given(st.lists(st.integers(0, 12), max_size=12), keys, st.data())
def test_against_the_plain_definition(parents, children, data):
    tables = {"customers": [{"id": key} for key in parents], "orders": [{"customer_id": key} for key in children]}
    told = referential_integrity(tables, LINK)["keys"][0]
    there = [key for key in children if key is not None]
    assert told["references"] == len(there)
    assert told["nulls"] == children.count(None)
    assert told["orphans"] == sum(key not in parents for key in there)
    assert told["parents"] == len(set(parents))
    assert told["parents_without_children"] == len(set(parents) - set(there))
    assert told["most_children"] == max((count for key, count in Counter(there).items() if key in parents), default=0)
    cut = data.draw(st.integers(0, len(children)))
    parts = [Integrity(LINK), Integrity(LINK)]
    parts[1].add("orders", tables["orders"][:cut])
    parts[0].add("customers", tables["customers"])
    parts[0].add("orders", pa.RecordBatch.from_pylist(tables["orders"][cut:], pa.schema([("customer_id", pa.int64())])))
    parts[1].merge(pickle.loads(pickle.dumps(parts[0])))  # noqa: S301 - our own
    assert parts[1].told()["keys"][0] == told


def test_a_set_that_the_engine_makes_is_whole():
    source = {
        "tables": {
            "customers": {"count": 50, "schema": {"id": "uuid", "name": "string"}},
            "orders": {
                "per": {"table": "customers", "min": 0, "max": 4},
                "schema": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string", "format": "uuid"},
                        "customer_id": {"x-synth": {"ref": "customers.id"}},
                    },
                    "required": ["id", "customer_id"],
                },
            },
        }
    }
    tables = parse_tables(source)
    made = {name: TableEngine(tables, name, seed=3).batch(range(40)).records() for name in ("customers", "orders")}
    told = referential_integrity(made, {one.name: one.foreign_keys for one in tables})
    assert [(link["child"], link["parent"]) for link in told["keys"]] == [("orders.customer_id", "customers.id")]
    assert told["score"] == 1.0
    assert told["keys"][0]["references"] == 40


def test_keys_within_lists():
    links = {"carts": [ForeignKey("/properties/lines/items/properties/sku", "sku", "goods", "sku", False)]}
    tables = {
        "goods": [{"sku": "a"}, {"sku": "b"}],
        "carts": pa.Table.from_pylist([{"lines": [{"sku": "a"}, {"sku": "z"}]}, {"lines": []}]),
    }
    told = referential_integrity(tables, links)
    assert told["keys"][0]["child"] == "carts.lines[].sku"
    assert (told["keys"][0]["references"], told["keys"][0]["orphans"], told["score"]) == (2, 1, 0.5)
    assert path_of("/properties/a~1b/items") == ("a/b", "[]")


def test_what_is_too_much_is_estimated_and_said_so(monkeypatch):
    monkeypatch.setattr(integrity, "Digests", lambda kept: Digests(kept=2000))
    tables = {
        "customers": pa.table({"id": range(20_000)}),
        "orders": pa.table({"customer_id": [number % 25_000 for number in range(100_000)]}).to_batches(7000),
    }
    told = referential_integrity(tables, LINK)
    link = told["keys"][0]
    assert link["estimated"]
    assert told["notes"]
    assert link["orphans"] == pytest.approx(20_000, rel=0.15)
    assert link["parents"] == pytest.approx(20_000, rel=0.07)
    assert link["parents_without_children"] == 0


def test_no_tables():
    assert referential_integrity({}, {}) == {"score": 1.0, "keys": [], "notes": []}
    assert referential_integrity({}, LINK)["score"] == 1.0

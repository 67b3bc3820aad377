"""`x-synth`: what is read, what is refused, and that code, published schema and docs say the same."""

import dataclasses
import json
import re
import timeit
from datetime import timedelta
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.errors import SchemaError
from synth_sdk.schema.annotations import (
    AGGREGATES,
    DISTRIBUTIONS,
    KEYS,
    NOTHING,
    RESERVED,
    Aggregate,
    Annotation,
    Distribution,
    FakerCall,
    Reference,
    read_annotation,
)
from synth_sdk.schema.check import check_schema
from synth_sdk.schema.derivation import derivation_order
from synth_sdk.schema.formulas import Formula, Name, Number, Operation

PUBLISHED = json.loads(files("synth_sdk.schema").joinpath("x-synth.schema.json").read_text("utf-8"))
ACCEPTS = jsonschema_rs.validator_for(PUBLISHED)


def read(annotation, **schema):
    return read_annotation({**schema, "x-synth": annotation}, "/properties/a")


@pytest.mark.parametrize(
    ("annotation", "schema", "expected"),
    [
        ({"faker": "company"}, {}, Annotation(faker=FakerCall("company"))),
        ({"faker": {"method": "bothify", "args": {"text": "##"}}}, {}, Annotation(faker=FakerCall("bothify", {"text": "##"}))),
        ({"words": ["a", 2], "weights": [3, 1]}, {}, Annotation(words=("a", 2), weights=(3.0, 1.0))),
        ({"words": ["a", "b"], "weights": {"b": 1}}, {}, Annotation(words=("a", "b"), weights=(0.0, 1.0))),
        ({"weights": [1, 2]}, {"enum": ["x", None]}, Annotation(weights=(1.0, 2.0))),
        ({"weights": {"1": 5, "null": 1}}, {"enum": [1, None]}, Annotation(weights=(5.0, 1.0))),
        ({"weights": {"gold": 1, "none": 9}}, {"type": "string"}, Annotation(words=("gold", "none"), weights=(1.0, 9.0))),
        ({"weights": {"true": 9, "false": 1}}, {"type": "boolean"}, Annotation(words=(True, False), weights=(9.0, 1.0))),
        ({"distribution": {"zipf": {}}}, {}, Annotation(distribution=Distribution("zipf", (("exponent", 1.1),)))),
        ({"distribution": {"normal": {"mean": -4, "sd": 2}}, "decimals": 1}, {"type": "number"},
         Annotation(distribution=Distribution("normal", (("mean", -4.0), ("sd", 2.0))), decimals=1)),
        ({"unique": True, "null_rate": 0.25, "edge_cases": 1}, {}, Annotation(unique=True, null_rate=0.25, edge_cases=1.0)),
        ({"from": "b.c", "within": "1.5h"}, {}, Annotation(origin=("b", "c"), within=timedelta(minutes=90))),
        ({"given": "b", "words": {"x": ["p", 1], "true": ["q"]}}, {}, Annotation(given="b", cases=(("x", ("p", 1)), ("true", ("q",))))),
        ({"every": "2s"}, {"type": "string"}, Annotation(every=timedelta(seconds=2))),
        ({"ref": "users.id"}, {}, Annotation(ref=Reference("users", "id", "zipf", 1.1))),
        ({"ref": "users.id", "popularity": "uniform"}, {}, Annotation(ref=Reference("users", "id", "uniform", 1.1))),
        ({"sum": "items.total", "decimals": 2}, {"type": "number"}, Annotation(aggregate=Aggregate("sum", "items", "total"), decimals=2)),
        ({"count": "items"}, {"type": "integer"}, Annotation(aggregate=Aggregate("count", "items"))),
        ({"min_of": "events.at"}, {"type": ["string", "null"]}, Annotation(aggregate=Aggregate("min_of", "events", "at"))),
        ({"max_of": "bids.amount"}, {}, Annotation(aggregate=Aggregate("max_of", "bids", "amount"))),
        ({"formula": "a * 2"}, {}, Annotation(formula=Formula("a * 2", Operation("*", (Name(("a",)), Number(Fraction(2))))))),
        ({"strftime": "%d.%m.%Y", "as": "date", "earliest": "2024-01-01", "latest": "2024-12-31T00:00:00Z"}, {"type": ["string", "null"]},
         Annotation(strftime="%d.%m.%Y", written_as="date", earliest="2024-01-01", latest="2024-12-31T00:00:00Z")),
        ({"reserved": "pan", "luhn": False}, {"type": "string"}, Annotation(reserved="pan", luhn=False)),
    ],
)  # fmt: skip
def test_what_is_read(annotation, schema, expected):
    assert read(annotation, **schema) == expected
    assert ACCEPTS.is_valid(annotation)
    assert hash(expected) == hash(read(annotation, **schema))


# Refused by the code; `published` tells whether the published schema alone can see it (it doesn't see the node around).
@pytest.mark.parametrize(
    ("annotation", "schema", "told", "published"),
    [
        ("company", {}, "is an object", True),
        ({"fakir": "company"}, {}, "did you mean faker", True),
        ({"faker": "no method"}, {}, "Faker method", True),
        ({"faker": {"method": "a", "arg": {}}}, {}, "args", True),
        ({"words": []}, {}, "at least one", True),
        ({"words": ["a", True]}, {}, "text or number", True),
        ({"words": ["a", "b"], "weights": [1]}, {}, "1 weights for 2 values", False),
        ({"weights": [1]}, {}, "beside words or enum", False),
        ({"weights": {"actve": 1}}, {"enum": ["active"]}, "did you mean active", False),
        ({"weights": {"a": 0}}, {}, "all weights are 0", False),
        ({"weights": {"a": -1}}, {}, "-1 is not a number of at least 0", True),
        ({"weights": 3}, {}, "weights is", True),
        ({"distribution": "normal"}, {}, "one key", True),
        ({"distribution": {"gauss": {}}}, {}, "none of uniform, normal", True),
        ({"distribution": {"normal": {"mean": 1}}}, {}, "mean and sd", True),
        ({"distribution": {"normal": {"mean": 1, "sd": 0}}}, {}, "has to be above", True),
        ({"distribution": {"zipf": {}}}, {"type": "string"}, "not for type 'string'", False),
        ({"decimals": 2.5}, {}, "whole number", True),
        ({"decimals": 2}, {"type": "integer"}, "not for type 'integer'", False),
        ({"unique": 1}, {}, "true or false", True),
        ({"null_rate": 1.01}, {}, "from 0 to 1", True),
        ({"null_rate": True}, {}, "from 0 to 1", True),
        ({"from": ""}, {}, "name of a property", True),
        ({"from": "a..b"}, {}, "empty name", True),
        ({"within": "3d"}, {}, "without 'from'", True),
        ({"given": "b"}, {}, "without 'words'", True),
        ({"given": "b", "words": ["p"]}, {}, "belong together", True),
        ({"words": {"x": ["p"]}}, {}, "belong together", True),
        ({"given": "b", "words": {"x": []}}, {}, "at least one", True),
        ({"given": "b", "words": {"x": ["p"]}, "weights": [1]}, {}, "no weights", True),
        ({"every": "often"}, {}, "30d", True),
        ({"every": "1s"}, {"type": "integer"}, "not for type 'integer'", False),
        ({"from": "a", "within": "soon"}, {}, "30d", True),
        ({"from": "a", "within": "9999999999999w"}, {}, "longer than calendars", False),
        ({"ref": "users"}, {}, "table.column", True),
        ({"ref": "a.b", "popularity": "even"}, {}, "none of uniform, zipf", True),
        ({"ref": "a.b", "popularity": "uniform", "exponent": 2}, {}, "no exponent", True),
        ({"exponent": 2}, {}, "without 'ref'", True),
        ({"edge_cases": "5%"}, {}, "from 0 to 1", True),
        ({"strftime": "Y"}, {}, "no field", True),
        ({"as": "date"}, {}, "without 'strftime'", True),
        ({"earliest": "soon"}, {}, "ISO date", True),
        ({"earliest": "2025-01-02", "latest": "2025-01-01"}, {}, "lies after", False),
        ({"faker": "city", "from": "b"}, {}, "keep one", True),
        ({"sum": "items"}, {}, "table.column", True),
        ({"count": "items.id"}, {}, "the name of a table", True),
        ({"sum": "a.b"}, {"type": "string"}, "not for type 'string'", False),
        ({"max_of": "a.b"}, {"type": "boolean"}, "not for type 'boolean'", False),
        ({"sum": "a.b", "count": "a"}, {}, "keep one", True),
        ({"sum": "a.b", "unique": True}, {}, "computes; leave it out", True),
        ({"formula": "a +"}, {}, "formula 'a +': it can't be read", False),
        ({"formula": "1 + 1"}, {}, "names no property", False),
        ({"formula": ""}, {}, "text such as", True),
        ({"formula": "a", "edge_cases": 0.1}, {}, "computes; leave it out", True),
        ({"formula": "a", "ref": "b.c"}, {}, "keep one", True),
        ({"reserved": "fone"}, {}, "none of pan", True),
        ({"reserved": "ssn"}, {"type": "integer"}, "not for type 'integer'", False),
        ({"reserved": "ssn", "every": "2s"}, {}, "keep one", True),
        ({"luhn": False}, {}, "without 'reserved'", True),
        ({"reserved": "pan", "luhn": 0}, {}, "true or false", True),
    ],
)  # fmt: skip
def test_what_is_refused(annotation, schema, told, published):
    with pytest.raises(SchemaError, match=re.escape(told)) as raised:
        read(annotation, **schema)
    assert (raised.value.pointer, raised.value.keyword) == ("/properties/a", "x-synth")
    assert "\n" not in raised.value.message
    assert ACCEPTS.is_valid(annotation) is not published


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "faker": st.sampled_from(["company", {"method": "name"}, "X", 3]),
            "words": st.lists(st.one_of(st.text(max_size=3), st.integers(), st.booleans()), max_size=3),
            "distribution": st.sampled_from(
                [{"uniform": {}}, {"poisson": {"mean": 2}}, {"poisson": {}}, {"zipf": {"exponent": -1}}, {}]
            ),
            "decimals": st.integers(-1, 17),
            "unique": st.sampled_from([True, False, None]),
            "null_rate": st.floats(-0.5, 1.5),
            "from": st.sampled_from(["a", "a.b", ".", ""]),
            "within": st.sampled_from(["3d", "3", "d"]),
            "given": st.sampled_from(["a", ""]),
            "every": st.sampled_from(["3s", "3"]),
            "ref": st.sampled_from(["a.b", "a", "a.b.c"]),
            "popularity": st.sampled_from(["uniform", "zipf", "other"]),
            "sum": st.sampled_from(["a.b", "a"]),
            "count": st.sampled_from(["a", "a.b"]),
            "min_of": st.sampled_from(["a.b", 3]),
            "max_of": st.sampled_from(["a.b", "a b.c"]),
            "formula": st.sampled_from(["a * b", "", 3]),
            "exponent": st.floats(-1, 3),
            "edge_cases": st.floats(-0.5, 1.5),
            "strftime": st.sampled_from(["%Y", "Y"]),
            "as": st.sampled_from(["date", "year"]),
            "earliest": st.sampled_from(["2024-01-01", "today"]),
            "reserved": st.sampled_from(["pan", "fone"]),
            "luhn": st.sampled_from([False, 0]),
        },
    )
)
@settings(max_examples=300)
def test_code_and_published_schema_give_the_same_verdict(annotation):
    try:
        read(annotation)
        accepted = True
    except SchemaError:
        accepted = False
    assert accepted == ACCEPTS.is_valid(annotation)


def test_a_node_without_annotation_costs_next_to_nothing():
    node = {"type": "string"}
    assert read_annotation(node) is NOTHING
    assert timeit.timeit(lambda: read_annotation(node), number=10_000) / 10_000 < 5e-6


def test_code_published_schema_and_docs_know_the_same_keys():
    page = (Path(__file__).parents[2] / "docs" / "annotations.md").read_text("utf-8")
    assert set(PUBLISHED["properties"]) == set(KEYS)
    assert set(PUBLISHED["properties"]["distribution"]["properties"]) == set(DISTRIBUTIONS)
    assert set(re.findall(r"^## `([^`]+)`", page, re.MULTILINE)) == set(KEYS)
    assert {f"`{kind}`" for kind in DISTRIBUTIONS} <= set(re.findall(r"`\w+`", page))
    assert PUBLISHED["properties"]["reserved"]["enum"] == list(RESERVED)
    assert {f"`{kind}`" for kind in RESERVED} <= set(re.findall(r"`\w+`", page))
    derived = {"cases"}  # of words by case
    renamed = {"from": "origin", "as": "written_as", "popularity": "ref", "exponent": "ref"}
    renamed |= dict.fromkeys(AGGREGATES, "aggregate")
    assert {renamed.get(key, key) for key in KEYS} == {field.name for field in dataclasses.fields(Annotation)} - derived


def test_the_schema_in_the_docs_is_in_order_and_uses_nearly_every_key():
    page = (Path(__file__).parents[2] / "docs" / "annotations.md").read_text("utf-8")
    schema = json.loads(re.search(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[1])
    assert [one for one in check_schema(schema, count=10_000) if one.level != "info"] == []
    assert {key for inner in schema["properties"].values() for key in inner["x-synth"]} == set(KEYS) - set(AGGREGATES)


def test_every_published_example_is_read():
    jsonschema_rs.meta.validate(PUBLISHED)
    for example in PUBLISHED["examples"]:
        assert read(example) != NOTHING
    for key, inner in PUBLISHED["properties"].items():
        assert "description" in inner
        for example in inner.get("examples", []):
            needed = {
                "within": {"from": "a"},
                "weights": {"words": ["a", "b", "c"]},
                "given": {"words": {"a": ["b"]}},
                "luhn": {"reserved": "pan"},
            }.get(key, {})
            read({**({} if isinstance(example, dict) else needed), key: example})


def derived(**origins):
    return {"properties": {name: {"x-synth": {"from": origin}} if origin else {} for name, origin in origins.items()}}


def test_properties_are_ordered_behind_what_they_derive_from():
    assert derivation_order(derived(a="c", b="", c="b", d="")) == ("b", "c", "a", "d")
    assert derivation_order(derived(a="", b="a")) == ("a", "b")
    assert derivation_order({"type": "object"}) == ()
    reckoned = {"total": {"x-synth": {"formula": "net + vat"}}, "vat": {"x-synth": {"formula": "net / 5"}}, "net": {}}
    assert derivation_order({"properties": reckoned}) == ("net", "vat", "total")


@pytest.mark.parametrize(("schema", "place", "told"), [
    (derived(a="a"), "/properties/a", "in a circle"),
    (derived(x="", a="b", b="c", c="a"), "", "in a circle"),
    ({"properties": {"a": {"x-synth": {"formula": "b * c"}}, "b": {}, "c": {"x-synth": {"from": "a"}}}}, "", "in a circle"),
    ({"properties": {"net": {}, "t": {"x-synth": {"formula": "nett * 2"}}}}, "/properties/t", "formula 'nett': no such property beside 't'; did you mean net"),
    (derived(name="", mail="nam"), "/properties/mail", "did you mean name"),
    ({"properties": {"at": {"properties": {"city": {}}}, "b": {"x-synth": {"from": "at.town"}}}}, "/properties/b", "city"),
])  # fmt: skip
def test_derivations_that_lead_nowhere(schema, place, told):
    with pytest.raises(SchemaError, match=told) as raised:
        derivation_order(schema)
    assert raised.value.pointer.startswith(place)

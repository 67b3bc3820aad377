"""The field list and the shorthand as the people who wrote them meant them, and what they can say beyond."""

import json

import pytest

from synth_sdk.core.errors import SchemaError
from synth_sdk.schema import parse_schema
from synth_sdk.schema.annotations import read_annotation

REQUEST = {
    "data_type": "user_profile",
    "volume": 100,
    "schema": {
        "fields": [
            {"name": "id", "type": "integer", "constraints": {"min": 1, "max": 9999, "unique": True}},
            {"name": "name", "type": "string", "constraints": {"min": 2, "max": 40, "nullable": False}},
            {"name": "born", "type": "date", "constraints": {"format": "%Y-%m-%d", "nullable": True}},
            {"name": "mail", "type": "email", "constraints": {"from": "name"}},
            {"name": "tel", "type": "phone"},
            {"name": "home", "type": "address"},
            {"name": "plan", "type": "string", "constraints": {"enum": ["free", "pro"], "weights": [9, 1], "null_rate": 0.1}},
            {"name": "nick", "type": "string", "constraints": {"required": False, "null_rate": 0.5}},
        ]
    },
    "compliance_requirements": ["GDPR"],
    "output_format": "json",
    "destination": {"type": "local", "location": "users.json"},
}


def test_a_whole_request_is_taken_for_its_schema():
    found = parse_schema(REQUEST).document
    assert found == parse_schema(REQUEST["schema"]).document
    assert list(found["properties"]) == ["id", "name", "born", "mail", "tel", "home", "plan", "nick"]
    assert found["properties"]["id"] == {"type": "integer", "minimum": 1, "maximum": 9999, "x-synth": {"unique": True}}
    assert found["properties"]["mail"] == {"type": "string", "format": "email", "x-synth": {"from": "name"}}
    assert found["properties"]["tel"]["format"] == "phone"


def test_nulls_by_rate():
    properties = parse_schema(REQUEST).document["properties"]
    assert properties["plan"]["type"] == ["string", "null"]
    assert properties["plan"]["enum"] == ["free", "pro", None]
    assert read_annotation(properties["plan"]).weights == (9.0, 1.0, 0.0)
    assert properties["nick"]["type"] == "string"  # optional: the rate is that of records without it


def test_the_shorthand_of_the_time_series_example():
    source = {
        "timestamp": "datetime",
        "temperature": {"type": "number", "min": -20, "max": 40},
        "humidity": {"type": "number", "min": 0, "max": 100},
    }
    found = parse_schema(source).document
    assert found["properties"]["timestamp"] == {"type": "string", "format": "date-time"}
    assert found["properties"]["humidity"] == {"type": "number", "minimum": 0, "maximum": 100}
    assert found["required"] == list(source)


def test_the_shorthand_takes_annotations_plain_or_wrapped():
    spread = {"normal": {"mean": 15, "sd": 6}}
    plain = parse_schema({"t": {"type": "number", "min": -20, "distribution": spread, "decimals": 1}, "id": "uuid"}).document
    wrapped = parse_schema(
        {"t": {"type": "number", "min": -20, "x-synth": {"distribution": spread, "decimals": 1}}, "id": "uuid"}
    ).document
    assert plain == wrapped
    assert plain["properties"]["t"]["x-synth"] == {"distribution": spread, "decimals": 1}


@pytest.mark.parametrize(
    "word",
    [
        "string",
        "integer",
        "date",
        "email",
        "phone",
        "address",
        "datetime",
        "number",
        "uuid",
        "float",
        "object",
        "array",
        "URL",
        "zip",
    ],
)
def test_type_words(word):
    assert parse_schema({"fields": [{"name": "x", "type": word}]}).document["properties"]["x"]["type"]


@pytest.mark.parametrize(
    ("field", "keyword", "told"),
    [
        ({"name": "a", "constraints": {"uniqe": True}}, "uniqe", "did you mean unique"),
        ({"name": "a", "constraints": {"null_rate": 2}}, "x-synth", "from 0 to 1"),
        ({"name": "a", "constraints": {"enum": ["x"], "weights": [1, 2]}}, "x-synth", "2 weights for 1 values"),
        ({"name": "a", "constraints": {"x-synth": "company"}}, "x-synth", "object"),
        ({"name": "a", "constraints": {"required": "yes"}}, "required", "true or false"),
        ({"name": "a", "type": "integer", "constraints": {"decimals": 2}}, "x-synth", "not for type"),
    ],
)
def test_refusals_say_where(field, keyword, told):
    for source, pointer in (
        ({"fields": [field]}, "/fields/0"),
        ({"data_type": "x", "schema": {"fields": [field]}}, "/schema/fields/0"),
    ):
        with pytest.raises(SchemaError, match=told) as raised:
            parse_schema(source)
        assert raised.value.keyword == keyword
        assert raised.value.pointer.startswith(pointer)


def test_a_name_is_declared_once():
    twice = json.loads(json.dumps(REQUEST))
    twice["schema"]["fields"].append({"name": "tel", "type": "string"})
    with pytest.raises(SchemaError, match="'tel' is declared twice") as raised:
        parse_schema(twice)
    assert raised.value.pointer == "/schema/fields/8"

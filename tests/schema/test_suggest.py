"""`suggest` and `improved`: what names imply, and that safe means safe."""

import copy

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.errors import SchemaError
from synth_sdk.engine import Engine
from synth_sdk.schema import parse_schema
from synth_sdk.schema.check import check_schema
from synth_sdk.schema.names import is_identifier, is_key, risk_of
from synth_sdk.schema.suggest import improved, suggest


def of(name, **schema):
    return [one for one in suggest({"type": "object", "properties": {name: schema}, "required": [name]}) if one.pointer]


def safe_keywords(name, **schema):
    found = {}
    for one in of(name, **schema):
        for change in one.changes if one.safe else ():
            found[change.path[2]] = change.value
    return found


@pytest.mark.parametrize(
    ("name", "schema", "expected"),
    [
        ("email", {"type": "string"}, {"format": "email"}),
        ("workEmail", {"type": ["string", "null"]}, {"format": "email"}),
        ("created_at", {"type": "string"}, {"format": "date-time"}),
        ("updatedAt", {"type": "string"}, {"format": "date-time"}),
        ("uuid", {"type": "string"}, {"format": "uuid", "x-synth": {"unique": True}}),
        ("website", {"type": "string"}, {"format": "uri"}),
        ("phone", {"type": "string"}, {"format": "phone"}),
        ("email", {"type": "string", "maxLength": 5}, {}),
        ("email", {"type": "string", "pattern": "@"}, {}),
        ("price", {"type": "number"}, {"minimum": 0, "x-synth": {"decimals": 2}}),
        ("price", {"type": "number", "minimum": 1, "multipleOf": 0.5}, {}),
        ("price", {"type": "number", "x-synth": {"null_rate": 0.1}}, {"minimum": 0, "x-synth": 2}),
        ("age", {"type": "integer"}, {"minimum": 0, "maximum": 130}),
        ("age", {"type": "integer", "minimum": 18}, {"maximum": 130}),
        ("age", {"type": "integer", "minimum": 1000}, {}),
        ("quantity", {"type": "integer", "maximum": -1}, {}),
        ("latitude", {"type": "number"}, {"minimum": -90, "maximum": 90}),
        ("completion_percentage", {"type": "number"}, {"minimum": 0, "maximum": 100}),
        ("rating", {"type": "number"}, {}),
        ("id", {"type": "integer"}, {"x-synth": {"unique": True}}),
        ("id", {"type": "integer", "maximum": 9}, {}),
        ("id", {"enum": [1, 2]}, {}),
        ("customer_id", {"type": "integer"}, {}),
        ("name", {"type": "string"}, {}),
    ],
)
def test_what_is_safe_to_add(name, schema, expected):
    assert safe_keywords(name, **schema) == expected


@pytest.mark.parametrize(
    ("name", "schema", "told"),
    [
        ("status", {"type": "string"}, "enum"),
        ("rating", {"type": "integer"}, "minimum 0 and maximum 5"),
        ("birthday", {"type": "string"}, "format 'date'"),
    ],
)
def test_what_a_person_has_to_decide(name, schema, told):
    (one,) = [one for one in of(name, **schema) if told in one.what]
    assert one.changes
    assert not one.safe


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("cvv", "3.3.1.2"), ("cardCvv", "3.3.1.2"), ("card_number", "3.5.1"), ("ssn", "HIPAA"), ("patientSsn", "HIPAA"), ("passport_number", "HIPAA"),
        ("date_of_birth", "HIPAA"), ("diagnosis", "GDPR Art. 9"), ("religion", "GDPR Art. 9"), ("password", "credential"), ("iban", "moved"), ("card_pin", "3.3.1.3"),
    ],
)  # fmt: skip
def test_risky_fields_are_flagged_with_the_rule(name, rule):
    (one,) = [one for one in of(name, type="string") if one.what.startswith("risky")]
    assert rule in one.why
    assert not one.changes


@pytest.mark.parametrize(
    "name", ["plan_name", "owner_type", "pin_code", "shipping", "email", "expansion", "race_result", "trackside", "healthy"]
)
def test_harmless_names_are_not(name):
    assert not [one for one in of(name, type="string") if one.what.startswith("risky")]


def test_names():
    assert is_key("ID")
    assert not is_key("customerId")
    assert is_identifier("customerId")
    assert not is_identifier("idea")
    assert risk_of("customer_email").flagged is False


TABLE = {"type": "object", "properties": {"label": {"type": "string"}, "n": {"type": "integer"}, "ok": {"type": "boolean"}}}


def test_a_table_wants_a_key_required_properties_and_widths():
    assert [(one.pointer, one.what) for one in suggest(TABLE)] == [
        ("", "add a property id"),
        ("", "add required label, n, ok"),
        ("/properties/label", "add maxLength 255"),
    ]
    keyed = {**TABLE, "properties": {"id": {"type": "integer"}, **TABLE["properties"]}}
    assert improved(keyed)["required"] == ["id"]
    assert not [one for one in suggest({**keyed, "required": ["id"]}) if one.pointer == ""]


def test_improving_leaves_the_source_alone_and_twice_is_once():
    source = {"properties": {"a/b": {"properties": {"email": {"type": "string"}}, "type": "object"}}, "type": "object"}
    before = copy.deepcopy(source)
    better = improved(source)
    assert source == before
    assert better["properties"]["a/b"]["properties"]["email"] == {"type": "string", "format": "email"}
    assert improved(better) == better
    (change,) = [change.to_dict() for one in suggest(source) if one.safe for change in one.changes]
    assert change == {"op": "add", "path": "/properties/a~1b/properties/email/format", "value": "email"}


NAMES = [
    "id",
    "email",
    "price",
    "age",
    "created_at",
    "status",
    "uuid",
    "phone",
    "quantity",
    "percent",
    "latitude",
    "url",
    "month",
    "port",
    "weight",
]
NODES = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", "integer", "number", ["string", "null"], ["number", "null"]])},
    optional={
        "minimum": st.integers(-200, 200),
        "maxLength": st.integers(1, 60),
        "title": st.just("t"),
        "x-synth": st.just({"null_rate": 0.0}),
    },
)


@given(st.dictionaries(st.sampled_from(NAMES), NODES, min_size=1, max_size=5), st.booleans())
@settings(max_examples=40, deadline=None)
def test_what_the_improved_schema_makes_is_valid_by_the_original(properties, closed):
    source = {"type": "object", "properties": properties, **({"required": list(properties)} if closed else {})}
    better = improved(source)
    assert [one for one in check_schema(better) if one.level == "error"] == []
    validator = jsonschema_rs.validator_for(source, validate_formats=True)
    for record in Engine(parse_schema(better)).batch(range(3)).records():
        validator.validate(record)


def test_the_short_dialects_are_improved_as_json_schema():
    better = improved({"fields": [{"name": "email", "type": "string"}, {"name": "price", "type": "number"}]})
    assert better["properties"]["email"]["format"] == "email"
    assert suggest(True) == []
    with pytest.raises(SchemaError):
        suggest({"type": "strin"})

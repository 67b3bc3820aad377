"""What is found in schemas before anything is made from them."""

import json
from pathlib import Path

import pytest

from synth_sdk.compliance.frameworks import FRAMEWORKS
from synth_sdk.compliance.review import review
from synth_sdk.core.errors import UnknownName
from synth_sdk.schema import load_schema

S = {"type": "string"}


def told(document, *names):
    return {(one.field, one.rule.split("/")[1].split("-")[0], one.action) for one in review(document, names or FRAMEWORKS)}


def test_fields_are_found_wherever_they_stand():
    document = {
        "$defs": {"card": {"type": "object", "properties": {"pan": S, "cvv": S}}},
        "type": "object",
        "properties": {
            "payment": {"$ref": "#/$defs/card"},
            "cards": {"type": "array", "items": {"$ref": "#/$defs/card"}},
            "either": {"anyOf": [{"type": "object", "properties": {"track2": S}}, {"type": "null"}]},
            "pins": {"type": "array", "items": {"type": "object", "properties": {"pin_block": S}}},
            "cvvs": {"type": "array", "items": S},
        },
        "allOf": [{"properties": {"card_number": S}}],
    }
    fields = {one.field for one in review(document, ["PCI-DSS"]) if one.violates}
    assert fields == {"payment.pan", "payment.cvv", "either.track2", "pins[].pin_block", "cvvs[]", "card_number"}


def test_definitions_that_refer_to_themselves_end():
    person = {"type": "object", "properties": {"email": S, "friends": {"type": "array", "items": {"$ref": "#/$defs/person"}}}}
    document = {"$defs": {"person": person}, "$ref": "#/$defs/person"}
    assert {one.field for one in review(document, ["GDPR"]) if "4-1" in one.rule} == {"email"}


def test_tables_are_named_in_the_path():
    document = {"tables": {"cards": {"count": 3, "schema": {"type": "object", "properties": {"pan": S}}}}}
    assert {one.field for one in review(document, ["PCI-DSS"])} == {"cards.pan"}


def test_a_shops_address_is_nobodys():
    shop = {
        "type": "object",
        "properties": {"sku": S, "street": S, "city": S, "zip": S, "created_at": {"type": "string", "format": "date"}},
    }
    assert review(shop, FRAMEWORKS) == []
    shop["properties"]["customer_name"] = S
    assert {"street", "city", "zip", "created_at"} <= {one.field for one in review(shop, ["HIPAA"])}


@pytest.mark.parametrize(
    ("name", "node", "action"),
    [
        ("card_number", {"type": "string", "x-synth": {"reserved": "pan"}}, "reserved"),
        ("card_number", {"enum": ["4111111111111111", "5555555555554444"]}, "reserved"),
        ("card_number", {"enum": ["4539148803436467"]}, "none"),
        ("card_number", {"type": "string", "x-synth": {"words": ["4242424242424242", "4111111111111111"]}}, "none"),
        ("card_number", {"type": "string", "x-synth": {"reserved": "masked_pan"}}, "reserved"),
        ("ssn", {"type": "integer", "minimum": 666010001, "maximum": 666020000}, "reserved"),
        ("ssn", {"type": "integer"}, "none"),
        ("email", {"type": "string", "x-synth": {"from": "full_name"}}, "derived"),
        ("age", {"type": "integer", "maximum": 90}, "generalised"),
        ("age", {"type": "integer", "maximum": 91}, "none"),
        ("dob", {"type": "string", "x-synth": {"strftime": "%Y"}}, "generalised"),
        ("dob", {"type": "string", "x-synth": {"strftime": "%m.%Y"}}, "none"),
        ("zip", {"type": "string", "x-synth": {"reserved": "zip3"}}, "generalised"),
        ("latitude", {"type": "number", "minimum": -0.5, "maximum": 0.5}, "reserved"),
        ("cvv", {"type": "string", "x-synth": {"reserved": "id"}}, "none"),
    ],
)
def test_what_the_schema_deals_with_itself(name, node, action):
    document = {
        "type": "object",
        "properties": {name: node, "full_name": {"type": "string", "x-synth": {"reserved": "full_name"}}},
    }
    actions = {one.action for one in review(document, ["HIPAA", "PCI-DSS"]) if one.field == name}
    assert actions == {action}


def test_severities_of_the_built_in_kinds():
    profile = load_schema(Path(__file__).parents[2] / "synth_sdk/generators/schemas/user_profile.yaml").document
    gdpr, hipaa = review(profile, ["GDPR"]), review(profile, ["HIPAA"])
    assert {one.severity for one in hipaa} == {"error"}
    assert {one.severity for one in gdpr} == {"info", "warning"}
    assert {one.field for one in hipaa} >= {
        "username",
        "first_name",
        "address.street",
        "address.city",
        "address.postcode",
        "birth_date",
        "age",
        "company",
    }
    assert review(profile, ["PCI-DSS"]) == []
    assert {one.field for one in hipaa}.isdisjoint(
        {"id", "plan", "balance", "address.country", "address.state", "email_verified", "job_title"}
    )


def test_whole_records():
    both = {"type": "object", "properties": {"full_name": S, "diagnosis": S, "notes": S}}
    assert {("", "25", "none"), ("notes", "5", "none"), ("", "5", "none")} <= told(both, "GDPR")


@pytest.mark.parametrize(
    "document",
    [
        True,
        False,
        {},
        {"type": "string"},
        {"properties": 3},
        {"items": [True]},
        {"$ref": "#/nowhere"},
        {"$ref": "#"},
        {"allOf": 1},
        {"properties": {"a": True}},
    ],
)
def test_usable_and_odd_schemas_raise_nothing(document):
    assert review(document, FRAMEWORKS) == []


def test_an_unknown_framework_is_refused():
    with pytest.raises(UnknownName):
        review({}, ["SOC2"])


def test_findings_can_be_written_as_json():
    (one,) = review({"properties": {"cvv": S}}, ["pci"])
    assert json.loads(json.dumps(one.to_dict()))["citation"] == "PCI DSS v4.0.1, requirement 3.3.1.2"

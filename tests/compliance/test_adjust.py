"""Schemas as records are made from them: what is generated is valid, lies in reserved ranges, and no rule is broken by it."""

import copy
import json
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk import Synth
from synth_sdk.compliance.adjust import adjust
from synth_sdk.compliance.frameworks import FRAMEWORKS
from synth_sdk.compliance.reserved import is_reserved
from synth_sdk.compliance.review import review
from synth_sdk.compliance.settled import state
from synth_sdk.compliance.walking import records
from synth_sdk.engine import Engine
from synth_sdk.schema import load_schema, parse_schema
from synth_sdk.schema.annotations import KEYWORD
from tests.compliance.labelled import labelled

S = {"type": "string"}
SCHEMAS = Path(__file__).parents[2] / "synth_sdk" / "generators" / "schemas"
KINDS = ("user_profile", "transaction", "log_event")
CHOICES = [("GDPR",), ("HIPAA",), ("PCI-DSS",), FRAMEWORKS]
LOCALES = ("en_US", "en_GB", "de_DE", "ja_JP")
# Of these the schema leaves no choice: values listed by the author, or dates written so that no year stands alone.
STUCK = {"enum", "const"}


@cache
def built_in(kind):
    return load_schema(SCHEMAS / f"{kind}.yaml").document


@cache
def batches():
    """The labelled properties, each name once, as objects of forty."""
    fields = {}
    for one in labelled():
        fields.setdefault(one.name, one.node or S)
    names = list(fields)
    return [
        {"type": "object", "properties": {name: fields[name] for name in names[at : at + 40]}, "required": names[at : at + 40]}
        for at in range(0, len(names), 40)
    ]


def values_at(record, path):
    """The values under a path of `walking` in a record."""
    found = [record]
    for step in re.findall(r"[^.\[\]]+|\[\]", path):
        found = [
            inner
            for value in found
            for inner in (value if step == "[]" else [value[step]] if isinstance(value, dict) and step in value else [])
        ]
    return [value for value in found if value is not None]


def check_generated(document, names, locale="en_US", rows=40):
    before = copy.deepcopy(document)
    adjusted, found = adjust(document, names)
    assert document == before
    assert adjust(adjusted, names)[0] == adjusted
    unresolved = {one.field for one in review(adjusted, names) if one.violates}
    assert unresolved == {one.field for one in found if one.action == "none" and one.severity == "error"}
    made = Engine(parse_schema(adjusted), locale=locale).batch(range(rows)).records()
    schema = parse_schema(adjusted)
    for record in made:
        schema.validate(record)
    check_ranges(adjusted, made, names)
    return adjusted, found, made, unresolved


def check_ranges(adjusted, made, names):
    for record in records(adjusted):
        for place, kind in record.spoken_of():
            values = [value for one in made for value in values_at(one, place.path)]
            reserved = place.hint.get("reserved")
            if reserved and reserved != "id":
                assert [value for value in values if not is_reserved(reserved, value)] == [], place.path
            if "HIPAA" in names and kind.category == "age" and values and state(place, kind) != "none":
                assert max(values) <= 90
            if "HIPAA" in names and kind.category in ("date", "birth_date") and place.hint.get("strftime"):
                assert all(re.fullmatch(r"\d{4}(-01-01(T00:00:00Z)?)?", value) for value in values)


@pytest.mark.parametrize("names", CHOICES, ids="-".join)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", LOCALES)
def test_the_built_in_kinds(kind, names, locale):
    _, _, _, unresolved = check_generated(built_in(kind), names, locale)
    assert unresolved == set()


@pytest.mark.parametrize("names", CHOICES, ids="-".join)
@pytest.mark.parametrize("at", range(len(batches())))
def test_the_labelled_properties(at, names):
    document = batches()[at]
    _, _, _, unresolved = check_generated(document, names, LOCALES[at % len(LOCALES)])
    assert all(STUCK & document["properties"][name.rstrip("[]")].keys() for name in unresolved)


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_any_mixture_of_labelled_properties(data):
    chosen = data.draw(st.lists(st.sampled_from(labelled()), min_size=1, max_size=8, unique_by=lambda one: one.name))
    properties = {one.name: one.node or S for one in chosen}
    inner = {
        "type": "object",
        "properties": properties,
        "required": data.draw(st.lists(st.sampled_from(list(properties)), unique=True)),
    }
    document = data.draw(
        st.sampled_from(
            [
                inner,
                {"type": "object", "properties": {"who": inner}},
                {"type": "object", "properties": {"all": {"type": "array", "items": inner}}},
            ]
        )
    )
    check_generated(document, data.draw(st.sampled_from(CHOICES)), data.draw(st.sampled_from(LOCALES)), rows=8)


def test_card_secrets_are_removed_with_all_that_speaks_of_them():
    document = {
        "type": "object",
        "properties": {"cvv": S, "pan": S, "copy": {"type": "string", "x-synth": {"from": "cvv"}}, "ok": {"enum": [True, False]}},
        "required": ["cvv", "pan"],
        "dependentRequired": {"pan": ["cvv"], "cvv": ["pan"]},
        "allOf": [{"required": ["cvv"]}],
    }
    adjusted, found, made, _ = check_generated(document, ["PCI-DSS"])
    assert adjusted["required"] == ["pan"]
    assert "required" not in adjusted["allOf"][0]
    assert adjusted["dependentRequired"] == {}
    assert all("cvv" not in record for record in made)
    (removed,) = [one for one in found if one.action == "removed"]
    assert (removed.field, removed.severity, removed.stage, removed.violates) == ("cvv", "error", "generation", False)


def test_addresses_are_still_made_from_the_names_beside_them():
    people = {
        "type": "object",
        "properties": {"first_name": {"enum": ["Zoe", "Ivo"]}, "email": {"type": "string", "format": "email"}},
        "required": ["first_name", "email"],
    }
    for record in check_generated(people, ["GDPR"])[2]:
        assert record["email"].startswith(record["first_name"].lower())
    profile = check_generated(built_in("user_profile"), FRAMEWORKS)[2]
    near = [record for record in profile if record["email"][0] in (record["first_name"] + record["last_name"]).lower()]
    assert len(near) == len(profile)


def test_nulls_and_uniqueness_are_kept():
    document = {
        "type": "object",
        "properties": {
            "phone": {"type": ["string", "null"], "x-synth": {"null_rate": 0.5}},
            "card_number": {"type": "string", "x-synth": {"unique": True, "faker": "credit_card_number"}},
            "email": {"type": "string", "x-synth": {"unique": True}},
        },
        "required": ["phone", "card_number", "email"],
    }
    adjusted, _, made, _ = check_generated(document, FRAMEWORKS, rows=400)
    assert adjusted["properties"]["card_number"][KEYWORD] == {"unique": True, "reserved": "pan"}
    assert 120 < sum(record["phone"] is None for record in made) < 280
    for name in ("card_number", "email"):
        assert len({record[name] for record in made}) == 400


def test_luhn_can_be_made_to_fail():
    document = {
        "type": "object",
        "properties": {"card_number": {"type": "string", "x-synth": {"reserved": "pan", "luhn": False}}},
    }
    adjusted, found = adjust(document, ["PCI-DSS"])
    assert (adjusted, found) == (document, [])


# (schema of one property, what it is called, does anything that belongs to nobody fit)
DEMANDS = [
    ("email", {"type": "string", "pattern": "@acme\\.com$"}, False),
    ("email", {"enum": ["jane@gmail.com"]}, False),
    ("ssn", {"const": "536-22-1234"}, False),
    ("ssn", {"type": "string", "pattern": r"^(?!666|000|9\d{2})\d{3}-(?!00)\d{2}-(?!0{4})\d{4}$"}, True),
    ("phone", {"type": "string", "pattern": "^0[67][0-9]{8}$"}, True),
    ("phone", {"type": "string", "maxLength": 3}, False),
    ("mrn", {"type": "string", "pattern": "^MR[0-9]{6}$"}, True),
    ("age", {"type": "integer", "minimum": 95}, False),
    ("dob", {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}, True),
    ("dob", {"type": "string", "pattern": r"^\d{4}-12-\d{2}$"}, False),
    ("dob", {"type": "integer"}, False),
    ("mrn", {"type": "integer", "minimum": 10**8}, False),
    ("zip", {"type": "integer"}, True),
    ("card_number", {"type": "integer"}, True),
    ("phone", {"type": "integer"}, True),
    ("latitude", {"type": "number", "minimum": 40, "maximum": 41}, False),
    ("pan", {"oneOf": [{"type": "string", "pattern": "^[0-9]{16}$"}, {"type": "integer"}]}, True),
]


@pytest.mark.parametrize(("name", "node", "fits"), DEMANDS)
def test_what_a_schema_demands_is_kept(name, node, fits):
    document = {
        "type": "object",
        "properties": {name: node, "patient_id": {"type": "string", "x-synth": {"reserved": "id"}}},
        "required": [name],
    }
    adjusted, found, made, unresolved = check_generated(document, ["HIPAA"], rows=60)
    original = parse_schema(document)
    for record in made:
        original.validate(record)
    assert unresolved == (set() if fits else {name})
    if not fits:
        assert adjusted["properties"][name] == node
        assert [one.action for one in found if one.field == name] == ["none"]


def test_a_shared_definition_is_changed_for_one_property_only():
    document = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"text": {"type": "string", "maxLength": 30, "x-synth": {"faker": "word"}}},
        "type": "object",
        "properties": {"phone": {"$ref": "#/definitions/text"}, "label": {"$ref": "#/definitions/text"}},
        "required": ["phone", "label"],
    }
    adjusted, _, made, _ = check_generated(document, ["GDPR"])
    assert adjusted["definitions"] == document["definitions"]
    assert all("555-01" in record["phone"] and "555" not in record["label"] for record in made)


def test_annotations_of_alternatives_do_not_win():
    document = {
        "type": "object",
        "properties": {"email": {"anyOf": [{"type": "string", "x-synth": {"faker": "company_email"}}, {"type": "null"}]}},
        "required": ["email"],
    }
    assert any(record["email"] for record in check_generated(document, ["GDPR"])[2])


def test_three_digits_of_a_postcode_are_coarse_and_not_said_to_be_nobodys():
    for declared in (S, {"type": "integer"}):
        document = {"type": "object", "properties": {"ssn": S, "zip": declared}, "required": ["ssn", "zip"]}
        told = {finding.field: finding for finding in adjust(document, ["HIPAA"])[1]}
        assert (told["zip"].action, told["ssn"].action) == ("generalised", "reserved")
        assert "coarse" in told["zip"].message


def test_zip_codes_keep_three_digits_or_none():
    document = {"type": "object", "properties": {"ssn": S, "zip": S}, "required": ["ssn", "zip"]}
    codes = {record["zip"] for record in check_generated(document, ["HIPAA"], rows=4000)[2]}
    assert all(re.fullmatch(r"\d{3}00", code) for code in codes)
    assert "00000" in codes
    assert codes.isdisjoint({"03600", "05900", "10200", "89300"})


def test_sets_of_tables():
    document = {
        "tables": {
            "cards": {
                "count": 6,
                "schema": {
                    "type": "object",
                    "properties": {"id": {"type": "integer"}, "pan": S, "cvv": S, "holder_name": S},
                    "required": ["id", "pan", "cvv", "holder_name"],
                },
            },
            "payments": {
                "per": {"table": "cards", "min": 1, "max": 3},
                "schema": {
                    "type": "object",
                    "properties": {
                        "card_pan": {KEYWORD: {"ref": "cards.pan"}},
                        "code": {KEYWORD: {"ref": "cards.cvv"}},
                        "phone": S,
                    },
                    "required": ["card_pan", "code", "phone"],
                },
            },
        }
    }
    before = json.dumps(document)
    adjusted, found = adjust(document, FRAMEWORKS)
    assert json.dumps(document) == before
    assert adjust(adjusted, FRAMEWORKS)[0] == adjusted
    assert [one for one in review(adjusted, FRAMEWORKS) if one.violates] == []
    tables = Synth().generate("json", schema=adjusted, seed=3).tables
    pans = {row["pan"] for row in tables["cards"]}
    assert all(is_reserved("pan", pan) for pan in pans)
    assert all(
        row.keys() == {"card_pan", "phone"} and row["card_pan"] in pans and is_reserved("phone", row["phone"])
        for row in tables["payments"]
    )
    assert ("cards.cvv", "removed") in {(one.field, one.action) for one in found}


def test_what_was_done_stands_under_every_rule_that_speaks_of_it():
    _, found = adjust({"type": "object", "properties": {"ssn": S, "religion": S}}, FRAMEWORKS)
    actions = {(one.rule, one.action) for one in found}
    assert {
        ("hipaa/safe-harbor-G-ssn", "reserved"),
        ("gdpr/4-1-personal-data", "reserved"),
        ("gdpr/9-1-religion", "synthetic"),
    } <= actions
    assert all(one.stage == "generation" for one in found)


@pytest.mark.parametrize(
    "document", [True, {}, {"type": "string"}, {"$ref": "#/nowhere"}, {"properties": {"cvv": True}, "required": ["cvv"]}]
)
def test_odd_schemas(document):
    assert adjust(document, FRAMEWORKS)[0] == document


def test_a_list_of_secrets_is_removed_as_a_whole():
    document = {"type": "object", "properties": {"cvvs": {"type": "array", "items": S}, "id": S}, "required": ["cvvs", "id"]}
    adjusted, found, _, _ = check_generated(document, ["PCI-DSS"])
    assert adjusted["properties"].keys() == {"id"}
    assert [(one.field, one.action) for one in found] == [("cvvs[]", "removed")]


def test_what_branches_leave_open_is_found():
    settled = {"type": "string", "x-synth": {"reserved": "pan"}}
    document = {"type": "object", "anyOf": [{"properties": {"pan": settled}}, {"properties": {"pan": S}}]}
    assert {one.action for one in review(document, ["PCI-DSS"])} == {"none"}
    assert {one.action for one in review(adjust(document, ["PCI-DSS"])[0], ["PCI-DSS"])} == {"reserved"}


def test_schemas_that_refer_to_themselves_from_every_side_end():
    around = [{"$ref": "#"}] * 8
    hostile = {"anyOf": [*around, {"allOf": around}], "properties": {"cvv": {"$ref": "#"}, "a": {"$ref": "#/properties/a"}}}
    assert adjust(hostile, FRAMEWORKS)[0]["properties"] == {"a": {"$ref": "#/properties/a"}}

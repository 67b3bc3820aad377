"""Keywords that combine: every record obeys them, and both sides of a choice occur."""

import jsonschema
import pytest

from synth_sdk.engine import Engine
from synth_sdk.engine.constraints.textrules import TextRules
from synth_sdk.engine.rows.engine import RowEngine
from synth_sdk.engine.rows.strings import SURE_FORMATS
from synth_sdk.schema import parse_schema
from tests.engine.support import is_valid

CAT_OR_DOG = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["cat", "dog"]},
        "lives": {"type": "integer"},
        "tricks": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["kind"],
    "if": {"properties": {"kind": {"const": "cat"}}},
    "then": {"required": ["lives"]},
    "else": {"required": ["tricks"], "properties": {"lives": False}},
}
DOCUMENTS = [
    CAT_OR_DOG,
    {"not": {"type": ["string", "null"]}},
    {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "not": {"required": ["a", "b"]}},
    {"type": "integer", "minimum": 0, "maximum": 3, "not": {"const": 2}},
    {"oneOf": [{"type": "integer", "multipleOf": 3}, {"type": "integer", "multipleOf": 5}]},
    {
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
    },
    {
        "type": "object",
        "properties": {"a": {}, "b": {"type": "integer"}, "c": {"type": "integer"}},
        "dependentRequired": {"a": ["b"], "b": ["c"]},
    },
    {
        "type": "object",
        "properties": {"card": {"type": "string"}, "address": {"type": "string"}},
        "dependentSchemas": {"card": {"required": ["address"], "properties": {"address": {"minLength": 60}}}},
    },
    {
        "type": "object",
        "not": {"patternProperties": {"^x": {"type": "string"}}},
        "allOf": [{"not": {"propertyNames": {"not": {"pattern": "z$"}}}}],
    },
    {"type": "object", "not": {"properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "integer"}}},
    {"type": "array", "not": {"contains": {"type": "string"}}, "minItems": 1},
    {"oneOf": [{"required": [name], "properties": {name: {"type": "integer"}}, "type": "object"} for name in "abc"]},
    {"oneOf": [{"type": "string", "format": "ipv4"}, {"type": "string", "pattern": "^[a-f]+$"}]},
    {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False, "minItems": 2},
    {
        "type": "array",
        "items": {"type": "integer"},
        "contains": {"minimum": 2000},
        "minContains": 2,
        "maxContains": 3,
        "minItems": 5,
    },
    {"type": "object", "patternProperties": {"^x-": {"type": "integer"}}, "additionalProperties": False, "minProperties": 2},
    {
        "type": "object",
        "propertyNames": {"pattern": "^[A-Z]{2}$"},
        "additionalProperties": {"type": "number"},
        "minProperties": 3,
    },
    {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"properties": {"b": {"type": "string"}}},
        ],
        "unevaluatedProperties": False,
    },
    {"allOf": [{"minimum": 3, "type": "integer"}, {"maximum": 9}, {"exclusiveMaximum": 9}, {"not": {"enum": [4, 5]}}]},
    {"type": "object", "minProperties": 4, "maxProperties": 4},
    {"anyOf": [{"type": "string", "maxLength": 4}, {"type": "null"}], "not": {"const": ""}},
    {"type": "string", "allOf": [{"pattern": "^[a-z]+$"}, {"pattern": "a"}], "minLength": 5, "maxLength": 8},
    {"type": ["object", "array"], "properties": {"a": {"const": 1}}, "required": ["a"], "items": {"type": "null"}},
    {
        "$defs": {"x/y": {"$anchor": "here", "type": "integer"}},
        "type": "array",
        "items": {"anyOf": [{"$ref": "#here"}, {"$ref": "#/$defs/x~1y"}]},
    },
]


@pytest.mark.parametrize(
    "document", [{"contains": False}, {"required": ["a"], "properties": {"a": False}}, {"minItems": 2, "items": False}]
)
def test_keywords_bind_their_own_type_only(document):
    assert is_valid(Engine(parse_schema(document)).record(0), document)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_records_obey(document):
    engine = RowEngine(parse_schema(document), 4)
    records = [engine.record(index) for index in range(25)]
    for record in records:
        assert is_valid(record, document), record
    if "minProperties" not in document:
        assert len({repr(record) for record in records}) > 1


@pytest.mark.parametrize(
    ("validator", "document"),
    [
        (jsonschema.Draft4Validator, {"type": "integer", "minimum": 5, "exclusiveMinimum": True, "maximum": 7}),
        (
            jsonschema.Draft7Validator,
            {"type": "array", "items": [{"type": "string"}], "additionalItems": {"type": "integer"}, "minItems": 3},
        ),
        (
            jsonschema.Draft7Validator,
            {"type": "object", "properties": {"a": {"type": "string"}}, "dependencies": {"a": ["b"]}, "required": ["a"]},
        ),
        (
            jsonschema.Draft7Validator,
            {"definitions": {"n": {"type": "integer"}}, "items": {"$ref": "#/definitions/n", "type": "string"}, "type": "array"},
        ),
    ],
)
def test_older_drafts(validator, document):
    declared = {"$schema": validator.META_SCHEMA.get("$schema"), **document}
    engine = Engine(parse_schema(declared))
    for index in range(20):
        assert validator(document).is_valid(engine.record(index))


def test_both_sides_of_a_condition_occur():
    engine = Engine(parse_schema(CAT_OR_DOG), 2)
    assert {engine.record(index)["kind"] for index in range(40)} == {"cat", "dog"}


def test_every_branch_of_a_union_occurs():
    engine = Engine(parse_schema({"oneOf": [{"const": number} for number in range(12)]}), 2)
    assert {engine.record(index) for index in range(200)} == set(range(12))


def test_every_listed_value_occurs():
    engine = Engine(parse_schema({"enum": ["a", "b", "c", "d"]}), 2)
    assert {engine.record(index) for index in range(60)} == {"a", "b", "c", "d"}


@pytest.mark.parametrize("name", sorted(SURE_FORMATS))
@pytest.mark.parametrize("field", ["value", "email", "birth_date", "updatedAt"])
def test_formats_that_need_no_judge_please_both(name, field):
    document = {"type": "object", "properties": {field: {"type": "string", "format": name}}, "required": [field]}
    rules = TextRules("2020-12")
    for locale in ("en_US", "ja_JP"):
        engine = RowEngine(parse_schema(document), seed=5, locale=locale)
        assert all(rules.has_format(engine.record(row)[field], name) for row in range(60))


@pytest.mark.parametrize(
    ("reference", "definitions"),
    [
        ("#/$defs/a~1b", {"a/b": {"const": 7}}),
        ("#/$defs/a~0b", {"a~b": {"const": 7}}),
        ("#/$defs/50%25", {"50%": {"const": 7}}),
        ("#/$defs/list/prefixItems/1", {"list": {"prefixItems": [{"const": 1}, {"const": 7}]}}),
        ("#seven", {"x": {"$anchor": "seven", "const": 7}}),
        ("inner#/$defs/y", {"x": {"$id": "inner", "$defs": {"y": {"const": 7}}}}),
    ],
)
def test_references_of_every_kind_are_followed(reference, definitions):
    document = {"properties": {"p": {"$ref": reference}}, "required": ["p"], "type": "object", "$defs": definitions}
    assert RowEngine(parse_schema(document)).record(0)["p"] == 7


@pytest.mark.parametrize("name", ["object", "easy", "likely", "text", "number", "integer number"])
def test_no_name_of_a_property_is_special(name):
    document = {
        "type": "object",
        "properties": {name: {"type": ["string", "number", "object", "null"], "minimum": 3, "minLength": 2}},
        "required": [name],
    }
    engine = RowEngine(parse_schema(document), seed=1)
    records = [engine.record(row) for row in range(40)]
    assert all(is_valid(record, document) for record in records)
    assert {type(record[name]) for record in records} >= {str, dict}

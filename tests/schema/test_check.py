"""`check_schema`: every doubt, where it is, and nothing about schemas that are in order."""

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.schema.check import check_schema


def told(source, count=None):
    return [(one.level, one.pointer, one.keyword) for one in check_schema(source, count)]


def prop(**schema):
    return {"type": "object", "properties": {"a": schema}}


A = "/properties/a"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (prop(type="integer", minimum=10, maximum=5), ("error", A, "minimum")),
        (prop(type="number", minimum=5, exclusiveMaximum=5), ("error", A, "minimum")),
        (prop(type="integer", exclusiveMinimum=1, exclusiveMaximum=2), ("error", A, "exclusiveMinimum")),
        (prop(type="integer", minimum=11, maximum=19, multipleOf=10), ("error", A, "minimum")),
        (prop(type="string", minLength=9, maxLength=3), ("error", A, "minLength")),
        (prop(type="array", minItems=2, maxItems=1), ("error", A, "minItems")),
        (prop(type="object", minProperties=2, maxProperties=1), ("error", A, "minProperties")),
        (prop(minimum=10, maximum=5), ("warning", A, "minimum")),
        (prop(type="integer", enum=["a", "b"]), ("error", A, "enum")),
        (prop(type="integer", enum=[1, "b"]), ("warning", A, "enum")),
        (prop(enum=["a", "b", "a"]), ("warning", A, "enum")),
        (prop(const=3, enum=[1, 2]), ("error", A, "const")),
        (prop(type="string", const=3), ("error", A, "const")),
        (prop(allOf=[{"type": "string"}, {"type": "integer"}]), ("error", A, "allOf")),
        (prop(allOf=[{"minimum": 5}, {"maximum": 3}], type="number"), ("error", A, "minimum")),
        (prop(allOf=[{"enum": [1, 2]}, {"const": 3}]), ("error", A, "allOf")),
        ({"$defs": {"low": {"type": "integer", "maximum": 3}}, "properties": {"a": {"$ref": "#/$defs/low", "minimum": 5}}}, ("error", A, "minimum")),
        ({"type": "object", "properties": {"a": False}, "required": ["a"]}, ("error", "", "required")),
        ({"type": "object", "properties": {"a": {}}, "required": ["b"], "additionalProperties": False}, ("error", "", "required")),
        ({"type": "object", "properties": {"a": {}}, "required": ["b"]}, ("warning", "", "required")),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": False, "minProperties": 2}, ("error", "", "required")),
        ({"type": "object", "required": ["a", "b"], "maxProperties": 1}, ("error", "", "required")),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": False, "allOf": [{"properties": {"b": {}}}]}, ("warning", "", "additionalProperties")),
        ({"type": "object", "additionalProperties": False, "allOf": [{"properties": {"b": {}}, "required": ["b"]}]}, ("error", "", "additionalProperties")),
        (prop(type="array", prefixItems=[{}], items=False, minItems=2), ("error", A, "minItems")),
        (prop(type="array", items={"enum": [1, 2]}, uniqueItems=True, minItems=3), ("error", A, "uniqueItems")),
        (prop(**{"$ref": "https://example.com/other.json"}), ("error", A, "$ref")),
        (prop(**{"$ref": "#/$defs/none"}), ("error", A, "$ref")),
        (prop(type="strin"), ("error", A, "type")),
        (prop(minimum="3"), ("error", A, "minimum")),
        (prop(pattern="(?<=a"), ("error", A, "pattern")),
        ({"properties": {"type": {"minLength": -1}}}, ("error", "/properties/type", "minLength")),
        ({"properties": {"a": "string", "b": {}}, "type": "object"}, ("error", A, "")),
        ({"type": "object", "required": "a"}, ("error", "", "required")),
        ({"$schema": "https://json-schema.org/draft/2020-12/schema", **prop(type="number", minimum=1, exclusiveMinimum=True)}, ("error", A, "exclusiveMinimum")),
        (prop(type="number", minimum=1, exclusiveMinimum=True), ("warning", A, "exclusiveMinimum")),
        ({"$schema": "https://json-schema.org/draft/2021/schema"}, ("warning", "", "$schema")),
        (prop(type="string", maxlength=3), ("warning", A, "maxlength")),
        (prop(type="string", additional_properties=3), ("warning", A, "additional_properties")),
        (prop(type="integer", minLength=3), ("warning", A, "minLength")),
        (prop(minLength=3), ("info", A, "type")),
        (prop(then={"minimum": 1}), ("warning", A, "then")),
        (prop(type="string", format="emial"), ("warning", A, "format")),
        (prop(type="string", format="date_time"), ("warning", A, "format")),
        (prop(type="string", format="house-style"), ("info", A, "format")),
        (prop(type="string", nullable=True), ("warning", A, "nullable")),
        (prop(type="integer", default="many"), ("warning", A, "default")),
        (prop(type="integer", examples=[1, 1.5]), ("warning", A, "examples")),
        (prop(type="string", example=1), ("warning", A, "example")),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"d": {}}, "properties": {"a": {"$ref": "#/definitions/d", "type": "string"}}},
         ("warning", A, "$ref")),
        (prop(**{"x-synth": {"fakir": "name"}}), ("error", A, "x-synth")),
        (prop(**{"x-synth": {"from": "b"}}), ("error", A, "x-synth")),
        (prop(type="string", maxLength=3, **{"x-synth": {"words": ["long word"]}}), ("warning", A, "x-synth")),
        ({"type": "object", "properties": {"a": {"type": "string", "x-synth": {"null_rate": 0.5}}}, "required": ["a"]}, ("error", A, "x-synth")),
        (prop(type="boolean", **{"x-synth": {"unique": True}}), ("info", A, "x-synth")),
        (False, ("error", "", "false")),
        (True, ("info", "", "true")),
        ([], ("error", "", "")),
        ({"fields": [{"name": "a", "type": "strng"}]}, ("error", "/fields/0", "type")),
        ({1: "a"}, ("error", "", "")),
    ],
)  # fmt: skip
def test_one_doubt(source, expected):
    found = told(source)
    assert expected in found
    assert {level for level, *_ in found} <= {expected[0], "info", "warning"}
    assert all("\n" not in str(one) and one.message for one in check_schema(source))


@pytest.mark.parametrize(("schema", "values"), [
    ({"type": "integer", "minimum": 1, "maximum": 50}, 50),
    ({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 100, "multipleOf": 10}, 9),
    ({"type": "number", "minimum": 0, "maximum": 1, "x-synth": {"decimals": 1}}, 11),
    ({"enum": ["a", "b"]}, 2),
    ({"type": "boolean"}, 2),
    ({"x-synth": {"words": ["a", "b", "c"]}}, 3),
])  # fmt: skip
def test_a_unique_field_needs_as_many_values_as_records(schema, values):
    source = prop(**{**schema, "x-synth": {**schema.get("x-synth", {}), "unique": True}})
    assert ("error", A, "x-synth") not in told(source, values)
    assert ("error", A, "x-synth") in told(source, values + 1)


def test_contradictions_in_one_branch_are_warnings_and_beneath_not_they_are_meant():
    broken = {"type": "integer", "minimum": 2, "maximum": 1}
    assert told({"anyOf": [broken, {"type": "string"}]}) == [("warning", "/anyOf/0", "minimum")]
    assert told({"type": "string", "not": broken}) == []


def test_all_findings_are_told_in_the_order_of_pointers():
    source = {
        "type": "object",
        "properties": {"b": {"type": "integer", "minimum": 2, "maximum": 1}, "a": {"type": "strin"}, "c": {"$ref": "#/none"}},
        "required": ["z"],
    }
    found = check_schema(source)
    assert [one.pointer for one in found] == ["", "/properties/a", "/properties/b", "/properties/c"]
    assert str(found[2]) == "error   /properties/b  minimum: unsatisfiable: 2 is above maximum 1; swap or widen them"


@pytest.mark.parametrize(
    "source",
    [
        {"type": "object", "properties": {"id": {"type": "integer", "minimum": 1, "maximum": 1}}, "required": ["id"], "x-vendor": 1, "faker": "name"},
        {"$ref": "#/$defs/tree", "$defs": {"tree": {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}}}},
        {"type": ["string", "null"], "enum": ["a", None], "default": None},
        {"type": "object", "properties": {"kind": {"type": "string"}, "size": {"type": "number"}}, "allOf": [{"if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["size"]}}]},
        {"type": "object", "patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": False, "required": ["x-a"]},
        {"type": "object", "properties": {"forbidden": False}},
        {"timestamp": "datetime", "temperature": {"type": "number", "min": -20, "max": 40}},
        jsonschema.Draft7Validator.META_SCHEMA,
        jsonschema.Draft4Validator.META_SCHEMA,
    ],
)  # fmt: skip
def test_nothing_is_said_of_schemas_in_order(source):
    assert [one for one in told(source) if one[0] != "info"] == []


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["string", "#/properties/a", "#", "date", "^a+$"])),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from(["type", "properties", "items", "allOf", "enum", "const", "minimum", "maximum", "required", "$ref", "x-synth", "from", "a", "format",
                                 "pattern", "additionalProperties", "minItems", "default", "$id", "$defs", "unique", "weights"]),
                inner, max_size=5,
            ),
        ),
        max_leaves=12,
    )
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_whatever_is_written_is_judged_and_never_a_crash(source):
    found = check_schema(source)
    assert found == sorted(found, key=lambda one: one.order)


def test_hostile_documents_are_judged_in_time():
    deep = {}
    for _ in range(5000):
        deep = {"properties": {"a": deep}}
    assert told(deep)[0][0] == "error"
    hostile = prop(type="string", pattern="^(a+)+$", examples=["a" * 2000 + "!"], enum=[f"v{n}" for n in range(150)])
    assert ("error", A, "enum") in told(hostile)

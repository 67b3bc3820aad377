"""The schema that Claude is sent: within its grammar, and never stronger than what was asked for."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from synth_sdk.core.envelope import wrap
from synth_sdk.providers.grammar import reduced
from tests.support.sample_content import sample

leaves = st.sampled_from(
    [
        {"type": "string", "minLength": 2, "maxLength": 300},
        {"type": "string", "format": "uuid"},
        {"type": "string", "format": "regex"},
        {"type": "integer", "minimum": 3, "maximum": 9},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        {"enum": ["a", 1, None]},
        {"const": 7},
        {"type": ["boolean", "null"]},
        {"$ref": "#/$defs/Shared"},
    ]
)
schemas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda part, n: {"type": "array", "items": part, "minItems": n, "maxItems": n + 2}, inner, st.integers(0, 3)),
        st.builds(
            lambda a, b: {"type": "object", "properties": {"a": a, "b": b}, "required": ["a"], "maxProperties": 2}, inner, inner
        ),
        st.builds(lambda a, b: {"oneOf": [a, {"type": "null"}], "description": b}, inner, st.text(max_size=5)),
    ),
    max_leaves=6,
)
SHARED = {"$defs": {"Shared": {"type": "object", "properties": {"x": {"type": "integer", "minimum": 1}}, "required": ["x"]}}}


@settings(deadline=None)
@given(schemas, st.integers(0, 99))
def test_law_what_satisfies_the_original_satisfies_the_reduced(schema, seed):
    document = wrap({**schema, **SHARED}, 2)
    weaker = reduced(document)
    value = sample(document, random.Random(seed))
    if Draft202012Validator(document).is_valid(value):
        Draft202012Validator(weaker).validate(value)
    assert not {f'"{bound}":' for bound in ("minItems", "maxItems", "minimum", "maxLength", "oneOf", "maxProperties")} & set(
        json.dumps(weaker).replace(": ", ":").replace(":", ": ").split()
    )


def test_what_was_dropped_is_told():
    told = reduced({"type": "array", "items": {"type": "string", "description": "a name", "maxLength": 9}, "minItems": 4})
    assert told == {
        "type": "array",
        "items": {"type": "string", "description": "a name (maxLength 9)"},
        "description": "minItems 4",
    }


def test_a_property_may_be_called_like_a_bound():
    schema = {
        "type": "object",
        "properties": {"minimum": {"type": "integer"}, "items": {"type": "string"}},
        "required": ["minimum"],
    }
    assert reduced(schema) == schema


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"type": "object", "properties": {"a": {"type": "object", "additionalProperties": True}}},
        {"type": "object", "properties": {"a": {}}},
        {"type": "object", "properties": {}, "patternProperties": {"^x": {"type": "string"}}},
        {"type": "array", "items": {"$ref": "#/$defs/A"}, "$defs": {"A": {"type": "array", "items": {"$ref": "#/$defs/A"}}}},
        {
            "$ref": "#/$defs/A",
            "$defs": {"A": {"anyOf": [{"$ref": "#/$defs/B"}]}, "B": {"type": "array", "items": {"$ref": "#/$defs/A"}}},
        },
        {"$ref": "https://elsewhere.example/schema.json"},
    ],
)
def test_what_cannot_be_said_soundly_is_not_sent(schema):
    assert reduced(schema) is None


def test_a_definition_used_twice_is_no_recursion():
    schema = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/S"}, "b": {"$ref": "#/$defs/S"}},
        "$defs": {"S": {"type": "string"}},
    }
    assert reduced(schema) == schema

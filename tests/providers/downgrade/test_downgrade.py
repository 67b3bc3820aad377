"""What becomes of each part of a schema, and the law that nothing valid is lost."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from synth_sdk.providers.downgrade import TARGETS, downgrade, reduce_for
from synth_sdk.providers.downgrade.targets import CLAUDE, GEMINI, LOCAL, OPENAI, TOOL, target_of
from synth_sdk.router.catalogue import load_catalogue
from tests.providers.downgrade.support import accepted, breaches
from tests.support.sample_content import sample

each_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)

leaves = st.sampled_from(
    [
        True,
        {"type": "string", "minLength": 2, "maxLength": 300},
        {"type": "string", "format": "uuid"},
        {"type": ["string", "null"], "pattern": "^(?=a)"},
        {"type": "integer", "minimum": 3, "maximum": 9},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        {"enum": ["a", 1, None, True]},
        {"enum": [{"x": 1}, [2], "b"]},
        {"const": 7},
        {"type": ["boolean", "null"]},
        {"type": "object"},
        {"type": "object", "additionalProperties": {"type": "integer"}},
        {"$ref": "#/$defs/Shared"},
        {"$ref": "#/$defs/Tree"},
        {"minimum": 3},
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "minItems": 2, "maxItems": 2},
    ]
)
names = st.sampled_from(["a", "b", "minimum", "items"])
schemas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda part, n: {"type": "array", "items": part, "minItems": n, "maxItems": n + 2}, inner, st.integers(0, 3)),
        st.builds(
            lambda parts, needed, shut: {
                "type": "object",
                "properties": parts,
                "required": sorted(parts)[:needed],
                **({"additionalProperties": False} if shut else {}),
            },
            st.dictionaries(names, inner, min_size=1, max_size=3),
            st.integers(0, 2),
            st.booleans(),
        ),
        st.builds(lambda a, b: {"anyOf": [a, b], "description": "one of two"}, inner, inner),
        st.builds(lambda a: {"oneOf": [a, {"type": "null"}]}, inner),
        st.builds(
            lambda a, b: {"allOf": [{} if a is True else a, {"description": "and"}], "not": {"const": b}},
            inner,
            st.text(max_size=3),
        ),
        st.builds(lambda a: {"type": "object", "properties": {"p": a}, "patternProperties": {"^x": a}, "required": ["q"]}, inner),
        st.builds(
            lambda a, b: {"type": "object", "properties": {"k": a}, "if": {"required": ["k"]}, "then": {"properties": {"t": b}}},
            inner,
            inner,
        ),
    ),
    max_leaves=6,
)
SHARED = {
    "$defs": {
        "Shared": {"type": "object", "properties": {"x": {"type": "integer", "minimum": 1}}, "required": ["x"]},
        "Tree": {
            "type": "object",
            "properties": {
                "leaf": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}, "maxItems": 1},
            },
            "required": ["leaf"],
        },
    }
}


def whole(schema):
    return {"allOf": [{} if schema is True else schema], **SHARED}


def _denies(schema):
    """It may forbid the null that says that a property is left out; then the validation of the reply finds it."""
    return any(keyword in str(schema) for keyword in ("'not'", "'oneOf'"))


@settings(max_examples=60, deadline=None)
@given(schemas, st.integers(0, 99))
def test_law_what_satisfies_the_original_satisfies_the_reduced(schema, seed):
    document = whole(schema)
    try:
        value = sample(document, random.Random(seed))
    except RecursionError:
        return
    if not Draft202012Validator(document).is_valid(value):
        return
    for target in TARGETS:
        reduced = reduce_for(target, document)
        if reduced.schema is not None:
            lowered = reduced.lower(value)
            assert accepted(reduced.schema, lowered)
            assert breaches(reduced.schema, target) == []
            assert accepted(document, reduced.lift(lowered)) or _denies(schema)


@each_target
def test_the_envelope_holds_so_many_records(target):
    reduced = reduce_for(target, {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]})
    envelope = reduced.envelope(3)
    assert accepted(envelope, {"items": [{"a": "x"}, {"a": "y"}, {"a": "z"}]})
    assert "3" in str(envelope["properties"]["items"])
    assert "$defs" not in envelope
    assert breaches(envelope, target) == []


def test_an_optional_property_is_null_when_left_out_and_comes_back_left_out():
    reduced = reduce_for(
        OPENAI, {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]}
    )
    assert reduced.schema["required"] == ["a", "b"]
    assert reduced.schema["properties"]["b"]["type"] == ["integer", "null"]
    assert reduced.lower({"a": "x"}) == {"a": "x", "b": None}
    assert reduced.lift({"a": "x", "b": None}) == {"a": "x"}
    assert reduced.lift({"a": "x", "b": 3}) == {"a": "x", "b": 3}


def test_null_stays_where_the_original_allows_it():
    reduced = reduce_for(OPENAI, {"type": "object", "properties": {"b": {"type": ["integer", "null"]}}})
    assert reduced.lift({"b": None}) == {"b": None}


@pytest.mark.parametrize("target", [OPENAI, CLAUDE], ids=lambda target: target.name)
def test_maps_become_pairs_and_free_values_become_json_text(target):
    schema = {
        "type": "object",
        "properties": {"scores": {"type": "object", "additionalProperties": {"type": "number"}}, "extra": {"type": "object"}},
        "required": ["scores", "extra"],
    }
    value = {"scores": {"a": 1, "b": 2.5}, "extra": {"x": [1, None]}}
    reduced = reduce_for(target, schema)
    lowered = reduced.lower(value)
    assert lowered["scores"] == [{"key": "a", "value": 1}, {"key": "b", "value": 2.5}]
    assert lowered["extra"] == '{"x": [1, null]}'
    assert accepted(reduced.schema, lowered)
    assert reduced.lift(lowered) == value


def test_declared_and_free_keys_stand_side_by_side():
    schema = {
        "type": "object",
        "properties": {"id": {"type": "string"}},
        "required": ["id"],
        "additionalProperties": {"type": "integer"},
    }
    reduced = reduce_for(OPENAI, schema)
    lowered = reduced.lower({"id": "x", "n": 4})
    assert accepted(reduced.schema, lowered)
    assert reduced.lift(lowered) == {"id": "x", "n": 4}


@pytest.mark.parametrize("broken", [None, 3, "not json", [], {"a": "{"}, {"scores": [{"key": "a"}]}, {"a": None, "z": 1}])
def test_lifting_never_fails_on_what_it_does_not_understand(broken):
    schema = {
        "type": "object",
        "properties": {"scores": {"type": "object", "additionalProperties": {"type": "number"}}, "a": True},
    }
    reduce_for(OPENAI, schema).lift(broken)
    reduce_for(CLAUDE, {"type": "array", "items": True}).lift(broken)


def test_branches_of_a_union_are_told_apart_when_they_come_back():
    schema = {
        "anyOf": [
            {"type": "object", "properties": {"kind": {"const": "a"}, "note": {"type": "string"}}, "required": ["kind"]},
            {"type": "object", "properties": {"kind": {"const": "b"}, "of": {"type": "object"}}, "required": ["kind", "of"]},
        ]
    }
    reduced = reduce_for(OPENAI, schema)
    for value in ({"kind": "a"}, {"kind": "b", "of": {"x": 1}}):
        assert reduced.lift(reduced.lower(value)) == value


def test_recursion_stays_where_it_may_and_is_cut_where_it_may_not():
    tree = {"$ref": "#/$defs/Tree", **SHARED}
    value = {"leaf": "a", "children": [{"leaf": "b", "children": [{"leaf": "c"}]}]}
    assert "$ref" in str(reduce_for(OPENAI, tree).schema)
    assert "$ref" in str(reduce_for(GEMINI, tree).schema)
    assert "$ref" not in str(reduce_for(TOOL, tree).schema)
    for target in TARGETS:
        reduced = reduce_for(target, tree)
        assert breaches(reduced.schema, target) == []
        assert reduced.lift(reduced.lower(value)) == value


def test_gemini_may_recur_within_optional_properties_only():
    schema = {
        "$ref": "#/$defs/List",
        "$defs": {
            "List": {
                "type": "object",
                "properties": {"next": {"anyOf": [{"$ref": "#/$defs/List"}, {"type": "null"}]}},
                "required": ["next"],
            }
        },
    }
    reduced = reduce_for(GEMINI, schema)
    assert str(reduced.schema).count("#/$defs/List") == 1
    assert accepted(reduced.schema, {"next": {"next": None}})


def test_what_is_dropped_is_told_with_its_place():
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "string", "minLength": 3, "description": "a name"},
            "b": {"type": "array", "uniqueItems": True},
        },
        "required": ["a"],
        "dependentRequired": {"b": ["a"]},
    }
    reduced = reduce_for(OPENAI, schema)
    assert "/properties/a: minLength 3" in reduced.dropped
    assert reduced.schema["properties"]["a"]["description"] == "a name (minLength 3)"
    assert set(reduced.unsaid) == {"/properties/b: uniqueItems true", '/: dependentRequired {"b": ["a"]}'}


def test_a_property_may_be_called_like_a_keyword():
    schema = {
        "type": "object",
        "properties": {"minimum": {"type": "integer"}, "items": {"type": "string"}},
        "required": ["minimum", "items"],
        "additionalProperties": False,
    }
    assert reduce_for(CLAUDE, schema).schema == schema


def test_a_local_grammar_reads_an_empty_schema_as_an_object_so_types_are_listed():
    assert reduce_for(LOCAL, True).schema == {"type": ["object", "array", "string", "number", "boolean", "null"]}


@pytest.mark.parametrize(
    ("target", "schema", "why"),
    [
        (OPENAI, {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(5_001)}}, "5,001 properties"),
        (CLAUDE, {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(25)}}, "25 optional properties"),
        (OPENAI, {"type": "nonsense"}, "not valid"),
    ],
)
def test_what_is_beyond_the_limits_is_told_in_words(target, schema, why):
    reduced = reduce_for(target, schema)
    assert reduced.schema is None
    assert reduced.envelope(2) is None
    assert why in reduced.dropped[0]


def test_long_enums_lose_their_values_not_their_type():
    reduced = reduce_for(OPENAI, {"type": "string", "enum": [f"value {n}" for n in range(1_001)]})
    assert reduced.schema == {"type": "string"}
    assert "enum" in reduced.dropped[0]


def test_a_schema_that_nothing_satisfies_is_still_a_request():
    assert reduce_for(OPENAI, False).schema is not None
    assert reduce_for(GEMINI, {"enum": [1], "type": "string"}).schema is not None


def test_every_arm_of_the_catalogue_has_a_target_and_asking_twice_is_free():
    cards = load_catalogue(None, {})
    told = {card.provider: target_of(card) for card in cards}
    assert told["gemini"] is GEMINI
    assert told["openrouter"] is OPENAI
    assert {target_of(card) for card in cards if card.provider == "bedrock"} == {CLAUDE, TOOL}
    card = next(card for card in cards if card.provider == "openrouter")
    assert downgrade({"type": "string"}, card) is downgrade({"type": "string"}, card)

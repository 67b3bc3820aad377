"""Never a wrong record, never a hang: what can't be made is refused within seconds, by keyword and pointer."""

import time

import jsonschema_rs
import pytest

from synth_sdk.core.errors import Rejected, SchemaError, UnknownName
from synth_sdk.engine import Engine
from synth_sdk.engine.rows.engine import RowEngine
from synth_sdk.schema import parse_schema
from tests.engine.support import is_valid

SECONDS = 5.0  # CPU


def refused(document):
    started = time.process_time()
    with pytest.raises(SchemaError) as caught:
        Engine(parse_schema(document)).record(0)
    assert time.process_time() - started < SECONDS
    return caught.value


@pytest.mark.parametrize(
    ("document", "pointer", "keyword"),
    [
        (False, "", "false"),
        ({"type": "integer", "minimum": 5, "maximum": 4}, "", "minimum"),
        ({"type": "integer", "minimum": 1.2, "maximum": 1.8}, "", "minimum"),
        ({"type": "integer", "minimum": 11, "maximum": 19, "multipleOf": 10}, "", "multipleOf"),
        ({"type": "number", "exclusiveMinimum": 1, "exclusiveMaximum": 1}, "", "minimum"),
        ({"type": "string", "minLength": 3, "maxLength": 2}, "", "minLength"),
        ({"type": "string", "pattern": "^[a-z]{3}$", "minLength": 9}, "", "pattern"),
        ({"type": "array", "minItems": 3, "maxItems": 2}, "", "minItems"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "/allOf/1", "type"),
        ({"type": "string", "enum": [1, 2]}, "", "enum"),
        ({"enum": ["a", "b"], "not": {"enum": ["a", "b"]}}, "", "enum"),
        ({"not": {}}, "", "not"),
        ({"type": "object", "required": ["a"], "properties": {"a": False}}, "/properties/a", "false"),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "object", "required": ["b"], "properties": {"b": False}}},
                "required": ["a"],
            },
            "",
            "false",
        ),
    ],
)
def test_contradictions_are_called_unsatisfiable(document, pointer, keyword):
    error = refused(document)
    assert "unsatisfiable" in error.message
    assert error.keyword == keyword
    assert error.pointer.startswith(pointer)


@pytest.mark.parametrize(
    "document",
    [
        {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 3},
        {"type": "string", "allOf": [{"pattern": "^a+$"}, {"pattern": "^b+$"}]},
        {"type": "string", "pattern": "^\\p{L}+$"},
        {"type": "string", "minLength": 10**9},
        {"type": "array", "minItems": 10**9},
        {"type": "object", "minProperties": 10**9},
        {"type": "string", "pattern": "a{100000}{100000}"},
        {"$ref": "#"},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
        {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]},
        {"type": "array", "items": {"$ref": "#"}, "minItems": 2},
        {"type": "object", "additionalProperties": False, "minProperties": 1},
        {"type": "object", "propertyNames": {"maxLength": 0}, "minProperties": 2},
        {"oneOf": [{"type": "string"}, {"type": "string"}]},
        {"type": "string", "format": "email", "maxLength": 3},
        {"$ref": "#/$defs/t", "$defs": {"t": {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/t"}, "minItems": 2}] * 6}}},
    ],
)
def test_what_cannot_be_made_is_refused_in_time(document):
    error = refused(document)
    assert "unsatisfiable" in error.message or "not supported" in error.message
    assert error.keyword
    assert "\n" not in error.message


def test_a_bottomless_pattern_is_refused():
    assert "nested too deeply" in refused({"type": "string", "pattern": "(" * 3000 + "a" + ")" * 3000}).message


@pytest.mark.parametrize(
    "document",
    [
        {"type": "string", "pattern": "^(a+)+$", "minLength": 20, "maxLength": 30},
        {"type": "string", "pattern": "^(([a-z])+.)+[A-Z]([a-z])+$"},
        {
            "type": "object",
            "patternProperties": {"^(a|aa)+$": {"type": "integer"}},
            "additionalProperties": False,
            "minProperties": 2,
        },
        {"enum": [f"value-{number}" for number in range(200_000)]},
        {"type": "integer", "minimum": 10**30, "maximum": 10**31},
        {"type": "number", "minimum": 1e300},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 5e-324 * 3},
        {"anyOf": [{"type": "object", "properties": {f"p{n}": {"type": "string"}}, "required": [f"p{n}"]} for n in range(300)]},
        {"type": "object", "properties": {f"p{n}": {"type": "integer"} for n in range(1000)}},
    ],
)
def test_hostile_but_possible(document):
    started = time.process_time()
    engine = Engine(parse_schema(document))
    for index in range(3):
        assert is_valid(engine.record(index), document)
    assert time.process_time() - started < SECONDS


EXPLOSIVE = ["(a+)+$", "^(\\w+\\s?)*$", "^(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", "^(.*a){12}$"]


@pytest.mark.parametrize("pattern", EXPLOSIVE)
@pytest.mark.parametrize("least", [0, 40, 5000])
def test_no_pattern_hangs_the_judgement(pattern, least):
    """Neither of a text that must match, nor of one that is held against another branch's pattern and does not."""
    started = time.process_time()
    document = {"type": "string", "pattern": pattern, "minLength": least}
    made = RowEngine(parse_schema(document)).record(0)
    assert len(made) >= least
    assert jsonschema_rs.is_valid(document, made)
    other = {"oneOf": [{"pattern": pattern, "type": "string"}, {"type": "string", "pattern": "!$", "minLength": max(least, 30)}]}
    for index in range(3):
        assert jsonschema_rs.is_valid(other, RowEngine(parse_schema(other)).record(index))
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("pattern", EXPLOSIVE)
def test_no_pattern_hangs_the_validation_of_a_foreign_value(pattern):
    started = time.process_time()
    with pytest.raises(Rejected, match="pattern"):
        parse_schema({"type": "string", "pattern": pattern}).validate("a" * 60 + "\n!")
    assert time.process_time() - started < SECONDS


def test_5000_levels_are_refused_and_200_work():
    deep: dict = {"type": "integer"}
    for _ in range(5000):
        deep = {"properties": {"a": deep}, "required": ["a"]}
    assert "levels deep" in refused(deep).message
    nested: dict = {"type": "integer"}
    for _ in range(100):
        nested = {"allOf": [nested]}
    assert isinstance(RowEngine(parse_schema(nested)).record(0), int)


def test_recursion_comes_to_an_end():
    document = {
        "$defs": {
            "expression": {
                "oneOf": [
                    {"type": "number"},
                    {
                        "type": "object",
                        "properties": {
                            "op": {"enum": ["+", "*"]},
                            "left": {"$ref": "#/$defs/expression"},
                            "right": {"$ref": "#/$defs/expression"},
                        },
                        "required": ["op", "left", "right"],
                        "additionalProperties": False,
                    },
                ]
            }
        },
        "$ref": "#/$defs/expression",
    }
    engine = Engine(parse_schema(document))
    records = [engine.record(index) for index in range(40)]
    assert all(is_valid(record, document) for record in records)
    assert any(isinstance(record, dict) for record in records)
    assert any(isinstance(record, float | int) for record in records)


def test_a_deep_schema_works():
    document: dict = {"type": "integer"}
    for _ in range(40):
        document = {"type": "object", "properties": {"inner": document}, "required": ["inner"]}
    assert is_valid(Engine(parse_schema(document)).record(0), document)


def test_an_unknown_locale_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="de_DE"):
        Engine(parse_schema(True), 0, "de_DX")

"""Every dialect becomes one document of plain JSON Schema."""

import pickle
from enum import Enum

import jsonschema
import pytest
from pydantic import BaseModel, Field

from synth_sdk.core.errors import Rejected, SchemaError
from synth_sdk.schema import Schema, parse_schema


def test_json_schema_is_kept_as_it_is():
    document = {"type": "object", "properties": {"fields": {"type": "array"}}}
    assert parse_schema(document).document is document


def test_a_schema_is_given_back():
    schema = parse_schema(True)
    assert parse_schema(schema) is schema


def test_field_list():
    schema = parse_schema(
        {
            "fields": [
                {"name": "age", "type": "integer", "constraints": {"min": 18, "max": 90}},
                {"name": "nick", "type": "string", "constraints": {"min": 3, "max": 9, "nullable": True}},
                {"name": "mail", "type": "email"},
                {"name": "born", "type": "date", "constraints": {"format": "%d.%m.%Y", "min": "1990-01-01", "max": "1999-12-31"}},
            ]
        }
    )
    properties = schema.document["properties"]
    assert properties["age"] == {"type": "integer", "minimum": 18, "maximum": 90}
    assert properties["nick"] == {"type": ["string", "null"], "minLength": 3, "maxLength": 9}
    assert properties["mail"] == {"type": "string", "format": "email"}
    assert properties["born"]["x-synth"] == {
        "strftime": "%d.%m.%Y",
        "as": "date",
        "earliest": "1990-01-01",
        "latest": "1999-12-31",
    }
    assert schema.document["required"] == ["age", "nick", "mail", "born"]


def test_field_list_spec_of_a_type_alone_needs_no_constraints():
    assert (
        parse_schema({"fields": [{"name": "x", "type": "phone", "constraints": None}]}).document["properties"]["x"]["format"]
        == "phone"
    )


def test_shorthand():
    schema = parse_schema({"timestamp": "datetime", "temperature": {"type": "number", "min": -20, "max": 40}, "id": "uuid"})
    assert schema.document["properties"] == {
        "timestamp": {"type": "string", "format": "date-time"},
        "temperature": {"type": "number", "minimum": -20, "maximum": 40},
        "id": {"type": "string", "format": "uuid"},
    }
    schema.validate({"timestamp": "2025-01-01T00:00:00Z", "temperature": 3.5, "id": "6f1b3e4e-96a8-4c8c-8f6a-7f5a3c1d2e10"})


@pytest.mark.parametrize(
    "document", [{"title": "string", "price": "number"}, {"properties": "string", "owner": "name"}, {"type": "uuid", "n": "int"}]
)
def test_field_names_may_look_like_keywords(document):
    assert list(parse_schema(document).document["properties"]) == list(document)


@pytest.mark.parametrize(
    "document", [{}, {"title": "User"}, {"minimum": 3}, {"items": {"type": "string"}}, {"type": "string", "faker": "email"}]
)
def test_json_schema_is_not_taken_for_the_shorthand(document):
    assert parse_schema(document).document is document


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Car(BaseModel):
    wheels: int = Field(ge=3, le=4)
    colour: Colour
    note: str | None = None


def test_a_list_of_one_value_is_a_list_of_such_values():
    document = parse_schema({"id": "uuid", "readings": [{"at": "datetime", "value": "number"}], "grid": [["integer"]]}).document
    readings, grid = document["properties"]["readings"], document["properties"]["grid"]
    assert (readings["type"], readings["items"]["properties"]["value"]) == ("array", {"type": "number"})
    assert grid == {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}
    assert parse_schema({"readings": [{"at": "datetime"}]}).document["properties"].keys() == {"readings"}


def test_shorthands_nest():
    schema = parse_schema({"id": "uuid", "owner": {"name": "string", "age": {"type": "integer", "min": 18}}})
    assert schema.document["properties"]["owner"]["properties"]["age"] == {"type": "integer", "minimum": 18}


def test_pydantic_model():
    schema = parse_schema(Car)
    schema.validate({"wheels": 4, "colour": "red", "note": None})
    with pytest.raises(Rejected, match="/wheels"):
        schema.validate({"wheels": 5, "colour": "red"})


def test_schema_survives_pickling():
    assert pickle.loads(pickle.dumps(parse_schema(Car))).document == parse_schema(Car).document  # noqa: S301


@pytest.mark.parametrize(
    ("document", "pointer", "keyword"),
    [
        ({"type": "strin"}, "/type", "type"),
        ({"properties": {"a": {"minimum": "3"}}}, "/properties/a/minimum", "minimum"),
        ({"properties": {"a/b": {"minLength": -1}}}, "/properties/a~1b/minLength", "minLength"),
        ({"fields": [{"name": "a", "type": "strng"}]}, "/fields/0", "type"),
        ({"fields": [{"name": "a"}, {"name": "a"}]}, "/fields/1", "name"),
        ({"fields": [{"type": "string"}]}, "/fields/0", "name"),
        ({"fields": [{"name": "a", "type": "integer", "constraints": {"mim": 1}}]}, "/fields/0/constraints", "mim"),
        ({"fields": [{"name": "a", "type": "integer", "constraints": {"min": 9, "max": 1}}]}, "/fields/0", "min"),
        ({"fields": [{"name": "a", "type": "string", "constraints": {"min": -1}}]}, "/fields/0", "min"),
        ({"fields": [{"name": "a", "type": "boolean", "constraints": {"min": 1}}]}, "/fields/0", "min"),
        ({"fields": [{"name": "a", "type": "date", "constraints": {"min": "soon"}}]}, "/fields/0", "min"),
        ({"at": "datetme", "id": "uuid"}, "/at", "type"),
        ({"$ref": "#/$defs/none"}, "", "$ref"),
        ({"properties": {"a": {"$ref": "https://example.com/a.json"}}}, "/properties/a", "$ref"),
    ],
)
def test_a_malformed_schema_names_keyword_and_pointer(document, pointer, keyword):
    with pytest.raises(SchemaError) as caught:
        parse_schema(document)
    assert (caught.value.pointer, caught.value.keyword) == (pointer, keyword)
    assert "\n" not in caught.value.message


def test_the_nearest_type_word_is_offered():
    with pytest.raises(SchemaError, match="did you mean datetime"):
        parse_schema({"at": "datetme", "id": "uuid"})


def test_a_remote_reference_is_never_fetched():
    with pytest.raises(SchemaError, match="never fetched"):
        parse_schema({"items": {"$ref": "http://127.0.0.1:9/schema.json"}})


def test_the_published_meta_schemas_are_known_without_a_network():
    parse_schema({"$ref": "https://json-schema.org/draft/2020-12/schema"}).validate({"type": "string"})


@pytest.mark.parametrize("source", [None, 3, "string", ["a"], int])
def test_what_is_no_schema(source):
    with pytest.raises(SchemaError):
        parse_schema(source)


@pytest.mark.parametrize("value", [float("nan"), {1: "a"}, {"a": object()}])
def test_what_json_cannot_say(value):
    with pytest.raises(SchemaError):
        parse_schema({"default": value, "type": "string"})


def test_a_bottomless_document_is_refused():
    document: dict = {}
    for _ in range(5000):
        document = {"items": document}
    with pytest.raises(SchemaError, match="levels deep"):
        parse_schema(document)


def test_a_document_that_contains_itself_is_refused():
    document: dict = {"type": "array"}
    document["items"] = document
    with pytest.raises(SchemaError, match="levels deep"):
        parse_schema(document)


def test_the_draft_is_the_declared_one_or_the_newest_that_fits():
    assert parse_schema({"type": "integer", "maximum": 3, "exclusiveMaximum": True}).draft == "draft-04"
    assert parse_schema({"items": [{"type": "string"}]}).draft == "draft-07"
    assert parse_schema({"$schema": "http://json-schema.org/draft-07/schema#"}).draft == "draft-07"
    assert parse_schema({"type": "string"}).draft == "2020-12"
    with pytest.raises(SchemaError):
        parse_schema({"$schema": "https://json-schema.org/draft/2020-12/schema", "items": [{"type": "string"}]})


def test_validate_agrees_with_jsonschema_and_checks_formats():
    schema = Schema({"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}}})
    schema.validate({"at": "2025-01-01T00:00:00Z"})
    jsonschema.validate({"at": "soon"}, schema.document)  # without a format checker
    with pytest.raises(Rejected, match=r"at /at: .*format"):
        schema.validate({"at": "soon"})
    with pytest.raises(Rejected, match="not JSON"):
        schema.validate({"at": float("inf")})

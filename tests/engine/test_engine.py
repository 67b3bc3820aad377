"""The engine as a whole: which way records are made, and that both ways keep the same laws."""

import json
from typing import Any

import pytest

from synth_sdk.core.batches import ColumnBatch
from synth_sdk.core.errors import SchemaError
from synth_sdk.engine import Engine
from synth_sdk.schema import parse_schema

PLAIN = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}, "required": ["id", "name"]}
ODD = {"oneOf": [{"type": "string", "pattern": "^a"}, {"type": "integer"}, {"type": "array", "items": {"type": "boolean"}}]}
WITH_AN_ODD_PROPERTY = {
    "type": "object",
    "properties": PLAIN["properties"] | {"email": {"type": "string"}, "odd": ODD},
    "required": ["id", "name", "email"],
}
OPEN = {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1}


def engine(document: Any, seed: int = 0) -> Engine:
    return Engine(parse_schema(document), seed)


@pytest.mark.parametrize(("document", "columnar"), [(PLAIN, True), (WITH_AN_ODD_PROPERTY, True), (OPEN, False), (ODD, False)])
def test_which_way_records_are_made(document: Any, columnar: bool) -> None:
    made = engine(document)
    assert made.columnar is columnar
    assert isinstance(made.batch(range(3)), ColumnBatch) is columnar


@pytest.mark.parametrize("document", [PLAIN, WITH_AN_ODD_PROPERTY, OPEN, ODD])
def test_every_row_depends_on_itself_alone_and_is_valid(document: Any) -> None:
    schema, made = parse_schema(document), engine(document, seed=4)
    whole = list(made.batch(range(60)).records())
    assert [*made.batch(range(7)).records(), *made.batch(range(7, 60)).records()] == whole
    assert engine(document, seed=4).record(33) == whole[33]
    assert list(engine(document, seed=5).batch(range(60)).records()) != whole
    for record in whole:
        schema.validate(record)


def test_a_property_made_a_row_at_a_time_stands_among_columns() -> None:
    batch = engine(WITH_AN_ODD_PROPERTY).batch(range(200))
    assert isinstance(batch, ColumnBatch)
    records = batch.records()
    assert {type(record["odd"]) for record in records if "odd" in record} == {str, int, list}
    rows = batch.arrow().to_pylist()
    assert [json.loads(row["odd"]) for row in rows if row["odd"] is not None] == [one["odd"] for one in records if "odd" in one]
    assert batch.measures().quality(valid=200)["distribution_analysis"]["odd"]["count"] == sum("odd" in one for one in records)


def test_annotations_that_rows_cannot_follow_are_refused() -> None:
    document = OPEN | {"properties": {"a": {"type": "integer", "x-synth": {"unique": True}}}, "patternProperties": {"^b": {}}}
    with pytest.raises(SchemaError, match=r"'unique' needs a record that can be made in columns.*/properties/a"):
        engine(document)
    wished = engine(OPEN | {"additionalProperties": {"type": ["integer", "null"], "x-synth": {"null_rate": 0.5}}})
    assert ["/additionalProperties" in warning and "'null_rate'" in warning for warning in wished.warnings] == [True]
    assert engine(OPEN | {"default": {"x-synth": {"unique": True}}})


def test_too_few_values_for_a_unique_field() -> None:
    document = {
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 1, "maximum": 50, "x-synth": {"unique": True}}},
    }
    made = engine(document | {"required": ["n"]})
    made.check_count(50)
    with pytest.raises(SchemaError, match=r"only 50 different values for 51 records.*/properties/n"):
        made.check_count(51)

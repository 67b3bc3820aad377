"""The laws of the engine: valid, repeatable, independent of order, sensitive to the seed."""

import json
import subprocess
import sys

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.errors import SchemaError
from synth_sdk.engine import Engine
from synth_sdk.engine.rows.engine import RowEngine
from synth_sdk.schema import parse_schema
from tests.engine.support import FORMATS, PATTERNS, arrays, integers, is_valid, numbers, objects, scalars, schemas, texts

few = settings(max_examples=60, deadline=None)
PERSON = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "first_name": {"type": "string"},
        "email": {"type": "string", "format": "email"},
        "age": {"type": "integer", "minimum": 18, "maximum": 90},
        "signup": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    },
    "required": ["id", "first_name", "email", "age"],
}


def check(document, seed=0, rows=3):
    """By columns where the schema allows it, and a row at a time: valid for jsonschema and for jsonschema-rs."""
    schema = parse_schema({"allOf": [document]})
    fast = jsonschema_rs.Draft202012Validator(document, validate_formats=True)
    for engine in (Engine(schema, seed), RowEngine(schema, seed)):
        for index in range(rows):
            record = engine.record(index)
            assert is_valid(record, document), (document, record)
            assert fast.is_valid(record), (document, record)
            json.dumps(record, allow_nan=False)


def told_by(document, seed):
    """The refusal of `document`; empty if its records were right."""
    try:
        check(document, seed, 2)
    except SchemaError as error:
        return error.message
    return ""


@few
@given(integers(), st.integers(0, 99))
def test_integers(document, seed):
    check(document, seed, 5)


@few
@given(numbers(), st.integers(0, 99))
def test_numbers(document, seed):
    check(document, seed, 5)


@few
@given(texts(), st.integers(0, 99))
def test_text_lengths(document, seed):
    check(document, seed, 5)


@few
@given(st.sampled_from(list(PATTERNS)), st.integers(0, 30), st.integers(0, 99))
def test_patterns_with_a_length(pattern, low, seed):
    document = {"type": "string", "pattern": pattern, "minLength": low}
    if low <= PATTERNS[pattern]:
        check(document, seed, 3)
    else:
        with pytest.raises(SchemaError, match="pattern"):
            Engine(parse_schema(document), seed).record(0)


@few
@given(st.sampled_from(FORMATS), st.integers(0, 99))
def test_formats(name, seed):
    check({"type": "string", "format": name}, seed, 5)


@few
@given(arrays(scalars), st.integers(0, 99))
def test_arrays(document, seed):
    check(document, seed)


@few
@given(st.integers(1, 6), st.integers(0, 99))
def test_items_without_repeats(count, seed):
    check({"type": "array", "items": {"enum": [1, True, "1", 0, False, None]}, "uniqueItems": True, "minItems": count}, seed)


@few
@given(objects(scalars), st.integers(0, 99))
def test_objects(document, seed):
    check(document, seed)


@few
@given(schemas, st.integers(0, 99))
def test_any_mixture(document, seed):
    check(document, seed)


@few
@given(schemas, schemas, st.integers(0, 99))
def test_all_of_is_right_or_refused(one, other, seed):
    assert "unsatisfiable" in (told := told_by({"allOf": [one, other]}, seed)) or "not supported" in told or not told


@few
@given(st.lists(schemas, min_size=1, max_size=3), st.sampled_from(["oneOf", "anyOf"]), st.integers(0, 99))
def test_one_of_is_right_or_refused(branches, word, seed):
    assert "unsatisfiable" in (told := told_by({word: branches}, seed)) or "not supported" in told or not told


@few
@given(st.sampled_from([Engine, RowEngine]), st.lists(st.integers(0, 500), min_size=1, max_size=8), st.integers(0, 10**9))
def test_a_record_does_not_depend_on_which_others_were_made(make, indices, seed):
    schema = parse_schema(PERSON)
    alone = [make(schema, seed).record(index) for index in indices]
    together = make(parse_schema(PERSON), seed)
    assert [together.record(index) for index in reversed(indices)] == alone[::-1]


@few
@given(schemas, st.integers(0, 99))
def test_order_does_not_matter_for_any_schema(document, seed):
    forward, backward = RowEngine(parse_schema({"allOf": [document]}), seed), RowEngine(parse_schema({"allOf": [document]}), seed)
    assert [forward.record(index) for index in range(4)] == [backward.record(index) for index in (3, 2, 1, 0)][::-1]


@few
@given(st.integers(0, 10**12))
def test_another_seed_gives_other_records(seed):
    schema = parse_schema(PERSON)
    assert Engine(schema, seed).record(0) != Engine(schema, seed + 1).record(0)


def test_a_new_field_leaves_the_others_as_they_were():
    wider = {**PERSON, "properties": {"company": {"type": "string"}, **PERSON["properties"], "vip": {"type": "boolean"}}}
    old, new = Engine(parse_schema(PERSON), 5), Engine(parse_schema(wider), 5)
    for index in range(30):
        record = new.record(index)
        assert {name: record[name] for name in record if name in PERSON["properties"]} == old.record(index)


def test_optional_properties_appear_in_four_fifths_of_the_records():
    engine = Engine(parse_schema({"type": "object", "properties": {"note": {"type": "string"}}}), 1)
    assert 0.75 < sum("note" in engine.record(index) for index in range(1000)) / 1000 < 0.85


def test_nullable_fields_are_sometimes_null():
    engine = Engine(parse_schema({"fields": [{"name": "city", "type": "city", "constraints": {"nullable": True}}]}), 1)
    nulls = sum(engine.record(index)["city"] is None for index in range(500))
    assert 20 < nulls < 100


def test_the_same_bytes_in_another_process():
    code = (
        "import json,sys; from synth_sdk.engine import Engine; from synth_sdk.schema import parse_schema;"
        "print(json.dumps([Engine(parse_schema(json.loads(sys.argv[1])), 3).record(n) for n in range(5)]))"
    )
    command = [sys.executable, "-c", code, json.dumps(PERSON)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "77"})
    assert json.loads(told.stdout) == [Engine(parse_schema(PERSON), 3).record(index) for index in range(5)]

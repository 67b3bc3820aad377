"""Layouts: which columns a schema gives, and that records come back from them."""

import pickle

import pyarrow as pa
import pytest
from hypothesis import given, settings

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import WriteError
from synth_sdk.schema.layout import Flat, Layout
from tests.sinks.strategies import CASES, in_columns
from tests.sinks.support import Columns

TEXT, WHOLE, NUMBER, JSON = pa.string(), pa.int64(), pa.float64(), pa.json_()


def column(schema, **definitions):
    """The column of one optional property."""
    (field,) = Layout.of({"type": "object", "properties": {"x": schema}, "$defs": definitions}).schema
    return field.type


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, TEXT),
        ({"type": "string", "format": "date-time"}, TEXT),
        ({"type": "integer"}, WHOLE),
        ({"type": "integer", "minimum": 0, "maximum": 2**64 - 1}, pa.uint64()),
        ({"type": "integer", "maximum": 2**70}, JSON),
        ({"type": "integer", "minimum": 2**63}, JSON),
        ({"type": "integer", "maximum": 9, "exclusiveMaximum": False}, WHOLE),
        ({"type": "number"}, NUMBER),
        ({"type": "boolean"}, pa.bool_()),
        ({"type": "null"}, JSON),
        ({"type": ["integer", "null"]}, WHOLE),
        ({"type": ["integer", "number"]}, NUMBER),
        ({"type": ["integer", "string"]}, JSON),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, TEXT),
        ({"oneOf": [{"type": "string", "maxLength": 2}, {"type": "string", "format": "uuid"}]}, TEXT),
        ({"type": "string", "anyOf": [{"minLength": 2}, {"pattern": "x"}]}, TEXT),
        ({"type": "integer", "if": {"minimum": 3}, "then": {"multipleOf": 2}}, WHOLE),
        ({"allOf": [{"type": ["string", "null"]}, {"minLength": 1}, {"type": "string"}]}, TEXT),
        ({"enum": ["a", None]}, TEXT),
        ({"enum": [1, 2.5]}, NUMBER),
        ({"const": True}, pa.bool_()),
        ({"enum": [1, "1"]}, JSON),
        ({"const": 2**64}, JSON),
        ({"type": "array", "items": {"type": "number"}}, pa.list_(NUMBER)),
        ({"items": {"items": {"type": "string"}}}, pa.list_(pa.list_(TEXT))),
        ({"type": "array"}, JSON),
        ({"type": "array", "items": {}}, JSON),
        ({"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "string"}}, JSON),
        ({"type": "array", "items": [{"type": "string"}]}, JSON),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, pa.struct([("a", TEXT)])),
        ({"properties": {"a": {"type": "string"}}, "required": ["b"]}, pa.struct([("a", TEXT), ("b", JSON)])),
        ({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "string"}}, JSON),
        ({"type": "object", "properties": {"a": {}, "b": False}, "additionalProperties": False}, pa.struct([("a", JSON)])),
        ({"type": "object", "properties": {"a": {"type": "string"}}, "patternProperties": {"^x": {}}}, JSON),
        ({"type": "object"}, JSON),
        ({"type": "object", "properties": {}, "additionalProperties": False}, JSON),
        ({}, JSON),
        (True, JSON),
        ({"$ref": "#/$defs/named"}, pa.struct([("a", TEXT)])),
        ({"$ref": "#/$defs/tree"}, pa.struct([("left", JSON), ("value", WHOLE)])),
        ({"$ref": "https://example.com/elsewhere.json"}, JSON),
    ],
    ids=str,
)  # fmt: skip
def test_the_column_of_a_schema(schema, expected):
    named = {"type": "object", "properties": {"a": {"type": "string"}}}
    tree = {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}, "value": {"type": "integer"}}}
    assert column(schema, named=named, tree=tree) == expected


def test_alternatives_of_an_object_are_one_row_of_columns():
    card = {"properties": {"kind": {"const": "card"}, "number": {"type": "string"}}, "required": ["kind", "number"]}
    cash = {"properties": {"kind": {"const": "cash"}, "amount": {"type": "number"}}, "required": ["kind", "amount"]}
    layout = Layout.of({"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"], "oneOf": [card, cash]})
    assert layout.schema == pa.schema(
        [pa.field("id", WHOLE, False), pa.field("kind", TEXT, False), pa.field("number", TEXT), pa.field("amount", NUMBER)]
    )
    records = [{"id": 1, "kind": "card", "number": "4"}, {"id": 2, "kind": "cash", "amount": 1.5}]
    assert layout.to_records(layout.to_arrow(records)) == records


def test_properties_that_only_a_condition_declares_have_columns():
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "if": {"properties": {"a": {"const": 1}}},
        "then": {"properties": {"b": {"type": "string"}}, "required": ["b"]},
        "dependentSchemas": {"a": {"properties": {"c": {"type": "boolean"}}}},
    }
    assert Layout.of(schema).schema == pa.schema([("a", WHOLE), ("b", TEXT), ("c", pa.bool_())])


def test_conditions_inside_all_of_declare_properties_of_any_type():
    cases = [{"if": {"properties": {"k": {"const": k}}}, "then": {"properties": {f"v{k}": {"type": "integer"}}}} for k in (1, 2)]
    schema = {"type": "object", "properties": {"k": {"type": "integer"}}, "allOf": cases, "dependentRequired": {"k": ["d"]}}
    assert Layout.of(schema).schema == pa.schema([("k", WHOLE), ("v1", JSON), ("v2", JSON), ("d", JSON)])


def test_required_and_never_null_is_what_a_column_says():
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": ["string", "null"]}, "c": {"type": "string"}}, "required": ["a", "b"]}  # fmt: skip
    assert [field.nullable for field in Layout.of(schema).schema] == [False, True, True]


def test_undeclared_properties_have_a_column_where_the_schema_speaks_of_them():
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "additional_properties": {"type": "integer"}},
        "additionalProperties": True,
    }
    layout = Layout.of(schema)
    assert layout.schema.names == ["a", "additional_properties", "additional_properties_"]
    records = [{"a": "x", "b": [1], "c": None}, {"additional_properties": 3}]
    assert layout.to_records(layout.to_arrow(records)) == records


@pytest.mark.parametrize(
    "schema",
    [True, {"type": "string"}, {"type": ["object", "null"], "properties": {"a": {"type": "string"}}}, {"type": "object"}],
)
def test_records_without_columns_of_their_own_are_one(schema):
    assert Layout.of(schema).schema.names == ["value"]


def test_references_that_would_spell_out_endless_columns_stay_small():
    nodes = {f"n{n}": {"properties": {"a": {"$ref": f"#/$defs/n{n + 1}"}, "b": {"$ref": f"#/$defs/n{n + 1}"}}} for n in range(60)}
    nodes["n60"] = {"type": "string"}
    layout = Layout.of({"type": "object", "properties": {"x": {"$ref": "#/$defs/n0"}}, "$defs": nodes})
    assert layout.schema.names == ["x"]
    assert len(Flat.of(layout).columns) <= 1000


@given(CASES)
@settings(max_examples=60, deadline=None)
def test_records_come_back(case):
    schema, records = case
    layout = pickle.loads(pickle.dumps(Layout.of(schema)))  # noqa: S301 - our own pickle
    assert layout == Layout.of(schema)
    wanted = [in_columns(record, schema) for record in records]
    assert layout.to_records(layout.to_arrow(records)) == wanted
    assert layout.to_records(layout.arrange(Columns.of(schema, records))) == wanted


PERSON = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "share": {"type": "number"},
        "name": {"type": "string"},
        "address": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}},
        },
    },
    "required": ["id"],
}


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"id": 2**63}, r"column 'id': 9223372036854775808 is outside -9223372036854775808 to 9223372036854775807"),
        ({"id": 10**5000}, r"column 'id': a value of type int is outside"),
        ({"id": 1.5}, r"column 'id': 1.5 isn't an integer"),
        ({"id": True}, r"column 'id': True isn't an integer"),
        ({"id": None}, r"column 'id': None is no value"),
        ({}, r"column 'id': None is no value"),
        ({"id": 1, "share": 2**53 + 1}, r"column 'share': 9007199254740993 has more digits"),
        ({"id": 1, "share": 10**400}, r"column 'share': 1000.* has more digits"),
        ({"id": 1, "name": 5}, r"column 'name': 5 isn't text"),
        ({"id": 1, "name": "\ud83d"}, r"column 'name': '.ud83d' holds half a surrogate pair"),
        ({"id": 1, "address": {"tags": ["a", 7]}}, r"column 'address\.tags\[1\]': 7 isn't text"),
        ({"id": 1, "address": {"zip": "1"}}, r"column 'address\.zip': '1' is a property that the schema doesn't declare"),
        ({"id": 1, "extra": "e" * 99}, r"column 'extra': 'eee.*\.\.\. is a property that the schema doesn't declare"),
        ([1], r"column 'value': \[1\] is no object"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_with_a_way_out(record, told):
    with pytest.raises(WriteError, match=rf"record 42, {told}.*-o x\.jsonl"):
        Layout.of(PERSON).arrange(Records([{"id": 1}, record]), start=40)


def test_whole_numbers_written_as_floats_are_integers():
    assert Layout.of(PERSON).to_arrow([{"id": 2.0}]).column("id").to_pylist() == [2]


def test_numbers_that_json_does_not_know_are_null():
    layout, numbers = Layout.of(PERSON), [float("nan"), 1.5, float("inf")]
    table = pa.record_batch({"id": [1, 2, 3], "share": numbers})
    records = [{"id": place, "share": number} for place, number in enumerate(numbers, 1)]
    for batch in (Columns(table, None), Records(records)):
        assert layout.arrange(batch).column("share").to_pylist() == [None, 1.5, None]


def test_columns_of_other_types_are_cast_where_the_values_stay_the_same():
    table = pa.record_batch(
        {
            "id": pa.array([1, 2], pa.int32()),
            "share": pa.array([1, None], pa.int64()),
            "name": pa.array(["a", "b"]).dictionary_encode(),
        }
    )
    layout = Layout.of(PERSON)
    arranged = layout.arrange(Columns(table, None))
    assert arranged.schema == layout.schema
    assert layout.to_records(arranged) == [{"id": 1, "share": 1.0, "name": "a"}, {"id": 2, "name": "b"}]


def test_columns_that_do_not_fit_are_told_by_record():
    table = pa.record_batch({"id": pa.array(["1"])})
    with pytest.raises(WriteError, match="record 1, column 'id': '1' isn't an integer"):
        Layout.of(PERSON).arrange(Columns(table, [{"id": "1"}]))


def test_flat_columns_are_dotted_and_a_clash_keeps_the_object_whole():
    inner = {"type": "object", "properties": {"b": {"type": "string"}, "c": {"type": "array", "items": {"type": "integer"}}}}
    flat = Flat.of(Layout.of({"type": "object", "properties": {"a": inner, "d": inner, "d.b": {"type": "integer"}}}))
    assert flat.schema.names == ["a.b", "a.c", "d", "d.b"]
    record = {"a": {"b": "x", "c": [1, 2]}, "d": {"c": []}, "d.b": 1}
    (row,) = zip(*(column.to_pylist() for column in flat.arrange(Records([record])).columns), strict=True)
    assert row == ("x", "[1,2]", '{"c":[]}', 1)
    assert flat.to_record(row) == record

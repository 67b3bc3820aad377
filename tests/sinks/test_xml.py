"""XML: how it looks. That it reads back is in test_reading_back.py."""

import pytest

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import WriteError
from synth_sdk.sinks import Shape
from synth_sdk.sinks.xml import XmlFormat
from tests.sinks.support import Columns, document, read_xml, written

SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "full name": {"type": "string"},
        "address": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "note": {"type": ["string", "null"]},
        "active": {"type": "boolean"},
    },
    "required": ["id", "full name", "address", "tags", "note"],
}
RECORDS = [
    {"id": 1, "full name": "A <& B>", "address": {"city": "Zürich\r\n"}, "tags": ["x", "", "\0"], "note": None, "active": True},
    {"id": 2, "full name": " \0", "address": {"city": ""}, "tags": [], "note": "1"},
]
TEXT = """<?xml version="1.0" encoding="UTF-8"?>
<records xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<user><id>1</id><full_name name="full name">A &lt;&amp; B&gt;</full_name><address><city>Zürich&#13;
</city></address><tags><item>x</item><item></item><item encoding="json">"\\u0000"</item></tags><note xsi:nil="true"/><active>true</active></user>
<user><id>2</id><full_name name="full name" encoding="json">" \\u0000"</full_name><address><city></city></address><tags></tags><note>1</note></user>
</records>
"""


@pytest.mark.parametrize("batch", [Records(RECORDS), Columns.of(SCHEMA, RECORDS)], ids=["records", "columns"])
def test_a_document(batch):
    data = document(XmlFormat(), [batch], Shape(SCHEMA, name="user"))
    assert data.decode() == TEXT
    assert read_xml(data, SCHEMA, "user") == RECORDS


def test_types_are_told_where_the_schema_does_not():
    data = written(XmlFormat(), [{"a": [1, "1", None, {"b": True}]}]).decode()
    assert '<record type="object"><a type="array"><item type="number">1</item><item>1</item>' in data
    assert '<item xsi:nil="true"/><item type="object"><b type="boolean">true</b></item></a></record>' in data


def test_a_property_that_only_columns_cannot_tell_absent_or_null_goes_through_records():
    schema = {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}
    records = [{}, {"a": None}, {"a": "x"}]
    assert read_xml(document(XmlFormat(), [Columns.of(schema, records)], Shape(schema)), schema) == records


def test_what_is_no_json_is_named():
    with pytest.raises(WriteError, match=r"record 2 can't be written as XML: .* is not JSON"):
        written(XmlFormat(), [1, {2}])

"""Documents in memory, batches of columns, and readers that share no code with the writers."""

import io
import json
import sqlite3
import xml.etree.ElementTree as ET
from dataclasses import dataclass

import pyarrow as pa
from pyarrow import csv, parquet

from synth_sdk.core.batches import Records
from synth_sdk.schema.layout import Flat, Layout
from synth_sdk.sinks import Shape
from synth_sdk.sinks.encoding import to_lines

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


@dataclass(frozen=True)
class Columns:
    """A batch of columns, as the compiled engine makes them."""

    table: pa.RecordBatch
    values: list

    @classmethod
    def of(cls, schema, values):
        return cls(Layout.of(schema).to_arrow(values), values)

    def __len__(self):
        return len(self.values)

    def records(self):
        return self.values

    def lines(self):
        return to_lines(Records(self.values), 0)

    def arrow(self):
        return self.table

    def measures(self):
        raise NotImplementedError


def document(made, batches, shape):
    """The bytes of a whole document."""
    encoder = made.encoder(shape)
    stream = io.BytesIO()
    writer = encoder.open(stream)
    start = 0
    for batch in batches:
        writer.write(encoder.encode(batch, start))
        start += len(batch)
    writer.close()
    return stream.getvalue()


def written(made, records, schema=True, **shape):
    return document(made, [Records(records)], Shape(schema, **shape))


def read_csv(data, schema):
    """By pyarrow, with the types of the layout; it tells null and "" apart."""
    flat = Flat.of(Layout.of(schema))
    table = csv.read_csv(
        pa.BufferReader(data),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types={field.name: field.type for field in flat.schema},
            null_values=[""],
            true_values=["true"],
            false_values=["false"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    assert table.column_names == flat.schema.names
    return [flat.to_record(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]


def read_sqlite(data, schema, table="record"):
    flat = Flat.of(Layout.of(schema))
    database = sqlite3.connect(":memory:")
    try:
        database.executescript(data.decode("utf-8"))
        cursor = database.execute(f'SELECT * FROM "{table}"')
        assert [column[0] for column in cursor.description] == flat.schema.names
        return [flat.to_record([of_sqlite(cell, leaf) for cell, leaf in zip(row, flat.columns, strict=True)]) for row in cursor]
    finally:
        database.close()


def of_sqlite(cell, leaf):
    if cell is None:
        return None
    return {"boolean": bool, "unsigned": int}.get(leaf.type.kind, lambda same: same)(cell)


def read_parquet(data, schema):
    return Layout.of(schema).to_records(parquet.read_table(io.BytesIO(data)))


def read_xml(data, schema, name="record"):
    root = ET.fromstring(data)  # noqa: S314 - our own document
    assert root.tag == "records"
    assert {child.tag for child in root} <= {name}
    return [of_element(child, schema) for child in root]


def of_element(element, schema):
    if element.get(NIL) == "true":
        return None
    told = element.get("type")
    inner = {} if told else declared(schema)
    match told or inner.get("type", "string"):
        case "string":
            text = element.text or ""
            return json.loads(text) if element.get("encoding") == "json" else text
        case "boolean" | "number" | "integer":
            return json.loads(element.text)
        case "array":
            return [of_element(child, inner.get("items", {})) for child in element]
    properties = inner.get("properties", {})
    return {name_of(child): of_element(child, properties.get(name_of(child), {})) for child in element}


def name_of(element):
    return json.loads(element.get("json-name")) if element.get("json-name") else element.get("name", element.tag)


def declared(schema):
    """The schema without its null."""
    if "anyOf" in schema:
        (schema,) = (branch for branch in schema["anyOf"] if branch != {"type": "null"})
    kind = schema.get("type", "string")
    return {**schema, "type": next(one for one in kind if one != "null") if isinstance(kind, list) else kind}

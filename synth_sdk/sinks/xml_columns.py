"""The elements of whole columns, the same as `elements` makes one by one. Imported when there are columns, so pyarrow is there."""

import json

import pyarrow as pa
import pyarrow.compute as pc

from synth_sdk.core.arrow import filled, null_scalar, of_texts
from synth_sdk.schema.layout.datatypes import JSON, DataType, Field
from synth_sdk.schema.layout.text_columns import joined, joined_lists, replaced
from synth_sdk.sinks.elements import ESCAPES, ITEM, NIL, Tag, element, tag

_UNWRITABLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"


def elements(column: pa.Array, field: Field) -> pa.Array:
    """An element for each value; for a null that means an absent property, an empty text."""
    return _elements(column, field.type, tag(field.name), "" if field.optional else tag(field.name).start + NIL)


def _elements(column: pa.Array, type: DataType, tag: Tag, null: str) -> pa.Array:
    if type.kind == "json":
        texts = [element(json.loads(text), type, tag) if text is not None else null for text in column.to_pylist()]
        return of_texts(texts)
    contents = _contents(column, type)
    made = filled(joined(f"{tag.start}>", contents, tag.end), null)
    return _with_unwritable(made, column, type, tag) if type.kind == "string" else made


def _contents(column: pa.Array, type: DataType) -> pa.Array:
    """What stands between start and end; null for null."""
    match type.kind:
        case "string":
            return replaced(column, ESCAPES) if pc.any(pc.match_substring_regex(column, "[&<>\r]")).as_py() else column
        case "array":
            return _items(column, type.item or JSON)
        case "object":
            children = [elements(child, field) for child, field in zip(column.flatten(), type.fields, strict=True)]
            return pc.if_else(column.is_valid(), joined(*children), null_scalar(pa.string()))
    return column.cast(pa.string())


def _items(column: pa.Array, type: DataType) -> pa.Array:
    return joined_lists(column, _elements(column.flatten(), type, ITEM, ITEM.start + NIL), "")


def _with_unwritable(made: pa.Array, column: pa.Array, type: DataType, tag: Tag) -> pa.Array:
    found = filled(pc.match_substring_regex(column, _UNWRITABLE), False)
    if not pc.any(found).as_py():
        return made
    texts = [element(text, type, tag) for text in column.filter(found).to_pylist()]
    return pc.replace_with_mask(made, found, of_texts(texts))

"""JSON text of whole columns. Imported when there are columns, so pyarrow is there."""

import json

import pyarrow as pa
import pyarrow.compute as pc

from synth_sdk.core.arrow import filled, null_scalar
from synth_sdk.schema.layout.datatypes import JSON, DataType, Field
from synth_sdk.schema.layout.text_columns import joined, joined_lists, mapped_where

_SPECIAL = r'["\\\x00-\x1f]'


def json_texts(column: pa.Array, type: DataType) -> pa.Array:
    """Compact JSON of each value; null for null. JSON inside `column` is plain text already (`Layout.as_text`)."""
    match type.kind:
        case "json":
            return column
        case "string":
            inner = mapped_where(column, _SPECIAL, lambda text: json.dumps(text, ensure_ascii=False)[1:-1])
            return joined('"', inner, '"')
        case "array":
            items = filled(json_texts(column.flatten(), type.item or JSON), "null")
            return joined("[", joined_lists(column, items, ","), "]")
        case "object":
            members = [_member(inner, field) for inner, field in zip(column.flatten(), type.fields, strict=True)]
            texts = pc.replace_substring(joined("{", *members, "}"), "{,", "{", max_replacements=1)
            return pc.if_else(column.is_valid(), texts, null_scalar(pa.string()))
    return column.cast(pa.string())


def _member(column: pa.Array, field: Field) -> pa.Array:
    """`,"name":value`, the comma included; nothing for what is absent."""
    name = f",{json.dumps(field.name, ensure_ascii=False)}:"
    return filled(joined(name, json_texts(column, field.type)), "" if field.optional else f"{name}null")

"""JSON values as XML elements, from which the same values can be read.

An element's text is the string, number, true or false; objects hold an element for each property, arrays an `<item>` for each item.
`xsi:nil="true"` is null. What a reader would not expect is said in attributes: `name` where the property's name can't be that of an
element, `type` (string, number, boolean, array, object) where the value isn't of the type that the schema declares - a string where it
declares none -, `encoding="json"` where text holds characters that XML can't: the text is then a JSON string.
"""

import json
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

from synth_sdk.core.models import Json
from synth_sdk.schema.layout.datatypes import JSON, DataType

XSI = "http://www.w3.org/2001/XMLSchema-instance"
NIL = ' xsi:nil="true"/>'
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}  # a bare carriage return would be read as a line feed
UNWRITABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"  # what is no Char of XML 1.0
_ESCAPED = {character: text for character, text in ESCAPES.items() if character == "\r"}
_EXPECTED = {"integer": "number", "unsigned": "number", "json": "string"}
# Latin, kana, CJK and Hangul letters that are name characters in every edition of XML 1.0.
_LETTERS = "A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u3041-\u3094\u30a1-\u30fa\u4e00-\u9fa5\uac00-\ud7a3"
_NO_NAME = re.compile(f"[^{_LETTERS}0-9.-]")
_NO_START = re.compile(f"[^{_LETTERS}]|[xX][mM][lL]")  # names that begin with xml are reserved
_UNWRITABLE = re.compile(UNWRITABLE)


@dataclass(frozen=True, slots=True)
class Tag:
    """`<name`, with its attributes but open for more, and `</name>`."""

    start: str
    end: str


@lru_cache(maxsize=4096)
def tag(name: str) -> Tag:
    """The tag for a property. Characters that a name can't have become `_`; the attribute `name` then has the property's name."""
    clean = _NO_NAME.sub("_", name)
    if not clean or _NO_START.match(clean):
        clean = f"_{clean}"
    if clean == name:
        return Tag(f"<{clean}", f"</{clean}>")
    if _UNWRITABLE.search(name):
        return Tag(f"<{clean} json-name={_attribute(json.dumps(name))}", f"</{clean}>")
    return Tag(f"<{clean} name={_attribute(name)}", f"</{clean}>")


ITEM = tag("item")


def element(value: Json, type: DataType, tag: Tag) -> str:
    """`value`, of which `type` is declared, as one element. TypeError for what isn't JSON."""
    match value:
        case None:
            return tag.start + NIL
        case str():
            if _UNWRITABLE.search(value):
                return _written("string", type, tag, escape(json.dumps(value)), ' encoding="json"')
            return _written("string", type, tag, escape(value, _ESCAPED))
        case bool():
            return _written("boolean", type, tag, "true" if value else "false")
        case float() if not math.isfinite(value):  # JSON has none: null, as in JSON Lines
            return tag.start + NIL
        case int() | float():
            return _written("number", type, tag, json.dumps(value))
        case list() | tuple():
            return _written("array", type, tag, "".join([element(item, type.item or JSON, ITEM) for item in value]))
        case dict():
            return _written("object", type, tag, members(value, type))
    raise TypeError(f"{value!r:.60} is not JSON")


def members(value: dict[str, Json], type: DataType) -> str:
    """The properties of an object, in their order."""
    declared = {field.name: field.type for field in type.fields}
    return "".join([element(inner, declared.get(name, JSON), tag(name)) for name, inner in value.items()])


def _written(actual: str, type: DataType, tag: Tag, text: str, attributes: str = "") -> str:
    if actual != _EXPECTED.get(type.kind, type.kind):
        attributes += f' type="{actual}"'
    return f"{tag.start}{attributes}>{text}{tag.end}"


def _attribute(text: str) -> str:
    return quoteattr(text, {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})

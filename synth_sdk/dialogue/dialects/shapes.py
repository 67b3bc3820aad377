"""Shapes: JSON Schemas of the dialects, put together from a few words, and what they find."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from synth_sdk.core.models import Json
from synth_sdk.dialogue.dialects.findings import Flaw
from synth_sdk.schema.drafts import fetch_nothing

if TYPE_CHECKING:
    from jsonschema_rs import Validator

LONGEST_TEXT = 200_000  # characters of one turn, argument or result: more than any of the trainers takes in one example
MOST_MESSAGES = 2_000
MOST_TOOLS = 128  # OpenAI's limit; the others state none
_LONGEST_MESSAGE = 200

TEXT: Json = {"type": "string", "maxLength": LONGEST_TEXT}
TEXT_OR_NULL: Json = {"type": ["string", "null"], "maxLength": LONGEST_TEXT}
TOOL_NAME: Json = {"type": "string", "pattern": "^[a-zA-Z0-9_-]+$", "maxLength": 64}

# What is broken, by the keyword of the shape that says so.
_RULES = {"maxLength": "size", "minLength": "size", "maxItems": "size", "minItems": "size", "pattern": "name"}


def closed(*optional: str, **properties: Json) -> Json:
    """An object of these properties and no others; all but `optional` must be there."""
    return {**opened(*optional, **properties), "additionalProperties": False}


def opened(*optional: str, **properties: Json) -> Json:
    """An object of these properties and perhaps others."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def array(items: Json, least: int = 0, most: int = MOST_MESSAGES) -> Json:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def identifier(longest: int) -> Json:
    """An id of a call: letters, digits and a few marks."""
    return {"type": "string", "pattern": "^[a-zA-Z0-9_.:-]+$", "maxLength": longest}


def by(key: str, **shapes: Json) -> Json:
    """One of `shapes`, chosen by the text under `key`."""
    cases = [{"if": {"required": [key], "properties": {key: {"const": name}}}, "then": shape} for name, shape in shapes.items()]
    return {"type": "object", "required": [key], "properties": {key: {"enum": list(shapes)}}, "allOf": cases}


@lru_cache(maxsize=16)
def compiled(name: str) -> "Validator":
    """The validator of a dialect's shape."""
    from jsonschema_rs import validator_for

    from synth_sdk.dialogue.dialects.registry import dialect

    return validator_for(dialect(name).shape, retriever=fetch_nothing)


def flaws_of_shape(name: str, given: Json) -> Iterator[Flaw]:
    """Where `given` is not as the dialect called `name` wants records to be."""
    try:
        check_writable(given)
        errors = list(compiled(name).iter_errors(given))
    except (ValueError, TypeError, RecursionError, OverflowError) as failure:
        yield Flaw((), "encoding", unwritable(failure))
        return
    for error in errors:
        keyword, at = str(error.schema_path[-1]), tuple(error.instance_path)
        rule = "role" if keyword == "enum" and at[-1:] in (("role",), ("from",)) else _RULES.get(keyword, "shape")
        yield Flaw(at, rule, short(error.message))


def check_writable(value: Json) -> None:
    """ValueError, TypeError or RecursionError if `value` can't be written as JSON in UTF-8, as any reader takes it."""
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")


def unwritable(failure: Exception) -> str:
    """What `check_writable` found."""
    if isinstance(failure, UnicodeEncodeError):
        return "a text holds half of a surrogate pair, which UTF-8 can't write"
    return short(f"can't be written as JSON that every reader takes: {failure}")


def short(text: str) -> str:
    """One line of a message that may quote a whole record."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_MESSAGE else line[: _LONGEST_MESSAGE // 2] + " ... " + line[-_LONGEST_MESSAGE // 3 :]


def text_of(content: Any) -> str:
    """Text as it is, or the text of a list of parts."""
    if isinstance(content, str) or content is None:
        return content or ""
    return "\n".join(part["text"] for part in content if "text" in part)

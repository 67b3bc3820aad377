"""The JSON Schema of a tool-call record."""

from synth_sdk.core.models import Json
from synth_sdk.generators.conversation_schema import MESSAGE, TOOL, fields

_TEXT: Json = {"type": "string"}
_FUNCTION = fields(name=_TEXT, arguments=_TEXT)
_USE = fields(argument=_TEXT, result=_TEXT)
_CALL = fields(id=_TEXT, name=_TEXT, step={"type": "integer", "minimum": 0}, uses={"type": "array", "items": _USE})
_MISTAKE = fields(kind=_TEXT, pointer=_TEXT, schema_valid={"type": "boolean"}, expected=_FUNCTION)


def _or_null(schema: Json) -> Json:
    return {**schema, "type": ["object", "null"]}


RECORD_SCHEMA = fields(
    id=_TEXT,
    type={"const": "function"},
    function=_or_null(_FUNCTION),
    meta=fields(
        request=_TEXT,
        scenario={"enum": ["single", "parallel", "multi_step", "no_call", "wrong_argument"]},
        label={"enum": ["correct", "no_call", "wrong_argument"]},
        why={"type": ["string", "null"]},
        mistake=_or_null(_MISTAKE),
        calls={"type": "array", "items": _CALL},
        messages={"type": "array", "items": MESSAGE},
        tools={"type": "array", "items": TOOL},
        seed={"type": "integer"},
        index={"type": "integer"},
    ),
)

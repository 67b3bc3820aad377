"""The JSON Schema of a conversation record."""

from synth_sdk.core.models import Json

_TEXT: Json = {"type": "string"}
_LABELS = ("pack", "agent", "lang", "goal", "persona", "now", "world_before", "world_after")


def fields(*optional: str, **properties: Json) -> Json:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_TOOL_CALL = fields(id=_TEXT, type=_TEXT, function=fields(name=_TEXT, arguments=_TEXT))
MESSAGE = fields(
    "tool_calls",
    "tool_call_id",
    role={"enum": ["system", "user", "assistant", "tool"]},
    content={"type": ["string", "null"]},
    tool_calls={"type": "array", "items": _TOOL_CALL},
    tool_call_id=_TEXT,
)
TOOL = fields(type=_TEXT, function=fields(name=_TEXT, description=_TEXT, parameters={"type": "object"}))
_META = fields(
    seed={"type": "integer"},
    index={"type": "integer"},
    feasible={"type": "boolean"},
    success={"type": "boolean"},
    faults={"type": "array", "items": _TEXT},
    **dict.fromkeys(_LABELS, _TEXT),
)
RECORD_SCHEMA = fields(
    "tools", id=_TEXT, messages={"type": "array", "items": MESSAGE}, tools={"type": "array", "items": TOOL}, meta=_META
)

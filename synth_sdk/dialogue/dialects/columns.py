"""What the records that `convert` writes look like to formats with columns: plainer than the shapes that validators hold them against."""

from synth_sdk.core.errors import UnknownName
from synth_sdk.core.models import Json
from synth_sdk.dialogue.dialects.shapes import closed

_TEXT: Json = {"type": "string"}
_TEXT_OR_NULL: Json = {"type": ["string", "null"]}
_OBJECT: Json = {"type": "object"}
_ANY: Json = True


def record_schema(name: str) -> Json:
    """The JSON Schema of a record in the dialect called `name`. UnknownName offers the nearest."""
    if name not in _SCHEMAS:
        raise UnknownName("dialect", name, _SCHEMAS)
    return _SCHEMAS[name]


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _chat(arguments: Json, *names: str) -> Json:
    """Chat messages; `names`: further keys of a tool's message."""
    call = closed(id=_TEXT, type=_TEXT, function=closed(name=_TEXT, arguments=arguments))
    keys = ("tool_call_id", *names)
    rest = dict.fromkeys(keys, _TEXT)
    return _list(closed("content", "tool_calls", *keys, role=_TEXT, content=_TEXT_OR_NULL, tool_calls=_list(call), **rest))


_FUNCTION = closed("description", "parameters", name=_TEXT, description=_TEXT, parameters=_OBJECT)
_TOOLS = _list(closed(type=_TEXT, function=_FUNCTION))
_BLOCK = closed(
    "text", "toolUse", "toolResult",
    text=_TEXT,
    toolUse=closed(toolUseId=_TEXT, name=_TEXT, input=_OBJECT),
    toolResult=closed(toolUseId=_TEXT, content=_list(closed(text=_TEXT))),
)  # fmt: skip
_SPEC = closed("description", name=_TEXT, description=_TEXT, inputSchema=closed(json=_OBJECT))
_SCHEMAS: dict[str, Json] = {
    "synth": closed("id", "tools", "meta", id=_TEXT, messages=_chat(_TEXT), tools=_TOOLS, meta=_OBJECT),
    "openai": closed("tools", messages=_chat(_TEXT), tools=_TOOLS),
    "trl": closed("id", "tools", "meta", id=_TEXT, messages=_chat(_OBJECT, "name"), tools=_TOOLS, meta=_OBJECT),
    "sharegpt": closed(
        "id", "meta",
        id=_TEXT, conversations=_list(closed(**{"from": _TEXT, "value": _TEXT})), system=_TEXT, tools=_TEXT, meta=_OBJECT,
    ),
    "bedrock": closed(
        "system", "toolConfig",
        schemaVersion=_TEXT,
        system=_list(closed(text=_TEXT)),
        messages=_list(closed(role=_TEXT, content=_list(_BLOCK))),
        toolConfig=closed(tools=_list(closed(toolSpec=_SPEC))),
    ),
    "anthropic": closed(
        "system", "tools",
        system=_TEXT,
        messages=_list(closed(role=_TEXT, content=_ANY)),
        tools=_list(closed("description", name=_TEXT, description=_TEXT, input_schema=_OBJECT)),
    ),
}  # fmt: skip

"""Tools as they are declared: OpenAI, MCP `tools/list`, Anthropic, Bedrock, Gemini, or plain JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth_sdk.core.errors import RequestError, SchemaError
from synth_sdk.core.models import Json
from synth_sdk.generators.tool_call.places import read_places
from synth_sdk.schema import Schema, parse_schema

MOST_TOOLS = 2_000
_SCHEMA_KEYS = ("parameters", "inputSchema", "input_schema", "parametersJsonSchema")
_RESULT_KEYS = ("outputSchema", "output_schema", "returns")
_NO_PARAMETERS: Json = {"type": "object", "properties": {}}


@dataclass(frozen=True, slots=True, eq=False)
class Tool:
    """A function that can be called. `schema` is that of its arguments (an object), `result` the declared schema of what it returns."""

    name: str
    description: str
    parameters: Mapping[str, Json]
    schema: Schema
    result: Schema | None = None

    @property
    def declaration(self) -> Json:
        """The tool as OpenAI's chat format declares it."""
        return {
            "type": "function",
            "function": {"name": self.name, "description": self.description, "parameters": dict(self.parameters)},
        }


def make_tool(name: str, description: str, parameters: Any, result: Any, where: str) -> Tool:
    """RequestError, led by `where`, unless `parameters` is the JSON Schema of an object that can be met."""
    if not isinstance(parameters, Mapping) or parameters.get("type", "object") != "object":
        raise RequestError(f"{where}: the parameters of {name!r} must be a JSON Schema of type object")
    try:
        schema = parse_schema({"type": "object", **parameters})
        returned = parse_schema(result) if result is not None else None
    except SchemaError as error:
        raise RequestError(f"{where}: the schema of {name!r} can't be used: {error.message}") from None
    return Tool(name, description, {"type": "object", **parameters}, schema, returned)


def read_tools(path: str) -> list[Tool]:
    """The tools in a JSON or YAML file. RequestError names the file, the line and the rule."""
    places = read_places(Path(path))
    tools: list[Tool] = []
    for number, entry in enumerate(_entries(places.value, path), 1):
        where = f"{path}:{places.line(entry)}"
        name, description, parameters, result = _declared(entry, number, where)
        if any(tool.name == name for tool in tools):
            raise RequestError(f"{where}: the tool {name!r} is declared twice; rename one of them")
        tools.append(make_tool(name, description, parameters, result, where))
        if len(tools) > MOST_TOOLS:
            raise RequestError(f"{where}: more than {MOST_TOOLS:,} tools; split the file")
    if not tools:
        raise RequestError(f"{path}: no tool is declared; write a list of tools with name, description and parameters")
    return tools


def _entries(value: Any, path: str) -> Iterator[Any]:
    """Each declaration, out of whatever it is wrapped in: `{tools: [...]}`, a JSON-RPC result, Gemini's functionDeclarations."""
    if isinstance(value, Mapping):
        for key in ("result", "tools", "functionDeclarations", "function_declarations", "functions"):
            if isinstance(value.get(key), list | Mapping):
                yield from _entries(value[key], path)
                return
        yield value
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, Mapping) and ("functionDeclarations" in item or "function_declarations" in item):
                yield from _entries(item, path)
            else:
                yield item
    else:
        raise RequestError(f"{path}:1: must hold a list of tools, not {type(value).__name__}")


def _declared(entry: Any, number: int, where: str) -> tuple[str, str, Any, Any]:
    """Name, description, schema of the arguments and of the result."""
    if not isinstance(entry, Mapping):
        raise RequestError(f"{where}: tool {number} must be a mapping with a name, not {type(entry).__name__}")
    inner = next((entry[key] for key in ("function", "toolSpec") if isinstance(entry.get(key), Mapping)), entry)
    name, description = inner.get("name"), inner.get("description") or ""
    if not isinstance(name, str) or not name.strip():
        raise RequestError(f"{where}: tool {number} has no name; give it one")
    if not isinstance(description, str):
        raise RequestError(f"{where}: the description of {name!r} must be text")
    parameters = next((inner[key] for key in _SCHEMA_KEYS if inner.get(key) is not None), _NO_PARAMETERS)
    if isinstance(parameters, Mapping) and set(parameters) == {"json"}:
        parameters = parameters["json"]  # Bedrock's wrapping
    return name, description, parameters, next((inner[key] for key in _RESULT_KEYS if key in inner), None)

"""Is what a tool calls its parameters a JSON Schema that can be used? Judged without importing jsonschema, which costs a second."""

from collections.abc import Iterator, Mapping
from typing import Any


def schema_flaw(parameters: Mapping[str, Any]) -> str:
    """What is wrong with `parameters`, in one line, or "": not draft 2020-12, a reference out of the schema, not the schema of an object."""
    from jsonschema_rs import Draft202012Validator, ValidationError, meta

    try:
        meta.validate({**parameters, "$schema": "https://json-schema.org/draft/2020-12/schema"})
    except ValidationError as error:
        return f"parameters are not a JSON Schema: {error.message}"
    if any(not reference.startswith("#") for reference in _references(parameters)):
        return "a $ref may only lead to the same schema"
    if parameters.get("type") != "object":
        return "parameters must be a schema of type object"
    try:
        Draft202012Validator(dict(parameters))
    except (ValidationError, ValueError) as error:
        return f"parameters can't be used: {str(error).splitlines()[0]}"
    return ""


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            if key in ("$ref", "$dynamicRef") and isinstance(value, str):
                yield value
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)

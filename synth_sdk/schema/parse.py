"""Recognise the dialect of a schema and turn it into JSON Schema."""

from collections.abc import Mapping
from typing import Any

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.schema.annotations import KEYWORD
from synth_sdk.schema.fields import field_list, from_fields, from_shorthand, is_type_like
from synth_sdk.schema.model import Schema
from synth_sdk.schema.stand_ins import with_types
from synth_sdk.schema.tree import check_tree

_JSON_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
# Names of JSON Schema (and OpenAPI) keywords that could also be the names of fields.
_KEYWORDS = frozenset({
    "type", "enum", "const", "properties", "required", "items", "format", "pattern", "minimum", "maximum", "title",
    "description", "default", "examples", "example", "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
    "contains", "dependencies", "definitions", "id", "additionalProperties", "additionalItems", "patternProperties",
    "propertyNames", "prefixItems", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties",
    "maxProperties", "multipleOf", "exclusiveMinimum", "exclusiveMaximum", "minContains", "maxContains",
    "dependentRequired", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties", "contentEncoding",
    "contentMediaType", "contentSchema", "deprecated", "readOnly", "writeOnly", "nullable", "discriminator",
})  # fmt: skip


def parse_schema(source: object) -> Schema:
    """The schema that `source` declares. SchemaError names keyword and pointer if it is malformed.

    `source` is one of: JSON Schema (an object, true or false; without `$schema` the newest draft that fits); the field list
    `{"fields": [{"name", "type", "constraints": {...}}]}`, also within a whole request (under `schema`); the shorthand `{"at": "datetime", "age": {"type": "integer"}}`;
    a pydantic model class; a Schema.

    An object is the shorthand if it has no `type` of JSON Schema, no key that starts with `$` or `x-`, some key that is not a
    keyword of JSON Schema, and only values that are text, objects with `type`, shorthands, or a list of one of these; not just text beside
    keywords.
    """
    return source if isinstance(source, Schema) else Schema(as_document(source))


def as_document(source: object) -> Json:
    """What `source` declares as JSON Schema, its correctness not yet checked. SchemaError if a short dialect or a model is malformed."""
    if isinstance(source, Schema):
        return source.document
    if isinstance(source, type):
        return _from_model(source)
    if isinstance(source, Mapping) and not isinstance(source, dict):
        source = dict(source)
    if isinstance(source, dict):
        declared: dict[str, Any] = with_types(source, set()) if KEYWORD in check_tree(source) else source
        if not _is_json_schema(declared) and field_list(declared):
            return from_fields(declared)
        return from_shorthand(declared) if _is_shorthand(declared) else declared
    return source


def _from_model(model: type) -> Json:
    from pydantic import BaseModel
    from pydantic.errors import PydanticUserError

    if not issubclass(model, BaseModel):
        raise SchemaError(f"the class {model.__name__} is not a pydantic model; derive it from pydantic.BaseModel")
    try:
        return model.model_json_schema()
    except PydanticUserError as error:
        raise SchemaError(f"the model {model.__name__} has no JSON Schema: {str(error).splitlines()[0]}") from None


def _is_json_schema(source: Mapping[Any, Any]) -> bool:
    declared = source.get("type")
    types = declared if isinstance(declared, list) else [declared]
    return any(kind in _JSON_TYPES for kind in types if isinstance(kind, str)) or any(
        str(key).startswith(("$", "x-")) for key in source
    )


def _is_shorthand(source: Mapping[Any, Any]) -> bool:
    if not source or _is_json_schema(source):
        return False
    own_names = [key for key in source if key not in _KEYWORDS]
    known = [_says_type(value) or (key not in _KEYWORDS and _lists_type(value)) for key, value in source.items()]
    fitting = all(known_one or isinstance(value, str) for known_one, value in zip(known, source.values(), strict=True))
    return bool(own_names) and fitting and (any(known) or len(own_names) == len(source))


def _says_type(value: object) -> bool:
    return is_type_like(value) or (isinstance(value, Mapping) and _is_shorthand(value))


def _lists_type(value: object) -> bool:
    return isinstance(value, list) and len(value) == 1 and (_says_type(value[0]) or _lists_type(value[0]))

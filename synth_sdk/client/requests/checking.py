"""All that is wrong with a request, found before anything else is done."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from synth_sdk.client.requests.documents import published
from synth_sdk.core import plugins
from synth_sdk.core.errors import RequestError, SchemaError, SynthError, UnknownName, short
from synth_sdk.core.redact import shown_place
from synth_sdk.sinks.destinations import scheme_of

_DATABASES = ("postgresql", "postgres", "mysql", "mariadb", "sqlite", "duckdb")
_ANNOTATED = ": x-synth: "
_FIELD = re.compile(r"/properties/([^/]+)(?:/|$)")


def flaws(request: Mapping[str, Any]) -> list[str]:
    """One line for each, naming the field; nothing when the request can be carried out as far as can be told from itself."""
    found = [*_of_shape(request)]
    if not found:
        found = [*_of_names(request), *_of_destination(request), *_of_schema(request)]
    return list(dict.fromkeys(found))


def _of_shape(request: Mapping[str, Any]) -> Iterator[str]:
    """Against the published schema."""
    from synth_sdk.schema.checkers import load_jsonschema

    schema = published("request")
    known = schema["properties"]
    for name in request:
        if name not in known:
            yield f"request: {UnknownName('key', str(name), known).message}"
    errors = load_jsonschema().Draft202012Validator(schema).iter_errors(dict(request))
    for error in sorted(errors, key=lambda one: [str(part) for part in one.absolute_path]):
        if error.validator == "additionalProperties" and not error.absolute_path:
            continue
        yield f"request: {_place(error.absolute_path)}{_words(error)}"


def _words(error: Any) -> str:
    value, rule = _as_json(error.instance), error.validator_value
    match error.validator:
        case "required":
            missing = [name for name in rule if name not in error.instance]
            return f"{', '.join(map(repr, missing))} {'is' if len(missing) == 1 else 'are'} missing"
        case "minimum":
            return f"{value} must be at least {rule}"
        case "minLength":
            return f"{value} is empty; write a name"
        case "const":
            return f"{value} must be {rule}"
        case "type":
            kinds = rule if isinstance(rule, list) else [rule]
            return f"{value} must be {' or '.join(_TYPES.get(str(kind), str(kind)) for kind in kinds)}"
        case "enum":
            return f"{value} is none of {', '.join(map(str, rule))}"
        case "additionalProperties":
            known = error.schema.get("properties", {})
            extra = [str(name) for name in error.instance if name not in known]
            return "; ".join(_unknown(name, known) for name in extra)
        case _:
            return str(error.message)


def _as_json(value: Any) -> str:
    """A value as its author wrote it."""
    if isinstance(value, float) and value != value:
        return "NaN"
    for constant, word in ((None, "null"), (True, "true"), (False, "false")):
        if value is constant:
            return word
    return short(value)


def _unknown(name: str, known: Mapping[str, Any]) -> str:
    """An unknown key; one that restricts a field has its place one level below."""
    from synth_sdk.schema.fields import CONSTRAINTS

    if "constraints" in known and name in CONSTRAINTS:
        return f"key {name!r} has its place in the field's constraints: " + f'{{"constraints": {{"{name}": ...}}}}'
    return UnknownName("key", name, known).message


_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "array": "a list",
    "object": "an object",
    "boolean": "true or false",
    "null": "null",
}


def _place(path: Sequence[str | int]) -> str:
    """`destination.type: `, `schema.fields[2].name: `."""
    told = ""
    for part in path:
        told += f"[{part}]" if isinstance(part, int) else f".{part}" if told else str(part)
    return f"{told}: " if told else ""


def _of_names(request: Mapping[str, Any]) -> Iterator[str]:
    from synth_sdk.client.config.kinds import KIND_ALIASES
    from synth_sdk.compliance.frameworks import frameworks

    kind = request["data_type"]
    kinds = plugins.names("generators")
    if KIND_ALIASES.get(kind, kind) not in kinds:
        yield f"request: {UnknownName('data_type', kind, kinds).message}"
    elif kind in ("custom", "json", "structured") and request.get("schema") is None and request.get("like") is None:
        yield f"request: schema: data_type {kind!r} needs one; give its fields"
    formats = plugins.names("sinks")
    if (wanted := request.get("output_format")) is not None and wanted not in formats:
        yield f"request: {UnknownName('output_format', wanted, formats).message}"
    for name in request.get("compliance_requirements") or ():
        try:
            frameworks([name])
        except SynthError as error:
            yield f"request: compliance_requirements: {error.message}"


def _of_destination(request: Mapping[str, Any]) -> Iterator[str]:
    destination = request.get("destination")
    if not destination:
        return
    kind, location = destination["type"], destination["location"]
    scheme = scheme_of(location)
    told = f"request: destination.location: {shown_place(location)!r}"
    if not location.strip():
        yield f"{told} is empty; name a place"
    elif kind == "s3" and scheme not in ("", "s3"):
        yield f"{told} is no object of S3: write s3://BUCKET/KEY"
    elif kind == "rds" and scheme not in _DATABASES:
        yield f"{told} is no database: write for example postgresql://HOST/DATABASE?table=NAME, mysql://..., sqlite:///FILE"
    elif kind == "local" and scheme:
        fits = "s3" if scheme == "s3" else "rds" if scheme in _DATABASES else ""
        way_out = f", or make the destination's type {fits!r}" if fits else ""
        yield f"{told} is no path: name a file{way_out}"


def _of_schema(request: Mapping[str, Any]) -> Iterator[str]:
    """Every field that can't be made, by its name; of other schemas what is found when they are checked anywhere."""
    from synth_sdk.client.wish import parse_document

    schema = request.get("schema")
    if schema is None:
        return
    fields = schema.get("fields") if isinstance(schema, dict) else None
    if not isinstance(fields, list):
        try:
            document = parse_document(schema)
        except RequestError as error:
            yield f"request: {error.message}"
            return
        yield from _found(document, request["volume"])
        return
    if not fields:
        yield "request: schema.fields: the list is empty; give at least one field"
    names = [str(field["name"]) for field in fields]
    yield from (
        f"request: schema field {name!r}: declared twice; rename one" for name in dict.fromkeys(names) if names.count(name) > 1
    )
    readable, broken = dict[str, Mapping[str, Any]](), False
    for field in fields:
        told = _unreadable(field)
        if told:
            yield f"request: schema field {field['name']!r}: {told}"
        broken = broken or bool(told)
        readable[field["name"]] = {"name": field["name"], "type": "any"} if told else field  # others may refer to it
    for found in _found({"fields": [*readable.values()]}, request["volume"]):
        if not (broken and _ANNOTATED in found):  # it may be a consequence
            yield found


def _unreadable(field: Mapping[str, Any]) -> str:
    """Why a field can't be read by itself; nothing for one that can."""
    from synth_sdk.schema.checks.annotated import bare
    from synth_sdk.schema.fields import from_fields

    try:
        from_fields({"fields": [field]})
    except SchemaError as error:
        return f"{error.keyword}: {bare(error)}" if error.keyword else bare(error)
    return ""


def _found(document: Any, volume: int) -> Iterator[str]:
    """What is found in a whole schema, whose fields may refer to one another."""
    from synth_sdk.client.schemas import check_schema

    for one in check_schema(document, volume):
        if one.level == "error":
            keyword = f"{one.keyword}: " if one.keyword else ""
            yield f"request: schema{_field_of(one.pointer)}: {keyword}{one.message}"


def _field_of(pointer: str) -> str:
    """` field 'x'` for a pointer into the property x; nothing for any other."""
    found = _FIELD.match(pointer)
    return f" field {found[1].replace('~1', '/').replace('~0', '~')!r}" if found else ""

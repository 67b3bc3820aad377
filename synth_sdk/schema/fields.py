"""The two short dialects: the field list of a request, and the shorthand of one type word per field.

Type words that JSON Schema has no name for become a string with a `format` that the engine knows (`phone`, `address`, ...);
validators ignore formats they don't know. What has no keyword at all stands under `x-synth`: `strftime` (how a date is
written) with `as` (the format it would have had), `earliest` and `latest` (ISO bounds of a date), and whatever key of
`schema.annotations` a field says itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from synth_sdk.core.errors import SchemaError, nearest
from synth_sdk.core.models import Json
from synth_sdk.schema.annotations import KEYS, KEYWORD, read_annotation
from synth_sdk.schema.checks.keywords import FORMATS
from synth_sdk.schema.written_formats import is_iso, pattern_of, strftime_of

_ALIASES = {
    "string": ("str", "text", "varchar", "char"),
    "integer": ("int", "bigint", "long"),
    "number": ("float", "double", "decimal", "real"),
    "boolean": ("bool",),
    "date-time": ("datetime", "timestamp", "date_time"),
    "phone": ("phone_number", "telephone"),
    "postcode": ("zip", "zip_code", "postal_code"),
    "uuid": ("guid",),
    "uri": ("url",),
    "ipv4": ("ip",),
}
_FORMATS = (
    *("date-time", "date", "time", "duration", "email", "uuid", "uri", "ipv4", "ipv6", "hostname"),
    *("phone", "address", "street", "city", "state", "postcode", "country", "country_code", "name", "first_name", "last_name"),
    *("username", "company", "job", "currency", "iban", "color", "word", "sentence", "paragraph"),
)
_WORDS: dict[str, dict[str, Json]] = {
    **{word: {"type": word} for word in ("string", "integer", "number", "boolean", "array", "object", "null")},
    **{word: {"type": "string", "format": word} for word in _FORMATS},
    "any": {},
}
TYPE_WORDS: dict[str, dict[str, Json]] = _WORDS | {alias: _WORDS[word] for word, group in _ALIASES.items() for alias in group}
_DATES = frozenset({"date", "date-time", "time"})
CONSTRAINTS = frozenset({"min", "max", "format", "nullable", "enum", "pattern", "required", KEYWORD, *KEYS})
_BOUNDS = {
    "string": ("minLength", "maxLength"),
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}


def is_type_like(value: object) -> bool:
    """A type word, or an object that has one under `type`."""
    if isinstance(value, Mapping):
        return isinstance(value.get("type"), str | list)
    return isinstance(value, str) and value.lower() in TYPE_WORDS


def from_fields(source: Mapping[str, Any]) -> dict[str, Json]:
    """`{"fields": [{"name", "type", "constraints": {...}}]}` as JSON Schema: an object with just these fields.

    Constraints: `min` and `max` (value of a number, length of text, ISO limits of a date), `format` (of dates: strftime, or letters such as
    DD/MM/YYYY; of texts such as a phone number a # for each digit),
    `nullable`, `enum`, `pattern`, `required` (true if not given), `x-synth` or any of its keys. A whole request is taken for the `schema` in it.
    """
    source, place = field_list(source) or (source, "")
    properties: dict[str, Json] = {}
    required = []
    for position, field in enumerate(source["fields"]):
        pointer = f"{place}/fields/{position}"
        if not isinstance(field, Mapping) or not isinstance(field.get("name"), str) or not field["name"]:
            raise SchemaError('a field is an object with a "name"', pointer=pointer, keyword="name")
        name = field["name"]
        if name in properties:
            raise SchemaError(f"the field {name!r} is declared twice; rename one", pointer=pointer, keyword="name")
        constraints = field.get("constraints")
        if constraints is not None and not isinstance(constraints, Mapping):
            raise SchemaError('"constraints" must be an object', pointer=pointer, keyword="constraints")
        settings = {key: value for key, value in (constraints or {}).items() if value is not None}
        _check_known(settings, CONSTRAINTS, f"{pointer}/constraints")
        needed = settings.pop("required", True)
        if not isinstance(needed, bool):
            raise SchemaError(f"{needed!r} must be true or false", pointer=pointer, keyword="required")
        required += [name] if needed else []
        properties[name] = _field(field.get("type", "string"), settings, pointer, needed)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def field_list(source: Mapping[str, Any]) -> tuple[Mapping[str, Any], str] | None:
    """The object that holds the list `fields`, and its pointer: `source`, or the `schema` of a whole request. None if there is none."""
    if isinstance(source.get("fields"), list):
        return source, ""
    inner = source.get("schema")
    if isinstance(inner, Mapping) and isinstance(inner.get("fields"), list):
        return inner, "/schema"
    return None


def from_shorthand(source: Mapping[str, Any]) -> dict[str, Json]:
    """`{"timestamp": "datetime", "temperature": {"type": "number", "min": -20, "max": 40}}` as JSON Schema.

    Every field is required. A list of one value is a list of such values. An object value may hold `min`, `max`, `nullable`, any keyword of JSON Schema, and `x-synth` or any of its keys.
    """
    properties: dict[str, Json] = {}
    for name, value in source.items():
        if not isinstance(name, str):
            raise SchemaError(f"the field name {name!r} is not text; quote it")
        properties[name] = _of_shorthand(value, f"/{name}")
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _of_shorthand(value: Any, pointer: str) -> dict[str, Json]:
    """One value of the shorthand."""
    match value:
        case str():
            return _field(value, {}, pointer)
        case [item]:
            return {"type": "array", "items": _of_shorthand(item, f"{pointer}/0")}
        case {"type": str(word)}:
            return _field(word, {key: inner for key, inner in value.items() if key != "type"}, pointer)
        case Mapping():
            return dict(value) if "type" in value else from_shorthand(value)
        case _:
            raise SchemaError(
                f"{value!r} is not a type; give a type word such as 'string' or an object with \"type\"",
                pointer=pointer,
                keyword="type",
            )


def _check_known(settings: Mapping[str, Any], known: frozenset[str], pointer: str) -> None:
    for key in settings:
        if key not in known:
            near = nearest(str(key), known) or sorted(known)
            raise SchemaError(f"unknown constraint {key!r}: did you mean {' or '.join(near)}?", pointer=pointer, keyword=str(key))


def _field(word: object, settings: Mapping[str, Any], pointer: str, needed: bool = True) -> dict[str, Json]:
    if not isinstance(word, str) or word.lower() not in TYPE_WORDS:
        near = nearest(str(word), TYPE_WORDS) or sorted(TYPE_WORDS)
        raise SchemaError(f"unknown type {word!r}: did you mean {' or '.join(near)}?", pointer=pointer, keyword="type")
    schema: dict[str, Json] = dict(TYPE_WORDS[word.lower()])
    rest = dict(settings)
    extras = _annotation(rest, pointer)
    nullable = rest.pop("nullable", needed and bool(extras.get("null_rate")))  # a rate of nulls says that there are some
    low, high = rest.pop("min", None), rest.pop("max", None)
    if not isinstance(nullable, bool):
        raise SchemaError(f"{nullable!r} must be true or false", pointer=pointer, keyword="nullable")
    if isinstance(rest.get("format"), str) and "format" in schema:
        _written(schema, extras, rest, word, pointer)
    schema.update(rest)
    for bound, value, side in (("min", low, 0), ("max", high, 1)):
        if value is not None:
            _bound(schema, extras, bound, value, side, pointer)
    _check_order(low, high, pointer)
    if extras:
        schema[KEYWORD] = extras
        read_annotation(schema, pointer)
    return _nullable(schema) if nullable and "type" in schema else schema


def _written(schema: dict[str, Json], extras: dict[str, Json], rest: dict[str, Any], word: str, pointer: str) -> None:
    """The `format` of a type that has one by itself: how a date is written, a mask of digits, or another format of JSON Schema."""
    written, dated = rest["format"], schema["format"] in _DATES
    if written in FORMATS and (not dated or written in _DATES):
        return
    del rest["format"]
    if dated and not is_iso(written):
        extras["strftime"] = _strftime(written, pointer)
        extras["as"] = schema.pop("format")
    elif not dated:
        mask = pattern_of(written)
        if mask is None:
            told = f"{written!r} is no format that a field of type {word!r} can have: leave it out, write # for each digit, or give a pattern"
            raise SchemaError(told, pointer=pointer, keyword="format")
        rest.setdefault("pattern", mask)


def _annotation(rest: dict[str, Any], pointer: str) -> dict[str, Json]:
    """Take what belongs under `x-synth` out of a field's settings."""
    told = rest.pop(KEYWORD, {})
    if not isinstance(told, Mapping):
        raise SchemaError("x-synth is an object", pointer=pointer, keyword=KEYWORD)
    return {**told, **{key: rest.pop(key) for key in KEYS if key in rest}}


def _nullable(schema: dict[str, Json]) -> dict[str, Json]:
    schema["type"] = [schema["type"], "null"]
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
        weights = schema.get(KEYWORD, {}).get("weights")
        if isinstance(weights, list) and "words" not in schema[KEYWORD]:
            schema[KEYWORD] = {**schema[KEYWORD], "weights": [*weights, 0]}  # nulls come by their rate
    return schema


def _bound(schema: dict[str, Json], extras: dict[str, Json], bound: str, value: object, side: int, pointer: str) -> None:
    """Numbers: value; text: length; arrays: items; dates: an ISO date."""
    kind = schema.get("type")
    if (extras.get("as") or schema.get("format")) in _DATES - {"time"} and isinstance(value, str):
        try:
            datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            raise SchemaError(f"{value!r} is not an ISO date such as 2025-01-31", pointer=pointer, keyword=bound) from None
        extras[("earliest", "latest")[side]] = value
        return
    if (extras.get("as") or schema.get("format")) in _DATES - {"time"}:
        raise SchemaError(f"{value!r} is not an ISO date in quotes, such as 2025-01-31", pointer=pointer, keyword=bound)
    if kind not in _BOUNDS:
        raise SchemaError(f"a field of type {kind!r} has no {bound!r}; leave it out", pointer=pointer, keyword=bound)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SchemaError(f"{value!r} must be a number", pointer=pointer, keyword=bound)
    counted = kind not in ("integer", "number")
    if counted and (value != int(value) or value < 0):
        raise SchemaError(f"{value!r} must be a length: a whole number of at least 0", pointer=pointer, keyword=bound)
    schema[_BOUNDS[str(kind)][side]] = int(value) if counted else value


def _check_order(low: Any, high: Any, pointer: str) -> None:
    if low is not None and high is not None and low > high:
        raise SchemaError(f"unsatisfiable: min {low!r} is above max {high!r}", pointer=pointer, keyword="min")


def _strftime(written: str, pointer: str) -> str:
    if "%" not in written:
        codes = strftime_of(written)
        if codes is None:
            told = f"{written!r} is no way to write a date: write %d/%m/%Y (strftime) or DD/MM/YYYY, or leave it out for ISO 8601"
            raise SchemaError(told, pointer=pointer, keyword="format")
        return codes
    try:
        datetime(2001, 2, 3, 4, 5, 6).strftime(written)
    except ValueError as error:
        raise SchemaError(f"{written!r} is not a strftime format: {error}", pointer=pointer, keyword="format") from None
    return written

"""Is a schema usable? Everything that can be said about it by reading alone, all at once."""

from collections.abc import Iterator
from typing import Any

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.schema.checks.annotated import annotated, bare
from synth_sdk.schema.checks.bounds import bounds
from synth_sdk.schema.checks.examples import examples
from synth_sdk.schema.checks.keywords import keywords
from synth_sdk.schema.checks.members import members
from synth_sdk.schema.checks.places import Finding, Level, Place, places
from synth_sdk.schema.drafts import build_validator, pick_draft
from synth_sdk.schema.parse import as_document
from synth_sdk.schema.pointers import to_pointer
from synth_sdk.schema.references import REFERENCE_KEYWORDS, follow

__all__ = ["Finding", "Level", "check_schema"]

_DRAFTS = ("2019-09", "draft-07", "draft-06", "draft-04", "draft-03")
_HOLDERS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"})
_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


def check_schema(source: object, count: int | None = None) -> list[Finding]:
    """What is wrong, or looks wrong, with `source` (whatever `parse_schema` reads), sorted by pointer.

    `count`, the number of records wanted, tells whether the values of a unique field suffice. Nothing is fetched, nothing is made; that a schema is
    free of errors here doesn't prove that a record exists.
    """
    try:
        document = as_document(source)
    except SchemaError as error:
        return [_told(error)]
    if not isinstance(document, dict):
        return _of_no_object(document)
    return sorted(set(_all(document, count)), key=lambda finding: finding.order)


def _told(error: SchemaError) -> Finding:
    return Finding("error", error.pointer, error.keyword, bare(error))


def _of_no_object(document: Json) -> list[Finding]:
    if document is False:
        return [Finding("error", "", "false", "unsatisfiable: the schema is false, no value is valid")]
    if document is True:
        return [Finding("info", "", "true", "the schema is true: anything is valid")]
    return [Finding("error", "", "", f"a schema is an object, true or false, not {type(document).__name__}")]


def _all(document: dict[str, Json], count: int | None) -> Iterator[Finding]:
    draft = _draft(document)
    meta = type(build_validator(draft, {})).META_SCHEMA
    try:
        malformed = list(_malformed(document, draft, meta))
    except SchemaError as error:
        malformed = [_told(error)]
    yield from malformed
    if isinstance(document.get("$schema"), str) and draft == "2020-12" and "2020-12" not in document["$schema"]:
        yield Finding("warning", "", "$schema", f"{document['$schema'][:80]!r} names no draft that is known; read as 2020-12")
    document = {key: value for key, value in document.items() if key not in ("$id", "id") or isinstance(value, str)}
    validator = build_validator(draft, document)
    broken = {finding.pointer for finding in malformed}
    for place in places(document, draft, validator, count):
        yield from _references(place)
        if place.pointer not in broken:
            for judge in (bounds, members, examples):
                yield from judge(place)
        for look in (keywords, annotated):
            yield from look(place)


def _draft(document: dict[str, Json]) -> str:
    try:
        return pick_draft(document)
    except SchemaError:
        declared = str(document.get("$schema", ""))
        return next((draft for draft in _DRAFTS if draft in declared), "2020-12")


def _malformed(document: Json, draft: str, meta: Json) -> Iterator[Finding]:
    try:
        for error in build_validator(draft, meta).iter_errors(document):
            path = list(error.absolute_path)
            keyword = _keyword_of(path)
            at = path[: len(path) - 1 - path[::-1].index(keyword)] if keyword else path
            yield Finding("error", to_pointer(at), keyword, _reason(error, keyword))
    except RecursionError:
        yield Finding("error", "", "", "not supported: it is nested too deeply; move inner parts to $defs")


def _keyword_of(path: list[str | int]) -> str:
    """The keyword at fault: the last name on the way that isn't the author's own."""
    names = [place for place, step in enumerate(path) if isinstance(step, str)]
    for place in reversed(names):
        if place and path[place - 1] in _HOLDERS and (place < 2 or path[place - 2] not in _HOLDERS):
            return "" if place == len(path) - 1 else str(path[place])
        return str(path[place])
    return ""


def _reason(error: Any, keyword: str) -> str:
    value = error.instance
    if error.validator == "format" and error.validator_value == "regex":
        return f"not supported: {str(value)[:80]!r} is not a regular expression that Python can read"
    if keyword == "type" and isinstance(value, str):
        from synth_sdk.core.errors import nearest

        return f"{value!r} is no type; did you mean {' or '.join(nearest(value, _TYPES, 1) or _TYPES)}?"
    if keyword in ("exclusiveMinimum", "exclusiveMaximum") and isinstance(value, bool):
        plain = keyword.removeprefix("exclusive").lower()
        return f"a boolean is how draft-04 says it; write the number here, in place of {plain}"
    return " ".join(str(error.message).split())[:200]


def _references(place: Place) -> Iterator[Finding]:
    for keyword in REFERENCE_KEYWORDS:
        reference = place.schema.get(keyword)
        if isinstance(reference, str):
            try:
                follow(place.resolver, reference, place.pointer, keyword)
            except SchemaError as error:
                yield _told(error)

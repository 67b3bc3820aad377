"""Which draft a document is written in, and whether it is correct in that draft. The only place that builds validators."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.schema.checkers import load_jsonschema
from synth_sdk.schema.leaves import MultipleOf, Pattern, format_functions, matches
from synth_sdk.schema.pointers import to_pointer

OLD_DRAFTS = frozenset({"draft-03", "draft-04", "draft-06", "draft-07"})  # a $ref hides its siblings there
ARRAY_ITEMS_DRAFTS = OLD_DRAFTS | {"2019-09"}  # "items" may be a list there
UNDECLARED = ("2020-12", "draft-07", "draft-04")  # tried in this order
_SUFFIXES = ("2020-12", "2019-09", "draft-07", "draft-06", "draft-04", "draft-03")


def declared_draft(document: Json) -> str | None:
    """The draft that `$schema` names; None without `$schema`. An own meta-schema or a misspelt one is read as the newest draft."""
    uri = document.get("$schema") if isinstance(document, dict) else None
    if not isinstance(uri, str):
        return None
    plain = (
        uri.rstrip("#").removeprefix("https://").removeprefix("http://").removeprefix("json-schema.org/").removesuffix("/schema")
    )
    draft = plain.removeprefix("draft/") if plain.startswith("draft/") else plain
    return draft if draft in _SUFFIXES else "2020-12"


def pick_draft(document: Json) -> str:
    """The declared draft; without `$schema` the first of UNDECLARED in which the document is correct.

    SchemaError names the keyword and the pointer of the first fault.
    """
    declared = declared_draft(document)
    faults = {draft: _fault(draft, document) for draft in ((declared,) if declared else UNDECLARED)}
    for draft, fault in faults.items():
        if fault is None:
            return draft
    raise faults[declared or "2020-12"] or SchemaError("not a schema")


def build_validator(draft: str, document: Json) -> Any:
    """A jsonschema validator with format checks on. References are looked up in the document and the published
    meta-schemas only; nothing is fetched.
    """
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

    validator = _guarded()[draft]
    return validator(document, format_checker=validator.FORMAT_CHECKER, registry=REGISTRY)


def compile_fast(draft: str, document: Json, *, as_python: bool = False, registry: Any = None) -> Any:
    """A jsonschema-rs validator with format checks on; None if it refuses the document or doesn't know the draft.

    That it compiles means that the document is correct in its draft and that every reference it can reach leads somewhere (in
    `registry`, if one is given). With `as_python` texts and numbers are judged by Python's own functions, as jsonschema would.
    """
    validator = _fast_classes().get(draft)
    if validator is None:
        return None
    extra: dict[str, Any] = {"retriever": fetch_nothing} if registry is None else {"registry": registry}
    if as_python:
        formats = format_functions(_classes()[draft].FORMAT_CHECKER)
        extra |= {"formats": formats, "keywords": {"pattern": Pattern, "multipleOf": MultipleOf}}
    try:
        return validator(document, validate_formats=True, ignore_unknown_formats=True, **extra)
    except Exception:  # any refusal: the slow way finds out what is wrong
        return None


def register(address: str, document: Json, draft: str) -> Any:
    """A jsonschema-rs registry that knows the document under `address`, for parts that refer into it."""
    import jsonschema_rs

    number = getattr(jsonschema_rs, _fast_classes()[draft].__name__.removesuffix("Validator"))
    return jsonschema_rs.Registry([(address, document)], draft=number, retriever=fetch_nothing)


def format_checker(draft: str) -> Any:
    """jsonschema's format checker of a draft."""
    return _classes()[draft].FORMAT_CHECKER


@cache
def _classes() -> Mapping[str, Any]:
    jsonschema = load_jsonschema()
    return {
        "2020-12": jsonschema.Draft202012Validator,
        "2019-09": jsonschema.Draft201909Validator,
        "draft-07": jsonschema.Draft7Validator,
        "draft-06": jsonschema.Draft6Validator,
        "draft-04": jsonschema.Draft4Validator,
        "draft-03": jsonschema.Draft3Validator,
    }


@cache
def _guarded() -> Mapping[str, Any]:
    """jsonschema's classes with regular expressions that can't run for ever."""
    extend: Any = load_jsonschema().validators.extend
    words = {"pattern": _pattern, "patternProperties": _pattern_properties}
    return {draft: extend(validator, words) for draft, validator in _classes().items()}


@cache
def _fast_classes() -> Mapping[str, Any]:
    import jsonschema_rs

    return {
        "2020-12": jsonschema_rs.Draft202012Validator,
        "2019-09": jsonschema_rs.Draft201909Validator,
        "draft-07": jsonschema_rs.Draft7Validator,
        "draft-06": jsonschema_rs.Draft6Validator,
        "draft-04": jsonschema_rs.Draft4Validator,
    }


def fetch_nothing(uri: str) -> Json:
    raise LookupError(f"{uri} is never fetched")


def _pattern(validator: Any, pattern: str, instance: Json, _schema: Json) -> Iterator[Any]:
    if validator.is_type(instance, "string") and not matches(pattern, instance):
        yield load_jsonschema().ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Mapping[str, Json], instance: Json, _schema: Json) -> Iterator[Any]:
    if validator.is_type(instance, "object"):
        for pattern, inner in patterns.items():
            for name, value in instance.items():
                if matches(pattern, name):
                    yield from validator.descend(value, inner, path=name, schema_path=pattern)


def _fault(draft: str, document: Json) -> SchemaError | None:
    jsonschema = load_jsonschema()
    validator = _classes()[draft]
    try:
        error = jsonschema.exceptions.best_match(
            validator(validator.META_SCHEMA, format_checker=validator.FORMAT_CHECKER).iter_errors(document)
        )
    except RecursionError:
        return SchemaError("not supported: it (or a pattern in it) is nested too deeply; simplify it")
    except jsonschema.exceptions.UnknownType as unknown:
        return SchemaError(str(unknown))
    if error is None:
        return None
    told = error.message[:200]
    if error.validator == "format" and error.validator_value == "regex":
        told = f"not supported: {str(error.instance)[:80]!r} is not a regular expression that Python can read"
    keyword = next((str(part) for part in reversed(error.absolute_path) if isinstance(part, str)), "")
    return SchemaError(told, pointer=to_pointer(error.absolute_path), keyword=keyword)

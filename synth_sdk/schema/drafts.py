"""Which draft a document is written in, and whether it is correct in that draft. The only place that builds validators."""

from collections.abc import Mapping
from typing import Any

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.schema.pointers import to_pointer

OLD_DRAFTS = frozenset({"draft-03", "draft-04", "draft-06", "draft-07"})  # a $ref hides its siblings there
ARRAY_ITEMS_DRAFTS = OLD_DRAFTS | {"2019-09"}  # "items" may be a list there


def _classes() -> Mapping[str, Any]:
    import jsonschema

    return {
        "2020-12": jsonschema.Draft202012Validator,
        "2019-09": jsonschema.Draft201909Validator,
        "draft-07": jsonschema.Draft7Validator,
        "draft-06": jsonschema.Draft6Validator,
        "draft-04": jsonschema.Draft4Validator,
        "draft-03": jsonschema.Draft3Validator,
    }


def pick_draft(document: Json) -> str:
    """The declared draft; without `$schema` the newest of 2020-12, draft-07 and draft-04 in which the document is correct.

    SchemaError names the keyword and the pointer of the first fault.
    """
    declared = document.get("$schema") if isinstance(document, dict) else None
    if isinstance(declared, str):
        draft = _named(declared)
        fault = _fault(draft, document)
        if fault is None:
            return draft
        raise fault
    faults = {draft: _fault(draft, document) for draft in ("2020-12", "draft-07", "draft-04")}
    for draft, fault in faults.items():
        if fault is None:
            return draft
    raise faults["2020-12"] or SchemaError("not a schema")


def build_validator(draft: str, document: Json) -> Any:
    """A jsonschema validator with format checks on. References are looked up in the document and the published
    meta-schemas only; nothing is fetched.
    """
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

    validator = _classes()[draft]
    return validator(document, format_checker=validator.FORMAT_CHECKER, registry=REGISTRY)


def _named(uri: str) -> str:
    plain = (
        uri.rstrip("#").removeprefix("https://").removeprefix("http://").removeprefix("json-schema.org/").removesuffix("/schema")
    )
    draft = plain.removeprefix("draft/") if plain.startswith("draft/") else plain
    return draft if draft in _classes() else "2020-12"  # an own meta-schema or a misspelt one: read it as the current draft


def _fault(draft: str, document: Json) -> SchemaError | None:
    import jsonschema
    from jsonschema.exceptions import best_match

    validator = _classes()[draft]
    try:
        error = best_match(validator(validator.META_SCHEMA, format_checker=validator.FORMAT_CHECKER).iter_errors(document))
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

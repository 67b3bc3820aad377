"""Where the subschemas of a document are, and whether its references lead anywhere without a network."""

from collections.abc import Iterator, Mapping
from typing import Any

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.schema.drafts import OLD_DRAFTS
from synth_sdk.schema.pointers import to_pointer

REFERENCE_KEYWORDS = ("$ref", "$dynamicRef", "$recursiveRef")
_ONE = (
    "additionalItems", "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then",
    "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
_LIST = ("allOf", "anyOf", "items", "oneOf", "prefixItems")
_MAP = ("dependencies", "dependentSchemas", "patternProperties", "properties")


def subschemas(schema: Mapping[str, Json]) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    """The subschemas one level down that take part in validation (so not `$defs`), each with its path."""
    for keyword in _ONE:
        if isinstance(schema.get(keyword), dict):
            yield (keyword,), schema[keyword]
    for keyword in _LIST:
        if isinstance(schema.get(keyword), list):
            yield from (((keyword, position), inner) for position, inner in enumerate(schema[keyword]) if isinstance(inner, dict))
    for keyword in _MAP:
        if isinstance(schema.get(keyword), dict):
            yield from (((keyword, name), inner) for name, inner in schema[keyword].items() if isinstance(inner, dict))


def root_resolver(document: Json, draft: str) -> Any:
    """A `referencing` resolver for the document, which knows the published meta-schemas and fetches nothing."""
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

    return REGISTRY.resolver_with_root(specification_of(draft).create_resource(document))


def specification_of(draft: str) -> Any:
    from referencing import jsonschema as specifications

    return {
        "2020-12": specifications.DRAFT202012,
        "2019-09": specifications.DRAFT201909,
        "draft-07": specifications.DRAFT7,
        "draft-06": specifications.DRAFT6,
        "draft-04": specifications.DRAFT4,
        "draft-03": specifications.DRAFT3,
    }[draft]


def enter(resolver: Any, schema: Mapping[str, Json], draft: str) -> Any:
    """`resolver` as it applies inside `schema`: an own `$id` moves the base."""
    if isinstance(schema.get("$id") or schema.get("id"), str):
        return resolver.in_subresource(specification_of(draft).create_resource(schema))
    return resolver


def has_inner_address(document: Json) -> bool:
    """Does some object below the root have an `$id`? References in it are relative to that."""
    waiting: list[Json] = [*document.values()] if isinstance(document, dict) else []
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(value.get("$id"), str) or isinstance(value.get("id"), str):
                return True
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return False


def follow(resolver: Any, reference: str, pointer: str, keyword: str = "$ref") -> tuple[Json, Any]:
    """The schema that `reference` means, and the resolver that applies there. SchemaError if it leads nowhere offline."""
    from referencing.exceptions import Unresolvable

    try:
        found = resolver.lookup(reference)
    except (Unresolvable, ValueError, TypeError, AttributeError, LookupError):
        if reference.startswith("#"):
            raise SchemaError(f"{reference!r} leads nowhere in the document", pointer=pointer, keyword=keyword) from None
        raise SchemaError(
            f"the remote reference {reference!r} is never fetched; put its text under $defs and refer to '#/$defs/...'",
            pointer=pointer,
            keyword=keyword,
        ) from None
    if not isinstance(found.contents, dict | bool):
        raise SchemaError(f"{reference!r} leads to something that is not a schema", pointer=pointer, keyword=keyword)
    return found.contents, found.resolver


def check_references(document: Json, draft: str) -> None:
    """SchemaError for the first reference, among those validation could reach, that leads nowhere. Nothing is fetched."""
    waiting: list[tuple[Json, Any, tuple[str | int, ...]]] = [(document, root_resolver(document, draft), ())]
    seen: set[int] = set()
    while waiting:
        schema, resolver, path = waiting.pop()
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        resolver = enter(resolver, schema, draft) if path else resolver
        for keyword in REFERENCE_KEYWORDS:
            reference = schema.get(keyword)
            if isinstance(reference, str):
                target, there = follow(resolver, reference, to_pointer(path), keyword)
                waiting.append((target, there, (*path, keyword)))
        if not (draft in OLD_DRAFTS and "$ref" in schema):
            waiting.extend((inner, resolver, (*path, *step)) for step, inner in subschemas(schema))

"""Keywords and formats that aren't what their author thinks: misspelt, without effect, or of another dialect."""

import difflib
from collections.abc import Iterator

from synth_sdk.schema.checks.places import Finding, Place
from synth_sdk.schema.drafts import OLD_DRAFTS

BINDS = {  # the type that each keyword speaks of
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "number"),
    **dict.fromkeys(("minLength", "maxLength", "pattern", "contentEncoding", "contentMediaType"), "string"),
    **dict.fromkeys(
        ("items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains", "unevaluatedItems"),
        "array",
    ),
    **dict.fromkeys(
        (
            "properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties",
            "dependentRequired", "dependentSchemas", "unevaluatedProperties",
        ),
        "object",
    ),
}  # fmt: skip
_KNOWN = frozenset(BINDS) | frozenset({
    "type", "enum", "const", "format", "title", "description", "default", "examples", "example", "allOf", "anyOf", "oneOf", "not", "if", "then",
    "else", "dependencies", "definitions", "id", "contentSchema", "deprecated", "readOnly", "writeOnly", "nullable", "discriminator", "xml", "externalDocs",
    "extends", "disallow", "divisibleBy", "enumNames", "options", "errorMessage",
})  # fmt: skip
FORMATS = frozenset({
    "date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri", "uri-reference", "iri",
    "iri-reference", "uuid", "uri-template", "json-pointer", "relative-json-pointer", "regex", "color", "ip-address", "host-name",
    "int32", "int64", "uint32", "uint64", "float", "double", "byte", "binary", "password", "base64", "decimal", "url", "guid", "phone", "address",
    "street", "city", "state", "postcode", "country", "country_code", "name", "first_name", "last_name", "username", "company", "job",
    "currency", "iban", "word", "sentence", "paragraph", "markdown", "html", "textarea", "local-date-time", "datetime", "unix-time", "year",
})  # fmt: skip
_SAID = {"number": "numbers", "string": "text", "array": "arrays", "object": "objects"}
_ALIKE = 0.8  # of difflib's ratio; below it a word is taken for the author's own
_NEEDS = {"then": ("if",), "else": ("if",), "minContains": ("contains",), "maxContains": ("contains",)}


def keywords(place: Place) -> Iterator[Finding]:
    """Misspelt and idle keywords, unknown formats, words of OpenAPI."""
    yield from _misspelt(place)
    yield from _idle(place)
    yield from _formats(place)
    if "nullable" in place.schema:
        yield place.found("warning", "nullable", 'JSON Schema does not know it and allows no null; write "type": ["...", "null"]')
    if place.draft in OLD_DRAFTS and "$ref" in place.schema:
        beside = sorted(set(place.schema) & (_KNOWN - {"title", "description", "default", "examples", "definitions", "id"}))
        if beside:
            yield place.found("warning", "$ref", f"{place.draft} ignores {', '.join(beside)} beside it; put both into allOf")
    for bound in ("exclusiveMinimum", "exclusiveMaximum"):
        if isinstance(place.schema.get(bound), bool) and place.draft == "draft-04" and not place.declared:
            plain = bound.removeprefix("exclusive").lower()
            yield place.found(
                "warning", bound, f"a boolean is how draft-04 says it; newer drafts want the number here, in place of {plain}"
            )


def _misspelt(place: Place) -> Iterator[Finding]:
    for word in place.schema:
        if word in _KNOWN or word.startswith(("$", "x-", "_", "//")):
            continue
        folded = {known.lower(): known for known in _KNOWN}
        near = difflib.get_close_matches(word.lower().replace("_", ""), folded, n=1, cutoff=_ALIKE)
        if near:
            yield place.found("warning", word, f"unknown keyword, which validators ignore; did you mean {folded[near[0]]}?")


def _idle(place: Place) -> Iterator[Finding]:
    types = place.types()
    if types and not types - {"null", "boolean", "number", "integer", "string", "array", "object"}:
        for word, kind in BINDS.items():
            if word in place.schema and kind not in types and not (kind == "number" and "integer" in types):
                told = " or ".join(sorted(types))
                yield place.found("warning", word, f"no effect: it speaks of {_SAID[kind]}, the type is {told}")
    for word, needed in _NEEDS.items():
        if word in place.schema and not any(one in place.schema for one in needed):
            yield place.found("warning", word, f"no effect without {' or '.join(needed)}")
    yield from _untyped(place)


def _untyped(place: Place) -> Iterator[Finding]:
    """Keywords bind their own type only: `{"minimum": 3}` allows any text."""
    bound = {BINDS[word] for word in place.schema if word in BINDS}
    decided = {"type", "enum", "const", "$ref", "allOf", "anyOf", "oneOf", "not", "if"} & place.schema.keys()
    conditional = {"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"} & set(
        map(str, place.path)
    )
    if len(bound) == 1 and not decided and not conditional:
        (kind,) = bound
        yield place.found(
            "info", "type", f"missing: its keywords speak of {_SAID[kind]}, and anything else is valid too; add {kind!r}"
        )


def _formats(place: Place) -> Iterator[Finding]:
    name = place.schema.get("format")
    if not isinstance(name, str) or name in FORMATS:
        return
    near = difflib.get_close_matches(name.lower().replace("_", "-"), sorted(FORMATS), n=1, cutoff=_ALIKE)
    if near:
        yield place.found("warning", "format", f"unknown format {name!r}; did you mean {near[0]}?")
    else:
        yield place.found("info", "format", f"the format {name[:60]!r} is not checked, and shapes no value; a pattern would")

"""Schemas by hypothesis, and a validator that shares nothing with the engine but the library."""

import jsonschema
from hypothesis import strategies as st

NAMES = ["id", "name", "email", "age", "price", "created_at", "updated_at", "city", "zip", "note", "x", "tags", "url"]


def is_valid(value, document):
    """By jsonschema's own class for 2020-12, with format checks."""
    return jsonschema.Draft202012Validator(document, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER).is_valid(
        value
    )


@st.composite
def integers(draw):
    low = draw(st.integers(-(10**6), 10**6))
    schema = {"type": "integer"}
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["minimum", "exclusiveMinimum"]))] = low
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["maximum", "exclusiveMaximum"]))] = low + draw(st.integers(40, 10**6))
    if draw(st.booleans()):
        schema["multipleOf"] = draw(st.integers(1, 20))
    return schema


@st.composite
def numbers(draw):
    low = draw(st.floats(-1e6, 1e6))
    schema = {"type": "number"}
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["minimum", "exclusiveMinimum"]))] = low
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["maximum", "exclusiveMaximum"]))] = low + draw(st.floats(0.01, 1e6))
    elif draw(st.booleans()):
        schema["multipleOf"] = draw(st.sampled_from([0.5, 0.1, 0.01, 2, 2.5, 7]))
    return schema


@st.composite
def texts(draw):
    low = draw(st.integers(0, 60))
    schema = {"type": "string"}
    if draw(st.booleans()):
        schema["minLength"] = low
    if draw(st.booleans()):
        schema["maxLength"] = low + draw(st.integers(0, 40))
    return schema


PATTERNS = {  # with the longest text that matches
    "^[A-Z]{3}-[0-9]{4}$": 8,
    "^(red|green|blue)+$": 1000,
    "^\\+?[0-9 ]{7,15}$": 16,
    "[aeiou]{2}": 1000,
    "^(?=.*[0-9])[a-z0-9]{6,12}$": 12,
    "^([ab]+)-\\1$": 1000,
}
FORMATS = [
    *("date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri", "uri-reference"),
    *("iri", "iri-reference", "uri-template", "uuid", "json-pointer", "relative-json-pointer", "regex", "phone", "unheard-of"),
]  # fmt: skip

scalars = st.one_of(
    integers(),
    numbers(),
    texts(),
    st.sampled_from(list(PATTERNS)).map(lambda pattern: {"type": "string", "pattern": pattern}),
    st.sampled_from(FORMATS).map(lambda name: {"type": "string", "format": name}),
    st.just({"type": "boolean"}),
    st.just({"type": ["string", "null"]}),
    st.just({"type": "null"}),
    st.lists(st.one_of(st.integers(), st.text(max_size=5), st.booleans(), st.none()), min_size=1, max_size=6).map(
        lambda values: {"enum": values}
    ),
    st.one_of(st.integers(), st.text(max_size=5)).map(lambda value: {"const": value}),
    st.just({}),
    st.just(True),
)


def arrays(inner):
    @st.composite
    def build(draw):
        schema = {"type": "array", "items": draw(inner)}
        low = draw(st.integers(0, 4))
        if draw(st.booleans()):
            schema["minItems"] = low
        if draw(st.booleans()):
            schema["maxItems"] = low + draw(st.integers(0, 4))
        return schema

    return build()


def objects(inner):
    @st.composite
    def build(draw):
        properties = draw(st.dictionaries(st.sampled_from(NAMES), inner, min_size=1, max_size=5))
        required = draw(st.lists(st.sampled_from(list(properties)), unique=True))
        schema = {"type": "object", "properties": properties, "required": required}
        if draw(st.booleans()):
            schema["additionalProperties"] = draw(st.sampled_from([False, True, {"type": "integer"}]))
        if draw(st.booleans()):
            schema["maxProperties"] = len(required) + draw(st.integers(0, 3))
        return schema

    return build()


def unions(inner):
    return st.builds(lambda word, branches: {word: branches}, st.sampled_from(["anyOf"]), st.lists(inner, min_size=1, max_size=3))


schemas = st.recursive(scalars, lambda inner: st.one_of(arrays(inner), objects(inner), unions(inner)), max_leaves=8)

"""Schemas of records, and records that obey them, for property tests."""

from hypothesis import strategies as st

TEXT = st.text(max_size=12) | st.sampled_from(
    ["", " ", "null", "=1+1", "a,b", 'say "hi"', "it's", "line\nbreak", "cr\rlf\r\n", "tab\t", "\0", "\\", "\\'", "<&>]]>", "\u2028", "𝄞", "\x1a", "\ufffe", "0", "--", ";"]
)  # fmt: skip
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
NAMES = st.text(min_size=1, max_size=6) | st.sampled_from(
    ["id", "name", "a", "b", "a.b", "a b", "select", "xml", "1st", 'q"', "tab\t"]
)
JSON = st.recursive(
    st.none() | st.booleans() | INTEGERS | FLOATS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)

SCALARS = st.sampled_from(
    [
        {"type": "string"},
        {"type": "string", "format": "date-time"},
        {"type": "integer"},
        {"type": "integer", "minimum": 0, "maximum": 2**64 - 1},
        {"type": "number"},
        {"type": "boolean"},
        {"type": ["string", "null"]},
        {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    ]
)
MIXED = st.sampled_from(
    [{}, {"enum": [1, "1", None]}, {"type": "object"}, {"type": "array", "prefixItems": [{"type": "integer"}]}]
)


def objects(properties, names=NAMES):
    return st.builds(
        lambda inner, needed: {"type": "object", "properties": inner, "required": [name for name in inner if name in needed]},
        st.dictionaries(names, properties, min_size=1, max_size=4),
        st.sets(names, max_size=3) | st.just(_EVERY),
    )


class _Every(frozenset):
    def __contains__(self, name):
        return True


_EVERY = _Every()
SCHEMAS = objects(
    st.recursive(
        SCALARS | MIXED,
        lambda inner: objects(inner) | st.builds(lambda items: {"type": "array", "items": items}, inner),
        max_leaves=4,
    )
)


def values(schema):
    """Values that obey a schema of the forms above."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([values(branch) for branch in schema["anyOf"]])
    kind = schema.get("type")
    if isinstance(kind, list):
        return st.one_of([values({**schema, "type": one}) for one in kind])
    if kind == "object" and "properties" in schema:
        return st.fixed_dictionaries(
            {name: values(inner) for name, inner in schema["properties"].items() if name in schema["required"]},
            optional={name: values(inner) for name, inner in schema["properties"].items() if name not in schema["required"]},
        )
    if kind == "integer":
        return st.integers(0, 2**64 - 1) if "maximum" in schema else INTEGERS
    if kind == "array":
        return st.lists(values(schema["items"]), max_size=3) if "items" in schema else st.lists(JSON, max_size=3)
    plain = {None: JSON, "null": st.none(), "string": TEXT, "number": FLOATS, "boolean": st.booleans(), "object": st.dictionaries(NAMES, JSON, max_size=3)}  # fmt: skip
    return plain[kind]


CASES = SCHEMAS.flatmap(lambda schema: st.tuples(st.just(schema), st.lists(values(schema), max_size=4)))


def in_columns(value, schema, *, flat=False):
    """What is left of `value` in columns: an optional null is absent; a spread object of nulls is one."""
    if isinstance(value, list) and "items" in schema:
        return [in_columns(item, schema["items"]) for item in value]
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    inner = {name: schema["properties"][name] for name in value}
    kept = {name: in_columns(member, inner[name], flat=flat) for name, member in value.items()}
    if flat:
        optional = {name for name in kept if "properties" in inner[name] and name not in schema["required"]}
        kept = {name: None if name in optional and all_null(member, inner[name]) else member for name, member in kept.items()}
    return {name: member for name, member in kept.items() if member is not None or name in schema["required"]}


def all_null(value, schema):
    if isinstance(value, dict) and "properties" in schema:
        return all(all_null(member, schema["properties"][name]) for name, member in value.items())
    return value is None

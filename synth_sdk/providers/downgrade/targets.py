"""What each way of structured output takes of a JSON Schema: data, with sources.

The figures are what the providers document, not what was measured: a schema outside them is refused with a 400 (OpenAI, Claude) or
read without what isn't known (Gemini), so each description errs on the narrow side.
"""

from dataclasses import dataclass

from synth_sdk.core.models import Json, ModelCard

_SHAPE = frozenset({"type", "enum", "anyOf", "properties", "required", "additionalProperties", "items", "description"})
_REFERENCES = frozenset({"$ref", "$defs"})
_SPANS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_COUNTS = frozenset({"minItems", "maxItems"})
_LENGTHS = frozenset({"minLength", "maxLength"})
_COMMON_FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"})
_ALL_TYPES = ["object", "array", "string", "number", "boolean", "null"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """One way of structured output.

    `keywords` are those it takes. `formats`: values of "format" it takes. `escapes`: letters that may follow a backslash in a
    pattern; None: it takes no patterns. `closed`: every object says `additionalProperties: false`, so free keys and values of any
    type can't be said plainly. `all_required`: every property is required, so an optional one becomes nullable. `recursion`: where
    a definition may contain itself. `anything` is the schema of any value (None where it can't be said). The limits are None where
    there are none; `most_repeats` bounds the figures in counts and lengths, `most_optional` and `most_unions` optional properties
    and unions in the whole schema, `most_nodes` what references are spelled out to where there are none.
    """

    name: str
    keywords: frozenset[str]
    formats: frozenset[str] = frozenset()
    escapes: str | None = None
    closed: bool = False
    all_required: bool = False
    recursion: bool = True
    recursion_in_optional_only: bool = False
    least_items: int | None = None
    boolean_enums: bool = True
    anything: Json = None
    deepest: int | None = None
    most_properties: int | None = None
    most_enum_values: int | None = None
    most_characters: int | None = None
    most_repeats: int | None = None
    most_optional: int | None = None
    most_unions: int | None = None
    most_nodes: int = 20_000


OPENAI = Target(
    name="openai",
    keywords=_SHAPE | _REFERENCES | _SPANS | _COUNTS | {"pattern", "format"},
    formats=_COMMON_FORMATS,
    escapes="dws",
    closed=True,
    all_required=True,
    deepest=10,
    most_properties=5_000,
    most_enum_values=1_000,
    most_characters=120_000,
)
"""Strict structured output as OpenAI documents it and OpenRouter passes it on to its upstreams: every property required, every object
closed, recursion by reference, at most 5,000 properties, 10 levels of nesting, 1,000 enum values and 120,000 characters of names and
values; no allOf, not, if, dependent*. Source: OpenAI's "Structured outputs", section "Supported schemas", as profiled in February 2026 by
jsonschemaprofiles.unitvectorylabs.com. Lengths of strings are not in its list. How levels behind references count isn't documented:
here they count where the definition is first met."""

GEMINI = Target(
    name="gemini",
    keywords=_SHAPE | _REFERENCES | _COUNTS | {"prefixItems", "minimum", "maximum", "format"},
    formats=frozenset({"date-time", "date", "time"}),
    recursion_in_optional_only=True,
    boolean_enums=False,
    anything={},
    most_enum_values=2_000,
)
"""`responseJsonSchema`: enum for strings and numbers only, cyclic references within non-required properties only, nothing beside a $ref;
whatever isn't in the list is ignored. Source: Google's "Structured output" page of 26 February 2026, as profiled by
jsonschemaprofiles.unitvectorylabs.com, and the field's reference in the Gemini API (what it says of references and anyOf). Guesses: that
an empty schema is any value, and the limit on enum values (long ones are refused for having too many states)."""

CLAUDE = Target(
    name="claude",
    keywords=_SHAPE | _REFERENCES | {"minItems", "format"},
    formats=_COMMON_FORMATS | {"uri"},
    closed=True,
    recursion=False,
    least_items=1,
    most_optional=24,
    most_unions=16,
)
"""Claude's constrained decoding, as on Amazon Bedrock and Anthropic's own API: no bounds but minItems 0 or 1, every object closed, no recursion, scalars in
enums, at most 24 optional properties and 16 unions. Sources: Anthropic's "Structured outputs" and Amazon's "Get validated JSON results from
models", 2026; the two limits as restated by LangSchema 0.7.1 (hex.pm), of strict tools and of outputs alike. Simple patterns are documented
by Anthropic but not by Amazon, so none is sent."""

TOOL = Target(
    name="tool",
    keywords=(_SHAPE | _SPANS | _COUNTS | _LENGTHS | {"prefixItems", "pattern", "format"}),
    formats=_COMMON_FORMATS | {"uri"},
    escapes="dwsDWS",
    recursion=False,
    anything={},
    most_nodes=4_000,
)
"""A forced tool call (Amazon Nova, gpt-oss on Bedrock): the model reads the schema, little of it is enforced. Source: Amazon's API reference
(ToolInputSchema: the top level is an object) and the Nova guide's "Defining a tool", whose schemas have type, properties and required at
the top - so no $defs there: references are spelled out. Read in November 2026."""

LOCAL = Target(
    name="local",
    keywords=_SHAPE | _REFERENCES | _COUNTS | _LENGTHS | {"minimum", "maximum", "prefixItems", "pattern", "format"},
    formats=frozenset({"date-time", "date", "time", "uuid"}),
    escapes="",
    anything={"type": _ALL_TYPES},
    most_repeats=2_000,
)
"""A grammar made from the schema by a local server. Source: llama.cpp's grammars/README.md and common/json-schema-to-grammar.cpp, as restated
in 2026 by their port in the crate ferrox-models 0.14.0 and by v-code01/patternanchor: an empty schema means an object there, a tuple its exact
length, a pattern must be anchored, an object that says nothing of further properties has none. Class escapes in patterns and counts
beyond 2,000 are left out for caution. vLLM and Ollama take at least as much."""

TARGETS = (OPENAI, GEMINI, CLAUDE, TOOL, LOCAL)


def target_of(card: ModelCard) -> Target | None:
    """How the arm takes a schema; None when it has to be told in words."""
    claude = card.provider == "litellm" and card.model.startswith("anthropic/")
    if card.structured == "prompt" or (card.structured == "tool" and card.provider == "litellm" and not claude):
        return None  # in OpenAI's format litellm forces no tools
    if card.structured == "tool":
        return TOOL
    if card.provider == "bedrock":
        return CLAUDE if "anthropic." in card.model else TOOL
    return CLAUDE if claude else {"gemini": GEMINI, "local": LOCAL}.get(card.provider, OPENAI)

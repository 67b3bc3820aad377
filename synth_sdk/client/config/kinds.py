"""The kinds of records as the configuration knows them: their names, and how each takes its options."""

from synth_sdk.core import plugins

KIND_ALIASES = {"structured": "json"}

# Of our own kinds: those whose options are constraints, and those that take none. Any other kind is handed its options whole.
BY_CONSTRAINT = frozenset({"conversation", "tool_call", "agent_trace", "text"})
WITHOUT_OPTIONS = frozenset({"json", "custom", "user_profile", "transaction", "log_event"})
EVENT_RATE = ("events", "rate")  # an option of the kind that every wish may name


def known_kinds() -> list[str]:
    """The names of all kinds, aliases included."""
    return sorted({*plugins.names("generators"), *KIND_ALIASES})

"""What a schema of the user's means for events: the payload of each, or the whole record."""

from collections.abc import Mapping, Sequence
from typing import Any

from synth_sdk.core.errors import RequestError
from synth_sdk.generators.events.record import Origin
from synth_sdk.generators.events.scenario import Scenario

_TELLING = ("timestamp", "event_type")  # whoever declares one of them means the whole record
_BARE: tuple[Any, ...] = ({"type": "object"}, {"type": "object", "properties": {}}, {}, True)
_PLAIN = frozenset({"type", "description", "title", "minLength"})


def is_whole(document: Any) -> bool:
    """The schema is that of records, not of their metadata."""
    properties = _properties(document)
    return any(name in properties for name in _TELLING)


def origins_of(document: Any, scenario: Scenario, *, given: bool) -> list[Origin]:
    """Where each property of a whole record comes from. `given`: the scenario was asked for, so its events it must be.

    RequestError for timestamps that can't be written, and event types that the scenario doesn't know.
    """
    return [_origin(name, told, scenario, given) for name, told in _properties(document).items()]


def rest_of(document: Mapping[str, Any], origins: Sequence[Origin]) -> dict[str, Any] | None:
    """The schema without what is dictated; None if nothing is left."""
    dictated = {origin.name for origin in origins if origin.how == "dictated"}
    properties = {name: told for name, told in _properties(document).items() if name not in dictated}
    if not properties:
        return None
    required = [name for name in document.get("required", ()) if name not in dictated]
    return {**document, "properties": properties, "required": required}


def with_arrival(document: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of the same records with the time of their arrival."""
    moment = {"type": "string", "format": "date-time"}
    return {
        **document,
        "properties": {**document["properties"], "ingested_at": document["properties"].get("ingested_at", moment)},
        "required": [*document.get("required", ()), *(() if "ingested_at" in document.get("required", ()) else ("ingested_at",))],
    }


def _origin(name: str, told: Any, scenario: Scenario, given: bool) -> Origin:
    told = told if isinstance(told, Mapping) else {}
    match name:
        case "timestamp" | "ingested_at":
            return Origin(name, "dictated", _form(name, told))
        case "event_type":
            return Origin(name, "dictated" if _by_scenario(told, scenario, given) else "drawn")
        case "metadata" if dict(told) in _BARE:
            return Origin(name, "dictated")
        case "id":
            return Origin(name, "dictated" if told.get("format") in (None, "uuid") and _is_text(told) else "drawn")
        case "user_id" | "session_id":
            return Origin(name, "dictated" if _is_text(told) and "format" not in told else name.removesuffix("_id"))
    return Origin(name, "drawn")


def _form(name: str, told: Mapping[str, Any]) -> str:
    kind = told.get("type")
    if kind == "integer":
        return "integer"
    hints = told.get("x-synth") or {}  # `every` is overruled: the rate says it
    if (
        kind == "string"
        and told.get("format", "date-time") == "date-time"
        and "pattern" not in told
        and hints.keys() <= {"every"}
    ):
        return ""
    raise RequestError(f"schema: {name!r} of events is a date-time, or an integer (milliseconds since 1970); declare it so")


def _is_text(told: Mapping[str, Any]) -> bool:
    return told.get("type") == "string" and told.keys() <= _PLAIN | {"format"}


def _by_scenario(told: Mapping[str, Any], scenario: Scenario, given: bool) -> bool:
    """The scenario says what happens; otherwise the schema's own list does."""
    listed = told.get("enum")
    if listed is None:
        return told.get("type") == "string"
    missing = [name for name in scenario.types if name not in listed]
    if given and missing:
        raise RequestError(
            f"schema: event_type doesn't list {missing[0]!r}, which scenario {scenario.name!r} has; list it, or leave the scenario out"
        )
    return not missing


def _properties(document: Any) -> Mapping[str, Any]:
    found = document.get("properties") if isinstance(document, Mapping) else None
    return found if isinstance(found, Mapping) else {}

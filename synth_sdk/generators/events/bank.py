"""What a blueprint of kind `events` holds: journeys through one system, each a small scenario, written as lists that any model can fill."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.generators.banks import shape_flaws
from synth_sdk.generators.conversation_schema import fields
from synth_sdk.generators.events.linting import alike, kind_of
from synth_sdk.generators.events.reading import read_scenario
from synth_sdk.generators.events.scenario import END, Node, Scenario

_NAME: Json = {"type": "string", "pattern": "^[a-z][a-z0-9_]{1,40}$"}
_WEIGHT: Json = {"type": "number", "exclusiveMinimum": 0, "maximum": 100}
_STEPS: Json = {"type": "array", "minItems": 1, "maxItems": 12, "items": fields(to=_NAME, weight=_WEIGHT)}
_VALUE: Json = {"type": "string", "minLength": 1, "maxLength": 120}
_FIELD: Json = fields(
    "values",
    "low",
    "typical",
    "high",
    "code",
    name=_NAME,
    scope={"enum": ["event", "session", "user", "subject"]},
    kind={"enum": ["choice", "whole", "decimal", "flag", "code"]},
    values={"type": "array", "minItems": 2, "maxItems": 60, "uniqueItems": True, "items": _VALUE},
    low={"type": "number", "minimum": -1e9, "maximum": 1e9},
    typical={"type": "number", "minimum": -1e9, "maximum": 1e9},
    high={"type": "number", "minimum": -1e9, "maximum": 1e9},
    code={"type": "string", "pattern": "^[A-Za-z0-9_.:#?-]{2,40}$"},
)
_STATE: Json = fields(
    "new_subject",
    name=_NAME,
    new_subject={"type": "boolean"},
    next=_STEPS,
    payload={"type": "array", "maxItems": 12, "items": _FIELD},
)
_SCENARIO: Json = fields(
    name=_NAME,
    description={"type": "string", "minLength": 5, "maxLength": 300},
    gap_seconds={"type": "number", "minimum": 0.01, "maximum": 86_400},
    start=_STEPS,
    states={"type": "array", "minItems": 2, "maxItems": 30, "items": _STATE},
)
BLUEPRINT_SCHEMA: Json = fields(scenarios={"type": "array", "minItems": 1, "maxItems": 16, "items": _SCENARIO})

_RULES = """\
Describe how events follow each other in a log, as state machines that are then played offline for ever. The log is of: {about}

A scenario is one kind of session (one visit, one device's duty cycle, one payment): 4 to 14 states. The name of a state is the event type
that is logged, in snake_case, in the past tense or as a noun (order_placed, page_view). "start": the states with which a session begins;
"next" of a state: what may follow, with weights; "end" in place of a state ends the session. From every state a session must be able to end.
"gap_seconds": the usual time between two events of one session.
"payload": 2 to 6 fields that such an event really carries. Never timestamp, id, event type, user or session ids: those are added. Kinds:
- "choice": one of "values", 5 to 30 different realistic ones, the most common first;
- "whole", "decimal": numbers between "low" and "high", mostly near "typical"; units belong in the name (duration_ms, amount_usd);
- "flag": true or false;
- "code": an identifier by the shape in "code", where # is a digit and ? a capital letter (ORD-######).
"scope": "event" for values of each event's own; "session", "user" for what stays the same in a session or for a user (device, plan); "subject"
for what several events of a session are about (product_id, price): a state with "new_subject": true turns to another one.
A field of one name has the same kind and scope everywhere. Different scenarios are different journeys through the same system: use the same
names for the same events, and give each scenario a name of its own.
"""


def rules(about: str) -> str:
    """What a model has to know to describe `about`."""
    return _RULES.format(about=about.strip())


def blueprint_flaws(value: Json) -> list[str]:
    """What stands in the way of expanding `value`, one line each, led by a JSON pointer; [] when nothing does."""
    if flaws := shape_flaws(value, BLUEPRINT_SCHEMA):
        return flaws
    read = [read_scenario(document_of(item), item["name"]) for item in value["scenarios"]]
    for place, (item, (_, found)) in enumerate(zip(value["scenarios"], read, strict=True)):
        flaws += [_relocated(flaw, item, place) for flaw in found]
        flaws += _twice(item, place)
    if flaws:
        return flaws
    scenarios = [scenario for scenario, _ in read if scenario is not None]
    return _clashes(value["scenarios"], scenarios)


def scenario_of(value: Mapping[str, Any]) -> Scenario:
    """The journeys of a checked blueprint as one scenario."""
    read = (read_scenario(document_of(item), item["name"])[0] for item in value["scenarios"])
    return combined([scenario for scenario in read if scenario is not None])


def combined(scenarios: Sequence[Scenario]) -> Scenario:
    """One scenario whose sessions are those of each, all alike often."""
    nodes: list[Node] = []
    start: list[tuple[int, float]] = []
    for journey, scenario in enumerate(scenarios):
        base, total = len(nodes), sum(weight for _, weight in scenario.start)
        start += [(base + place, weight / total) for place, weight in scenario.start]
        nodes += [_moved(node, base, journey) for node in scenario.nodes]
    return replace(
        scenarios[0],
        gap=sum(scenario.gap for scenario in scenarios) // len(scenarios),
        nodes=tuple(nodes),
        start=tuple(start),
        contexts=[contexts for scenario in scenarios for contexts in scenario.contexts],
    )


def _moved(node: Node, base: int, journey: int) -> Node:
    moves = tuple((to if to == END else base + to, weight) for to, weight in node.moves)
    return replace(node, moves=moves, journey=journey)


def document_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """One scenario of a blueprint as the document of a scenario file."""
    contexts: dict[str, dict[str, Any]] = {}
    for state in item["states"]:
        for field in state["payload"]:
            if field["scope"] != "event":
                contexts.setdefault(field["scope"], {}).setdefault(field["name"], _schema(field))
    return {
        "name": item["name"],
        "description": item["description"],
        "gap": f"{max(1, round(item['gap_seconds'] * 1000))}ms",
        "start": _weights(item["start"]),
        **contexts,
        "states": {state["name"]: _state(state) for state in item["states"]},
    }


def _state(state: Mapping[str, Any]) -> dict[str, Any]:
    payload = {
        field["name"]: _schema(field) if field["scope"] == "event" else f"{field['scope']}.{field['name']}"
        for field in state["payload"]
    }
    told = {"next": _weights(state["next"]), "payload": payload}
    return {**told, "subject": "new"} if state.get("new_subject") else told


def _weights(steps: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    return {step["to"]: step["weight"] for step in reversed(steps)}


def _schema(field: Mapping[str, Any]) -> dict[str, Any]:
    match field["kind"]:
        case "flag":
            return {"type": "boolean"}
        case "code":
            shape = "".join({"#": "[0-9]", "?": "[A-Z]", ".": "\\."}.get(sign, sign) for sign in field.get("code", "?##-####"))
            return {"type": "string", "pattern": f"^{shape}$"}
        case "choice":
            values = field.get("values") or ["a", "b"]
            return {"type": "string", "enum": values, "x-synth": {"weights": [1 / (place + 2) for place in range(len(values))]}}
    return _number(field, whole=field["kind"] == "whole")


def _number(field: Mapping[str, Any], *, whole: bool) -> dict[str, Any]:
    low, high = sorted((field.get("low", 0), field.get("high", 100)))
    if whole:
        low, high = round(low), round(high)
    high = high if high > low else low + 1
    typical = min(max(field.get("typical", (low + high) / 2), low), high)
    spread: dict[str, Any] = {"normal": {"mean": typical, "sd": (high - low) / 6}}
    if low >= 0 and 0 < typical < low + 0.35 * (high - low):
        spread = {"lognormal": {"median": typical, "sigma": 0.8}}
    told = {"distribution": spread} if whole else {"distribution": spread, "decimals": 2}
    return {"type": "integer" if whole else "number", "minimum": low, "maximum": high, "x-synth": told}


def _relocated(flaw: str, item: Mapping[str, Any], place: int) -> str:
    """A flaw of a document told of its place in the lists that it was made of."""
    pointer, _, told = flaw.removeprefix("at ").partition(": ")
    return f"at /scenarios/{place}{_in_lists(pointer.split('/')[1:], item)}: {told}"


def _in_lists(steps: Sequence[str], item: Mapping[str, Any]) -> str:
    if steps[:1] == ["start"] and len(steps) > 1:
        return f"/start/{_index(item['start'], 'to', steps[1])}"
    if steps[:1] != ["states"] or len(steps) == 1:
        return ""
    at = _index(item["states"], "name", steps[1])
    if len(steps) < 4:
        return f"/states/{at}"
    key = {"next": "to", "payload": "name"}[steps[2]]
    return f"/states/{at}/{steps[2]}/{_index(item['states'][at][steps[2]], key, steps[3])}"


def _index(items: Sequence[Mapping[str, Any]], key: str, wanted: str) -> int:
    return next((at for at, one in enumerate(items) if one[key] == wanted), 0)


def _twice(item: Mapping[str, Any], place: int) -> list[str]:
    names = [state["name"] for state in item["states"]]
    return [
        f"at /scenarios/{place}/states/{at}: the state {name!r} is declared twice"
        for at, name in enumerate(names)
        if name in names[:at]
    ]


def _clashes(items: Sequence[Mapping[str, Any]], scenarios: Sequence[Scenario]) -> list[str]:
    """Fields of one name that are of different types in different scenarios."""
    kinds: dict[str, str] = {}
    flaws = []
    for place, (item, scenario) in enumerate(zip(items, scenarios, strict=True)):
        for name, field in ((node.name, field) for node in scenario.nodes for field in node.payload):
            kind = kind_of(field)
            known = kinds.setdefault(field.name, kind)
            if not alike(kind, known):
                at = _in_lists(["states", name, "payload", field.name], item)
                flaws.append(
                    f"at /scenarios/{place}{at}: {field.name!r} is of type {kind} here and {known} in an earlier scenario"
                )
    return flaws

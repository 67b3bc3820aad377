"""What is declared and never used: types, slots, tools, faults, and what has no weight."""

from collections.abc import Iterator
from typing import Any

from synth_sdk.dialogue.frames import slots_of
from synth_sdk.dialogue.linting.findings import Finding, finding, place_at
from synth_sdk.dialogue.loading.source import Map
from synth_sdk.dialogue.model import Fault, Pack
from synth_sdk.dialogue.playing.mix import fits

_DATA = ("world", "goals", "tools", "flow")


def usage_findings(pack: Pack, whole: Map) -> Iterator[Finding]:
    unused = {
        "types": [name for name in pack.types if name not in _used_types(whole)],
        "slots": [name for name in pack.slots if name not in _used_slots(pack)],
        "tools": [name for name in pack.tools if name not in {node.call for node in pack.flow.values()}],
    }
    for group, names in unused.items():
        for name in names:
            yield finding("unused", "warning", f"{group}.{name} is used nowhere", place_at(whole, group, name))
    for fault in pack.faults:
        if message := _idle(pack, fault, whole):
            yield finding("unused", "warning", f"faults.{fault.name} {message}", place_at(whole, "faults", fault.name))
    for group, things in (("goals", pack.goals), ("personas", pack.personas), ("agents", pack.agents)):
        for thing in things:
            if not thing.weight:
                message = f"{group}: {thing.name} has weight 0 and never occurs"
                yield finding("unused", "warning", message, place_at(whole, group, thing.name))


def _used_types(whole: Map) -> set[str]:
    drawn = {str(value) for group in _DATA for value in _values_of(whole.get(group), "type")}
    return drawn | {str(value) for value in _values_of(whole.get("slots"), "as")}


def _values_of(data: Any, key: str) -> Iterator[Any]:
    """What stands under `key` in any mapping of `data`."""
    if isinstance(data, dict):
        if key in data:
            yield data[key]
        for value in data.values():
            yield from _values_of(value, key)
    elif isinstance(data, list):
        for value in data:
            yield from _values_of(value, key)


def _used_slots(pack: Pack) -> frozenset[str]:
    system = {slot.name for parts in pack.system for slot in slots_of(parts)}
    return frozenset(system).union(*(act.slots for act in pack.acts.values()))


def _idle(pack: Pack, fault: Fault, whole: Map) -> str:
    """Why a fault never happens, or "" if it may."""
    if fault.name == "none":
        return ""
    if not fault.weight:
        return "has weight 0 and never occurs"
    if not any(fits(fault, {"goal": goal.name}) for goal in pack.goals if goal.weight):
        return "fits no goal"
    nodes = pack.flow.values()
    if fault.result is not None or fault.merge is not None:
        return "" if any(fault.name in node.faults for node in nodes) else "hits no call: list it under a node's fault"
    asked = any(
        "fault" in text and fault.name in text for text in _texts(whole.get("flow"), whole.get("goals"), whole.get("say"))
    )
    return "" if asked or any(node.label == fault.name for node in nodes) else "is asked for by no condition of the flow"


def _texts(*data: Any) -> Iterator[str]:
    for value in data:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from _texts(*value.values())
        elif isinstance(value, list):
            yield from _texts(*value)

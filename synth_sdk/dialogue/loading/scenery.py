"""Compiling world, goals, people and faults."""

from collections.abc import Mapping
from typing import Any

from synth_sdk.dialogue.loading.mechanics import RETRY, edges_at
from synth_sdk.dialogue.loading.reading import known_keys, mapping, number_at, text_at, when_at, without_places
from synth_sdk.dialogue.loading.source import Map, Seq, fail
from synth_sdk.dialogue.loading.values import compile_fields, condition
from synth_sdk.dialogue.model import Edge, Entity, Fault, Goal, Persona, VocabType

TRAITS = ("verbosity", "patience", "formality", "digress", "greet", "typo", "lower", "nopunct", "filler")


def compile_world(world: Map, types: Mapping[str, VocabType]) -> tuple[Entity, ...]:
    entities: dict[str, Entity] = {}
    for name in world:
        spec = mapping(world, name)
        known_keys(spec, {"count", "of", "when", "like", "fields"}, f"world.{name}")
        count = spec.get("count", 1)
        low, high = (
            (count, count) if isinstance(count, int) else tuple(count) if isinstance(count, Seq) and len(count) == 2 else (0, -1)
        )
        if not (isinstance(low, int) and isinstance(high, int) and 0 <= low <= high):
            raise fail(f"world.{name}: count must be a number or [low, high]", spec, "count")
        source = mapping(spec, "fields")
        fields = compile_fields(source, types)
        if "like" in spec:
            other = str(spec["like"])
            if other not in world or "fields" not in mapping(world, other):
                raise fail(f"world.{name}: like {other!r} is not an entity with fields", spec, "like")
            fields = {**compile_fields(_renamed(mapping(mapping(world, other), "fields"), other, name), types), **fields}
        if "of" in spec and spec["of"] not in entities:
            raise fail(f"world.{name}: of {spec['of']!r} is not an entity declared before it", spec, "of")
        entities[name] = Entity(name, low, high, str(spec.get("of", "")), when_at(spec, "when"), fields)
    return tuple(entities.values())


def _renamed(spec: Any, old: str, new: str) -> Any:
    """The same fields about another entity: `old.` in expressions and templates becomes `new.`."""
    if isinstance(spec, str):
        return spec.replace(f"{old}.", f"{new}.")
    if isinstance(spec, Map):
        copy = Map(spec.file, spec.line)
        copy.places.update(spec.places)
        copy.update({key: _renamed(value, old, new) for key, value in spec.items()})
        return copy
    if isinstance(spec, Seq):
        items = Seq(spec.file, spec.line)
        items.places.extend(spec.places)
        items.extend(_renamed(value, old, new) for value in spec)
        return items
    return spec


def compile_persona(spec: Any, holder: Seq, i: int) -> Persona:
    if not isinstance(spec, Map):
        raise fail("write a mapping with name, weight and traits", holder, i)
    known_keys(spec, {"name", "weight", *TRAITS}, "a persona")
    return Persona(
        text_at(spec, "name"), number_at(spec, "weight", 1), {trait: number_at(spec, trait, 0.0, 0, 1) for trait in TRAITS}
    )


def compile_goal(name: str, spec: Map, types: Mapping[str, VocabType]) -> Goal:
    known_keys(spec, {"weight", "wants", "needs", "success", "feasible"}, f"goals.{name}")
    success = condition(spec.get("success", True), spec, "success")
    needs = compile_fields(mapping(spec, "needs"), types)
    return Goal(
        name, number_at(spec, "weight", 1), text_at(spec, "wants"), needs, success, spec.get("feasible", True) is not False
    )


def compile_fault(name: str, spec: Map) -> Fault:
    known_keys(spec, {"weight", "if", "unless", "result", "merge", "times", "next"}, f"faults.{name}")
    times = spec.get("times", 1)
    low, high = (
        (times, times) if isinstance(times, int) else tuple(times) if isinstance(times, Seq) and len(times) == 2 else (0, 0)
    )
    if not (isinstance(low, int) and isinstance(high, int) and 1 <= low <= high):
        raise fail(f"faults.{name}: times must be a number from 1 or [low, high]", spec, "times")
    return Fault(
        name,
        number_at(spec, "weight", 1),
        when_at(spec, "if"),
        when_at(spec, "unless"),
        without_places(mapping(spec, "result")) if "result" in spec else None,
        without_places(mapping(spec, "merge")) if "merge" in spec else None,
        (low, high),
        edges_at(spec, "next") if "next" in spec else (Edge(RETRY, 1.0, None, None),),
    )

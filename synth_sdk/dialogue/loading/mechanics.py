"""Compiling what can be called and who goes next: tools and flow."""

from collections.abc import Mapping
from typing import Any

from synth_sdk.dialogue.expr import Expr
from synth_sdk.dialogue.loading.parameters import schema_flaw
from synth_sdk.dialogue.loading.reading import (
    known_keys,
    mapping,
    number_at,
    place_of,
    sequence,
    text_at,
    when_at,
    without_places,
)
from synth_sdk.dialogue.loading.source import Map, Seq, fail
from synth_sdk.dialogue.loading.values import compile_fields, compile_mapping, condition
from synth_sdk.dialogue.model import Edge, Node, Step, Tool, VocabType

END, RETRY, START = "end", "retry", "start"


def compile_tool(name: str, spec: Map, types: Mapping[str, VocabType]) -> Tool:
    known_keys(spec, {"description", "parameters", "effect", "errors", "returns"}, f"tools.{name}")
    parameters = without_places(mapping(spec, "parameters"))
    if flaw := schema_flaw(parameters):
        raise fail(f"tools.{name}: {flaw}", spec, "parameters", "schema")
    errors: list[tuple[str, Expr, str]] = []
    for code in mapping(spec, "errors"):
        error = mapping(mapping(spec, "errors"), code)
        known_keys(error, {"when", "message"}, f"tools.{name}.errors.{code}")
        errors.append((code, condition(error.get("when"), error, "when"), text_at(error, "message")))
    effect = sequence(spec, "effect")
    steps = tuple(_step(step, effect, i, types) for i, step in enumerate(effect))
    returns = mapping(spec, "returns")
    return Tool(
        name,
        text_at(spec, "description"),
        parameters,
        steps,
        tuple(errors),
        compile_mapping(returns, types),
        tuple(returns),
        place_of(spec),
    )


def _step(spec: Any, holder: Seq, i: int, types: Mapping[str, VocabType]) -> Step:
    if not isinstance(spec, Map):
        raise fail("a step is a mapping with find, set, add or remove", holder, i, "effect")
    if "find" in spec:
        known_keys(spec, {"find", "in", "where", "all", "sort"}, "find")
        name = text_at(spec, "find")
        return Step(
            "find", name, str(spec.get("in", name)), when_at(spec, "where"), bool(spec.get("all")), str(spec.get("sort", ""))
        )
    if "set" in spec:
        known_keys(spec, {"set"}, "set")
        return Step("set", "", values=compile_fields(mapping(spec, "set"), types))
    if "add" in spec:
        known_keys(spec, {"add", "fields"}, "add")
        return Step("add", text_at(spec, "add"), values=compile_fields(mapping(spec, "fields"), types))
    if "remove" in spec:
        known_keys(spec, {"remove"}, "remove")
        return Step("remove", text_at(spec, "remove"))
    raise fail("a step is a mapping with find, set, add or remove", holder, i, "effect")


def compile_node(name: str, spec: Map, types: Mapping[str, VocabType]) -> Node:
    known_keys(
        spec,
        {"user", "agent", "call", "args", "save", "fault", "on_error", "set", "label", "next", "max_visits", "exhausted"},
        f"flow.{name}",
    )
    kinds = [kind for kind in ("user", "agent", "call") if kind in spec]
    if len(kinds) > 1:
        raise fail(f"flow.{name}: only one of user, agent and call", spec, kinds[1], "flow")
    kind = kinds[0] if kinds else ""
    if "next" not in spec:
        raise fail(f"flow.{name}: next is missing", spec, None, "flow")
    if "max_visits" in spec and "exhausted" not in spec:
        raise fail(f"flow.{name}: max_visits needs exhausted, the node to go to then", spec, "max_visits", "flow")
    on_error = mapping(spec, "on_error")
    return Node(
        name=name,
        role="user" if kind == "user" else "agent" if kind == "agent" else None,
        act=text_at(spec, kind) if kind in ("user", "agent") else "",
        call=text_at(spec, "call") if kind == "call" else "",
        args=compile_fields(mapping(spec, "args"), types),
        save=str(spec.get("save", "")),
        faults=tuple(str(fault) for fault in sequence(spec, "fault")),
        on_error={code: edges_at(on_error, code) for code in on_error},
        set=compile_fields(mapping(spec, "set"), types),
        label=str(spec.get("label", "")),
        next=edges_at(spec, "next"),
        max_visits=int(number_at(spec, "max_visits", 0)),
        exhausted=str(spec.get("exhausted", "")),
        place=place_of(spec),
    )


def edges_at(holder: Map, key: str) -> tuple[Edge, ...]:
    value = holder[key]
    if isinstance(value, str):
        return (Edge(value, 1.0, None, None),)
    if not isinstance(value, Map) or not value:
        raise fail(f"{key}: write a node or a mapping of nodes", holder, key, "flow")
    edges: list[Edge] = []
    for target, spec in value.items():
        if isinstance(spec, Map):
            known_keys(spec, {"w", "if", "unless"}, f"{key}.{target}")
            edges.append(Edge(target, _weight(spec, "w"), when_at(spec, "if"), when_at(spec, "unless")))
        else:
            edges.append(Edge(target, _weight(value, target), None, None))
    return tuple(edges)


def _weight(holder: Map, key: str) -> float | Expr:
    value = holder.get(key, 1)
    if isinstance(value, str) and value.startswith("="):
        return condition(value, holder, key)
    return number_at(holder, key, 1)

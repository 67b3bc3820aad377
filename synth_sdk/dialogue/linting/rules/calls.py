"""Can the tools' arguments be filled? Set on every way to the call, and of the type that the tool declares, as far as that can be told."""

from collections.abc import Iterator, Mapping
from typing import Any

from synth_sdk.dialogue.linting.findings import Finding, finding
from synth_sdk.dialogue.linting.paths import Names, covered, uses
from synth_sdk.dialogue.loading.source import Map
from synth_sdk.dialogue.loading.values import condition
from synth_sdk.dialogue.model import Node, Pack, Place, Tool


def call_findings(pack: Pack, whole: Map) -> Iterator[Finding]:
    told: set[tuple[str, str]] = set()
    for use in uses(pack):
        node = pack.flow[use.node]
        specs = _args(whole, use.node)
        for name in node.args:
            lost = _undefined(specs, name, use.defined)
            if lost and (use.node, name) not in told and not _accepts(pack.tools[node.call], name, None):
                told.add((use.node, name))
                message = (
                    f"flow.{use.node}: {name} of {node.call} is empty when {lost} is not set, as it may be here (goal {use.goal})"
                )
                yield finding("arguments", "error", message, Place(*specs.places[name]))
    for node in pack.flow.values():
        yield from _constants(pack, node, whole) if node.call else ()


def _args(whole: Map, node: str) -> Map:
    args: Map = whole["flow"][node].get("args") or Map(*whole["flow"].places[node])
    return args


def _undefined(specs: Map, name: str, defined: Names) -> str:
    """A path without which the argument `name` is null, and that not every way here has set."""
    spec = specs[name]
    if not isinstance(spec, str) or not spec.startswith("="):
        return ""
    return next((path for path in sorted(condition(spec, specs, name).sure) if not covered(path, defined)), "")


def _constants(pack: Pack, node: Node, whole: Map) -> Iterator[Finding]:
    for name, value in node.args.items():
        if value.constant and not _accepts(pack.tools[node.call], name, value.constant[0]):
            message = f"flow.{node.name}: {name} of {node.call} may not be {value.constant[0]!r}"
            yield finding("arguments", "error", message, Place(*_args(whole, node.name).places[name]))


def _accepts(tool: Tool, name: str, value: Any) -> bool:
    """Whether the tool's parameters allow `value` for the argument `name`."""
    from jsonschema import Draft202012Validator

    one: Mapping[str, Any] = {**tool.parameters, "required": [name]}
    return bool(Draft202012Validator(one).is_valid({name: value}))

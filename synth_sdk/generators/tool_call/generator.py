"""The kind `tool_call`."""

import hashlib
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from synth_sdk.core.errors import UnknownName
from synth_sdk.core.models import Json
from synth_sdk.core.seeds import pick_weighted
from synth_sdk.core.spec import Spec
from synth_sdk.dialogue import dialects
from synth_sdk.generators.tool_call import bank, writing
from synth_sdk.generators.tool_call.authors import DEFAULT, authors, declared_tools
from synth_sdk.generators.tool_call.kind import ToolsGenerator
from synth_sdk.generators.tool_call.record import RECORD_SCHEMA
from synth_sdk.generators.tool_call.scenarios import SCENARIOS, Example, call, messages
from synth_sdk.generators.tool_call.tools import Tool

_MIXED = {"single": 0.5, "parallel": 0.15, "multi_step": 0.15, "no_call": 0.1, "wrong_argument": 0.1}
_TEMPLATE_MIX = {"single": 0.8, "parallel": 0.2}
_MOST_DISTRACTORS = 5  # tools that are declared but not called


class ToolCallGenerator(ToolsGenerator[Example]):
    """Records `{id, type: "function", function: {name, arguments}, meta}`; `function` is null where no call is needed.

    `--constraint tool=NAME` is one of the built-in templates, `tools=FILE` any list of tools; `scenario=` one or several of
    single, parallel, multi_step, no_call, wrong_argument, or mixed.
    """

    kind = "tool_call"
    constraint_keys = frozenset({"tool", "tools", "scenario"})
    record_schema: Json = RECORD_SCHEMA
    writing_schema = writing.WORDS
    writing_rules = writing.RULES
    blueprint_schema = bank.BLUEPRINT_SCHEMA
    writing, bank = writing, bank

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        owns = "tools" in spec.constraints
        self.tools = declared_tools(spec, default=(DEFAULT,))
        (self._author,) = authors(spec, default=(DEFAULT,), banks=self._blueprint())
        self._odds = _scenarios(spec.constraints.get("scenario"), _MIXED if owns else _TEMPLATE_MIX)
        if spec.dialect is not None:
            self.convert, self.record_schema = dialects.converter(spec.dialect), dialects.record_schema(spec.dialect)

    def features(self, record: Json) -> Mapping[str, str | float | bool | None]:
        meta, function = record["meta"], record["function"]
        return {
            "tool": function["name"] if function else "none",
            "scenario": meta["scenario"],
            "label": meta["label"],
            "calls": len(meta["calls"]),
        }

    def said(self, record: Json) -> str:
        request: str = record["meta"]["request"]
        return request

    def example(self, source: Random) -> Example:
        scenario = pick_weighted(source, list(self._odds), list(self._odds.values()))
        return SCENARIOS[scenario](self._author, source)

    def difficulty(self, example: Example) -> float:
        """More calls, more arguments and results to be used are harder."""
        values = sum(len(ask.arguments) for turn in example.turns for ask in turn)
        return min(1.0, 0.1 + 0.15 * len(example.called) + 0.03 * values + 0.2 * (len(example.turns) - 1 > 0))

    def recorded(self, row: int, example: Example, source: Random) -> Json:
        ids = [self._id(row, number) for number in range(max(1, len(example.called)))]
        return {
            "id": ids[0],
            "type": "function",
            "function": _function(example, ids[0]),
            "meta": self._meta(row, example, ids, source),
        }

    def _id(self, row: int, number: int) -> str:
        text = f"{self._spec.seed}/{self.kind}/{row}/{number}"
        return f"call_{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"

    def _meta(self, row: int, example: Example, ids: list[str], source: Random) -> dict[str, Any]:
        asks = [(turn, ask) for turn, asks in enumerate(example.turns) for ask in asks]
        calls = [
            {
                "id": name,
                "name": ask.tool.name,
                "step": turn,
                "uses": [
                    {"argument": mine, "result": theirs} for mine, theirs in (example.uses[turn - 1] if turn else {}).items()
                ],
            }
            for name, (turn, ask) in zip(ids, asks, strict=False)
        ]
        return {
            "request": example.request,
            "scenario": example.scenario,
            "label": "no_call" if example.why else "wrong_argument" if example.wrong else "correct",
            "why": example.why or None,
            "mistake": _mistake(example),
            "calls": calls,
            "messages": messages(example, ids),
            "tools": [tool.declaration for tool in self._declared(example.called, source)],
            "seed": self._spec.seed,
            "index": row,
        }

    def _declared(self, called: Sequence[Tool], source: Random) -> list[Tool]:
        """The called tools among a few others, in the order of the file."""
        others = [tool for tool in self._author.tools if tool not in called]
        while len(others) > _MOST_DISTRACTORS:
            others.pop(int(source.random() * len(others)))
        return [tool for tool in self._author.tools if tool in called or tool in others]


def _function(example: Example, name: str) -> Json:
    if not example.turns:
        return None
    wrong = example.wrong.arguments if example.wrong else None
    return call(name, example.turns[0][0], wrong)["function"]


def _mistake(example: Example) -> Json:
    if example.wrong is None:
        return None
    right = call("", example.turns[0][0])["function"]
    return {"kind": example.wrong.kind, "pointer": example.wrong.pointer, "schema_valid": example.wrong.valid, "expected": right}


def _scenarios(told: str | None, default: Mapping[str, float]) -> dict[str, float]:
    if told is None:
        return dict(default)
    if told == "mixed":
        return dict(_MIXED)
    wanted = [name.strip() for name in told.split(",")]
    for name in wanted:
        if name not in SCENARIOS:
            raise UnknownName("scenario", name, [*SCENARIOS, "mixed"])
    return {name: _MIXED[name] for name in wanted}

"""Traces: the seed's shape, and steps that follow from one another."""

import json
import re
from collections import Counter
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from synth_sdk.core.errors import RequestError
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.agent_trace.generator import AgentTraceGenerator
from synth_sdk.generators.tool_call.ask import leaves
from synth_sdk.generators.tool_call.templates import names, template
from synth_sdk.schema import parse_schema

TOOLS = {template(name).tool.name: template(name).tool for name in names()}


def made(count: int = 300, seed: int = 0, **constraints: str) -> list[Any]:
    return list(
        AgentTraceGenerator(make_spec(kind="agent_trace", seed=seed, constraints=constraints)).batch(range(count)).records()
    )


@pytest.fixture(scope="module")
def traces() -> list[Any]:
    return made(1000)


def squash(text: str) -> str:
    return re.sub(r"[^a-z0-9@.]+", "", text.lower())


def test_the_seeds_record(traces: list[Any]) -> None:
    assert {len(trace["steps"]) for trace in traces} == {2, 3, 4, 5, 6}
    for trace in traces:
        assert [step["step"] for step in trace["steps"]] == list(range(1, len(trace["steps"]) + 1))
        for step in trace["steps"]:
            keys = {"tool", "arguments"} if step["type"] == "tool_call" else {"content"}
            assert set(step) == {"step", "type", "timestamp"} | keys
    assert len({trace["trace_id"] for trace in traces}) == 1000
    assert 0.77 < sum(trace["success"] for trace in traces) / 1000 < 0.84
    assert len(Counter(trace["meta"]["pattern"] for trace in traces)) == 6


def test_records_satisfy_their_schema(traces: list[Any]) -> None:
    schema = parse_schema(AgentTraceGenerator.record_schema)
    assert all(schema.accepts(trace) for trace in traces)


def test_time_moves_on_by_a_tenth_to_two_seconds(traces: list[Any]) -> None:
    for trace in traces:
        moments = [datetime.fromisoformat(step["timestamp"]) for step in trace["steps"]]
        pauses = [(after - before).total_seconds() for before, after in pairwise(moments)]
        assert all(0.1 <= pause <= 2.0 for pause in pauses)


def test_an_observation_answers_the_call_before_it(traces: list[Any]) -> None:
    for trace in traces:
        types = [step["type"] for step in trace["steps"]]
        for place, type_ in enumerate(types):
            assert (type_ == "observation") == (place > 0 and types[place - 1] == "tool_call")
            if type_ == "observation":
                json.loads(trace["steps"][place]["content"])
        assert types[-1] != "tool_call"


def test_calls_are_valid_unless_the_tool_turns_them_down(traces: list[Any]) -> None:
    refused = 0
    for trace in traces:
        for step, after in zip(trace["steps"], trace["steps"][1:], strict=False):
            if step["type"] == "tool_call":
                invalid = "invalid_argument" in after["content"]
                assert TOOLS[step["tool"]].schema.accepts(step["arguments"]) != invalid
                refused += invalid
    assert refused > 20


def test_success_means_that_the_last_observation_is_no_error(traces: list[Any]) -> None:
    for trace in traces:
        last = next(step for step in reversed(trace["steps"]) if step["type"] == "observation")
        assert trace["success"] == ("error" not in json.loads(last["content"])) == (trace["meta"]["error"] is None)


def test_a_thought_after_an_observation_refers_to_it(traces: list[Any]) -> None:
    """It names a value of the result, the error's code or message, the tool, or the argument that was wrong."""
    seen = 0
    for trace in traces:
        for call, before, step in zip(trace["steps"], trace["steps"][1:], trace["steps"][2:], strict=False):
            if before["type"] == "observation":
                assert step["type"] == "thought"
                known = [call["tool"], *(str(value) for _, value in leaves(json.loads(before["content"])))]
                wrong = re.findall(r"argument (.+?) is ", before["content"])
                assert any(squash(value) in squash(step["content"]) for value in [*known, *wrong]), (before, step)
                seen += 1
    assert seen > 500


def test_a_second_call_uses_what_the_first_returned(traces: list[Any]) -> None:
    for trace in traces:
        if trace["meta"]["pattern"] == "two_calls":
            calls = [step for step in trace["steps"] if step["type"] == "tool_call"]
            first = next(step["content"] for step in trace["steps"] if step["type"] == "observation")
            values = [str(value) for _, value in leaves(json.loads(first))]
            assert any(value in json.dumps(calls[1]["arguments"]) for value in values)


def test_a_retry_repeats_the_call_and_a_correction_changes_it(traces: list[Any]) -> None:
    for trace in traces:
        calls = [(step["tool"], step["arguments"]) for step in trace["steps"] if step["type"] == "tool_call"]
        if trace["meta"]["pattern"] in ("retry", "failed_twice"):
            assert calls[0] == calls[1]
        if trace["meta"]["pattern"] == "corrected":
            assert calls[0] != calls[1]


def test_a_record_depends_on_seed_and_number_alone() -> None:
    whole = made(30, seed=2)
    generator = AgentTraceGenerator(make_spec(kind="agent_trace", seed=2))
    assert [generator.batch(range(row, row + 1)).records()[0] for row in reversed(range(30))] == whole[::-1]
    assert made(30, seed=3) != whole


def test_one_tool_only_and_the_users_own(tmp_path: Any) -> None:
    assert {trace["meta"]["tools"][0] for trace in made(50, tool="email")} == {"send_email"}
    path = tmp_path / "tools.json"
    path.write_text(
        json.dumps(
            [
                {
                    "name": "get_tide",
                    "description": "Get the tide at a beach.",
                    "parameters": {"properties": {"beach": {"type": "string"}}, "required": ["beach"]},
                }
            ]
        )
    )
    assert {trace["meta"]["tools"][0] for trace in made(50, tools=str(path))} == {"get_tide"}


@pytest.mark.parametrize("constraints", [{"tool": "emial"}, {"tool": "email", "tools": "x"}, {"template": "x"}])
def test_bad_constraints(constraints: dict[str, str]) -> None:
    with pytest.raises(RequestError):
        made(1, **constraints)

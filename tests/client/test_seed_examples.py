"""The Python examples of the documents that the product grew from, as its own interface has them."""

import json
from typing import Any

import networkx as nx
import pytest

from synth_sdk import Synth


@pytest.fixture
def synth() -> Synth:
    return Synth(env={})


def test_text_samples(synth: Synth) -> None:
    result = synth.generate("text", count=20, seed=42, constraints={"min_sentences": 2, "max_sentences": 6})
    assert all(isinstance(sample["text"], str) for sample in result.records)
    told = result.report.to_dict()
    assert told["records_generated"] == 20
    assert told["execution_time_ms"] >= 0


def test_conversations_of_a_template(synth: Synth) -> None:
    result = synth.generate("conversation", count=5, seed=0, constraints={"template": "code_assistant"})
    for sample in result.records:
        assert sample["meta"]["pack"] == "code_assistant"
        assert {turn["role"] for turn in sample["messages"]} <= {"system", "user", "assistant", "tool"}


def test_tool_calls_of_a_template(synth: Synth) -> None:
    for sample in synth.generate("tool_call", count=10, constraints={"tool": "email"}).records:
        assert sample["function"]["name"] == "send_email"
        assert {"to", "subject", "body"} <= json.loads(sample["function"]["arguments"]).keys()


def test_agent_traces(synth: Synth) -> None:
    for trace in synth.generate("agent_trace", count=3, seed=7).records:
        assert 2 <= len(trace["steps"]) <= 6
        assert isinstance(trace["success"], bool)
        assert [step["step"] for step in trace["steps"]] == list(range(1, len(trace["steps"]) + 1))
        assert {step["type"] for step in trace["steps"]} <= {"thought", "tool_call", "observation"}


def test_json_from_a_schema(synth: Synth) -> None:
    schema = {
        "type": "object",
        "properties": {
            "user_id": {"type": "string", "format": "uuid"},
            "score": {"type": "number", "minimum": 0.0, "maximum": 100.0},
            "tier": {"type": "string", "enum": ["free", "pro", "enterprise"]},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 4},
        },
        "required": ["user_id", "score", "tier"],
    }
    result = synth.generate("json", schema=schema, count=50, seed=1)
    assert len(result.records) == 50
    assert all(0 <= record["score"] <= 100 and record["tier"] in ("free", "pro", "enterprise") for record in result.records)


def test_trajectories(synth: Synth) -> None:
    """The generator of the trajectory module: a configuration, a seed, a number of trajectories."""
    config: dict[str, Any] = {
        "random_seed": 42,
        "data_generation": {
            "trajectory_patterns": {
                "simple_linear": {"min_nodes": 5, "max_nodes": 10, "weight": 0.2},
                "branched_analysis": {"min_nodes": 10, "max_nodes": 20, "weight": 0.2},
                "multi_agent_handoffs": {"min_nodes": 15, "max_nodes": 25, "weight": 0.2},
                "complex_research": {"min_nodes": 20, "max_nodes": 40, "weight": 0.2},
                "error_recovery": {"min_nodes": 10, "max_nodes": 30, "weight": 0.2},
            }
        },
    }
    result = synth.generate("trajectory", options=config, count=20)
    for trajectory, graph in zip(result.records, result.to_networkx(), strict=True):
        assert set(trajectory) == {"task_description", "nodes", "edges", "metadata"}
        assert trajectory["nodes"][0]["node_type"] == "USER_ENQUIRY"
        assert nx.is_weakly_connected(graph)


def test_templates_by_category(synth: Synth) -> None:
    assert {"customer_support", "code_assistant", "research_assistant"} <= set(synth.templates("conversation"))
    assert set(synth.templates("tool_call")) == {"search", "email", "database", "file_operations"}
    assert set(synth.templates("schema")) == {"ecommerce", "finance", "healthcare", "logistics", "saas"}
    assert set(synth.templates()) == {
        name for category in ("conversation", "tool_call", "schema") for name in synth.templates(category)
    }

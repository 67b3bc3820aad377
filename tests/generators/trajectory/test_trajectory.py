"""What every trajectory promises, whatever its pattern, size and anomaly."""

import math
from collections import Counter
from datetime import datetime
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk import Synth
from synth_sdk.client.graphs import to_networkx
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.trajectory.anomalies import ANOMALIES
from synth_sdk.generators.trajectory.banks import BANKS
from synth_sdk.generators.trajectory.generator import TrajectoryGenerator
from synth_sdk.generators.trajectory.patterns import FEWEST, PATTERNS
from synth_sdk.schema import parse_schema

SEED_CONFIG = {
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


def made(count: int = 20, **told: Any) -> list[Any]:
    return list(TrajectoryGenerator(make_spec(kind="trajectory", **told)).batch(range(count)).records())


def only(pattern: str, low: int, high: int, kind: str = "", rate: float = 0.0) -> dict[str, Any]:
    patterns = {pattern: {"min_nodes": low, "max_nodes": high, "weight": 1}}
    return {
        "data_generation": {
            "trajectory_patterns": patterns,
            "anomalies": {"rate": rate, "kinds": [kind] if kind else list(ANOMALIES)},
        }
    }


def check(record: Any, low: int, high: int) -> nx.DiGraph:
    """The promises that hold for every record; its graph."""
    nodes, edges, told = record["nodes"], record["edges"], record["metadata"]
    assert low <= len(nodes) <= high
    assert nodes[0]["node_type"] == "USER_ENQUIRY"
    assert nodes[0]["description"] == record["task_description"]
    graph = to_networkx(record)
    assert len(graph) == len(nodes)
    assert graph.number_of_edges() == len(edges)
    assert nx.is_weakly_connected(graph)
    assert told["agent_types"] == list(dict.fromkeys(node["agent_type"] for node in nodes))
    assert told["tool_usage"] == list(dict.fromkeys(node["tool_type"] for node in nodes if "tool_type" in node))
    failed = [node for node in nodes if node["status"] == "failed"]
    assert told["completion_rate"] == pytest.approx(1 - len(failed) / len(nodes), abs=1e-4)
    assert [node["node_id"] for node in failed] == [node["node_id"] for node in nodes if "error_code" in node]
    assert told["is_anomalous"] == any(told["anomaly_mask"]["nodes"]) == bool(told["anomaly_types"])
    assert len(told["anomaly_mask"]["nodes"]) == len(nodes)
    assert len(told["anomaly_mask"]["edges"]) == len(edges)
    for node in nodes:
        begin, end = (datetime.fromisoformat(node[key]) for key in ("start_time", "end_time"))
        assert (end - begin).total_seconds() == pytest.approx(node["duration"])
        assert "{" not in node["description"]
    return graph


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(max_examples=25)
@given(data=st.data())
def test_patterns_keep_their_promises_at_any_size(pattern: str, data: st.DataObject) -> None:
    low = data.draw(st.integers(1, 60), label="low")
    high = data.draw(st.integers(max(low, FEWEST[pattern]), 80), label="high")
    options = only(pattern, low, high, rate=data.draw(st.sampled_from([0.0, 1.0])))
    for record in made(3, options=options, seed=data.draw(st.integers(0, 999))):
        check(record, max(low, FEWEST[pattern]), high)
        assert record["metadata"]["pattern"] == pattern


def test_the_seeds_configuration_as_it_stands() -> None:
    bounds = {
        name: (told["min_nodes"], told["max_nodes"])
        for name, told in SEED_CONFIG["data_generation"]["trajectory_patterns"].items()
    }  # type: ignore[index]
    records = made(400, options=SEED_CONFIG)
    patterns = Counter(record["metadata"]["pattern"] for record in records)
    assert all(abs(count - 80) < 5 * math.sqrt(80) for count in patterns.values())
    assert set(patterns) == set(PATTERNS)
    for record in records:
        check(record, *bounds[record["metadata"]["pattern"]])
    node_keys = {key for record in records for node in record["nodes"] for key in node}
    assert node_keys >= {
        "node_id", "node_type", "agent_type", "start_time", "end_time", "duration", "description", "status", "error_code", "error_message",
        "tool_type", "planning_type", "reasoning_type", "validation_criteria", "memory_operation", "observation_source",
    }  # fmt: skip
    edge_keys = {
        "source_node_id", "target_node_id", "edge_type", "relationship_type", "creation_time", "latency", "probability", "confidence",
        "data_transferred",
    }  # fmt: skip
    assert all(set(edge) == edge_keys for record in records for edge in record["edges"])
    assert {node["node_type"] for record in records for node in record["nodes"]} == {
        "USER_ENQUIRY", "PLANNING", "REASONING", "TOOL_CALL", "LLM_CALL", "VALIDATION", "HANDOFF", "MEMORY_ACCESS", "OBSERVATION", "ACTION",
    }  # fmt: skip
    assert {edge["edge_type"] for record in records for edge in record["edges"]} == {
        "execution_flow",
        "handoff",
        "data_dependency",
    }


def test_records_satisfy_their_schema() -> None:
    schema = parse_schema(TrajectoryGenerator.record_schema)
    assert all(schema.accepts(record) for record in made(100, constraints={"anomaly_rate": "0.5"}))


def test_weights_choose_patterns() -> None:
    patterns = {"simple_linear": {"weight": 3}, "error_recovery": {"weight": 1}, "complex_research": {"weight": 0}}
    found = Counter(
        record["metadata"]["pattern"] for record in made(600, options={"data_generation": {"trajectory_patterns": patterns}})
    )
    assert set(found) == {"simple_linear", "error_recovery"}
    assert 400 < found["simple_linear"] < 500


def test_a_record_depends_on_seed_and_number_alone() -> None:
    whole = made(30, seed=5)
    generator = TrajectoryGenerator(make_spec(kind="trajectory", seed=5))
    assert [generator.batch(range(row, row + 1)).records()[0] for row in range(30)] == whole
    assert made(30, seed=6) != whole


# --- coherence


def test_an_observation_follows_its_call_and_tells_of_its_failure() -> None:
    for record in made(200, constraints={"anomaly_rate": "0"}):
        graph = to_networkx(record)
        for node in record["nodes"]:
            if node["node_type"] != "OBSERVATION":
                continue
            (call,) = (
                graph.nodes[source]
                for source in graph.predecessors(node["node_id"])
                if graph.nodes[source]["node_type"] == "TOOL_CALL"
            )
            if call["status"] == "failed":
                assert node["description"] == call["error_message"]


def test_time_runs_forward() -> None:
    for record in made(100, constraints={"anomaly_rate": "0"}):
        graph = to_networkx(record)
        assert nx.is_directed_acyclic_graph(graph)
        for source, target in graph.edges:
            assert graph.nodes[source]["end_time"] <= graph.nodes[target]["start_time"]


def test_recovery_has_a_failure_and_goes_on() -> None:
    for record in made(50, constraints={"pattern": "error_recovery", "anomaly_rate": "0"}):
        assert record["metadata"]["metrics"]["errors"] >= 1
        assert record["nodes"][-1]["node_type"] == "ACTION"


def test_tool_transitions_rule_what_follows() -> None:
    odds = {"data_generation": {"tool_transitions": {"PING": {"PONG": 1}, "PONG": {"PING": 1}}}}
    chain = {tool: {"PING": 1} for tool in ("QUERY_DATABASE", "WEB_SEARCH", "READ_FILE", "QUERY_LOGS", "CALL_API", "SEARCH_CALENDAR", "FETCH_PAGE", "EXECUTE_CODE", "CLEAN_DATA", "ANALYZE_DATA", "CALCULATE", "VISUALIZE_DATA", "WRITE_FILE", "SUMMARIZE", "TRANSLATE", "UPDATE_RECORD", "SEND_MESSAGE")}  # fmt: skip
    odds["data_generation"]["tool_transitions"] |= chain
    patterns = {"simple_linear": {"min_nodes": 40, "max_nodes": 40, "weight": 1}}
    for record in made(
        20, options={"data_generation": {**odds["data_generation"], "trajectory_patterns": patterns, "anomalies": {"rate": 0}}}
    ):
        tools = [node["tool_type"] for node in record["nodes"] if node["node_type"] == "TOOL_CALL"][1:]
        assert tools == [("PING", "PONG")[i % 2] for i in range(len(tools))]


# --- anomalies


@pytest.mark.parametrize("kind", ANOMALIES)
def test_each_kind_of_anomaly_is_labelled(kind: str) -> None:
    clean = made(60, options=only("multi_agent_handoffs", 15, 25))
    odd = made(60, options=only("multi_agent_handoffs", 15, 25, kind, rate=1.0))
    hit = [record for record in odd if record["metadata"]["is_anomalous"]]
    assert len(hit) > 45
    assert not any(record["metadata"]["is_anomalous"] for record in clean)
    for record in hit:
        graph = check(record, 15, 25)
        assert record["metadata"]["anomaly_types"] == [kind]
        marked = [node for node in record["nodes"] if graph.nodes[node["node_id"]]["is_anomalous"]]
        _EVIDENCE[kind](record, graph, marked)


def _loop(record: Any, graph: nx.DiGraph, marked: list[Any]) -> None:
    assert any(edge["relationship_type"] == "repeats" for edge in record["edges"])


def _dropped(record: Any, graph: nx.DiGraph, marked: list[Any]) -> None:
    given = next(node for node in marked if node["node_type"] == "HANDOFF")
    assert not any(graph.edges[edge]["edge_type"] == "handoff" for edge in graph.out_edges(given["node_id"]))


def _misuse(record: Any, graph: nx.DiGraph, marked: list[Any]) -> None:
    (call,) = marked
    assert call["tool_type"] in {"DELETE_RECORD", "SEND_PAYMENT", "RESET_PASSWORD", "DEPLOY_SERVICE", "GRANT_ACCESS"}
    assert call["tool_type"] in record["metadata"]["tool_usage"]


def _spike(record: Any, graph: nx.DiGraph, marked: list[Any]) -> None:
    usual = {"LLM_CALL": 4.0, "MEMORY_ACCESS": 0.15, "HANDOFF": 0.3} | {name: tool.seconds for name, tool in BANKS.tools.items()}
    assert all(node["duration"] > 2 * usual[node.get("tool_type", node["node_type"])] for node in marked)


def _order(record: Any, graph: nx.DiGraph, marked: list[Any]) -> None:
    types = [node["node_type"] for node in marked]
    assert (types[0], types[1]) in {("OBSERVATION", "TOOL_CALL"), ("ACTION", "VALIDATION"), ("VALIDATION", "REASONING")}


_EVIDENCE = {
    "loop": _loop,
    "dropped_handoff": _dropped,
    "tool_misuse": _misuse,
    "latency_spike": _spike,
    "wrong_order": _order,
}


def test_the_share_of_anomalies_is_the_asked_for() -> None:
    found = [record["metadata"]["is_anomalous"] for record in made(1000, constraints={"anomaly_rate": "0.3"})]
    assert 240 < sum(found) < 360


# --- the configuration


def test_an_unknown_pattern_is_simple_linear_with_a_warning() -> None:
    options = {"data_generation": {"trajectory_patterns": {"spiral": {"min_nodes": 4, "max_nodes": 6, "weight": 1}}}}
    generator = TrajectoryGenerator(make_spec(kind="trajectory", options=options))
    assert "unknown pattern 'spiral'" in generator.warnings[0]
    for record in generator.batch(range(10)).records():
        check(record, 4, 6)
        assert record["metadata"]["pattern"] == "simple_linear"


def test_task_templates_of_the_user() -> None:
    options = {"task_templates": {"analysis": ["Look at {dataset} for {company}"], "tea": "Brew {tea_sort}"}}
    generator = TrajectoryGenerator(make_spec(kind="trajectory", options=options))
    assert "{tea_sort}" in generator.warnings[0]
    tasks = {record["task_description"] for record in generator.batch(range(60)).records()}
    assert "Brew tea sort" in tasks
    assert all(task == "Brew tea sort" or task.startswith("Look at ") for task in tasks)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"data_generaton": {}}, "unknown key in the configuration: 'data_generaton': did you mean data_generation?"),
        ({"data_generation": {"trajectory_patterns": {"simple_linear": {"min_nodes": 9, "max_nodes": 3}}}}, "min_nodes 9 is above max_nodes 3"),
        ({"data_generation": {"trajectory_patterns": {"complex_research": {"max_nodes": 5, "min_nodes": 2}}}}, "needs at least 13 nodes"),
        ({"data_generation": {"trajectory_patterns": {"simple_linear": {"weight": -1}}}}, "must be a number of at least 0"),
        ({"data_generation": {"trajectory_patterns": {"simple_linear": {"weight": 0}}}}, "no pattern has a weight above 0"),
        ({"data_generation": {"trajectory_patterns": {"simple_linear": {"max_nodes": 10**9}}}}, "from 1 to 10,000"),
        ({"data_generation": {"trajectory_patterns": {"simple_linear": {"nodes": 4}}}}, "unknown key in trajectory_patterns.simple_linear: 'nodes'"),
        ({"data_generation": {"trajectory_patterns": ["simple_linear"]}}, "trajectory_patterns: must be a mapping"),
        ({"tool_transitions": {"A": {"B": "often"}}}, "tool_transitions.A.B 'often'"),
        ({"tool_transitions": {"A": {}}}, "nothing can follow A"),
        ({"task_templates": {"analysis": []}}, "must be a text or a list of texts"),
        ({"data_generation": {"anomalies": {"kinds": ["loops"]}}}, "unknown anomaly 'loops': did you mean loop?"),
        ({"data_generation": {"anomalies": {"rate": 2}}}, "at most 1"),
        ([1], "must be a mapping"),
    ],
)  # fmt: skip
def test_bad_configuration_names_the_key_and_the_way_out(options: Any, told: str) -> None:
    from synth_sdk.core.errors import RequestError

    with pytest.raises(RequestError, match=r".") as caught:
        TrajectoryGenerator(make_spec(kind="trajectory", options=options))
    assert told in caught.value.message


@pytest.mark.parametrize(
    "constraints", [{"anomaly_rate": "1.5"}, {"anomaly_rate": "x"}, {"pattern": "spiral"}, {"patern": "simple_linear"}]
)
def test_bad_constraints(constraints: dict[str, str]) -> None:
    from synth_sdk.core.errors import RequestError

    with pytest.raises(RequestError):
        TrajectoryGenerator(make_spec(kind="trajectory", constraints=constraints))


def test_large_trajectories_are_made_in_time() -> None:
    (record,) = made(1, options=only("branched_analysis", 10_000, 10_000))
    check(record, 10_000, 10_000)


def test_the_seed_of_the_configuration_is_a_default() -> None:
    synth = Synth(env={})
    by_config = synth.generate("trajectory", count=3, options=SEED_CONFIG)
    assert by_config.report.seed == 42
    assert by_config.records == synth.generate("trajectory", count=3, options={}, seed=42).records
    assert synth.generate("trajectory", count=3, options=SEED_CONFIG, seed=7).report.seed == 7

"""From a finished draft to its record: times, attributes, metrics, the mask of what is anomalous."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.generators.trajectory.anomalies import Anomaly
from synth_sdk.generators.trajectory.banks import lognormal
from synth_sdk.generators.trajectory.draft import Draft, Edge, Node

Times = dict[str, tuple[int, int]]  # by node id: begin and end in milliseconds after the trajectory's begin
_ATTRIBUTES = (
    "error_code", "error_message", "tool_type", "planning_type", "reasoning_type", "validation_criteria", "memory_operation", "observation_source",
)  # fmt: skip
_NODE_TYPES = (
    "USER_ENQUIRY", "PLANNING", "REASONING", "TOOL_CALL", "LLM_CALL", "VALIDATION", "HANDOFF", "MEMORY_ACCESS", "OBSERVATION", "ACTION",
)  # fmt: skip


def to_record(draft: Draft, trajectory_id: str, pattern: str, begin: datetime, anomaly: Anomaly | None) -> Json:
    """`{task_description, nodes, edges, metadata}`."""
    times = _schedule(draft)
    edges = [_edge(draft, edge, times, begin) for edge in draft.edges]
    return {
        "task_description": draft.matter.task,
        "nodes": [_node(node, times, begin) for node in draft.nodes],
        "edges": edges,
        "metadata": {
            "trajectory_id": trajectory_id,
            "pattern": pattern,
            "task_category": draft.matter.category.name,
            "agent_types": _distinct(node.agent for node in draft.nodes),
            "tool_usage": _distinct(node.attributes.get("tool_type") for node in draft.nodes),
            "is_anomalous": anomaly is not None,
            "anomaly_types": [anomaly.kind] if anomaly else [],
            "anomaly_mask": _mask(draft, anomaly),
            "completion_rate": round(sum(node.status == "completed" for node in draft.nodes) / len(draft.nodes), 4),
            "metrics": _metrics(draft, times, edges),
        },
    }


def _schedule(draft: Draft) -> Times:
    """A node begins when the last of the ways to it has arrived. Ways that lead back in time (loops) hold nobody up."""
    place = {node.id: number for number, node in enumerate(draft.nodes)}
    ways: dict[str, list[Edge]] = {node.id: [] for node in draft.nodes}
    for edge in draft.edges:
        if place[edge.source.id] < place[edge.target.id]:
            ways[edge.target.id].append(edge)
    times: Times = {}
    for node in draft.nodes:
        begin = max((times[edge.source.id][1] + _milliseconds(edge.seconds) for edge in ways[node.id]), default=0)
        times[node.id] = (begin, begin + _milliseconds(node.seconds))
    return times


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _moment(begin: datetime, milliseconds: int) -> str:
    """Local ISO time without an offset (all times are UTC)."""
    return (begin + timedelta(milliseconds=milliseconds)).replace(tzinfo=None).isoformat(timespec="milliseconds")


def _node(node: Node, times: Times, begin: datetime) -> dict[str, Any]:
    first, last = times[node.id]
    told = {
        "node_id": node.id,
        "node_type": node.type,
        "agent_type": node.agent,
        "start_time": _moment(begin, first),
        "end_time": _moment(begin, last),
        "duration": (last - first) / 1000,
        "description": node.description,
        "status": node.status,
    }
    return told | {name: node.attributes[name] for name in _ATTRIBUTES if name in node.attributes}


def _edge(draft: Draft, edge: Edge, times: Times, begin: datetime) -> dict[str, Any]:
    rng = draft.rng
    return {
        "source_node_id": edge.source.id,
        "target_node_id": edge.target.id,
        "edge_type": edge.type,
        "relationship_type": edge.relationship,
        "creation_time": _moment(begin, times[edge.source.id][1]),
        "latency": _milliseconds(edge.seconds) / 1000,
        "probability": round(1 - rng.random() * (0.2 if edge.relationship == "sequential" else 0.5), 3),
        "confidence": round(0.99 - rng.random() * 0.3, 3),
        "data_transferred": int(lognormal(rng, 7, 1.2)),
    }


def _distinct(values: Any) -> list[str]:
    """Each value once, in order; None left out."""
    return [value for value in dict.fromkeys(values) if value is not None]


def _mask(draft: Draft, anomaly: Anomaly | None) -> dict[str, list[bool]]:
    """For each node and each edge, in order, whether it belongs to an anomaly."""
    nodes = {id(node) for node in anomaly.nodes} if anomaly else set()
    edges = {id(edge) for edge in anomaly.edges} if anomaly else set()
    return {"nodes": [id(node) in nodes for node in draft.nodes], "edges": [id(edge) in edges for edge in draft.edges]}


def _metrics(draft: Draft, times: Times, edges: list[dict[str, Any]]) -> dict[str, Any]:
    types = Counter(node.type for node in draft.nodes)
    ways_out = Counter(edge.source.id for edge in draft.edges)
    return {
        "node_count": len(draft.nodes),
        "edge_count": len(edges),
        "total_duration": max(end for _, end in times.values()) / 1000,
        "busy_duration": sum(end - begin for begin, end in times.values()) / 1000,
        "mean_latency": round(sum(edge["latency"] for edge in edges) / len(edges), 4) if edges else 0.0,
        "depth": _depth(draft),
        "max_ways_out": max(ways_out.values(), default=0),
        "tool_calls": types["TOOL_CALL"],
        "llm_calls": types["LLM_CALL"],
        "handoffs": types["HANDOFF"],
        "errors": sum(node.status == "failed" for node in draft.nodes),
    }


def _depth(draft: Draft) -> int:
    """Edges on the longest way from the first node, ways back in time left out."""
    place = {node.id: number for number, node in enumerate(draft.nodes)}
    depth = dict.fromkeys(place, 0)
    for edge in sorted(draft.edges, key=lambda edge: place[edge.source.id]):
        if place[edge.source.id] < place[edge.target.id]:
            depth[edge.target.id] = max(depth[edge.target.id], depth[edge.source.id] + 1)
    return max(depth.values())


def _object(required: dict[str, Json], optional: dict[str, Json] | None = None) -> Json:
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


_TEXT: Json = {"type": "string"}
_NUMBER: Json = {"type": "number", "minimum": 0}
_COUNT: Json = {"type": "integer", "minimum": 0}
_TEXTS: Json = {"type": "array", "items": _TEXT}
_MASK: Json = {"type": "array", "items": {"type": "boolean"}}
RECORD_SCHEMA: Json = _object(
    {
        "task_description": _TEXT,
        "nodes": {
            "type": "array",
            "items": _object(
                {
                    "node_id": _TEXT,
                    "node_type": {"enum": list(_NODE_TYPES)},
                    "agent_type": _TEXT,
                    "start_time": _TEXT,
                    "end_time": _TEXT,
                    "duration": _NUMBER,
                    "description": _TEXT,
                    "status": {"enum": ["completed", "failed"]},
                },
                dict.fromkeys(_ATTRIBUTES, _TEXT),
            ),
        },
        "edges": {
            "type": "array",
            "items": _object(
                {
                    "source_node_id": _TEXT,
                    "target_node_id": _TEXT,
                    "edge_type": {"enum": ["execution_flow", "handoff", "data_dependency"]},
                    "relationship_type": _TEXT,
                    "creation_time": _TEXT,
                    "latency": _NUMBER,
                    "probability": _NUMBER,
                    "confidence": _NUMBER,
                    "data_transferred": _COUNT,
                }
            ),
        },
        "metadata": _object(
            {
                "trajectory_id": _TEXT,
                "pattern": _TEXT,
                "task_category": _TEXT,
                "agent_types": _TEXTS,
                "tool_usage": _TEXTS,
                "is_anomalous": {"type": "boolean"},
                "anomaly_types": _TEXTS,
                "anomaly_mask": _object({"nodes": _MASK, "edges": _MASK}),
                "completion_rate": _NUMBER,
                "metrics": _object(
                    dict.fromkeys(
                        ("node_count", "edge_count", "depth", "max_ways_out", "tool_calls", "llm_calls", "handoffs", "errors"),
                        _COUNT,
                    )
                    | dict.fromkeys(("total_duration", "busy_duration", "mean_latency"), _NUMBER)
                ),
            }
        ),
    }
)

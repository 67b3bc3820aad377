"""Trajectories as networkx graphs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from synth_sdk.core.errors import RequestError

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(record: Mapping[str, Any]) -> "nx.DiGraph[str]":
    """The graph of one trajectory: nodes are known by their `node_id`; nodes and edges carry their attributes and `is_anomalous`, the
    graph the metadata and the task. Needs networkx (extra `graphs`).
    """
    try:
        import networkx as nx
    except ImportError as error:
        raise RequestError('to_networkx() needs networkx: install it with pip install "synth-data-sdk[graphs]"') from error
    if not {"nodes", "edges", "metadata"} <= record.keys():
        raise RequestError("to_networkx() takes a record of kind trajectory, with nodes, edges and metadata")
    masks = record["metadata"]["anomaly_mask"]
    graph = nx.DiGraph(task_description=record["task_description"], **record["metadata"])
    for node, odd in zip(record["nodes"], masks["nodes"], strict=True):
        graph.add_node(node["node_id"], **node, is_anomalous=odd)
    for edge, odd in zip(record["edges"], masks["edges"], strict=True):
        graph.add_edge(edge["source_node_id"], edge["target_node_id"], **edge, is_anomalous=odd)
    return graph

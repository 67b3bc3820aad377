"""GraphML is read back by networkx: every graph, node, edge and attribute."""

from pathlib import Path

import networkx as nx
import pytest
from networkx.readwrite.graphml import GraphMLReader

from synth_sdk import Synth
from synth_sdk.core.errors import OutputError


def test_graphs_read_back(tmp_path: Path) -> None:
    path = tmp_path / "trajectories.graphml"
    result = Synth(env={}).generate("trajectory", count=25, constraints={"anomaly_rate": "0.5"})
    result.save(str(path))
    graphs = list(GraphMLReader()(path=path))
    assert len(graphs) == 25
    for read, made in zip(graphs, result.to_networkx(), strict=True):
        assert set(read.nodes) == set(made.nodes)
        assert set(read.edges) == set(made.edges)
        for name, told in made.nodes(data=True):
            assert read.nodes[name] == told
        for source, target, told in made.edges(data=True):
            ends = ("source_node_id", "target_node_id")
            assert read.edges[source, target] == {key: value for key, value in told.items() if key not in ends}
        assert read.graph["task_description"] == made.graph["task_description"]
        assert read.graph["agent_types"] == ",".join(made.graph["agent_types"])
        assert read.graph["depth"] == made.graph["metrics"]["depth"]


def test_the_usual_call_reads_the_first_graph(tmp_path: Path) -> None:
    path = tmp_path / "one.graphml"
    result = Synth(env={}).generate("trajectory", count=1)
    result.save(str(path))
    assert len(nx.read_graphml(path)) == len(result.records[0]["nodes"])


def test_other_kinds_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "users.graphml"
    with pytest.raises(OutputError, match="GraphML holds records of kind trajectory only"):
        Synth(env={}).write(str(path), "user_profile", count=2)
    assert not path.exists()

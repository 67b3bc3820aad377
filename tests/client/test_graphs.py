"""Trajectories as networkx graphs."""

import sys

import pytest

from synth_sdk import Synth
from synth_sdk.client.graphs import to_networkx
from synth_sdk.core.errors import RequestError


def test_a_graph_carries_all_that_the_record_does() -> None:
    result = Synth(env={}).generate("trajectory", count=2)
    for graph, record in zip(result.to_networkx(), result.records, strict=True):
        assert [dict(told, is_anomalous=None) for _, told in graph.nodes(data=True)] == [
            dict(node, is_anomalous=None) for node in record["nodes"]
        ]
        assert graph.graph["pattern"] == record["metadata"]["pattern"]


def test_records_of_another_kind_are_refused() -> None:
    with pytest.raises(RequestError, match="of kind 'text'"):
        Synth(env={}).generate("text", count=1).to_networkx()
    with pytest.raises(RequestError, match="kind trajectory"):
        to_networkx({"text": "x"})


def test_without_networkx_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    result = Synth(env={}).generate("trajectory", count=1)
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(RequestError, match=r"synth-data-sdk\[graphs\]"):
        result.to_networkx()

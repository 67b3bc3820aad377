"""GraphML: a directed graph for each trajectory (http://graphml.graphdrawing.org/specification.html)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from xml.sax.saxutils import escape, quoteattr

from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.core.models import Json
from synth_sdk.sinks.documents import Document
from synth_sdk.sinks.formats import Shape

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_TYPES = {"string": "string", "number": "double", "integer": "long", "boolean": "boolean"}
_ENDS = ("source_node_id", "target_node_id")
_TAIL = b"</graphml>\n"
Fields = Mapping[str, str]  # attribute -> its GraphML type


@dataclass(frozen=True, slots=True)
class GraphmlEncoder:
    """The attributes of graphs, nodes and edges; each has a key such as `node_duration`."""

    graph: Fields
    node: Fields
    edge: Fields

    def encode(self, batch: Batch, start: int) -> bytes:
        graphs: list[str] = []
        for place, record in enumerate(batch.records(), start + 1):
            try:
                graphs += self._graph(record, place)
            except (KeyError, TypeError, AttributeError) as error:
                raise WriteError(f"record {place} isn't a graph of nodes and edges: {error}") from error
        return "\n".join([*graphs, ""]).encode() if graphs else b""

    def open(self, stream: BinaryIO) -> Document:
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="{_NAMESPACE}">\n' + "".join(self._keys())
        return Document(stream, head=head.encode(), tail=_TAIL, empty=head.encode() + _TAIL)

    def _keys(self) -> Iterator[str]:
        for owner in ("graph", "node", "edge"):
            for name, type_ in getattr(self, owner).items():
                yield f'<key id="{owner}_{name}" for="{owner}" attr.name={quoteattr(name)} attr.type="{type_}"/>\n'

    def _graph(self, record: Mapping[str, Any], place: int) -> Iterator[str]:
        metadata = record["metadata"]
        masks = metadata["anomaly_mask"]
        yield f'<graph id="g{place}" edgedefault="directed">'
        yield from _data("graph", {"task_description": record["task_description"]} | _flat(metadata), self.graph)
        for node, odd in zip(record["nodes"], masks["nodes"], strict=True):
            yield f"<node id={quoteattr(node['node_id'])}>"
            yield from _data("node", {**node, "is_anomalous": odd}, self.node)
            yield "</node>"
        for edge, odd in zip(record["edges"], masks["edges"], strict=True):
            source, target = (quoteattr(edge[end]) for end in _ENDS)
            yield f"<edge source={source} target={target}>"
            yield from _data("edge", {**edge, "is_anomalous": odd}, self.edge)
            yield "</edge>"
        yield "</graph>"


class GraphmlFormat:
    """`.graphml`: one `<graph>` for each record of kind trajectory."""

    name = "graphml"
    suffixes = (".graphml",)

    def encoder(self, shape: Shape) -> GraphmlEncoder:
        try:
            parts = shape.schema["properties"]
            node, edge = (parts[name]["items"]["properties"] for name in ("nodes", "edges"))
            graph = {"task_description": parts["task_description"], **_flat_schema(parts["metadata"])}
        except (KeyError, TypeError):
            raise OutputError("GraphML holds records of kind trajectory only: choose another format") from None
        marked = {"is_anomalous": "boolean"}
        return GraphmlEncoder(_types(graph), _types(node) | marked, _types(edge) | marked)


def _types(fields: Mapping[str, Json]) -> dict[str, str]:
    return {name: _TYPES.get(field.get("type", "string"), "string") for name, field in fields.items() if name not in _ENDS}


def _flat_schema(schema: Json) -> dict[str, Json]:
    """The fields of `metadata` with those of `metrics` among them; lists become texts, the masks stand at the nodes and edges."""
    fields: dict[str, Json] = {
        name: field for name, field in schema["properties"].items() if name not in ("metrics", "anomaly_mask")
    }
    return {**fields, **schema["properties"]["metrics"]["properties"]}


def _flat(metadata: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in metadata.items() if name not in ("metrics", "anomaly_mask")}
    told = {name: ",".join(value) if isinstance(value, list) else value for name, value in fields.items()}
    return {**told, **metadata["metrics"]}


def _data(owner: str, values: Mapping[str, Any], fields: Fields) -> Iterator[str]:
    for name in fields:
        if (value := values.get(name)) is not None:
            text = str(value).lower() if isinstance(value, bool) else escape(str(value))
            yield f'<data key="{owner}_{name}">{text}</data>'

"""Spans are read back by the protobuf types of OTLP, and their attributes are those of the conventions' own packages."""

import base64
import copy
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from openinference.semconv.trace import MessageAttributes, OpenInferenceSpanKindValues, SpanAttributes, ToolCallAttributes
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv.attributes import error_attributes

from synth_sdk.core.spec import make_spec
from synth_sdk.generators.agent_trace.generator import AgentTraceGenerator
from synth_sdk.generators.agent_trace.spans import to_openinference, to_otel


@pytest.fixture(scope="module")
def traces() -> list[Any]:
    return list(AgentTraceGenerator(make_spec(kind="agent_trace")).batch(range(300)).records())


def spans_of(told: dict[str, Any]) -> list[Any]:
    """The spans as protobuf messages. OTLP writes ids in hexadecimal, where protobuf's own JSON has base64."""
    told = copy.deepcopy(told)
    for span in told["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        for key in ("traceId", "spanId", "parentSpanId"):
            if key in span:
                span[key] = base64.b64encode(bytes.fromhex(span[key])).decode()
    request = ParseDict(told, ExportTraceServiceRequest())
    return list(request.resource_spans[0].scope_spans[0].spans)


def attributes(span: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in span.attributes}


def constants(holder: Any) -> Iterator[str]:
    return (value for name, value in vars(holder).items() if name.isupper() and isinstance(value, str))


@pytest.mark.parametrize("export", [to_otel, to_openinference])
def test_traces_are_trees_within_their_times(export: Any, traces: list[Any]) -> None:
    for trace in traces:
        root, *others = spans_of(export(trace))
        assert not root.parent_span_id
        assert len({span.span_id for span in (root, *others)}) == 1 + len(others)
        assert {span.trace_id.hex() for span in (root, *others)} == {trace["trace_id"]}
        for span in others:
            assert span.parent_span_id == root.span_id
            assert root.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano <= root.end_time_unix_nano
        assert (root.status.code == 2) == (not trace["success"])


def test_otel_names_and_attributes(traces: list[Any]) -> None:
    known = {*constants(gen_ai_attributes), *constants(error_attributes)}
    operations = {operation.value for operation in gen_ai_attributes.GenAiOperationNameValues}
    for trace in traces:
        root, *others = spans_of(to_otel(trace))
        assert root.name == "invoke_agent assistant"
        calls = [step for step in trace["steps"] if step["type"] == "tool_call"]
        tools = [span for span in others if span.name.startswith("execute_tool")]
        assert [span.name for span in tools] == [f"execute_tool {step['tool']}" for step in calls]
        for span in (root, *others):
            told = attributes(span)
            assert set(told) <= known
            assert told["gen_ai.operation.name"] in operations
            assert span.name.split()[0] == told["gen_ai.operation.name"]
        errors = [attributes(span).get("error.type") for span in tools]
        assert [bool(error) for error in errors] == ["error" in _after(trace, step)["content"][:10] for step in calls]


def _after(trace: Any, step: Any) -> Any:
    return trace["steps"][step["step"]]


def test_openinference_kinds_and_attributes(traces: list[Any]) -> None:
    known = {*constants(SpanAttributes)}
    parts = {*constants(MessageAttributes), *constants(ToolCallAttributes)}
    kinds = {kind.value for kind in OpenInferenceSpanKindValues}
    for trace in traces:
        told = [attributes(span) for span in spans_of(to_openinference(trace))]
        assert {span["openinference.span.kind"] for span in told} <= kinds
        assert [span["openinference.span.kind"] for span in told].count("TOOL") == sum(
            step["type"] == "tool_call" for step in trace["steps"]
        )
        nodes = {span["graph.node.id"] for span in told}
        for span in told:
            assert span.get("graph.node.parent_id", "assistant") in nodes
            for key in span:
                if key.startswith(("llm.input_messages", "llm.output_messages")):
                    ends = [part for part in parts if key.endswith(part)]
                    assert ends, key
                else:
                    assert key in known, key

"""OpenInference's semantic conventions for traces: spans of kind AGENT, LLM and TOOL, with the place of each in the agent's graph.

Source: https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from synth_sdk.generators.agent_trace.spans.otlp import CLIENT, INTERNAL, Exchange, Span, call_id, exchanges, request

_AGENT = "assistant"
_JSON, _PLAIN = "application/json", "text/plain"


def to_openinference(record: Mapping[str, Any]) -> dict[str, Any]:
    """A trace record as OTLP JSON."""
    return request(record, list(_spans(record)), "synth.agent_trace", "")


def _spans(record: Mapping[str, Any]) -> Iterator[Span]:
    meta, course = record["meta"], exchanges(record)
    error = "" if record["success"] else meta["error"] or "failed"
    last = course[-1]
    yield Span(
        _AGENT,
        INTERNAL,
        course[0].begin,
        max(exchange.end for exchange in course),
        {
            "openinference.span.kind": "AGENT",
            "agent.name": _AGENT,
            "input.value": meta["task"],
            "input.mime_type": _PLAIN,
            "output.value": last.observation or last.thought,
            "output.mime_type": _JSON if last.observation else _PLAIN,
            "session.id": record["trace_id"],
            "graph.node.id": _AGENT,
            "graph.node.name": _AGENT,
        },
        error,
    )
    for number, exchange in enumerate(course):
        yield _llm(record, exchange, number)
        if exchange.call is not None:
            yield _tool(record, exchange, number)


def _llm(record: Mapping[str, Any], exchange: Exchange, number: int) -> Span:
    meta = record["meta"]
    message = "llm.output_messages.0.message"
    told: dict[str, Any] = {
        "openinference.span.kind": "LLM",
        "llm.provider": meta["provider"],
        "llm.model_name": meta["model"],
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.content": meta["task"],
        f"{message}.role": "assistant",
        f"{message}.content": exchange.thought or None,
        "graph.node.id": f"llm_{number}",
        "graph.node.name": "llm",
        "graph.node.parent_id": _AGENT,
    }
    if exchange.call is not None:
        call = f"{message}.tool_calls.0.tool_call"
        told |= {
            f"{call}.id": call_id(record, number),
            f"{call}.function.name": exchange.call["tool"],
            f"{call}.function.arguments": json.dumps(exchange.call["arguments"], ensure_ascii=False),
        }
    return Span(meta["model"], CLIENT, exchange.begin, exchange.called or exchange.begin, told)


def _tool(record: Mapping[str, Any], exchange: Exchange, number: int) -> Span:
    assert exchange.call is not None  # noqa: S101 - asked for calls only
    arguments = json.dumps(exchange.call["arguments"], ensure_ascii=False)
    told = {
        "openinference.span.kind": "TOOL",
        "tool.name": exchange.call["tool"],
        "tool.id": call_id(record, number),
        "input.value": arguments,
        "input.mime_type": _JSON,
        "output.value": exchange.observation or None,
        "output.mime_type": _JSON if exchange.observation else None,
        "graph.node.id": f"tool_{number}",
        "graph.node.name": exchange.call["tool"],
        "graph.node.parent_id": f"llm_{number}",
    }
    return Span(exchange.call["tool"], INTERNAL, exchange.called, exchange.end, told, exchange.error)

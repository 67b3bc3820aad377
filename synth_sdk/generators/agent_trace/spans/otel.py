"""OpenTelemetry's semantic conventions for generative AI, version 1.41.0 (status: development): `invoke_agent`, `chat`, `execute_tool`.

Source: https://github.com/open-telemetry/semantic-conventions/blob/v1.41.0/docs/gen-ai/gen-ai-agent-spans.md
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from synth_sdk.generators.agent_trace.spans.otlp import CLIENT, INTERNAL, Exchange, Span, call_id, exchanges, request

SCHEMA_URL = "https://opentelemetry.io/schemas/1.41.0"
_AGENT = "assistant"
_BYTES_PER_TOKEN = 4  # a rule of thumb for English text; tokens of synthetic traces are estimates


def to_otel(record: Mapping[str, Any]) -> dict[str, Any]:
    """A trace record as OTLP JSON."""
    return request(record, list(_spans(record)), "synth.agent_trace", SCHEMA_URL)


def _spans(record: Mapping[str, Any]) -> Iterator[Span]:
    meta, course = record["meta"], exchanges(record)
    common = {"gen_ai.provider.name": meta["provider"], "gen_ai.request.model": meta["model"], "gen_ai.agent.name": _AGENT}
    error = "" if record["success"] else meta["error"] or "failed"
    yield Span(
        f"invoke_agent {_AGENT}",
        INTERNAL,
        course[0].begin,
        max(exchange.end for exchange in course),
        {
            "gen_ai.operation.name": "invoke_agent",
            **common,
            "gen_ai.conversation.id": record["trace_id"],
            "gen_ai.input.messages": _messages([{"role": "user", "parts": [_text(meta["task"])]}]),
            "error.type": error or None,
        },
        error,
    )
    told: list[dict[str, Any]] = [{"role": "user", "parts": [_text(meta["task"])]}]
    for number, exchange in enumerate(course):
        said = _said(record, exchange, number)
        yield _chat(exchange, common, meta["model"], told, said)
        told = [*told, {key: value for key, value in said.items() if key != "finish_reason"}]
        if exchange.call is not None:
            yield _tool(record, exchange, number)
            response = {"type": "tool_call_response", "id": call_id(record, number), "response": exchange.observation}
            told = [*told, {"role": "tool", "parts": [response]}]


def _chat(exchange: Exchange, common: Mapping[str, Any], model: str, told: list[dict[str, Any]], said: dict[str, Any]) -> Span:
    heard, spoken = _messages(told), _messages([said])
    return Span(
        f"chat {model}",
        CLIENT,
        exchange.begin,
        exchange.called or exchange.begin,
        {
            "gen_ai.operation.name": "chat",
            **common,
            "gen_ai.response.model": model,
            "gen_ai.response.finish_reasons": [said["finish_reason"]],
            "gen_ai.usage.input_tokens": len(heard) // _BYTES_PER_TOKEN,
            "gen_ai.usage.output_tokens": len(spoken) // _BYTES_PER_TOKEN,
            "gen_ai.input.messages": heard,
            "gen_ai.output.messages": spoken,
        },
    )


def _tool(record: Mapping[str, Any], exchange: Exchange, number: int) -> Span:
    assert exchange.call is not None  # noqa: S101 - asked for calls only
    return Span(
        f"execute_tool {exchange.call['tool']}",
        INTERNAL,
        exchange.called,
        exchange.end,
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": exchange.call["tool"],
            "gen_ai.tool.type": "function",
            "gen_ai.tool.call.id": call_id(record, number),
            "gen_ai.tool.call.arguments": json.dumps(exchange.call["arguments"], ensure_ascii=False),
            "gen_ai.tool.call.result": exchange.observation or None,
            "error.type": exchange.error or None,
        },
        exchange.error,
    )


def _said(record: Mapping[str, Any], exchange: Exchange, number: int) -> dict[str, Any]:
    """The model's message at this moment: its thought, its call, or both."""
    parts = [_text(exchange.thought)] if exchange.thought else []
    if exchange.call is not None:
        call = {
            "type": "tool_call",
            "id": call_id(record, number),
            "name": exchange.call["tool"],
            "arguments": exchange.call["arguments"],
        }
        parts.append(call)
    return {"role": "assistant", "parts": parts, "finish_reason": "tool_call" if exchange.call is not None else "stop"}


def _text(content: str) -> dict[str, Any]:
    return {"type": "text", "content": content}


def _messages(messages: list[dict[str, Any]]) -> str:
    return json.dumps(messages, ensure_ascii=False)

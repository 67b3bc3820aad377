"""OTLP JSON: one request of spans for each trace (https://opentelemetry.io/docs/specs/otlp/, JSON Protobuf encoding).

Ids are lower-case hexadecimal, times are nanoseconds as decimal text, enums are numbers.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

INTERNAL, CLIENT = 1, 3
_OK, _ERROR = 1, 2
_MILLISECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """`begin` and `end` are nanoseconds since 1970; `error` is a short code. The first span of a trace is the root of all others."""

    name: str
    kind: int
    begin: int
    end: int
    attributes: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a model thought and asked for at one moment, and the tool's answer, which may be missing."""

    begin: int
    thought: str
    call: Mapping[str, Any] | None
    called: int
    observation: str
    seen: int
    error: str

    @property
    def end(self) -> int:
        return self.seen or self.called or self.begin


def exchanges(record: Mapping[str, Any]) -> list[Exchange]:
    """The steps of a trace, a thought with the call that follows it and that call's observation."""
    found: list[Exchange] = []
    thought, begin = "", 0
    steps = record["steps"]
    for place, step in enumerate(steps):
        moment = nanoseconds(step["timestamp"])
        if step["type"] == "thought":
            if thought:
                found.append(Exchange(begin, thought, None, 0, "", 0, ""))
            thought, begin = step["content"], moment
        elif step["type"] == "tool_call":
            after = steps[place + 1] if place + 1 < len(steps) and steps[place + 1]["type"] == "observation" else None
            text = after["content"] if after else ""
            try:
                told = json.loads(text) if text else None
            except ValueError:
                told = None
            error = str(told["error"]["code"]) if isinstance(told, dict) and isinstance(told.get("error"), dict) else ""
            seen = nanoseconds(after["timestamp"]) if after else 0
            found.append(Exchange(begin or moment - 50 * _MILLISECOND, thought, step, moment, text, seen, error))
            thought, begin = "", 0
    if thought:
        found.append(Exchange(begin, thought, None, 0, "", 0, ""))
    return found


def nanoseconds(timestamp: str) -> int:
    moment = datetime.fromisoformat(timestamp)
    return round(moment.timestamp() * 1000) * _MILLISECOND


def call_id(record: Mapping[str, Any], number: int) -> str:
    return f"call_{_hex(record['trace_id'], 'call', number)}"


def request(record: Mapping[str, Any], spans: Sequence[Span], scope: str, schema_url: str) -> dict[str, Any]:
    """The spans as an ExportTraceServiceRequest; the first is the parent of the others."""
    trace, root = record["trace_id"], _hex(record["trace_id"], "span", 0)
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": attributes({"service.name": "synth-agent"})},
                "scopeSpans": [
                    {
                        "scope": {"name": scope},
                        "schemaUrl": schema_url,
                        "spans": [_span(span, trace, number, root) for number, span in enumerate(spans)],
                    }
                ],
                "schemaUrl": schema_url,
            }
        ]
    }


def _span(span: Span, trace: str, number: int, root: str) -> dict[str, Any]:
    told = {
        "traceId": trace,
        "spanId": _hex(trace, "span", number),
        **({"parentSpanId": root} if number else {}),
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": str(span.begin),
        "endTimeUnixNano": str(span.end),
        "attributes": attributes(span.attributes),
    }
    return told | {"status": {"code": _ERROR, "message": span.error} if span.error else {"code": _OK}}


def attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Key-value pairs; None is left out."""
    return [{"key": key, "value": _value(value)} for key, value in values.items() if value is not None]


def _value(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list() | tuple():
            return {"arrayValue": {"values": [_value(item) for item in value]}}
        case _:
            return {"stringValue": str(value)}


def _hex(*path: str | int) -> str:
    return blake2b("/".join(map(str, path)).encode(), digest_size=8).hexdigest()

"""Traces as spans: OTLP JSON with OpenTelemetry's GenAI attributes or OpenInference's."""

from synth_sdk.generators.agent_trace.spans.openinference import to_openinference
from synth_sdk.generators.agent_trace.spans.otel import to_otel

DIALECTS = {"otel": to_otel, "openinference": to_openinference}
__all__ = ["DIALECTS", "to_openinference", "to_otel"]

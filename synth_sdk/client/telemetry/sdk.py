"""OpenTelemetry's SDK with the OTLP exporter, as the command line configures it. ImportError where one of them isn't installed."""

from collections.abc import Callable, Mapping

from opentelemetry import context, metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from synth_sdk import __version__

Stop = Callable[[], None]


def _traces(env: Mapping[str, str], patience: float) -> Stop:
    """Send spans. The command is part of the trace that `TRACEPARENT` names, if it does."""
    provider = TracerProvider(resource=_resource(env), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=patience)))
    trace.set_tracer_provider(provider)
    parent = {"traceparent": env.get("TRACEPARENT", ""), "tracestate": env.get("TRACESTATE", "")}
    context.attach(TraceContextTextMapPropagator().extract(parent))
    return provider.shutdown


def _metrics(env: Mapping[str, str], patience: float) -> Stop:
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(timeout=patience), export_timeout_millis=patience * 1000)
    provider = MeterProvider([reader], resource=_resource(env), shutdown_on_exit=False)
    metrics.set_meter_provider(provider)
    return lambda: provider.shutdown(timeout_millis=patience * 1000)


def _resource(env: Mapping[str, str]) -> Resource:
    """Named `synth`, unless the variables name it."""
    named = "OTEL_SERVICE_NAME" in env or f"{SERVICE_NAME}=" in env.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return Resource.create({"service.version": __version__} | ({} if named else {SERVICE_NAME: "synth"}))


START: Mapping[str, Callable[[Mapping[str, str], float], Stop]] = {"TRACES": _traces, "METRICS": _metrics}

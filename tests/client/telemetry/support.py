"""What is told of a run, gathered in this process."""

from dataclasses import dataclass, field

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from synth_sdk.client.telemetry.otel import OpenTelemetry


@dataclass
class Collector:
    """Providers of its own, and an observer that tells them."""

    spans_kept: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)
    reader: InMemoryMetricReader = field(default_factory=InMemoryMetricReader)

    def __post_init__(self):
        self.tracers = TracerProvider(shutdown_on_exit=False)
        self.tracers.add_span_processor(SimpleSpanProcessor(self.spans_kept))
        self.meters = MeterProvider([self.reader], shutdown_on_exit=False)
        self.observer = OpenTelemetry(self.tracers, self.meters)

    @property
    def spans(self):
        return self.spans_kept.get_finished_spans()

    @property
    def runs(self):
        return [span for span in self.spans if span.name == "synth.generate"]

    @property
    def calls(self):
        return [span for span in self.spans if span.name not in ("synth.generate", "caller")]

    def points(self):
        """Metric name -> its data points."""
        told = self.reader.get_metrics_data()
        metrics = [
            metric
            for resource in (told.resource_metrics if told else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
        ]
        return {metric.name: list(metric.data.data_points) for metric in metrics}

    def units(self):
        told = self.reader.get_metrics_data()
        return {m.name: m.unit for r in told.resource_metrics for s in r.scope_metrics for m in s.metrics}

    def everything(self):
        """All that was told, as one text."""
        return "\n".join([*(span.to_json() for span in self.spans), repr(self.points())])

    def close(self):
        self.tracers.shutdown()
        self.meters.shutdown()

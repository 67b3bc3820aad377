"""What the command line does for whoever wants its traces and metrics: send them where OpenTelemetry's own variables say.

Without these variables, or without the exporter, nothing is loaded and nothing is sent. Python applications configure the SDK
themselves; `synth_sdk` never does.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

_GENERAL = "OTEL_EXPORTER_OTLP_ENDPOINT"
_SIGNALS = ("TRACES", "METRICS")
_TIMEOUT = "OTEL_EXPORTER_OTLP_TIMEOUT"
_PATIENCE_SECONDS = 5.0  # so long the end of a command waits for a collector, unless the variable says otherwise


@contextmanager
def exporting(env: Mapping[str, str], warn: Callable[[str], None]) -> Iterator[None]:
    """Export what happens inside by OTLP over HTTP, where `env` asks for it. A collector that isn't there never fails a run."""
    wanted = [signal for signal in _SIGNALS if _is_wanted(signal, env)]
    stops = _start(wanted, env, warn) if wanted else []
    try:
        yield
    finally:
        for stop in stops:
            stop()


def _is_wanted(signal: str, env: Mapping[str, str]) -> bool:
    disabled = env.get("OTEL_SDK_DISABLED", "").lower() == "true" or env.get(f"OTEL_{signal}_EXPORTER", "otlp") != "otlp"
    return not disabled and bool(env.get(_GENERAL) or env.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"))


def _start(wanted: list[str], env: Mapping[str, str], warn: Callable[[str], None]) -> list[Callable[[], None]]:
    protocol = env.get("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    if protocol != "http/protobuf":
        warn(f"OTEL_EXPORTER_OTLP_PROTOCOL {protocol!r}: no telemetry is sent; set it to http/protobuf")
        return []
    patience = _seconds(env.get(_TIMEOUT))
    try:
        from synth_sdk.client.telemetry import sdk
    except ImportError:
        return []
    return [sdk.START[signal](env, patience) for signal in wanted]


def _seconds(text: str | None) -> float:
    try:
        return max(0.1, float(text)) if text else _PATIENCE_SECONDS
    except ValueError:
        return _PATIENCE_SECONDS

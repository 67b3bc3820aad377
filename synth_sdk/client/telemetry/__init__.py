"""Who watches the runs of this process. Nobody does unless the application asks for it, and nothing is ever sent anywhere by default."""

import logging
import sys

from synth_sdk.core.observing import NO_OBSERVER, Observer

LOGGER = "synth_sdk"
logging.getLogger(LOGGER).addHandler(logging.NullHandler())


def observer() -> Observer:
    """OpenTelemetry, where the application has loaded it; the logger `synth_sdk`, where INFO is listened to; both, or nobody."""
    found: list[Observer] = []
    if "opentelemetry.trace" in sys.modules or "opentelemetry.metrics" in sys.modules:
        from synth_sdk.client.telemetry.otel import global_observer

        found.append(global_observer())
    if logging.getLogger(LOGGER).isEnabledFor(logging.INFO):
        from synth_sdk.client.telemetry.logs import LogObserver

        found.append(LogObserver())
    if len(found) > 1:
        from synth_sdk.client.telemetry.several import Several

        return Several(found)
    return found[0] if found else NO_OBSERVER

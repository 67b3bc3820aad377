"""The command sends telemetry where OpenTelemetry's variables say, and nowhere without them."""

import json
import subprocess
import sys
import time

import pytest

from tests.client.telemetry.receiver import Receiver, attributes
from tests.support.provider_server import KEYS

pytestmark = pytest.mark.slow
PAID = ["generate", "conversation", "-n", 4, "--budget", "0.50", "--mode", "llm", "--records-per-call", 2]
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_spans_and_metrics_arrive_at_a_collector(synth, server):
    with Receiver() as receiver:
        env = server.env("gemini") | {
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
            "OTEL_EXPORTER_OTLP_HEADERS": "api-key=MARKERcollectorkey",
            "TRACEPARENT": PARENT,
        }
        done = synth(*PAID, env=env)
        assert done.code == 0, done.err
        (run,) = [span for span in receiver.spans if span.name == "synth.generate"]
        calls = [span for span in receiver.spans if span is not run]
        assert run.trace_id.hex() == PARENT.split("-")[1]
        assert run.parent_span_id.hex() == PARENT.split("-")[2]
        assert attributes(run)["synth.status"] == "success"
        assert len(calls) == 2
        for call in calls:
            assert call.parent_span_id == run.span_id
            assert call.kind == 3  # CLIENT
            assert attributes(call)["gen_ai.usage.output_tokens"] > 0
        usage = receiver.metrics["gen_ai.client.token.usage"]
        assert usage.unit == "{token}"
        spent = {point.attributes[-1].value.string_value for point in usage.histogram.data_points}
        assert spent == {"input", "output"}
        assert {"gen_ai.client.operation.duration", "synth.records", "synth.cost"} <= receiver.metrics.keys()
        assert receiver.services == {"synth"}
        bodies = "".join(str(request) for _, _, request in receiver.came)
        assert not any(key in bodies for key in (*KEYS.values(), "MARKERcollectorkey"))
        assert len(done.out.splitlines()) == 4


def test_the_variables_for_one_signal_and_for_none(synth, server):
    with Receiver() as receiver:
        traces = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{receiver.url}/v1/traces", "OTEL_SERVICE_NAME": "nightly"}
        assert synth("generate", "text", "-n", 1, env=traces).code == 0
        assert {path for path, _, _ in receiver.came} == {"/v1/traces"}
        assert receiver.services == {"nightly"}
        receiver.came.clear()
        general = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url}
        for more in ({"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"}):
            assert synth("generate", "text", "-n", 1, env=general | more).err.count("\n") == 1
        told = synth("generate", "text", "-n", 1, env=general | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}).err
        assert "synth: warning: OTEL_EXPORTER_OTLP_PROTOCOL 'grpc': no telemetry is sent; set it to http/protobuf" in told
        assert receiver.came == []


@pytest.mark.parametrize("trouble", ["nobody", "silent", "broken"])
def test_a_collector_that_fails_costs_a_run_nothing_but_a_moment(synth, trouble):
    with Receiver(status=500 if trouble == "broken" else 200, delay=60 if trouble == "silent" else 0) as receiver:
        url = "http://127.0.0.1:9" if trouble == "nobody" else receiver.url
        started = time.monotonic()
        secret = "MARKERinurl0123456789"
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"{url}/?api_key={secret}", "OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
        done = synth("generate", "text", "-n", 1, "--log-json", env=env)
        assert done.code == 0
        assert len(done.out.splitlines()) == 1
        told = [json.loads(line) for line in done.err.splitlines()]
        assert told[0]["event"] == "summary"
        assert any(line["event"] == "log" and line["logger"].startswith("opentelemetry") for line in told)
        assert secret not in done.err
        assert time.monotonic() - started < 15


NOBODY = """
import sys
from synth_sdk import Synth
from synth_sdk.client import telemetry
from synth_sdk.core.observing import NO_OBSERVER
Synth().generate("conversation", count=2)
assert telemetry.observer() is NO_OBSERVER
assert not any(name.startswith("opentelemetry") for name in sys.modules), sorted(sys.modules)
"""
WITHOUT = """
import sys
sys.modules["opentelemetry.exporter"] = None
from synth_sdk.cli import main
main(["generate", "text", "-n", "1"])
"""


def test_nothing_is_loaded_or_sent_unasked(tmp_path):
    subprocess.run([sys.executable, "-W", "error", "-c", NOBODY], check=True, cwd=tmp_path, timeout=60)


def test_without_the_exporter_nothing_happens(tmp_path, monkeypatch):
    with Receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT], cwd=tmp_path, timeout=60, capture_output=True, text=True, check=True
        )
        assert len(done.stdout.splitlines()) == len(done.stderr.splitlines()) == 1
        assert receiver.came == []

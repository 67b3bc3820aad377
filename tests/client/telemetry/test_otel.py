"""Spans and metrics of runs against a loopback server, gathered in this process."""

import asyncio

import pytest
from opentelemetry import trace
from opentelemetry.semconv._incubating.attributes import error_attributes, gen_ai_attributes, http_attributes
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics
from opentelemetry.trace import SpanKind, StatusCode

from synth_sdk.client import run as runs
from synth_sdk.client.telemetry import names
from synth_sdk.core.errors import SynthError
from tests.client.telemetry.support import Collector
from tests.support.buying import synth_for
from tests.support.provider_server import AWS_SECRET, KEYS, Fault

CALL = {"budget": "0.50", "mode": "llm", "model": "gemini-flash-lite", "fallback": "none"}


@pytest.fixture
def collector(monkeypatch):
    made = Collector()
    monkeypatch.setattr(runs, "observer", lambda: made.observer)
    yield made
    made.close()


def test_the_names_are_those_of_the_installed_conventions():
    told = {
        "OPERATION": gen_ai_attributes.GEN_AI_OPERATION_NAME,
        "PROVIDER": gen_ai_attributes.GEN_AI_PROVIDER_NAME,
        "REQUEST_MODEL": gen_ai_attributes.GEN_AI_REQUEST_MODEL,
        "REQUEST_MAX_TOKENS": gen_ai_attributes.GEN_AI_REQUEST_MAX_TOKENS,
        "RESPONSE_MODEL": gen_ai_attributes.GEN_AI_RESPONSE_MODEL,
        "RESPONSE_FINISH_REASONS": gen_ai_attributes.GEN_AI_RESPONSE_FINISH_REASONS,
        "INPUT_TOKENS": gen_ai_attributes.GEN_AI_USAGE_INPUT_TOKENS,
        "OUTPUT_TOKENS": gen_ai_attributes.GEN_AI_USAGE_OUTPUT_TOKENS,
        "CACHE_READ_TOKENS": gen_ai_attributes.GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
        "TOKEN_TYPE": gen_ai_attributes.GEN_AI_TOKEN_TYPE,
        "ERROR_TYPE": error_attributes.ERROR_TYPE,
        "HTTP_STATUS": http_attributes.HTTP_RESPONSE_STATUS_CODE,
        "TOKEN_USAGE": gen_ai_metrics.GEN_AI_CLIENT_TOKEN_USAGE,
        "DURATION": gen_ai_metrics.GEN_AI_CLIENT_OPERATION_DURATION,
        "CHAT": gen_ai_attributes.GenAiOperationNameValues.CHAT.value,
    }
    assert {name: getattr(names, name) for name in told} == told
    providers = {value.value for value in gen_ai_attributes.GenAiProviderNameValues}
    assert set(names.PROVIDERS.values()) <= providers
    assert set(names.OPERATIONS.values()) <= {value.value for value in gen_ai_attributes.GenAiOperationNameValues}


def test_a_run_is_a_span_and_each_call_its_child(collector, server, home):
    result = synth_for(server, home, "gemini").generate("conversation", count=6, seed=5, records_per_call=2, **CALL)
    (run,), calls = collector.runs, collector.calls
    assert run.attributes["synth.kind"] == "conversation"
    assert (run.attributes["synth.count"], run.attributes["synth.seed"], run.attributes["synth.mode"]) == (6, 5, "llm")
    assert run.attributes["synth.fingerprint"] == result.report.fingerprint
    assert (run.attributes["synth.status"], run.attributes["synth.records.delivered"]) == ("success", 6)
    assert run.attributes["synth.cost_usd"] == pytest.approx(float(result.report.to_dict()["cost"]["spent_usd"]))
    assert run.parent is None
    assert run.status.status_code is StatusCode.UNSET
    assert len(calls) == len(server.requests) == 3
    for call in calls:
        assert call.parent.span_id == run.context.span_id
        assert call.context.trace_id == run.context.trace_id
        assert call.kind is SpanKind.CLIENT
        assert call.name == "generate_content gemini-3.1-flash-lite"
        told = call.attributes
        assert told["gen_ai.operation.name"] == "generate_content"
        assert told["gen_ai.provider.name"] == "gcp.gemini"
        assert told["gen_ai.request.model"] == "gemini-3.1-flash-lite"
        assert told["gen_ai.response.finish_reasons"] == ("stop",)
        assert told["gen_ai.usage.input_tokens"] > 100
        assert told["gen_ai.usage.output_tokens"] > 20
        assert (told["synth.records.asked"], told["synth.attempt"]) == (2, 1)
        assert call.end_time > call.start_time
    assert sum(call.attributes["synth.cost_usd"] for call in calls) == pytest.approx(server.bill_micros / 1e6, rel=0.01)


def test_metrics_have_the_units_and_boundaries_of_the_conventions(collector, server, home):
    synth = synth_for(server, home, "gemini")
    for _ in range(2):
        synth.generate("conversation", count=6, seed=5, records_per_call=2, **CALL)
    points = collector.points()
    units = collector.units()
    assert (units["gen_ai.client.token.usage"], units["gen_ai.client.operation.duration"]) == ("{token}", "s")
    usage = {point.attributes["gen_ai.token.type"]: point for point in points["gen_ai.client.token.usage"]}
    assert usage.keys() == {"input", "output"}
    spans = collector.calls
    assert usage["input"].sum == sum(span.attributes["gen_ai.usage.input_tokens"] for span in spans)
    assert usage["output"].sum == sum(span.attributes["gen_ai.usage.output_tokens"] for span in spans)
    assert usage["input"].explicit_bounds == names.TOKEN_BUCKETS == tuple(4**power for power in range(14))
    (duration,) = points["gen_ai.client.operation.duration"]
    assert duration.count == 3
    assert duration.explicit_bounds == names.DURATION_BUCKETS == pytest.approx([0.01 * 2**power for power in range(14)])
    assert duration.attributes.keys() == {
        "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model",
    }  # fmt: skip
    origins = {point.attributes["synth.origin"]: point.value for point in points["synth.records"]}
    assert origins == {"llm": 6, "cache": 6}
    assert [point.value for point in points["synth.cache.hits"]] == [6]
    assert sum(point.value for point in points["synth.cost"]) == pytest.approx(server.bill_micros / 1e6, rel=0.01)


@pytest.mark.parametrize(
    ("fault", "kind", "status"),
    [
        ("unavailable", "unavailable", 503),
        ("rate_limit", "rate_limited", 429),
        ("broken", "broken", 200),
        ("forbidden", "refused", 403),
    ],
)
def test_a_call_that_fails_is_a_span_with_its_error(collector, server, home, fault, kind, status):
    server.faults = [Fault(fault, times=1, retry_after=0.01)]
    synth = synth_for(server, home, "gemini")
    result = synth.generate("conversation", count=2, records_per_call=2, **(CALL | {"fallback": "gemini-2.5-flash"}))
    assert result.report.status == "success"
    failed = [span for span in collector.calls if span.status.status_code is StatusCode.ERROR]
    assert len(failed) == 1
    assert failed[0].attributes["error.type"] == failed[0].status.description == kind
    assert failed[0].attributes.get("http.response.status_code") == status
    assert failed[0].events == ()  # no exception with its words
    later = [span for span in collector.calls if span is not failed[0]]
    assert [span.attributes["synth.attempt"] for span in later] == [2]
    duration = collector.points()["gen_ai.client.operation.duration"]
    assert {point.attributes.get("error.type") for point in duration} == {None, kind}


def test_the_finish_reason_is_the_conventions_word(collector, server, home):
    server.faults = [Fault("truncate", times=1), Fault("filter", times=1)]
    synth_for(server, home, "gemini").generate("conversation", count=1, **(CALL | {"fallback": "gemini-2.5-flash"}))
    told = [span.attributes["gen_ai.response.finish_reasons"] for span in collector.calls]
    assert told[:2] == [("length",), ("content_filter",)]


@pytest.mark.parametrize("face", ["sync", "stream", "async", "write"])
def test_the_run_is_a_child_of_the_callers_span(collector, server, home, tmp_path, face):
    """Though its calls run on a loop in another thread."""
    synth = synth_for(server, home, "gemini", **CALL)
    tracer = collector.tracers.get_tracer("caller")
    with tracer.start_as_current_span("caller") as caller:
        match face:
            case "sync":
                synth.generate("conversation", count=2)
            case "stream":
                for _ in synth.stream("conversation", count=2):
                    assert trace.get_current_span() is caller  # what the caller does meanwhile is no part of the run
            case "async":
                asyncio.run(synth.agenerate("conversation", count=2))
            case "write":
                synth.write(str(tmp_path / "x.jsonl"), "conversation", count=2)
        assert trace.get_current_span() is caller
    (run,) = collector.runs
    assert run.parent.span_id == caller.get_span_context().span_id
    assert collector.calls
    assert {call.parent.span_id for call in collector.calls} == {run.context.span_id}


def test_runs_at_the_same_time_keep_their_calls_apart(collector, server, home):
    synth = synth_for(server, home, "gemini", **CALL)

    async def both():
        await asyncio.gather(*(synth.agenerate("conversation", count=8, seed=seed, records_per_call=2) for seed in (1, 2)))

    asyncio.run(both())
    assert len(collector.runs) == 2
    for run in collector.runs:
        mine = [call for call in collector.calls if call.parent.span_id == run.context.span_id]
        assert len(mine) == 4


def test_what_instruments_http_is_a_child_of_the_call(collector, server, home, monkeypatch):
    """The span of an exchange is the current one while it is on its way."""
    from synth_sdk.providers.gemini import GeminiProvider

    seen = []
    ask = GeminiProvider.ask

    async def watched(self, call, on_reply):
        seen.append(trace.get_current_span().get_span_context().span_id)
        return await ask(self, call, on_reply)

    monkeypatch.setattr(GeminiProvider, "ask", watched)
    synth_for(server, home, "gemini").generate("conversation", count=4, records_per_call=2, **CALL)
    assert sorted(seen) == sorted(call.context.span_id for call in collector.calls)


def test_an_offline_run_has_a_span_and_no_calls(collector):
    from synth_sdk import Synth

    Synth().generate("text", count=5)
    (run,) = collector.runs
    assert (run.attributes["synth.status"], run.attributes["synth.cost_usd"]) == ("success", 0)
    assert collector.calls == []
    assert [point.value for point in collector.points()["synth.records"]] == [5]


def test_how_a_run_ended_is_told(collector, server, home):
    synth = synth_for(server, home, "gemini", **CALL)
    server.faults = [Fault("forbidden")]
    with pytest.raises(SynthError):
        synth.generate("conversation", count=2, mode="blueprint")
    synth.generate("conversation", count=2, seed=9, cache="off")
    stream = synth.stream("text", count=5000, mode="offline")
    next(stream)
    stream.close()
    told = [(run.attributes["synth.status"], run.status.status_code, run.status.description) for run in collector.runs]
    assert told == [
        ("failed", StatusCode.ERROR, "NoRoute"),
        ("failed", StatusCode.ERROR, "no record could be delivered"),
        ("stopped", StatusCode.UNSET, None),
    ]


def test_neither_keys_nor_prompts_nor_replies_are_told(collector, server, home):
    server.faults = [
        Fault("unauthorized", "openrouter*", times=1),
        Fault("broken", "gemini*", times=2),
        Fault("bad_request", "bedrock*", times=1),
    ]
    synth = synth_for(server, home, budget="0.5", mode="llm", policy="balanced")
    schema = {"type": "object", "properties": {"MARKERfield": {"type": "string"}}, "required": ["MARKERfield"]}
    result = synth.generate(
        "json", schema=schema, count=6, records_per_call=1, fallback="gemini-flash-lite,deepseek-v4-flash,nova-lite,faker"
    )
    told = collector.everything()
    assert len(collector.calls) >= 3
    for secret in (*KEYS.values(), AWS_SECRET, "MARKERfield", server.url, "You write synthetic"):
        assert secret not in told, secret
    for record in result.records:
        assert str(record["MARKERfield"]) not in told

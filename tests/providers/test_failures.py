"""Each way in which a provider refuses, and what the router is told: outcome, stated delay, whether it may be billed."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
import respx
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.errors import ModelError, Outcome
from synth_sdk.core.redact import register_secrets
from synth_sdk.providers.failures import error_in_reply, refusal, retry_delay
from tests.providers.helpers import ENV, PROVIDERS, URLS, call, card, reply

ARMS = list(URLS)


def google(code, message, status="", *details):
    return {"error": {"code": code, "message": message, "status": status, "details": list(details)}}


def retry_info(delay):
    return {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}


def quota(name):
    return {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaMetric": "m", "quotaId": name}]}


PER_DAY = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
PER_MINUTE = "GenerateContentInputTokensPerModelPerMinute-FreeTier"
PLAN = "You exceeded your current quota, please check your plan and billing details."

CASES = [
    (
        "gemini",
        429,
        google(429, PLAN, "RESOURCE_EXHAUSTED", quota(PER_MINUTE), retry_info("17.5s")),
        {},
        Outcome.RATE_LIMITED,
        17.5,
    ),
    ("gemini", 429, google(429, PLAN, "RESOURCE_EXHAUSTED", quota(PER_DAY), retry_info("17s")), {}, Outcome.QUOTA, None),
    ("gemini", 429, google(429, "Quota exceeded for metric: m, limit: 0, model: gemini-pro"), {}, Outcome.QUOTA, None),
    (
        "gemini",
        429,
        google(429, "Resource has been exhausted (e.g. check quota)."),
        {"retry-after": "7"},
        Outcome.RATE_LIMITED,
        7,
    ),
    (
        "gemini",
        503,
        google(503, "The model is overloaded. Please try again later.", "UNAVAILABLE"),
        {},
        Outcome.UNAVAILABLE,
        None,
    ),
    ("gemini", 500, google(500, "An internal error has occurred", "INTERNAL"), {}, Outcome.UNAVAILABLE, None),
    ("gemini", 504, google(504, "Deadline expired", "DEADLINE_EXCEEDED"), {}, Outcome.UNAVAILABLE, None),
    (
        "gemini",
        400,
        google(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT"),
        {},
        Outcome.REFUSED,
        None,
    ),
    (
        "gemini",
        400,
        google(400, "User location is not supported for the API use.", "FAILED_PRECONDITION"),
        {},
        Outcome.REFUSED,
        None,
    ),
    (
        "gemini",
        400,
        google(400, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."),
        {},
        Outcome.CONTEXT_TOO_LONG,
        None,
    ),
    ("gemini", 400, google(400, "Invalid JSON payload received. Unknown name"), {}, Outcome.BAD_REQUEST, None),
    ("gemini", 403, google(403, "Permission denied", "PERMISSION_DENIED"), {}, Outcome.REFUSED, None),
    ("gemini", 404, google(404, "models/x is not found for API version v1beta", "NOT_FOUND"), {}, Outcome.REFUSED, None),
    ("gemini", 429, [google(429, PLAN, "RESOURCE_EXHAUSTED", retry_info("3s"))], {}, Outcome.RATE_LIMITED, 3),
    (
        "openrouter",
        429,
        {"error": {"message": "Rate limit exceeded: free-models-per-min.", "code": 429}},
        {"retry-after": "7"},
        Outcome.RATE_LIMITED,
        7,
    ),
    (
        "openrouter",
        429,
        {"error": {"message": "Rate limit exceeded: free-models-per-day.", "code": 429}},
        {},
        Outcome.QUOTA,
        None,
    ),
    ("openrouter", 402, {"error": {"message": "Insufficient credits", "code": 402}}, {}, Outcome.QUOTA, None),
    ("openrouter", 401, {"error": {"message": "No auth credentials found", "code": 401}}, {}, Outcome.REFUSED, None),
    (
        "openrouter",
        403,
        {"error": {"message": "Your input was flagged", "code": 403, "metadata": {"reasons": ["violence"]}}},
        {},
        Outcome.FILTERED,
        None,
    ),
    ("openrouter", 404, {"error": {"message": "No endpoints found for x/y.", "code": 404}}, {}, Outcome.REFUSED, None),
    ("openrouter", 400, {"error": {"message": "x/y is not a valid model ID", "code": 400}}, {}, Outcome.REFUSED, None),
    (
        "openrouter",
        400,
        {"error": {"message": "This endpoint's maximum context length is 131072 tokens.", "code": 400}},
        {},
        Outcome.CONTEXT_TOO_LONG,
        None,
    ),
    ("openrouter", 408, {"error": {"message": "Timed out", "code": 408}}, {}, Outcome.UNAVAILABLE, None),
    ("openrouter", 502, {"error": {"message": "Provider returned error", "code": 502}}, {}, Outcome.UNAVAILABLE, None),
    (
        "openrouter",
        503,
        {"error": {"message": "No instances available", "code": 503}},
        {"retry-after": "2"},
        Outcome.UNAVAILABLE,
        2,
    ),
    (
        "bedrock",
        429,
        {"message": "Too many requests, please wait before trying again."},
        {"retry-after": "7"},
        Outcome.RATE_LIMITED,
        7,
    ),
    ("bedrock", 429, {"message": "Too many tokens per day, please wait before trying again."}, {}, Outcome.QUOTA, None),
    ("bedrock", 503, {"message": "Bedrock is unable to process your request."}, {}, Outcome.UNAVAILABLE, None),
    ("bedrock", 424, {"message": "The model returned an error"}, {}, Outcome.UNAVAILABLE, None),
    ("bedrock", 400, {"message": "The provided model identifier is invalid."}, {}, Outcome.REFUSED, None),
    ("bedrock", 400, {"message": "Input is too long for requested model."}, {}, Outcome.CONTEXT_TOO_LONG, None),
    (
        "bedrock",
        400,
        {"message": "Malformed input request: #: extraneous key [x] is not permitted"},
        {},
        Outcome.BAD_REQUEST,
        None,
    ),
    ("bedrock", 403, {"message": "You don't have access to the model with the specified model ID."}, {}, Outcome.REFUSED, None),
    ("bedrock", 403, {"message": "The security token included in the request is expired"}, {}, Outcome.REFUSED, None),
    (
        "local",
        503,
        {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}},
        {},
        Outcome.UNAVAILABLE,
        None,
    ),
    ("local", 400, {"error": {"message": "the request exceeds the available context size"}}, {}, Outcome.CONTEXT_TOO_LONG, None),
    ("local", 404, {"error": "model 'x' not found"}, {}, Outcome.REFUSED, None),
    ("local", 429, {"error": {"message": PLAN, "code": "insufficient_quota"}}, {}, Outcome.QUOTA, None),
    ("local", 413, {}, {}, Outcome.CONTEXT_TOO_LONG, None),
    ("local", 307, {}, {"location": "http://elsewhere/"}, Outcome.REFUSED, None),
]


async def failed(provider, arm, **mock):
    """(the ModelError, how often was sent, the replies handed out)."""
    seen = []
    with respx.mock(using="httpx") as wire:
        route = wire.post(URLS[arm]).mock(**mock)
        with pytest.raises(ModelError) as caught:
            await provider(arm).ask(call(arm), seen.append)
    return caught.value, route.call_count, seen


@pytest.mark.parametrize(("arm", "status", "document", "headers", "outcome", "delay"), CASES)
async def test_refusals(provider, arm, status, document, headers, outcome, delay):
    error, sent, seen = await failed(provider, arm, return_value=httpx.Response(status, json=document, headers=headers))
    assert (error.outcome, error.retry_after, error.status) == (outcome, delay, status)
    assert not error.may_be_billed  # the provider answered with an error status: it did no work
    assert (sent, seen) == (1, [])
    assert error.message.startswith(call(arm).card.id)
    assert "\n" not in error.message


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize(
    ("fault", "outcome", "billed"),
    [
        (httpx.ReadTimeout("slow"), Outcome.TIMEOUT, True),
        (httpx.ConnectTimeout("slow"), Outcome.TIMEOUT, False),
        (httpx.ConnectError("refused"), Outcome.UNAVAILABLE, False),
        (httpx.ReadError("broke"), Outcome.UNAVAILABLE, True),
        (httpx.RemoteProtocolError("broke"), Outcome.UNAVAILABLE, True),
    ],
)
async def test_broken_connections_are_never_sent_twice(provider, arm, fault, outcome, billed):
    error, sent, seen = await failed(provider, arm, side_effect=fault)
    assert (error.outcome, error.may_be_billed, error.retry_after) == (outcome, billed, None)
    assert (sent, seen) == (1, [])


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("content", [b"", b"<html>oops</html>", b"[]", b'"text"', b"{}", b'{"a": 1', b"null"])
async def test_a_200_with_garbage_is_unavailable_and_may_be_billed(provider, arm, content):
    error, sent, _ = await failed(provider, arm, return_value=httpx.Response(200, content=content))
    assert (error.outcome, error.may_be_billed, sent) == (Outcome.UNAVAILABLE, True, 1)
    assert "200 with a body that is no reply" in error.message


@pytest.mark.parametrize(
    ("code", "outcome", "billed"),
    [
        (429, Outcome.RATE_LIMITED, False),
        (402, Outcome.QUOTA, False),
        (502, Outcome.UNAVAILABLE, True),
        (401, Outcome.REFUSED, False),
        ("x", Outcome.UNAVAILABLE, True),
    ],
)
async def test_an_error_inside_a_200(provider, code, outcome, billed):
    document = {"error": {"message": "Provider returned error", "code": code, "metadata": {"provider_name": "X"}}}
    error, _, seen = await failed(provider, "openrouter", return_value=httpx.Response(200, json=document))
    assert (error.outcome, error.may_be_billed, seen) == (outcome, billed, [])


async def test_an_error_inside_a_choice(provider):
    document = reply("openrouter", "")
    document["choices"][0]["error"] = {"code": 502, "message": "Upstream broke off"}
    error, _, _ = await failed(provider, "openrouter", return_value=httpx.Response(200, json=document))
    assert error.outcome is Outcome.UNAVAILABLE
    assert "Upstream broke off" in error.message


async def test_openrouters_upstream_words_are_shown(provider):
    document = {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": "context_length_exceeded"}}}
    error, _, _ = await failed(provider, "openrouter", return_value=httpx.Response(400, json=document))
    assert error.outcome is Outcome.CONTEXT_TOO_LONG


@pytest.mark.parametrize("arm", ARMS)
async def test_a_redirect_is_not_followed(provider, arm):
    """The key would travel along."""
    with respx.mock(using="httpx", assert_all_called=False) as wire:
        wire.post(URLS[arm]).mock(return_value=httpx.Response(307, headers={"location": "https://elsewhere.example/take"}))
        other = wire.route(host="elsewhere.example").mock(return_value=httpx.Response(200, json=reply(arm)))
        with pytest.raises(ModelError) as caught:
            await provider(arm).ask(call(arm), lambda _: None)
    assert caught.value.outcome is Outcome.REFUSED
    assert not other.called


async def test_a_provider_without_credentials_refuses_without_sending(provider):
    for arm in ARMS:
        with respx.mock(using="httpx"), pytest.raises(ModelError) as caught:
            await provider(arm, {}).ask(call(arm), lambda _: None)
        assert caught.value.outcome is Outcome.REFUSED
        assert not caught.value.may_be_billed


async def test_an_argument_that_litellm_refuses_is_a_bad_request_that_was_not_sent(provider):
    with respx.mock(using="httpx"), pytest.raises(ModelError) as caught:
        await provider("nova").ask(call("nova", card=card("nova", effort="low")), lambda _: None)
    assert caught.value.outcome is Outcome.BAD_REQUEST
    assert "not sent" in caught.value.message
    assert not caught.value.may_be_billed


async def test_a_profile_that_is_not_there_is_refused(provider, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with respx.mock(using="httpx"), pytest.raises(ModelError) as caught:
        await provider("bedrock", {"AWS_PROFILE": "nobody"}).ask(call("bedrock"), lambda _: None)
    assert caught.value.outcome is Outcome.REFUSED


NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DATE = {"date": format_datetime(NOW, usegmt=True)}


@pytest.mark.parametrize(
    ("headers", "document", "expected"),
    [
        ({"retry-after": "12"}, None, 12),
        ({"retry-after": "1.5"}, None, 1.5),
        ({"retry-after-ms": "250"}, None, 0.25),
        ({"retry-after": format_datetime(NOW + timedelta(seconds=90), usegmt=True), **DATE}, None, 90),
        ({"retry-after": format_datetime(NOW - timedelta(seconds=90), usegmt=True), **DATE}, None, None),
        ({"retry-after": "soon"}, None, None),
        ({"retry-after": "-5"}, None, None),
        ({"retry-after": "inf"}, None, None),
        ({"retry-after": "2"}, google(429, "", "", retry_info("30s")), 30),
        ({}, google(429, "", "", retry_info("0.5s"), retry_info("bad")), 0.5),
        (DATE, {"error": {"metadata": {"headers": {"X-RateLimit-Reset": str(int((NOW.timestamp() + 42) * 1000))}}}}, 42),
        (DATE, {"error": {"metadata": {"headers": {"X-RateLimit-Reset": "1741305600000"}}}}, None),
        ({}, None, None),
        ({}, {"error": "text"}, None),
    ],
)
def test_stated_delays(headers, document, expected):
    assert retry_delay(headers, document) == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "code", "message", "details", "metadata", "headers", "violations", "raw", "retryDelay", "choices"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@settings(deadline=None)
@given(st.integers(300, 599), json_values, st.dictionaries(st.sampled_from(["retry-after", "date"]), st.text(max_size=8)))
def test_law_any_answer_can_be_read(status, document, headers):
    """Whatever shape the body has, the answer is one ModelError on one line whose delay, if any, is not negative."""
    error_in_reply(document)
    error = refusal("arm", status, headers, json.dumps(document).encode())
    assert isinstance(error.outcome, Outcome)
    assert error.retry_after is None or error.retry_after >= 0
    assert len(error.message.splitlines()) == 1
    assert len(error.message) < 400


parts = st.sampled_from(
    [
        "candidates",
        "content",
        "parts",
        "text",
        "usageMetadata",
        "choices",
        "message",
        "usage",
        "output",
        "stopReason",
        "finish_reason",
    ]
)
odd_values = st.recursive(
    st.none() | st.integers(-1, 9) | st.sampled_from(["", "STOP", '{"items": []}']),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(parts, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=40, deadline=None)
@given(document=odd_values, arm=st.sampled_from(["gemini", "openrouter", "bedrock", "local"]))
def test_law_a_200_is_either_handed_out_or_held(document, arm):
    """Whatever comes with a 200, the money is accounted for: the reply is handed out to be settled, or the failure may be billed."""

    async def ask():
        one, seen = PROVIDERS[arm](ENV), []
        with respx.mock(using="httpx") as wire:
            wire.post(URLS[arm]).mock(return_value=httpx.Response(200, json=document))
            try:
                await one.ask(call(arm), seen.append)
            except ModelError as error:
                return bool(seen) or error.may_be_billed
            finally:
                await one.aclose()
        return bool(seen)

    assert asyncio.run(ask())


def test_a_long_answer_is_shortened_after_it_is_redacted():
    """A key that the cut would halve is gone before the cut."""
    key = ENV["GEMINI_API_KEY"]
    register_secrets([key])
    for padding in range(270, 301):
        error = refusal("arm", 400, {}, json.dumps({"error": {"message": "x" * padding + key}}).encode())
        assert key[:8] not in error.message

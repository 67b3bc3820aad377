"""Models behind litellm: what is sent is what `litellm.acompletion` sends, to the same address with the same key; and what comes back."""

import json
from contextlib import suppress
from decimal import Decimal

import httpx
import pytest
import respx

from synth_sdk.core.errors import ModelError, Outcome
from synth_sdk.core.models import Prices, Usage, lacking
from synth_sdk.providers.any_litellm import AnyLitellmProvider
from synth_sdk.providers.downgrade.targets import CLAUDE, OPENAI, TOOL, target_of
from synth_sdk.providers.engine import libraries
from synth_sdk.providers.replies import finish_of
from synth_sdk.providers.upstreams import UPSTREAMS
from synth_sdk.router.health import Fleet
from tests.providers.helpers import RECORDS, SCHEMA, TEXT, call, card, reply

KEY = "sk-MARKERupstream0123456789"
MODELS = {
    "anthropic": "claude-haiku-4-5-20251001",
    "deepseek": "deepseek-chat",
    "fireworks_ai": "accounts/fireworks/models/deepseek-v3p2",
    "groq": "openai/gpt-oss-120b",
    "mistral": "mistral-small-latest",
    "openai": "gpt-5-mini",
    "perplexity": "sonar",
    "together_ai": "Qwen/Qwen2.5-7B-Instruct-Turbo",
    "xai": "grok-code-fast-1-0825",
}
_ANY = {"connection", "host", "accept", "accept-encoding", "content-length", "content-type", "user-agent"}
_OF_LITELLM = {"x-novita-source", "x-pplx-integration"}  # by which it tells upstreams that it is litellm: that we don't say


def arm(name, model="", **changes):
    whole = f"{name}/{model or MODELS.get(name, 'some-model')}"
    return card("local", id=whole, provider="litellm", model=whole, **changes)


def asked(name, **changes):
    return call("local", card=arm(name), **changes) if "card" not in changes else call("local", **changes)


def keyed(name, **env):
    return AnyLitellmProvider({UPSTREAMS[name].keys[0]: KEY, **env})


def answer(name, text=TEXT, **changes):
    if name != "anthropic":
        return {**reply("local", text), **changes}
    count = {"input_tokens": 100, "output_tokens": 20}
    content = [{"type": "text", "text": text}]
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": content}
    return {**message, "stop_reason": "end_turn", "stop_sequence": None, "usage": count, **changes}


async def ask(provider, one, document=None, status=200):
    """(request, records, reply) of a call that is answered with `document`."""
    name, seen = one.card.account, []
    try:
        with respx.mock(using="httpx") as wire:
            route = wire.post(url__regex=".*").mock(return_value=httpx.Response(status, json=document or answer(name)))
            records = await provider.ask(one, seen.append)
    finally:
        await provider.aclose()
    return route.calls[0].request, records, seen[0]


async def by_litellm(name, messages, document=None, **arguments):
    """(request, response) of litellm's own machinery, its key in the process environment. None: it can't read the reply."""
    from litellm._internal_context import is_internal_call

    litellm, _ = libraries()
    token, response = is_internal_call.set(True), None  # no logging worker, which would outlive the loop
    model = f"{name}/{MODELS.get(name, 'some-model')}"
    try:
        with respx.mock(using="httpx") as wire:
            route = wire.post(url__regex=".*").mock(return_value=httpx.Response(200, json=document or answer(name)))
            with suppress(litellm.APIConnectionError):  # of groq's replies this version wants a field that not all have
                response = await litellm.acompletion(model=model, messages=messages, num_retries=0, **arguments)
    finally:
        is_internal_call.reset(token)
    return route.calls[0].request, response


def told(request):
    return {name: value for name, value in request.headers.items() if name not in _ANY | _OF_LITELLM and "stainless" not in name}


@pytest.mark.filterwarnings("ignore")  # litellm's, of its own models and clients
@pytest.mark.parametrize(("name", "variable"), [(name, key) for name, one in UPSTREAMS.items() for key in one.keys])
async def test_what_is_sent_is_what_acompletion_sends(name, variable, monkeypatch):
    provider, one = AnyLitellmProvider({variable: KEY}), asked(name)
    monkeypatch.setenv(variable, KEY)
    request, records, _ = await ask(provider, one)
    ready = provider._prepare(one)
    form = {} if ready.form() is None else {"response_format": ready.form()}
    messages = [{"role": "system", "content": "\n\n".join(filter(None, (one.instructions, ready.words)))}]
    messages += [{"role": "user", "content": one.prompt}]
    theirs, _ = await by_litellm(name, messages, max_tokens=one.max_tokens, **form)
    assert json.loads(request.content) == json.loads(theirs.content)
    assert str(request.url) == str(theirs.url)
    assert told(request) == told(theirs)
    assert KEY in "".join(told(request).values())
    assert KEY not in str(request.url)
    assert ready.template is not None
    assert records == RECORDS


def test_each_upstream_speaks_in_a_format_that_litellm_has_a_class_for():
    """`litellm` knows the name, and of the variable that it misses, if it says one, we take the value."""
    litellm, _ = libraries()
    for name, upstream in UPSTREAMS.items():
        assert litellm.get_llm_provider(f"{name}/{MODELS.get(name, 'some-model')}")[1] == name
        assert set(litellm.validate_environment(f"{name}/{MODELS.get(name, 'some-model')}")["missing_keys"]) <= set(upstream.keys)


@pytest.mark.parametrize(
    ("changes", "text", "finish"),
    [
        ({}, TEXT, "stop"),
        ({"content": [{"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": TEXT}]}, TEXT, "stop"),
        ({"stop_reason": "max_tokens"}, TEXT, "length"),
        ({"stop_reason": "refusal", "content": []}, None, "filter"),
        ({"usage": {"input_tokens": 5, "output_tokens": 7, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 11}}, TEXT, "stop"),
        ({"content": [{"type": "tool_use", "id": "t", "name": "json_tool_call", "input": {"items": [1]}}], "stop_reason": "tool_use"}, '{"items": [1]}', "stop"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore")
async def test_anthropics_replies_are_read_as_litellm_reads_them(changes, text, finish, monkeypatch):
    document = answer("anthropic", **changes)
    ours = AnyLitellmProvider({}).read(document, arm("anthropic"))
    assert (ours.text, ours.finish, ours.native_finish_reason) == (text, finish, document["stop_reason"])
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    form = {"type": "json_schema", "json_schema": {"name": "R", "schema": {"type": "object"}}}
    messages = [{"role": "user", "content": "x"}]
    _, theirs = await by_litellm("anthropic", messages, json.loads(json.dumps(document)), max_tokens=9, response_format=form)
    counted, usage = theirs.usage, ours.usage
    assert (usage.input_tokens, usage.output_tokens) == (counted.prompt_tokens, counted.completion_tokens)
    assert usage.cache_read_tokens == (counted.prompt_tokens_details.cached_tokens or 0)
    assert usage.cache_write_tokens == (counted.cache_creation_input_tokens or 0)
    if changes.get("stop_reason") != "tool_use":  # there it says so only if it asked for the tool itself
        assert (ours.text or "") == (theirs.choices[0].message.content or "")
        assert finish_of(theirs.choices[0].finish_reason) == finish


async def test_usage_is_counted_and_a_cost_in_the_upstreams_own_unit_is_not_believed():
    counted = {"prompt_tokens": 100, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 60}, "cost": 3.5}
    _, _, seen = await ask(keyed("mistral"), asked("mistral"), answer("mistral", usage=counted))
    assert seen.usage == Usage(input_tokens=100, output_tokens=20, cache_read_tokens=60)
    assert seen.cost_usd is None


async def test_a_tool_that_litellm_forces_for_want_of_a_field_is_read():
    """Groq's models without schemas of their own are made to call one."""
    document = answer("groq", None)
    function = {"name": "json_tool_call", "arguments": TEXT}
    document["choices"][0]["message"]["tool_calls"] = [{"id": "c", "type": "function", "function": function}]
    request, records, _ = await ask(keyed("groq"), asked("groq", card=arm("groq", "some-model")), document)
    assert json.loads(request.content)["tool_choice"]["function"]["name"] == "json_tool_call"
    assert records == RECORDS


@pytest.mark.parametrize(
    ("name", "structured", "target"),
    [
        ("mistral", "json_schema", OPENAI),
        ("mistral", "tool", None),
        ("mistral", "prompt", None),
        ("anthropic", "json_schema", CLAUDE),
        ("anthropic", "tool", TOOL),
        ("anthropic", "prompt", None),
    ],
)
def test_how_an_arm_takes_a_schema(name, structured, target):
    assert target_of(arm(name, structured=structured)) is target


@pytest.mark.parametrize(("name", "structured"), [("mistral", "tool"), ("deepseek", "prompt"), ("featherless_ai", "json_schema")])
async def test_what_takes_no_schema_is_told_in_words(name, structured):
    """featherless_ai: litellm hands none on to it."""
    request, _, _ = await ask(keyed(name), asked(name, card=arm(name, structured=structured)))
    document = json.loads(request.content)
    assert "response_format" not in document
    assert json.dumps(SCHEMA["properties"]["topic"]) in document["messages"][0]["content"]


@pytest.mark.parametrize(("name", "field"), [("openai", "reasoning_effort"), ("anthropic", "thinking")])
async def test_effort_is_passed_on(name, field):
    request, _, _ = await ask(keyed(name), asked(name, card=arm(name, effort="low"), max_tokens=5_000))
    assert field in json.loads(request.content)


@pytest.mark.parametrize(
    ("name", "length", "cached"), [("anthropic", 5_000, True), ("anthropic", 50, False), ("openai", 5_000, False)]
)
async def test_long_instructions_are_marked_for_anthropics_prompt_cache(name, length, cached):
    prices = Prices(input_per_m=Decimal(1), output_per_m=Decimal(5), cache_read_per_m=Decimal("0.1"))
    request, _, _ = await ask(keyed(name), asked(name, card=arm(name, prices=prices), instructions="x" * length))
    assert (b'"cache_control": {"type": "ephemeral"}' in request.content) is cached


@pytest.mark.parametrize(("name", "path"), [("mistral", "/v1/chat/completions"), ("anthropic", "/v1/messages")])
async def test_the_endpoint_can_be_moved_but_by_no_stray_variable(name, path, monkeypatch):
    for stray in ("MISTRAL_API_BASE", "ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.setenv(stray, "http://127.0.0.1:82")
    at_home, _, _ = await ask(keyed(name), asked(name))
    assert str(at_home.url) == UPSTREAMS[name].home + path.removeprefix("/v1")
    moved, _, _ = await ask(keyed(name, SYNTH_LITELLM_API_BASE="http://127.0.0.1:81/v1/"), asked(name))
    assert str(moved.url) == f"http://127.0.0.1:81{path}"


def test_each_arm_tells_the_key_that_it_lacks():
    provider = AnyLitellmProvider({"MISTRAL_API_KEY": KEY, "XAI_API_KEY": "not a key"})
    assert provider.missing() is None
    assert provider.missing_for(arm("mistral")) is None
    assert provider.missing_for(arm("anthropic")) == "set ANTHROPIC_API_KEY"
    assert provider.missing_for(arm("perplexity")) == "set PERPLEXITYAI_API_KEY (or PERPLEXITY_API_KEY)"
    assert provider.missing_for(arm("xai")).startswith("XAI_API_KEY holds characters that no key has")
    cards = [arm("mistral"), arm("openai"), card("gemini")]
    assert lacking(cards, {"litellm": provider}) == {"openai/gpt-5-mini": "set OPENAI_API_KEY"}


@pytest.mark.parametrize(
    ("name", "near"), [("mistrall", "did you mean mistral?"), ("azure", "SYNTH_LOCAL_API_BASE"), ("qqqq", "SYNTH_LOCAL_")]
)
async def test_what_litellm_cannot_be_used_for_is_said_before_anything_is_sent(name, near):
    provider, one = AnyLitellmProvider({}), asked(name)
    why = provider.missing_for(one.card)
    assert why.startswith(f"{name!r} is no provider that can be asked through litellm")
    assert near in why
    with pytest.raises(ModelError) as caught:
        await provider.ask(one, lambda _: None)
    assert (caught.value.outcome, caught.value.message) == (Outcome.REFUSED, f"litellm: {why}")


@pytest.mark.parametrize(
    ("name", "status", "error", "outcome"),
    [
        ("anthropic", 401, {"type": "authentication_error", "message": f"invalid x-api-key {KEY}"}, Outcome.REFUSED),
        ("anthropic", 529, {"type": "overloaded_error", "message": "Overloaded"}, Outcome.UNAVAILABLE),
        ("anthropic", 429, {"type": "rate_limit_error", "message": "slow down"}, Outcome.RATE_LIMITED),
        ("anthropic", 400, {"type": "invalid_request_error", "message": "prompt is too long: 9 > 8"}, Outcome.CONTEXT_TOO_LONG),
        ("openai", 429, {"code": "insufficient_quota", "message": "You exceeded your current quota"}, Outcome.QUOTA),
        ("openai", 404, {"message": f"no such model; key {KEY}"}, Outcome.REFUSED),
        ("mistral", 500, {"message": "oops"}, Outcome.UNAVAILABLE),
    ],
)
async def test_refusals_are_told_apart_and_show_no_key(name, status, error, outcome):
    with pytest.raises(ModelError) as caught:
        await ask(keyed(name), asked(name), {"type": "error", "error": error}, status)
    assert (caught.value.outcome, caught.value.status) == (outcome, status)
    assert KEY not in repr(vars(caught.value)) + str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


async def test_a_reply_of_mistral_that_was_cut_is_known_as_such():
    document = answer("mistral", TEXT[:-20])
    document["choices"][0]["finish_reason"] = "model_length"
    _, records, seen = await ask(keyed("mistral"), asked("mistral"), document)
    assert (seen.finish, records) == ("length", RECORDS[:1])


@pytest.mark.parametrize("body", [{"type": "message"}, {"choices": []}, {"content": [], "usage": {}}])
@pytest.mark.parametrize("name", ["anthropic", "mistral"])
async def test_a_body_that_is_no_reply(name, body):
    with pytest.raises(ModelError, match="a body that is no reply"):
        await ask(keyed(name), asked(name), body)


def test_a_refused_key_takes_the_arms_of_its_upstream_out_and_no_others():
    arms = [arm("mistral"), arm("mistral", "mistral-large-latest"), arm("openai"), card("gemini")]
    fleet = Fleet(arms, concurrency=4)
    flight = fleet[arms[0].id].begin("t", 0.0)
    fleet.observe(flight, ModelError("no", outcome=Outcome.REFUSED, status=401), 1.0, 0.5)
    assert [bool(fleet[one.id].dead) for one in arms] == [True, True, False, False]

"""What each provider sends, pinned byte for byte save keys and dates. A new litellm that changes it fails here first."""

import json
from decimal import Decimal

import httpx
import pytest
import respx

from synth_sdk.core.models import Prices
from synth_sdk.providers.downgrade import downgrade
from tests.providers.helpers import CLAUDE, ENV, MODELS, SCHEMA, URLS, call, card, reply

ARMS = list(URLS)


async def sent(provider, arm, env=ENV, url=None, **changes):
    """The one request that a call makes."""
    with respx.mock(using="httpx") as wire:
        route = wire.post(url or URLS[arm]).mock(return_value=httpx.Response(200, json=reply(arm)))
        await provider(arm, env).ask(call(arm, **changes), lambda _: None)
    assert route.call_count == 1
    return route.calls[0].request


def envelope(arm):
    """What is sent of the schema, which `downgrade` has tests of its own for."""
    found = downgrade(SCHEMA, card(arm)).envelope(2)
    assert found["properties"]["items"]["items"]["required"] == ["topic", "turns"]
    return found


def body(request):
    return json.loads(request.content)


async def test_gemini_request(provider):
    request = await sent(provider, "gemini")
    assert body(request) == {
        "contents": [{"role": "user", "parts": [{"text": "two talks"}]}],
        "system_instruction": {"parts": [{"text": "Be good."}]},
        "generationConfig": {
            "max_output_tokens": 500,
            "response_mime_type": "application/json",
            "response_json_schema": envelope("gemini"),
        },
    }
    assert request.headers["x-goog-api-key"] == ENV["GEMINI_API_KEY"]
    assert ENV["GEMINI_API_KEY"] not in str(request.url)
    assert "authorization" not in request.headers


async def test_openrouter_request(provider):
    request = await sent(provider, "openrouter")
    assert body(request) == {
        "model": "deepseek/deepseek-v4-flash",
        "messages": [{"role": "system", "content": "Be good."}, {"role": "user", "content": "two talks"}],
        "max_tokens": 500,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "Records", "schema": envelope("openrouter"), "strict": True},
        },
        "usage": {"include": True},
        "provider": {"max_price": {"prompt": 0.14, "completion": 0.28}},
    }
    assert request.headers["authorization"] == f"Bearer {ENV['OPENROUTER_API_KEY']}"
    assert request.headers["x-title"] == "synth"
    assert "litellm" not in request.headers["http-referer"]


async def test_bedrock_claude_takes_the_schema_natively(provider):
    request = await sent(provider, "bedrock")
    document = body(request)
    form = document.pop("outputConfig")["textFormat"]
    assert document == {
        "messages": [{"role": "user", "content": [{"text": "two talks"}]}],
        "system": [{"text": "Be good."}],
        "inferenceConfig": {"maxTokens": 500},
    }
    assert form["type"] == "json_schema"
    schema = json.loads(form["structure"]["jsonSchema"]["schema"])
    items = schema["properties"]["items"]
    assert "minItems" not in items  # Claude refuses bounds: they are told in the description
    assert "minItems 2" in items["description"]
    assert schema["$defs"]["Turn"]["additionalProperties"] is False  # Claude on Bedrock wants every object closed
    assert request.headers["authorization"].startswith(f"AWS4-HMAC-SHA256 Credential={ENV['AWS_ACCESS_KEY_ID']}/")
    assert "/us-east-1/bedrock/aws4_request" in request.headers["authorization"]


async def test_bedrock_nova_is_made_to_call_a_tool(provider):
    document = body(await sent(provider, "nova"))
    tool = document["toolConfig"]["tools"][0]["toolSpec"]
    assert document["toolConfig"]["toolChoice"] == {"tool": {"name": tool["name"]}}
    items = tool["inputSchema"]["json"]["properties"]["items"]
    assert (items["minItems"], items["maxItems"]) == (2, 2)
    turn = items["items"]["properties"]["turns"]["items"]
    assert turn == SCHEMA["$defs"]["Turn"]  # litellm writes references out for tools


@pytest.mark.parametrize("arm", ARMS)
async def test_what_no_field_can_say_is_told_behind_the_instructions(provider, arm):
    odd = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
        "not": {"properties": {"a": {"const": "rude"}}},
    }
    document = body(await sent(provider, arm, schema=odd))
    told = json.dumps(document.get("system") or document.get("system_instruction") or document["messages"][0])
    assert "Be good." in told
    assert "rude" in told
    assert "rude" not in json.dumps(document).replace(told, "")


@pytest.mark.parametrize("arm", ["openrouter", "bedrock"])
async def test_a_record_that_was_asked_for_in_another_shape_is_handed_out_in_its_own(provider, arm):
    """Free keys are written as pairs; whoever reads the reply again, from the journal, finds them as they were wanted."""
    free = {"type": "object", "additionalProperties": {"type": "integer"}}
    written = [[{"key": "a", "value": 1}], [{"key": "b", "value": 2}]]
    seen = []
    with respx.mock(using="httpx") as wire:
        wire.post(URLS[arm]).mock(return_value=httpx.Response(200, json=reply(arm, json.dumps({"items": written}))))
        records = await provider(arm).ask(call(arm, schema=free), seen.append)
    assert records == [{"a": 1}, {"b": 2}]
    assert json.loads(seen[0].text) == {"items": records}


async def test_the_schema_is_left_as_it_was(provider):
    """It is shared by all calls, and litellm likes to close objects in place."""
    before = json.dumps(SCHEMA)
    for arm in (*ARMS, *ARMS):
        await sent(provider, arm)
    assert json.dumps(SCHEMA) == before


async def test_local_request(provider):
    request = await sent(provider, "local")
    assert body(request) == {
        "model": "tiny-local",
        "messages": [{"role": "system", "content": "Be good."}, {"role": "user", "content": "two talks"}],
        "max_tokens": 500,
        "response_format": {"type": "json_schema", "json_schema": {"name": "Records", "schema": envelope("local")}},
    }
    assert request.headers["authorization"] == f"Bearer {ENV['SYNTH_LOCAL_API_KEY']}"


async def test_a_local_server_without_a_key_gets_a_dummy(provider):
    env = {name: value for name, value in ENV.items() if name != "SYNTH_LOCAL_API_KEY"}
    request = await sent(provider, "local", env)
    assert request.headers["authorization"].startswith("Bearer ")
    assert "MARKER" not in request.headers["authorization"]


@pytest.mark.parametrize("arm", ARMS)
async def test_no_instructions_no_system_message(provider, arm):
    document = body(await sent(provider, arm, instructions=""))
    assert "system" not in document
    assert "system_instruction" not in document
    assert [turn["role"] for turn in document.get("messages") or document["contents"]] == ["user"]


@pytest.mark.parametrize("arm", ARMS)
async def test_the_prefix_is_the_same_bytes_whatever_the_prompt(provider, arm):
    """Prefix caches count bytes: everything that stands before the prompt must not move."""
    one, two = [(await sent(provider, arm, prompt=text)).content.decode() for text in ("first wish", "second wish")]
    assert one.split("first wish")[0] == two.split("second wish")[0]


@pytest.mark.parametrize("arm", ARMS)
async def test_a_correction_shows_the_answer_and_the_flaw(provider, arm):
    document = body(await sent(provider, arm, correction=("the old answer", "turns is empty")))
    turns = document.get("messages") or document["contents"]
    texts = [(turn["role"], json.dumps(turn)) for turn in turns if turn["role"] != "system"]
    assert [role for role, _ in texts] == ["user", "model" if arm == "gemini" else "assistant", "user"]
    assert "the old answer" in texts[1][1]
    assert "turns is empty" in texts[2][1]


@pytest.mark.parametrize("arm", [arm for arm in ARMS if arm != "nova"])
async def test_a_model_without_schema_support_is_told_in_words(provider, arm):
    document = body(await sent(provider, arm, card=card(arm, structured="prompt")))
    assert not {"response_format", "outputConfig", "toolConfig"} & document.keys()
    assert "response_json_schema" not in document.get("generationConfig", {})
    told = json.dumps(document.get("system") or document.get("system_instruction") or document["messages"][0])
    assert "Be good." in told
    assert "minItems" in told


@pytest.mark.parametrize(
    ("arm", "key", "expected"),
    [
        ("gemini", "generationConfig", {"thinkingBudget": 1024, "includeThoughts": True}),
        ("openrouter", "reasoning", {"effort": "low"}),
        ("local", "reasoning_effort", "low"),
        ("bedrock", "additionalModelRequestFields", {"thinking": {"type": "enabled", "budget_tokens": 1024}}),
    ],
)
async def test_effort_is_passed_on(provider, arm, key, expected):
    found = body(await sent(provider, arm, card=card(arm, effort="low")))[key]
    assert (found["thinkingConfig"] if arm == "gemini" else found) == expected


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        (Prices(input_per_m=None, output_per_m=None), None),
        (Prices(input_per_m=Decimal("1.4"), output_per_m=None), None),
        (Prices(input_per_m=None, output_per_m=None, free=True), {"max_price": {"prompt": 0.0, "completion": 0.0}}),
    ],
)
async def test_openrouter_is_told_the_highest_price_only_if_it_is_known(provider, prices, expected):
    assert body(await sent(provider, "openrouter", card=card("openrouter", prices=prices))).get("provider") == expected


@pytest.mark.parametrize(
    ("arm", "variable", "base", "path"),
    [
        ("gemini", "SYNTH_GEMINI_API_BASE", "http://127.0.0.1:81/v1beta/", f"/models/{MODELS['gemini']}:generateContent"),
        ("openrouter", "SYNTH_OPENROUTER_API_BASE", "http://127.0.0.1:81/api/v1/", "/chat/completions"),
        ("bedrock", "SYNTH_BEDROCK_API_BASE", "http://127.0.0.1:81/", f"/model/{CLAUDE.replace(':', '%3A')}/converse"),
        ("local", "SYNTH_LOCAL_API_BASE", "http://127.0.0.1:81/v1/", "/chat/completions"),
    ],
)
async def test_endpoints_can_be_moved(provider, arm, variable, base, path):
    await sent(provider, arm, {**ENV, variable: base}, url=base.rstrip("/") + path)


async def test_a_stray_variable_of_litellm_moves_nothing(provider, monkeypatch):
    """The environment handed in decides; litellm's own variables in the process must not send keys elsewhere."""
    for name in ("GEMINI_API_BASE", "OPENROUTER_API_BASE", "AWS_BEDROCK_RUNTIME_ENDPOINT", "OPENAI_API_BASE", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:82")
    for arm in ("gemini", "openrouter", "bedrock", "local"):
        await sent(provider, arm)


@pytest.mark.parametrize(
    ("env", "region", "expected"),
    [
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-west-2"}, "us", "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "us-west-2"}, "", "us-west-2"),
        ({"AWS_REGION": "eu-west-1"}, "ap-southeast-2", "ap-southeast-2"),
        ({}, "us", "us-east-1"),
    ],
)
async def test_the_region_of_bedrock(provider, env, region, expected):
    url = URLS["bedrock"].replace("us-east-1", expected)
    request = await sent(provider, "bedrock", {**ENV, **env}, url=url, card=card("bedrock", region=region))
    assert f"/{expected}/bedrock/" in request.headers["authorization"]


async def test_bedrock_with_a_session_token(provider):
    request = await sent(provider, "bedrock", {**ENV, "AWS_SESSION_TOKEN": "MARKERtoken0123456789"})
    assert request.headers["x-amz-security-token"] == "MARKERtoken0123456789"


async def test_bedrock_with_a_bearer_token(provider):
    request = await sent(provider, "bedrock", {"AWS_BEARER_TOKEN_BEDROCK": "MARKERbearer0123456789"})
    assert request.headers["authorization"] == "Bearer MARKERbearer0123456789"


async def test_bedrock_with_a_profile(provider, tmp_path, monkeypatch):
    """Profiles, web identities and containers are read by botocore, once, and signed with."""
    (tmp_path / "credentials").write_text(
        "[work]\naws_access_key_id = AKIAPROFILE123456789\naws_secret_access_key = MARKERprofile012345\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    request = await sent(provider, "bedrock", {"AWS_PROFILE": "work"})
    assert "Credential=AKIAPROFILE123456789/" in request.headers["authorization"]

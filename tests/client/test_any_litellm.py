"""Models that the catalogue doesn't know, behind litellm: bought within a budget at their stated price, or refused in one line."""

import pytest

from synth_sdk import Synth
from synth_sdk.client.models import check_models
from synth_sdk.client.settings import read_settings
from synth_sdk.core.errors import RequestError
from tests.support.commands import Place
from tests.support.provider_server import Fault, ProviderServer

SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
SMALL, OWN = "mistral/mistral-small-latest", "deepseek/our-own"
KEYS = {"MISTRAL_API_KEY": "MARKERmistral0123456789", "DEEPSEEK_API_KEY": "MARKERdeepseek0123456789"}


@pytest.fixture
def server():
    with ProviderServer(prices={"our-own": ("2", "8")}) as running:
        yield running


@pytest.fixture
def env(server, home):
    home.mkdir()
    facts = "provider: litellm, context_tokens: 128000, max_output_tokens: 8192"
    prices = "prices: {input_per_m: 2, output_per_m: 8}"
    rows = [f'{{id: "{name}", model: "{name}", {facts}, {prices}}}' for name in (OWN, "acme/m")]
    (home / "models.yaml").write_text(f"arms: [{', '.join(rows)}]")
    return {**KEYS, "SYNTH_HOME": str(home), "SYNTH_LITELLM_API_BASE": f"{server.url}/v1"}


def test_a_model_with_a_stated_price_is_bought_at_it(server, env):
    result = Synth(env=env, budget="0.20", model=OWN, fallback="none").generate("json", schema=SCHEMA, count=6, seed=1)
    assert result.report.status == "success", result.report.errors
    assert result.report.origins == {"llm": 6}
    assert {row["model"] for row in result.provenance} == {OWN}
    assert server.keys == {KEYS["DEEPSEEK_API_KEY"]}
    assert {request.model for request in server.requests} == {"our-own"}
    spent = round(float(result.report.to_dict()["cost"]["spent_usd"]) * 1_000_000)
    assert server.bill_micros <= spent <= server.bill_micros + len(server.requests)  # rounding up, once a call


def test_a_price_in_litellms_table_is_stated_too_and_a_conversation_is_written(server, env):
    result = Synth(env=env, budget="0.20", model=SMALL, fallback="none").generate("conversation", count=3, seed=1, mode="llm")
    assert result.report.origins == {"llm": 3}, result.report.errors
    assert server.keys == {KEYS["MISTRAL_API_KEY"]}


def test_a_refused_key_leaves_other_upstreams_usable(server, env):
    server.faults = [Fault("unauthorized", "local/mistral*")]
    result = Synth(env=env, budget="0.20", model=SMALL, fallback=OWN).generate("json", schema=SCHEMA, count=4, seed=1)
    assert result.report.origins == {"llm": 4}, result.report.errors
    assert {row["model"] for row in result.provenance} == {OWN}
    assert not any(key in str(result.report.to_dict()) for key in KEYS.values())


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("openai/gpt-4o-mini", "set OPENAI_API_KEY"),
        ("anthropic/claude-haiku-4-5-20251001", "set ANTHROPIC_API_KEY"),
        ("acme/m", "'acme' is no provider that can be asked through litellm"),
        ("azure/gpt-4o-mini", "'azure' is no provider that can be asked through litellm"),
    ],
)
def test_what_an_arm_lacks_is_said_before_the_run(server, env, model, why):
    with pytest.raises(RequestError) as caught:
        Synth(env=env, budget="0.20", model=model, fallback="none").generate("json", schema=SCHEMA, count=2)
    assert why in caught.value.message
    assert "\n" not in caught.value.message
    assert server.requests == []


def test_an_arm_of_a_chain_that_lacks_its_key_is_skipped_with_a_warning(server, env):
    wish = {"budget": "0.20", "model": "openai/gpt-4o-mini", "fallback": OWN}
    result = Synth(env=env, **wish).generate("json", schema=SCHEMA, count=2, seed=1)
    assert result.report.origins == {"llm": 2}
    assert "openai/gpt-4o-mini can't be used: set OPENAI_API_KEY" in "\n".join(result.report.warnings)


def test_the_list_tells_each_arm_apart(env, home):
    rows = {row["id"]: row for row in check_models(read_settings(env, folder=home.parent))}
    assert rows[OWN]["usable"] is True
    assert rows["acme/m"]["why_not"].startswith("'acme' is no provider")


def test_the_command_ends_with_2_and_one_line(tmp_path):
    words = ["generate", "text", "--mode", "llm", "--budget", 1, "--model", "xai/grok-code-fast-1-0825", "--fallback", "none"]
    code, said = Place(tmp_path / "place").run(*words)
    assert code == 2
    assert said.startswith("synth: error: ")
    assert "set XAI_API_KEY" in said
    assert said.count("\n") == 1

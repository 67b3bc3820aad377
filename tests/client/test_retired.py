"""Retired models by name: asked as their successors, and said so; without money nothing is said."""

from pathlib import Path

import pytest

from synth_sdk import Synth
from synth_sdk.core.errors import RequestError, UnknownName
from tests.client.config.seed import AGENTIC_SYNTH
from tests.support.provider_server import ProviderServer


def test_the_chain_of_the_seeds_configuration_is_asked(
    tmp_path: Path, server: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.json").write_text(AGENTIC_SYNTH)
    env = {"SYNTH_HOME": str(tmp_path / "home")}
    result = Synth(config=tmp_path / "c.json", env=env | server.env("gemini")).generate("text", count=3, budget="0.10")
    assert len(result.records) == 3
    assert {request.model for request in server.requests} == {"gemini-3.1-pro-preview"}
    warnings = result.report.to_dict()["warnings"]
    assert "model 'gpt-4' is retired: openai/gpt-6.1-sol stands in for it" in warnings
    assert "model 'claude-3' is retired: bedrock/us.anthropic.claude-sonnet-5-5 stands in for it" in warnings
    assert not [line for line in warnings if "'gemini-pro'" in line]  # an alias of today's
    assert (tmp_path / ".cache/agentic-synth").is_file()
    with pytest.raises(RequestError, match="set GEMINI_API_KEY"):
        Synth(config=tmp_path / "c.json", env=env).generate("text", count=3, budget="0.10")


def test_a_chain_of_one_model_twice_asks_it_once(tmp_path: Path, server: ProviderServer) -> None:
    (tmp_path / "c.yaml").write_text("models: {defaults: {text: gemini-1.5-pro}}\nfallback: [gemini-pro, gemini-1.5-pro-002]\n")
    env = {"SYNTH_HOME": str(tmp_path / "home")} | server.env("gemini")
    result = Synth(config=tmp_path / "c.yaml", env=env).generate("text", count=2, budget="0.10")
    assert [row["model"] for row in result.provenance] == ["gemini/gemini-3.1-pro-preview"] * 2
    assert result.report.to_dict()["warnings"] == [
        "model 'gemini-1.5-pro' is retired: gemini/gemini-3.1-pro-preview stands in for it",
        "model 'gemini-1.5-pro-002' is retired: gemini/gemini-3.1-pro-preview stands in for it",
    ]


def test_without_a_budget_no_model_is_asked_and_none_is_named(tmp_path: Path) -> None:
    result = Synth(env={"SYNTH_HOME": str(tmp_path)}).generate("text", count=1, model="gpt-4")
    assert not [line for line in result.report.to_dict()["warnings"] if "retired" in line]


def test_a_name_without_a_successor_has_its_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean gemini-flash"):
        Synth(env={"SYNTH_HOME": str(tmp_path)}).plan("text", model="gemini-flahs", budget=1)

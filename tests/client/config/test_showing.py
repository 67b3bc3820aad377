"""What counts and where it comes from; nothing secret is shown."""

import json
from pathlib import Path

import pytest

from synth_sdk import Synth
from synth_sdk.client.config.showing import masked
from tests.client.config.seed import AGENTIC_SYNTH

GEMINI, ROUTER = "AIzaSyD-gemini-0123456789-wxyz", "sk-or-v1-0123456789abcdef"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_value_has_its_source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "synth.yaml").write_text("seed: 7\nlocale: de_DE\ncache: {maxSize: 5}\nmodels: {routing: {strategy: hybrid}}\n")
    (folder / ".env").write_text(f"GEMINI_API_KEY={GEMINI}\n")
    monkeypatch.setenv("OPENROUTER_API_KEY", ROUTER)
    told = Synth(locale="it_IT", api_keys={"mistral": "mistral-0123456789"}).configuration()
    settings, keys = told["settings"], told["api_keys"]
    assert settings["count"] == {"value": 10, "source": "default"}
    assert settings["seed"] == {"value": 7, "source": "synth.yaml:seed"}
    assert settings["policy"] == {"value": "balanced", "source": "synth.yaml:models.routing.strategy"}
    assert settings["locale"] == {"value": "it_IT", "source": "argument"}
    assert settings["cache.max_size"] == {"value": 5, "source": "synth.yaml:cache.maxSize"}
    assert keys["api_keys.gemini"] == {"value": "...wxyz", "source": ".env:GEMINI_API_KEY"}
    assert keys["api_keys.openrouter"] == {"value": "...cdef", "source": "environment:OPENROUTER_API_KEY"}
    assert keys["api_keys.mistral"] == {"value": "...6789", "source": "argument api_keys.mistral"}
    assert told["paths"]["home"]["source"] == "environment:SYNTH_HOME"
    assert {name: row["usable"] for name, row in told["providers"].items()} == {
        "bedrock": False,
        "gemini": True,
        "litellm": True,
        "local": False,
        "openrouter": True,
    }
    assert told["file"] == str(folder / "synth.yaml")


def test_a_cache_that_is_switched_off_says_by_what(folder: Path) -> None:
    (folder / "synth.yaml").write_text("cache: {enabled: false}\n")
    assert Synth().configuration()["settings"]["cache"] == {"value": "off", "source": "synth.yaml:cache.enabled"}
    assert Synth(cache="on").configuration()["settings"]["cache"] == {"value": "on", "source": "argument"}


def test_no_credential_is_shown_wherever_it_was_put(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", GEMINI)
    (folder / "synth.yaml").write_text(
        "account: ${GEMINI_API_KEY}\nstream_to: redis://me:hunter2-hunter2@localhost/0\nfallback: ['${GEMINI_API_KEY}']\n"
        f"generators: {{trajectory: {{taskTemplates: {{a: ['x {ROUTER}']}}}}}}\napi_keys: {{openrouter: {ROUTER}}}\n"
    )
    told = json.dumps(Synth().configuration())
    assert GEMINI not in told
    assert ROUTER not in told
    assert "hunter2" not in told


def test_short_keys_give_nothing_away() -> None:
    assert masked("k" * 11 + "wxyz") == "****"
    assert masked("k" * 12 + "wxyz") == "...wxyz"


def test_every_key_of_the_seeds_file_is_shown_with_its_place(folder: Path) -> None:
    (folder / ".agentic-synth.json").write_text(AGENTIC_SYNTH)
    told = Synth(env={"SYNTH_HOME": str(folder), "GEMINI_API_KEY": GEMINI, "OPENROUTER_API_KEY": ROUTER}).configuration()
    rows = (told["settings"] | told["api_keys"]).values()
    shown = {row["source"].partition(":")[2] for row in rows if row["source"].startswith(".agentic-synth.json")}
    assert len(shown) == 19 - 1  # all but cache.enabled: it switches nothing off
    assert {"apiKeys.openRouter", "models.defaults.structured", "generators.events.defaultRate"} <= shown


def test_litellm_is_usable_with_the_key_of_any_of_its_providers(folder: Path) -> None:
    env = {"SYNTH_HOME": str(folder)}
    assert "set the key of one of its providers" in Synth(env=env).configuration()["providers"]["litellm"]["why_not"]
    assert Synth(env=env | {"OPENAI_API_KEY": "k" * 20}).configuration()["providers"]["litellm"]["usable"]

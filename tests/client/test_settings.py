"""Settings: arguments over the file, the file over the defaults; the seed's file with every key of it; keys that nobody sees."""

import json
import os
from pathlib import Path

import pytest

from synth_sdk import Synth
from synth_sdk.client.settings import Settings, read_settings
from synth_sdk.core.errors import RequestError
from tests.client.config.seed import AGENTIC_SYNTH


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def settings_of(folder: Path, text: str, name: str = "synth.yaml", **env: str) -> Settings:
    return read_settings({"SYNTH_HOME": str(folder), **env}, write(folder, name, text))


def test_the_file_sets_defaults_and_arguments_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "synth.yaml", "seed: 7\nlocale: en_US\n")
    monkeypatch.chdir(tmp_path)
    assert Synth().generate("text", count=1).report.seed == 7
    assert Synth(seed=8).generate("text", count=1).report.seed == 8
    assert Synth(seed=8).generate("text", count=1, seed=9).report.seed == 9


def test_variables_come_from_the_environment_handed_in(tmp_path: Path) -> None:
    text = '{"account": "${TEAM}", "fallback": ["${ARM}", "faker"]}'
    assert settings_of(tmp_path, text, "c.json", TEAM="blue", ARM="local").defaults == {
        "account": "blue",
        "fallback": ["local", "faker"],
    }


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.yaml", "bugdet: 1", "did you mean budget"),
        ("a.yaml", "- 1", "must be a mapping"),
        ("a.yaml", "a: [", "not valid YAML"),
        ("a.json", "{", "not valid JSON"),
        ("a.yaml", "account: ${NOT_SET}", "NOT_SET"),
    ],
)
def test_a_flawed_file_is_named(tmp_path: Path, name: str, text: str, says: str) -> None:
    path = write(tmp_path, name, text)
    with pytest.raises(RequestError) as caught:
        read_settings({"SYNTH_HOME": str(tmp_path)}, path)
    assert says in caught.value.message
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message


def test_a_missing_file_is_an_error_only_when_it_was_named(tmp_path: Path) -> None:
    assert read_settings({"SYNTH_HOME": str(tmp_path)}, folder=tmp_path).defaults == {}
    with pytest.raises(RequestError, match="No such file"):
        read_settings({"SYNTH_HOME": str(tmp_path)}, tmp_path / "none.yaml")


def test_every_key_of_the_seeds_file_means_something(tmp_path: Path) -> None:
    write(tmp_path, ".agentic-synth.json", AGENTIC_SYNTH)
    env = {"SYNTH_HOME": str(tmp_path), "GEMINI_API_KEY": "gemini-key-0123456789", "OPENROUTER_API_KEY": "router-key-0123456789"}
    told = read_settings(env, folder=tmp_path)
    assert told.defaults == {"policy": "cheapest", "fallback": ["gemini-pro", "gpt-4", "claude-3"]}
    assert told.cache == {"max_entries": 1000, "ttl": 3600.0, "persist_path": "./.cache/agentic-synth"}
    assert told.models == {"timeseries": "gemini-pro", "events": "gpt-4-turbo", "json": "claude-3-sonnet"}
    assert told.integrations == {
        "midstreamer": {"enabled": True, "default_pipeline": "synthetic-data"},
        "agentic_robotics": {"enabled": False},
        "ruvector": {"enabled": True, "db_path": "./data/vectors.db"},
    }
    assert told.kinds == {"timeseries": {"sample_rate": "1s", "duration": "1h"}, "events": {"rate": "100/sec"}}
    assert {name: told.env[name] for name in env} == env
    leaves = sum(1 for line in AGENTIC_SYNTH.splitlines() if '": ' in line and not line.rstrip().endswith("{"))
    assert len(told.told) == leaves


def test_without_keys_the_seeds_file_is_read_and_no_key_is_there(tmp_path: Path) -> None:
    told = settings_of(tmp_path, AGENTIC_SYNTH, ".agentic-synth.json")
    assert not [name for name in told.env if name.endswith("_API_KEY")]


def test_both_shapes_and_spellings_say_the_same(tmp_path: Path) -> None:
    def snake(value: object) -> object:
        if isinstance(value, dict):
            spelt = {"apiKeys": "api_keys", "openRouter": "openrouter", "maxSize": "max_size", "persistPath": "persist_path"}
            spelt |= {"fallbackChain": "fallback_chain", "defaultPipeline": "default_pipeline", "dbPath": "db_path"}
            spelt |= {"agenticRobotics": "agentic_robotics", "defaultSampleRate": "sample_rate", "defaultDuration": "duration"}
            return {spelt.get(key, "rate" if key == "defaultRate" else key): snake(item) for key, item in value.items()}
        return value

    import yaml

    other = yaml.safe_dump(snake(json.loads(AGENTIC_SYNTH)))
    first, second = settings_of(tmp_path, AGENTIC_SYNTH, ".agentic-synth.json"), settings_of(tmp_path, other)
    for name in ("env", "defaults", "cache", "models", "integrations", "kinds"):
        assert getattr(first, name) == getattr(second, name), name
    flat = settings_of(tmp_path, '{"recordsPerCall": 4, "rowsPerShard": 10}', ".agentic-synth.json")
    assert flat.defaults == {"records_per_call": 4, "rows_per_shard": 10}


def test_a_key_in_the_file_is_the_environments_for_this_process_only(tmp_path: Path) -> None:
    told = settings_of(tmp_path, "apiKeys: {openRouter: sk-or-v1-file0123456789}", OPENROUTER_API_KEY="sk-or-v1-environment")
    assert told.env["OPENROUTER_API_KEY"] == "sk-or-v1-file0123456789"
    assert "OPENROUTER_API_KEY" not in os.environ
    assert "sk-or-v1" not in repr(told) + repr(dict(told.told))


def test_the_environment_is_not_shown(tmp_path: Path) -> None:
    assert "secret-value-1" not in repr(
        read_settings({"SYNTH_HOME": str(tmp_path), "OPENROUTER_API_KEY": "secret-value-1"}, folder=tmp_path)
    )


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("cache: {enabled: false, maxSize: 5}", "off"),
        ("cache: {enabled: true, policy: aggressive}", "aggressive"),
        ("cache: {policy: off}", "off"),
        ("cache: off", "off"),
        ("cache: on", "on"),
        ("cache: read-only", "read-only"),
        ("cache: {enabled: true}", None),
    ],
)
def test_the_cache_is_a_word_or_a_section(tmp_path: Path, text: str, policy: str | None) -> None:
    assert settings_of(tmp_path, text).defaults.get("cache") == policy


def test_of_several_files_the_first_counts_and_a_warning_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, ".agentic-synth.json", "{}")
    write(tmp_path, "synth.json", '{"seed": 3}')
    write(tmp_path, "synth.yml", "seed: 2")
    assert read_settings({}, folder=tmp_path).defaults == {"seed": 2}
    write(tmp_path, "synth.yaml", "seed: 1")
    told = read_settings({}, folder=tmp_path)
    assert told.defaults == {"seed": 1}
    assert told.warnings == (
        "synth.yaml is read, synth.yml, synth.json, .agentic-synth.json is not: keep one configuration file, or name it with --config",
    )
    monkeypatch.chdir(tmp_path)
    assert Synth().generate("text", count=1).report.to_dict()["warnings"] == [*told.warnings]
    assert read_settings({}, tmp_path / "synth.yml", tmp_path).warnings == ()


def test_python_takes_the_same_sections(tmp_path: Path) -> None:
    env = {"SYNTH_HOME": str(tmp_path)}
    synth = Synth(
        api_keys={"gemini": "gemini-key-0123456789", "openrouter": None},
        cache={"enabled": True, "max_size": 1000, "ttl": 3600000},
        models={"defaults": {"structured": "claude-3-sonnet"}},
        env=env,
    )
    assert "gemini-key" not in repr(vars(synth))
    rows = {row["id"]: row["usable"] for row in synth.models()}
    assert rows["gemini/gemini-3.8-flash"]
    assert not rows["openrouter/z-ai/glm-5.2"]
    shown = synth.configuration()["settings"]
    assert shown["cache.max_size"] == {"value": 1000, "source": "argument cache.max_size"}
    assert shown["cache.ttl"]["value"] == "3600s"
    assert env == {"SYNTH_HOME": str(tmp_path)}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"cache": {"max_sise": 1}}, "Synth: unknown key 'cache.max_sise': did you mean cache.max_size?"),
        ({"cache": {"max_size": 0}}, "Synth: cache.max_size 0: must be a whole number from 1"),
        ({"api_keys": "gemini"}, "Synth: api_keys: must be a mapping of keys, not str"),
        ({"api_keys": {"gemini": 12345678901}}, "Synth: api_keys.gemini: must be a text"),
        ({"api_keys": {"gemni": "k"}}, "did you mean api_keys.gemini"),
    ],
)
def test_wrong_sections_in_python_are_told_alike(tmp_path: Path, arguments: dict[str, object], says: str) -> None:
    with pytest.raises(RequestError) as caught:
        Synth(env={"SYNTH_HOME": str(tmp_path)}, **arguments)  # type: ignore[arg-type]
    assert says in caught.value.message
    assert "12345678901" not in caught.value.message


def test_arguments_win_over_the_files_sections_key_by_key(tmp_path: Path) -> None:
    config = write(tmp_path, "c.yaml", "cache: {enabled: false, maxSize: 5, ttl: 1h}\n")
    told = read_settings({"SYNTH_HOME": str(tmp_path)}, config, arguments={"cache": {"enabled": True, "max_size": 7}})
    assert told.cache == {"max_entries": 7, "ttl": 3600.0}
    assert "cache" not in told.defaults

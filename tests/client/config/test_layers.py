"""What was asked for over what the configuration says of the kind, over what it says of every wish."""

from pathlib import Path
from typing import Any

import pytest

from synth_sdk.client.config.layers import layered
from synth_sdk.client.settings import Settings, read_settings
from synth_sdk.core.errors import UnknownName


def told(text: str, folder: Path) -> Settings:
    (folder / "c.yaml").write_text(text)
    return read_settings({"SYNTH_HOME": str(folder)}, folder / "c.yaml")


@pytest.mark.parametrize(
    ("config", "kind", "given", "wish"),
    [
        ("seed: 1", "text", {}, {"seed": 1}),
        ("seed: 1", "text", {"seed": 2}, {"seed": 2}),
        ("catalogue: mine.yaml", "text", {}, {}),
        ("models: {defaults: {text: a}}", "text", {}, {"model": "a"}),
        ("models: {defaults: {text: a}}", "conversation", {}, {}),
        ("models: {defaults: {text: a}}", "text", {"model": "b"}, {"model": "b"}),
        ("models: {defaults: {text: a}}\nmodel: c", "text", {}, {"model": "c"}),
        ("models: {defaults: {text: a}}\nfallback: b", "text", {}, {"model": "a", "fallback": ["b"]}),
        ("models: {defaults: {text: a}}", "text", {"fallback": ["b"]}, {"fallback": ["b"]}),
        ("models: {defaults: {text: a}}\nfallback: b", "text", {"auto_route": True}, {"fallback": ["b"]}),
        ("model: a", "text", {"auto_route": True}, {}),
        ("model: a", "text", {"auto_route": False}, {"model": "a"}),
        ("generators: {text: {minSentences: 3}}", "text", {}, {"constraints": {"min_sentences": 3}}),
        (
            "generators: {text: {minSentences: 3, maxSentences: 4}}",
            "text",
            {"constraints": {"min_sentences": "2"}},
            {"constraints": {"min_sentences": "2", "max_sentences": 4}},
        ),
        ("generators: {timeseries: {defaultSampleRate: 5s}}", "timeseries", {}, {"options": {"sample_rate": "5s"}}),
        ("generators: {events: {defaultRate: 5/sec}}", "events", {}, {"rate": "5/sec"}),
        ("rate: 1/sec\ngenerators: {events: {rate: 5/sec}}", "events", {}, {"rate": "5/sec"}),
        ("generators: {events: {rate: 5/sec, burst: 2}}", "events", {"rate": 9}, {"rate": 9, "options": {"burst": 2}}),
        ("random_seed: 4", "trajectory", {}, {"seed": 4, "options": {"random_seed": 4}}),
        ("random_seed: 4\nseed: 1", "text", {}, {"seed": 1}),
        ("random_seed: 4", "trajectory", {"seed": 5}, {"seed": 5, "options": {"random_seed": 4}}),
        ("random_seed: 4", "trajectory", {"options": {"random_seed": 6}}, {"seed": 6, "options": {"random_seed": 6}}),
        ("format: csv", "text", {"output": "a.jsonl"}, {"output": "a.jsonl"}),
        ("format: csv", "text", {"output": "-"}, {"output": "-", "format": "csv"}),
        ("format: csv", "text", {"output": "a.json.gz"}, {"output": "a.json.gz"}),
        ("format: csv", "text", {"output": "a.gz"}, {"output": "a.gz", "format": "csv"}),
        ("format: csv", "text", {"output": "v1.2/"}, {"output": "v1.2/", "format": "csv"}),
        ("pack: hotel", "conversation", {"constraints": {"template": "hr"}}, {"constraints": {"template": "hr"}}),
    ],
)
def test_layers(tmp_path: Path, config: str, kind: str, given: dict[str, Any], wish: dict[str, Any]) -> None:
    made = layered(kind, given, told(config, tmp_path))
    assert made == wish


def test_options_of_a_kind_that_doesnt_know_them_are_its_own_error(tmp_path: Path) -> None:
    from synth_sdk import Synth

    told("generators: {tool_call: {scenaro: parallel}}", tmp_path)
    with pytest.raises(UnknownName, match="scenaro"):
        Synth(config=tmp_path / "c.yaml").generate("tool_call", count=1)

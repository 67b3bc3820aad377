"""`synth init`: a file that sets nothing as it stands, and the defaults once its lines are let in."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from synth_sdk import Synth
from synth_sdk.client.config.keys import SCHEMA as ROOT
from synth_sdk.client.config.keys import Key, Section, paths
from synth_sdk.client.config.template import template, write_template
from synth_sdk.client.settings import Settings, read_settings
from synth_sdk.client.wish import parsed
from synth_sdk.core.errors import RequestError
from synth_sdk.core.spec import DEFAULT_PACK, make_spec

_SETTING = re.compile(r"^#(?=\S|\s\s)", re.MULTILINE)  # a remark has one space behind its hash
_EXAMPLE = re.compile(r"^#.*\[example\]\n(?:#  .*\n)*", re.MULTILINE)


def settings_of(folder: Path, text: str) -> Settings:
    (folder / "synth.yaml").write_text(text)
    return read_settings({"SYNTH_HOME": str(folder), "GEMINI_API_KEY": "k"}, folder / "synth.yaml")


def test_as_it_stands_it_sets_nothing(tmp_path: Path) -> None:
    env = {"SYNTH_HOME": str(tmp_path)}
    path = write_template(str(tmp_path / "synth.yaml"))
    assert path.read_text() == template()
    told, without = read_settings(env, path), read_settings(env, folder=tmp_path / "nowhere")
    assert (told.defaults, told.cache, told.kinds, told.env) == (without.defaults, without.cache, without.kinds, without.env)
    assert not told.told


def test_let_in_its_defaults_are_what_counts_without_it(tmp_path: Path) -> None:
    told = settings_of(tmp_path, _SETTING.sub("", _EXAMPLE.sub("", template())))
    given: dict[str, Any] = {name: value for name, value in told.defaults.items() if name != "pack"}
    spec, without = make_spec(kind="text", **parsed("text", given)), make_spec(kind="text")
    assert spec.model_copy(update={"seeded": False, "format": None}) == without
    assert (told.defaults["pack"], told.defaults["format"]) == (DEFAULT_PACK, "jsonl")
    assert told.cache == {"max_entries": 10_000, "ttl": 180 * 86_400.0}
    assert not told.kinds
    assert not told.integrations


def test_let_in_altogether_every_line_is_read(tmp_path: Path) -> None:
    text = _SETTING.sub("", template())
    told = settings_of(tmp_path, text)
    assert told.kinds == {"timeseries": {"sample_rate": "1s", "duration": "1h"}, "events": {"rate": "100/sec"}}
    assert {path[0] for path in told.told} | {"cache"} == set(yaml.safe_load(text))


def test_every_key_occurs_in_it() -> None:
    text = template()
    for path in paths():
        assert path[-1] in text, path


def test_every_key_of_the_list_has_a_default_or_an_example() -> None:
    def keys(section: Section) -> list[Key]:
        found = [node for node in section.keys if isinstance(node, Key) and node.about]
        return found + [key for node in section.keys if isinstance(node, Section) for key in keys(node)]

    assert all((key.default is None) != (key.example is None) for key in keys(ROOT))


def test_the_defaults_of_the_cache_are_the_stores() -> None:
    from synth_sdk.cache.memory import MOST_ENTRIES
    from synth_sdk.cache.store import DEFAULT_TTL

    assert (MOST_ENTRIES, DEFAULT_TTL) == (10_000, 180 * 86_400.0)


def test_it_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "synth.yaml").write_text("seed: 1\n")
    with pytest.raises(RequestError, match="is there already"):
        write_template(str(tmp_path / "synth.yaml"))
    assert (tmp_path / "synth.yaml").read_text() == "seed: 1\n"


@pytest.mark.parametrize(
    ("name", "says"), [("synth.json", "let its name end in .yaml"), ("none/synth.yaml", "can't be written: No such")]
)
def test_a_place_that_wont_do_is_told(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(RequestError, match=says):
        write_template(str(tmp_path / name))


def test_records_are_the_same_with_and_without_it(tmp_path: Path) -> None:
    config = write_template(str(tmp_path / "synth.yaml"))
    env = {"SYNTH_HOME": str(tmp_path)}
    assert Synth(env=env, config=config).generate("text", count=3).records == Synth(env=env).generate("text", count=3).records

"""Configuration: arguments over the file, the file over the defaults; errors that name the file and the key."""

import pytest

from synth_sdk import Synth
from synth_sdk.client.settings import read_settings
from synth_sdk.core.errors import RequestError


def write(folder, name, text):
    (folder / name).write_text(text)
    return folder / name


def test_the_file_sets_defaults_and_arguments_win(tmp_path, monkeypatch):
    write(tmp_path, "synth.yaml", "seed: 7\nlocale: en_US\n")
    monkeypatch.chdir(tmp_path)
    assert Synth().generate("text", count=1).report.seed == 7
    assert Synth(seed=8).generate("text", count=1).report.seed == 8
    assert Synth(seed=8).generate("text", count=1, seed=9).report.seed == 9


def test_variables_come_from_the_environment_handed_in(tmp_path):
    config = write(tmp_path, "c.json", '{"account": "${TEAM}", "fallback": ["${ARM}", "faker"]}')
    settings = read_settings({"TEAM": "blue", "ARM": "local", "SYNTH_HOME": str(tmp_path)}, config)
    assert settings.defaults == {"account": "blue", "fallback": ["local", "faker"]}


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
def test_a_flawed_file_is_named(tmp_path, name, text, says):
    path = write(tmp_path, name, text)
    with pytest.raises(RequestError) as caught:
        read_settings({"SYNTH_HOME": str(tmp_path)}, path)
    assert says in caught.value.message
    assert str(path) in caught.value.message


def test_a_missing_file_is_an_error_only_when_it_was_named(tmp_path):
    assert read_settings({"SYNTH_HOME": str(tmp_path)}, folder=tmp_path).defaults == {}
    with pytest.raises(RequestError, match="No such file"):
        read_settings({"SYNTH_HOME": str(tmp_path)}, tmp_path / "none.yaml")


def test_the_environment_is_not_shown(tmp_path):
    assert "secret-value-1" not in repr(
        read_settings({"SYNTH_HOME": str(tmp_path), "OPENROUTER_API_KEY": "secret-value-1"}, folder=tmp_path)
    )

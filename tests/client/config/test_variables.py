"""The environment, `.env` and `${VAR}`."""

import os
from pathlib import Path

import pytest

from synth_sdk.client.config.variables import NotSet, environment, filled_in
from synth_sdk.client.settings import read_settings
from synth_sdk.core.errors import RequestError

ENV = {"A": "1", "B": "two words", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("${A}", "1"),
        ("x${A}-${B}", "x1-two words"),
        ("${EMPTY}", ""),
        ("${EMPTY:-d}", "d"),
        ("${NONE:-}", ""),
        ("${NONE:-a b:c}", "a b:c"),
        ("$${A}", "${A}"),
        ("$A ${} ${A", "$A ${} ${A"),
        ({"a": ["${A}", {"b": "${B}"}], "n": 1}, {"a": ["1", {"b": "two words"}], "n": 1}),
    ],
)
def test_variables_are_filled_in_at_any_depth(text: object, told: object) -> None:
    assert filled_in(text, ENV) == told


def test_a_variable_without_value_is_named() -> None:
    with pytest.raises(NotSet, match="NONE"):
        filled_in({"a": ["${A} ${NONE}"]}, ENV)


def test_what_a_variable_holds_is_not_looked_into() -> None:
    assert filled_in("${A}", {"A": "${B}"}) == "${B}"


def test_dotenv_adds_to_the_environment_of_the_process_and_never_overrides_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        "# keys\nexport GEMINI_API_KEY='from file'\nTEAM=\"red\"\nONLY_NAME\nSYNTH_HOME=elsewhere\nBOTH=${TEAM}-x\n"
    )
    monkeypatch.setenv("TEAM", "blue")
    around = environment(os.environ, tmp_path)
    assert (around.values["GEMINI_API_KEY"], around.values["TEAM"]) == ("from file", "blue")
    assert {"GEMINI_API_KEY"} <= around.from_dotenv
    assert "TEAM" not in around.from_dotenv
    assert "ONLY_NAME" not in around.values
    assert "GEMINI_API_KEY" not in os.environ
    assert environment({"TEAM": "blue"}, tmp_path).values == {"TEAM": "blue"}


def test_settings_heed_dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SYNTH_HOME")
    (tmp_path / ".env").write_text(f"SYNTH_HOME={tmp_path / 'there'}\nTEAM=red\n")
    (tmp_path / "synth.yaml").write_text("account: ${TEAM}\n")
    told = read_settings(os.environ, folder=tmp_path)
    assert (told.home, told.defaults) == (tmp_path / "there", {"account": "red"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"A=1\nB='never closed\n", ".env, line 2: can't be read: write NAME=value"),
        (b"A=\xff", ".env: not UTF-8 text"),
        (b"A=" + b"x" * (1 << 20), ".env: larger than 1 MiB"),
    ],
)
def test_a_broken_dotenv_is_one_line(tmp_path: Path, text: bytes, says: str) -> None:
    (tmp_path / ".env").write_bytes(text)
    with pytest.raises(RequestError) as caught:
        environment(os.environ, tmp_path)
    assert says in caught.value.message
    assert "\n" not in caught.value.message


def test_dotenv_moves_no_address_to_which_keys_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(
        "SYNTH_GEMINI_API_BASE=http://elsewhere.example/v1beta\nSYNTH_LOCAL_API_BASE=http://localhost:1/v1\n"
    )
    settings = read_settings(os.environ)
    assert "SYNTH_GEMINI_API_BASE" not in settings.env
    assert settings.env["SYNTH_LOCAL_API_BASE"] == "http://localhost:1/v1"
    assert "SYNTH_GEMINI_API_BASE in .env is passed over" in settings.warnings[0]

"""Files as they lie on disk: found in order, bounded in size, depth and number, every key once."""

import json
from pathlib import Path

import pytest

from synth_sdk.client.config.files import NAMES, find, read_mapping
from synth_sdk.core.errors import RequestError


def read(folder: Path, name: str, text: str | bytes) -> object:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_mapping(file)


def test_files_are_found_in_order(tmp_path: Path) -> None:
    for name in reversed(NAMES):
        (tmp_path / name).touch()
    (tmp_path / "other.yaml").touch()
    assert [file.name for file in find(tmp_path)] == ["synth.yaml", "synth.yml", "synth.json", ".agentic-synth.json"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}", "\ufeff{}"])
def test_nothing_is_a_configuration_too(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, "a.yaml", text) == {}


def test_a_merged_key_may_be_overridden(tmp_path: Path) -> None:
    text = "base: &base {a: 1, b: 2}\nother: {<<: *base, a: 3}\n"
    assert read(tmp_path, "a.yaml", text) == {"base": {"a": 1, "b": 2}, "other": {"a": 3, "b": 2}}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.yaml", "seed: 1\nseed: 2\n", "the key 'seed' stands there twice"),
        ("a.json", '{"seed": 1, "seed": 2}', "the key 'seed' stands there twice"),
        ("a.json", '{"cache": {"ttl": 1, "ttl": 1}}', "the key 'ttl' stands there twice"),
        ("a.json", "[" * 100_000, "nested"),
        ("a.yaml", "[" * 5_000, "nested"),
        ("a.json", json.dumps({"a": "x"})[:-1] + ', "b": ' + "[" * 60 + "]" * 60 + "}", "nested more than 40 levels"),
        ("a.yaml", "x" * (1 << 20) + "x", "larger than 1 MiB"),
        ("a.yaml", b"a: \xff\xfe", "not UTF-8"),
        ("a.yaml", "a: !!python/object:os.system x", "not valid YAML"),
        ("a.yaml", "? [1, 2]\n: 3", "not valid YAML"),
        ("a.json", "", "not valid JSON"),
        ("a.yaml", "just words", "must be a mapping of options, not str"),
    ],
)
def test_flaws_are_one_line_with_the_files_name(tmp_path: Path, name: str, text: str | bytes, says: str) -> None:
    with pytest.raises(RequestError) as caught:
        read(tmp_path, name, text)
    assert says in caught.value.message
    assert caught.value.message.startswith(f"config {tmp_path / name}: ")
    assert "\n" not in caught.value.message


def test_aliases_that_stand_for_billions_are_refused_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(RequestError, match="more than 104,857 values"):
        read(tmp_path, "a.yaml", "\n".join(lines))


def test_a_value_that_holds_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="nested more than 40 levels"):
        read(tmp_path, "a.yaml", "a: &a [*a]")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="Is a directory; check the path"):
        read_mapping(tmp_path)


def test_dates_and_switches_stay_words(tmp_path):
    assert read(tmp_path, "a.yaml", "start: 2025-01-02\ncache: off\njudge: true\n") == {
        "start": "2025-01-02",
        "cache": "off",
        "judge": True,
    }

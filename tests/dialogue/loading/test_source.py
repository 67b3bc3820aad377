import pytest

from synth_sdk.core.errors import PackError
from synth_sdk.dialogue.loading.source import LARGEST_BYTES, parse_yaml, read_text


def test_scalars_are_what_they_look_like():
    data = parse_yaml("a: 1\nb: 2.50\nc: yes\nd: 2025-03-09\ne: '7'\nf: null\ng: true\nh: 007\ni: 1e5\n", "x")
    assert dict(data) == {"a": 1, "b": 2.5, "c": "yes", "d": "2025-03-09", "e": "7", "f": None, "g": True, "h": "007", "i": "1e5"}


def test_places_count_from_one():
    data = parse_yaml("a: 1\nb:\n  - x\n  - y\n", "x.yaml")
    assert data.places["b"] == ("x.yaml", 2)
    assert data["b"].places == [("x.yaml", 3), ("x.yaml", 4)]


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("a: &x 1\nb: *x\n", 1, "anchors"),
        ("a: 1\nb: !!python/object:os.system x\n", 2, "tags"),
        ("a: 1\na: 2\n", 2, "keys"),
        ("a: 1\n b: 2\n", 2, "yaml"),
        ("? [a]\n: 1\n", 1, "keys"),
        ("a: 1\n---\nb: 1\n", 2, "format"),
        ("- a\n", 1, "format"),
        ("", 1, "format"),
        ("a: " + "[" * 60 + "]" * 60, 1, "depth"),
        ("a: [\n", 2, "yaml"),
    ],
)
def test_flaws_are_named(text, line, rule):
    with pytest.raises(PackError) as error:
        parse_yaml(text, "x.yaml")
    assert (error.value.file, error.value.line, error.value.rule) == ("x.yaml", line, rule)


def test_a_bomb_of_aliases_is_refused_at_once():
    bomb = "a: &a [x]\n" + "\n".join(f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]" for i in range(20))
    with pytest.raises(PackError, match="anchors"):
        parse_yaml(bomb, "x")


def test_files_are_bounded_and_utf8(tmp_path):
    large, latin = tmp_path / "large.yaml", tmp_path / "latin.yaml"
    large.write_bytes(b"#" * (LARGEST_BYTES + 1))
    latin.write_bytes("a: é".encode("latin-1"))
    with pytest.raises(PackError, match="larger"):
        read_text(large, "large.yaml")
    with pytest.raises(PackError, match="UTF-8"):
        read_text(latin, "latin.yaml")
    with pytest.raises(PackError, match="can't be read"):
        read_text(tmp_path, "folder")

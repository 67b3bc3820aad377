"""The client's functions for schemas: files, the acid test, whole output."""

import json

import pytest

from synth_sdk.client.schemas import check_schema, improved, infer_schema, suggest, write_schema
from synth_sdk.core.errors import OutputError, RequestError


def test_what_the_engine_can_not_make_is_an_error():
    (found,) = [one for one in check_schema({"type": "string", "oneOf": [True, True]}) if one.level == "error"]
    assert (found.pointer, found.keyword) == ("", "oneOf")


def test_an_error_is_told_once():
    found = check_schema(
        {"type": "object", "properties": {"a": {"type": "integer", "minimum": 2, "maximum": 1}}, "required": ["a"]}
    )
    assert [one.keyword for one in found if one.level == "error"] == ["minimum"]


def test_a_good_schema_has_no_findings():
    assert check_schema({"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}) == []


def test_files_of_every_dialect(tmp_path):
    (tmp_path / "a.json").write_text('{"at": "datetime", "email": "string"}')
    (tmp_path / "b.yaml").write_text("type: object\nproperties:\n  email: {type: string}\n")
    assert check_schema(tmp_path / "a.json") == []
    assert improved(tmp_path / "b.yaml")["properties"]["email"]["format"] == "email"
    assert [one.pointer for one in suggest(str(tmp_path / "b.yaml"))] == ["", "/properties/email"]


def test_what_is_inferred_passes_the_check(tmp_path):
    (tmp_path / "rows.csv").write_text("id,price,status\n" + "".join(f"{n},{n * 1.5:.2f},{'ab'[n % 2]}\n" for n in range(200)))
    assert check_schema(infer_schema(tmp_path / "rows.csv"), count=1000) == []


@pytest.mark.parametrize(("name", "data", "told"), [
    ("a.json", b"{", "is not JSON"),
    ("a.json", b'{"a": 1, "a": 2}', "occurs twice"),
    ("a.json", b"\xff", "not UTF-8"),
    ("a.yaml", b"a: [", "YAML"),
    ("a.json", b"[" * 200_000, "nested too deeply"),
])  # fmt: skip
def test_unreadable_files_are_one_line(tmp_path, name, data, told):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(RequestError, match=told) as raised:
        check_schema(tmp_path / name)
    assert "\n" not in raised.value.message


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(RequestError, match="can't be read"):
        suggest(tmp_path / "none.json")
    with pytest.raises(OutputError):
        write_schema({}, str(tmp_path / "none" / "out.json"))


def test_a_schema_is_written_whole_or_not_at_all(tmp_path):
    target = tmp_path / "out.json"
    target.write_text("old")
    with pytest.raises(TypeError):
        write_schema({"a": object()}, str(target))
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]
    assert target.read_text() == "old"
    write_schema({"title": "é"}, str(target))
    assert json.loads(target.read_text("utf-8")) == {"title": "é"}

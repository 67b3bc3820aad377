"""Schema files: JSON and YAML, and what may be wrong with them."""

import pytest

from synth_sdk.core.errors import RequestError, SchemaError
from synth_sdk.schema import documents, load_schema


def test_json_and_yaml_give_the_same_document(tmp_path):
    (tmp_path / "a.json").write_text('{"at": "datetime", "n": {"type": "integer", "min": 1}}')
    (tmp_path / "a.yaml").write_text("at: datetime\nn: {type: integer, min: 1}\n")
    assert load_schema(tmp_path / "a.json").document == load_schema(str(tmp_path / "a.yaml")).document


def test_a_byte_order_mark_is_no_fault(tmp_path):
    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"type": "string"}')
    assert load_schema(tmp_path / "a.json").document == {"type": "string"}


def test_dates_in_yaml_stay_text(tmp_path):
    (tmp_path / "a.yaml").write_text("type: string\nenum: [2025-01-01]\n")
    assert load_schema(tmp_path / "a.yaml").document["enum"] == ["2025-01-01"]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.json", b'{"type": ', "not JSON"),
        ("a.json", b'{"a": "string", "a": "uuid"}', "occurs twice"),
        ("a.json", b'{"title": "caf\xe9"}', "not UTF-8"),
        ("a.json", b'{"items":' * 5000 + b"{}" + b"}" * 5000, "deep"),
        ("a.yaml", b"a: [", "YAML"),
        ("a.yaml", b"- &a [*a]", "not list"),
    ],
)
def test_a_broken_file_is_named(tmp_path, name, data, told):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(RequestError, match=told) as caught:
        load_schema(tmp_path / name)
    assert isinstance(caught.value, SchemaError) or name in caught.value.message


def test_a_missing_file_and_a_folder(tmp_path):
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(RequestError, match="can't be read") as caught:
            load_schema(path)
        assert str(path) in caught.value.message


def test_a_file_that_is_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "LARGEST_FILE", 1024)
    (tmp_path / "a.json").write_text('{"title": "' + "x" * 2000 + '"}')
    with pytest.raises(RequestError, match="larger than"):
        load_schema(tmp_path / "a.json")


def test_aliases_that_would_blow_up(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 12)]
    (tmp_path / "a.yaml").write_text("type: string\n" + "\n".join(lines))
    with pytest.raises(SchemaError, match="more than"):
        load_schema(tmp_path / "a.yaml")

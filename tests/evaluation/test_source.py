"""Records of any readable file, one error with place, rule and way out for any other."""

import gzip
import io
import json
import sys

import pytest

from synth_sdk.core.errors import RequestError
from synth_sdk.evaluation.source import read
from tests.evaluation.support import CORPUS, lines

FEW = CORPUS[:5]


def records(path):
    return [record for _, record in read(str(path))]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.jsonl", lines(FEW)),
        ("x.jsonl", "\ufeff" + lines(FEW)),
        ("x.jsonl", "\n\n" + lines(FEW) + "\n"),
        ("x.json", json.dumps(FEW)),
        ("x.json", json.dumps(FEW, indent=2)),
        ("x.data", lines(FEW)),
    ],
)
def test_lines_and_arrays(name, text, tmp_path):
    (tmp_path / name).write_text(text, "utf-8")
    assert records(tmp_path / name) == FEW


def test_one_record_over_several_lines(tmp_path):
    (tmp_path / "x.json").write_text(json.dumps(FEW[0], indent=1))
    assert records(tmp_path / "x.json") == FEW[:1]


def test_compressed_and_piped(tmp_path, monkeypatch):
    import pyarrow as pa

    text = lines(FEW).encode()
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(text))
    with pa.CompressedOutputStream(str(tmp_path / "x.jsonl.zst"), "zstd") as stream:
        stream.write(text)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert records(tmp_path / "x.jsonl.gz") == records(tmp_path / "x.jsonl.zst") == records("-") == FEW


def test_lines_are_numbered_as_they_stand(tmp_path):
    (tmp_path / "x.jsonl").write_text(f"\n{lines(FEW[:1])}\n{lines(FEW[1:2])}")
    assert [line for line, _ in read(str(tmp_path / "x.jsonl"))] == [2, 4]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'{"a": 1}\n{"a"\n', "line 2: not JSON"),
        (b"hello\n", "line 1: not JSON .*'hello'; give JSON Lines"),
        (b"PK\x03\x04\xff\xfe\n", "line 1: not UTF-8"),
        (b"ab\x00c\n", "line 1: binary data"),
        (b'[{"a": 1},\n {"b"}]', "line 2: not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' + b"[" * 100_000 + b"\n", "nested too deeply|not JSON"),
    ],
)
def test_what_is_no_json_names_line_rule_and_way_out(data, told, tmp_path):
    (tmp_path / "x.jsonl").write_bytes(data)
    with pytest.raises(RequestError, match=told) as caught:
        records(tmp_path / "x.jsonl")
    assert "x.jsonl" in caught.value.message
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 400 + len(str(tmp_path))


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "x.jsonl.gz").write_bytes(b"plain")
    (tmp_path / "x.jsonl.zst").write_bytes(b"plain")
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(lines(CORPUS).encode())[:-20])
    for name in ("x.jsonl.gz", "x.jsonl.zst", "cut.jsonl.gz", "none.jsonl", "", "a\0b"):
        with pytest.raises(RequestError, match=r"can't be (read|opened)"):
            records(tmp_path / name if "\0" not in name else name)

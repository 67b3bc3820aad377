"""Compressed files: other tools read them, and their bytes depend on the data only."""

import gzip
import random

import pyarrow as pa
import pytest

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import OutputError
from synth_sdk.sinks import Shape, format_for, open_sink

NUMBERS = random.Random(7)
RECORDS = [{"number": NUMBERS.random(), "text": "x" * (number % 40)} for number in range(60_000)]  # some megabytes
SHAPE = Shape(
    {"type": "object", "properties": {"number": {"type": "number"}, "text": {"type": "string"}}, "required": ["number", "text"]}
)


def save(path, sizes, name=None):
    with open_sink(str(path), format_for(str(path), name), SHAPE) as sink:
        start = 0
        while start < len(RECORDS):
            for size in sizes:
                sink.take(Records(RECORDS[start : start + size]))
                start += size
        sink.commit()
    return path.read_bytes()


def unpacked(data, suffix):
    if suffix == ".gz":
        return gzip.decompress(data)
    return pa.CompressedInputStream(pa.BufferReader(data), "zstd").read()


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("name", ["jsonl", "csv"])
def test_compressed_files_hold_the_plain_ones_whatever_the_batches(tmp_path, suffix, name):
    plain = save(tmp_path / f"plain.{name}", [60_000])
    packed = save(tmp_path / f"a.{name}{suffix}", [60_000])
    assert unpacked(packed, suffix) == plain
    assert len(packed) < len(plain)
    assert save(tmp_path / f"b.{name}{suffix}", [1, 5000, 17, 982]) == packed


def test_a_gzip_file_holds_neither_name_nor_time(tmp_path):
    assert save(tmp_path / "a.jsonl.gz", [60_000])[3:8] == bytes(5)  # flags, then the time


def test_a_named_format_under_a_bare_suffix(tmp_path):
    assert unpacked(save(tmp_path / "x.gz", [60_000], "csv"), ".gz") == save(tmp_path / "x.csv", [60_000])


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_parquet_is_not_compressed_twice(tmp_path, suffix):
    with pytest.raises(OutputError, match="compressed inside"):
        save(tmp_path / f"x.parquet{suffix}", [1])
    with pytest.raises(OutputError, match="compressed inside"):
        save(tmp_path / f"x{suffix}", [1], "parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.jsonl.zst", "x.parquet", "x.csv"])
def test_what_is_left_without_commit_leaves_nothing(tmp_path, name):
    sink = open_sink(str(tmp_path / name), format_for(name), SHAPE)
    sink.take(Records(RECORDS))
    sink.abort()
    del sink
    assert list(tmp_path.iterdir()) == []

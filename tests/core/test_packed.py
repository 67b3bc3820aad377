import gzip

import pyarrow as pa
import pytest

from synth_sdk.core.packed import open_unpacked

TEXT = "a line\nund noch eine: ü\n" * 1000


@pytest.mark.parametrize("name", ["plain.txt", "packed.txt.gz", "packed.txt.zst", "PACKED.GZ"])
def test_the_bytes_are_those_that_were_packed(name, tmp_path):
    path, data = tmp_path / name, TEXT.encode()
    suffix = path.suffix.lower()
    packed = gzip.compress(data) if suffix == ".gz" else pa.compress(data, "zstd", asbytes=True) if suffix == ".zst" else data
    path.write_bytes(packed)
    with open_unpacked(path) as stream:
        assert stream.readline() == b"a line\n"
        assert b"a line\n" + stream.read() == data


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError), open_unpacked(tmp_path / "none.gz"):
        pass


def test_a_damaged_file(tmp_path):
    path = tmp_path / "damaged.gz"
    path.write_bytes(gzip.compress(TEXT.encode())[:-20])
    with open_unpacked(path) as stream, pytest.raises((OSError, EOFError)):
        stream.read()

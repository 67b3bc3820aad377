"""A disk that is really full: one clear error, and nothing under the final name."""

import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
from synth_sdk.core.batches import Records
from synth_sdk.core.errors import WriteError
from synth_sdk.sinks import Shape, format_for, open_sink
output = sys.argv[1]
shape = Shape({"type": "object", "properties": {"text": {"type": "string"}, "n": {"type": "integer"}}, "required": ["text", "n"]})
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    with open_sink(output, format_for(output), shape) as sink:
        while sink.count < 3_000_000:
            sink.take(Records([{"text": str(hash(str(n))), "n": n} for n in range(sink.count, sink.count + 10_000)]))
        sink.commit()
except WriteError as error:
    print(error.exit_code, error)
"""


@pytest.mark.parametrize("name", ["x.jsonl", "x.json", "x.csv", "x.parquet", "x.sql", "x.xml", "x.jsonl.gz", "x.csv.zst"])
def test_a_file_that_may_not_grow(tmp_path, name):
    target = tmp_path / name
    target.write_text("old")
    done = subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM, target], capture_output=True, text=True, check=True)
    assert done.stdout == f"1 output {str(target)!r}: File too large; nothing was written under that name\n"
    assert done.stderr == ""
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert target.read_text() == "old"

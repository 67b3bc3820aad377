"""A report that can't be written: one error, which says where the records are."""

import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
from synth_sdk import Synth
from synth_sdk.core.errors import WriteError
output, count, kind, *schema = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, 16_000))
try:
    Synth(history="off").write(output, kind, count=int(count), report="r.html", **({"schema": schema[0]} if schema else {}))
except WriteError as error:
    print(error.exit_code, error)
"""


def run(folder, *asked):
    done = subprocess.run([sys.executable, "-c", PROGRAM, *asked], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout, [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("asked", [["x.jsonl", "2", "user_profile"], ["x.sql.gz", "2", "json", "ecommerce"]])
def test_records_that_are_delivered_stay_so(tmp_path, asked):
    told = f"1 report: output 'r.html': File too large; nothing was written under that name; the records are in {asked[0]!r}\n"
    assert run(tmp_path, *asked) == (told, [asked[0]])


@pytest.mark.parametrize("asked", [["x.jsonl", "900", "user_profile"], ["x.sql", "900", "json", "ecommerce"]])
def test_what_went_wrong_with_the_records_is_told_first(tmp_path, asked):
    assert run(tmp_path, *asked) == (f"1 output {asked[0]!r}: File too large; nothing was written under that name\n", [])

"""Standard output: records as they come, and a reader that goes away is no fault."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.sinks import open_sink
from synth_sdk.sinks.jsonl import JsonlFormat

PROGRAM = """
import sys, time
from synth_sdk.sinks import open_sink
from synth_sdk.core.batches import Records
from synth_sdk.sinks.jsonl import JsonlFormat
def put(sink, record): sink.take(Records([record]))
with open_sink("-", JsonlFormat()) as sink:
    {body}
"""


def put(sink, record):
    sink.take(Records([record]))


def start(body, **options):
    return subprocess.Popen([sys.executable, "-W", "error", "-c", PROGRAM.format(body=body)], stderr=subprocess.PIPE, **options)


def test_records_go_to_standard_output(capfd):
    with open_sink("-", JsonlFormat()) as sink:
        put(sink, {"a": "é"})
        sink.commit()
        assert sink.location == "-"
    sys.stdout.write("after\n")  # the descriptor is still open
    assert capfd.readouterr().out == '{"a":"é"}\nafter\n'


def test_a_replaced_standard_output_is_used(capsys, monkeypatch):
    with open_sink("-", JsonlFormat()) as sink:
        put(sink, 1)
        sink.commit()
    assert capsys.readouterr().out == "1\n"
    notebook = io.StringIO()
    monkeypatch.setattr(sys, "stdout", notebook)
    with open_sink("-", JsonlFormat()) as sink:
        put(sink, "é")
        sink.commit()
    assert notebook.getvalue() == '"é"\n'


def test_each_record_is_passed_on_at_once():
    with start(
        "put(sink, 1); sys.stdin.read(); put(sink, 2); sink.commit()", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"1\n"  # while the program waits for its input to end
        process.stdin.close()
        assert process.stdout.read() == b"2\n"
        assert process.stderr.read() == b""


def test_a_closed_pipe_is_told_apart_and_leaves_no_trace():
    body = (
        "\n    try:\n        while True: put(sink, {'text': 'x' * 1000})\n    except BrokenPipeError: sys.stderr.write('closed')"
    )
    with start(body, stdout=subprocess.PIPE) as process:
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b"closed"
    assert process.returncode == 0  # also when Python flushes at exit


def test_a_full_standard_output_is_a_write_error():
    body = "\n    try: put(sink, 1)\n    except Exception as error: sys.stderr.write(f'{type(error).__name__}: {error}')"
    with Path("/dev/full").open("wb") as full, start(body, stdout=full) as process:
        assert process.stderr.read().startswith(b"WriteError: output '-': No space left")
    assert process.returncode == 0


def test_appending_by_the_shell_appends(tmp_path):
    target = tmp_path / "all.jsonl"
    target.write_text("0\n")
    for output in ("-", "/dev/stdout"):
        program = PROGRAM.replace('"-"', repr(output)).format(body="put(sink, 1); sink.commit()")
        with target.open("ab") as stdout:
            subprocess.run([sys.executable, "-c", program], stdout=stdout, check=True)
    assert target.read_text() == "0\n1\n1\n"


def test_a_closed_standard_output_is_an_output_error(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(OutputError, match="closed"):
        open_sink("-", JsonlFormat())


def test_a_fault_in_the_stream_beneath_is_a_write_error(monkeypatch):
    class Failing(io.StringIO):
        def write(self, text):
            raise OSError(5, "broken terminal")

    monkeypatch.setattr(sys, "stdout", Failing())
    with pytest.raises(WriteError, match="broken terminal"), open_sink("-", JsonlFormat()) as sink:
        put(sink, 1)

"""The progress bar: on a terminal only."""

import os
import pty
import subprocess
import sys


def test_a_terminal_gets_a_bar_with_records(tmp_path):
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "synth_sdk.cli", "generate", "conversation", "-n", "400", "-o", str(tmp_path / "x.jsonl")],
        stderr=child, stdout=subprocess.DEVNULL, env={**os.environ, "SYNTH_HOME": str(tmp_path), "TERM": "xterm", "COLUMNS": "100"},
    )  # fmt: skip
    os.close(child)
    seen = b""
    while True:
        try:
            chunk = os.read(parent, 65536)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    assert process.wait(timeout=60) == 0
    assert b"400/400" in seen
    assert b"400 conversation records" in seen

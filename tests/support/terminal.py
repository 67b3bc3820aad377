"""A command whose standard error is a terminal."""

import os
import pty
import subprocess

from tests.support.warm import warm_synth


def on_a_terminal(*words, folder):
    """What `synth WORDS` shows there, run in `folder` with its own home; it must end well."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [warm_synth(), *words], stderr=child, stdout=subprocess.DEVNULL, cwd=folder,
        env={**os.environ, "SYNTH_HOME": str(folder / "home"), "TERM": "xterm", "COLUMNS": "100"},
    )  # fmt: skip
    os.close(child)
    seen = b""
    while chunk := _read(parent):
        seen += chunk
    os.close(parent)
    assert process.wait(timeout=60) == 0
    return seen.decode()


def _read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""

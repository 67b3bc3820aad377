"""The command as a child process, as a user has it."""

import logging
import os
import subprocess
import sys
import warnings
from dataclasses import dataclass

import pytest

from tests.support.warm import warm_synth


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


@pytest.fixture
def synth(tmp_path, home):
    """Run `synth WORDS...`, forked, not started, in a folder of its own; `env` adds variables, `stdin` is text."""

    def run(*words, env=None, stdin="", timeout=120):
        command = (
            [sys.executable, "-m", "synth_sdk.cli"] if "--debug" in words else [warm_synth()]
        )  # tracebacks are a process's own
        done = subprocess.run(
            [*command, *map(str, words)],
            cwd=tmp_path, input=stdin, capture_output=True, text=True, timeout=timeout, check=False,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SYNTH_HOME": str(home), "COLUMNS": "110", **(env or {})},
        )  # fmt: skip
        assert "Traceback" not in done.stderr or "--debug" in words
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def inside(tmp_path, home, monkeypatch, capfd):
    """As `synth`, but in this process, where what it takes to buy from models is loaded once."""
    from synth_sdk.cli import main

    for module, name in ((logging, "lastResort"), (warnings, "showwarning")):
        monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTH_HOME", str(home))

    def run(*words, env=None):
        for name, value in (env or {}).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as done:
            main([str(word) for word in words])
        out, err = capfd.readouterr()
        return Done(done.value.code, out, err)

    return run

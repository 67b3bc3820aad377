"""Whether the process that made a file lives, as others see it."""

import errno
import os
import subprocess
import sys

import pytest

from synth_sdk.core import locks
from synth_sdk.core.locks import held, hold

HOLDING = """
import pathlib, sys
from synth_sdk.core.locks import hold
hold(pathlib.Path(sys.argv[1]), b"mine")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "one.life"


def test_a_file_is_held_until_its_process_is_killed(path):
    with subprocess.Popen([sys.executable, "-c", HOLDING, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"held\n"
        assert (held(path), path.read_bytes(), path.stat().st_mode & 0o777) == (True, b"mine", 0o600)
        child.kill()
        child.wait()
        assert held(path) is False


def test_a_file_is_held_until_it_is_let_go_also_by_this_process(path):
    descriptor = hold(path)
    assert (held(path), held(path)) == (True, True)
    os.close(descriptor)
    assert held(path) is False


def test_nobody_holds_what_is_gone_or_never_was_held(path):
    assert held(path) is False
    path.touch()
    assert held(path) is False


def test_a_file_that_cant_be_made_leaves_nothing(path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space left"):
            hold(path, b"much")
    assert list(path.parent.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        hold(path.parent / "none" / "one.life")


@pytest.mark.parametrize("system", ["without locks", "on a disk without locks"])
def test_where_there_are_no_locks_nothing_is_known(path, monkeypatch, system):
    def refused(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    if system == "without locks":
        monkeypatch.setattr(locks, "fcntl", None)
    else:
        monkeypatch.setattr(locks.fcntl, "flock", refused)
    descriptor = hold(path, b"mine")
    assert held(path) is None
    os.close(descriptor)
    assert (held(path), path.read_bytes()) == (None, b"mine")


def test_what_is_out_of_reach_isnt_known(path):
    path.symlink_to(path)  # a circle: there is something, but nobody can open it
    assert held(path) is None

"""Files appear under their name when they are whole, and only then."""

import errno
import io
import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.sinks import format_for, open_sink, write_text
from synth_sdk.sinks.jsonl import JsonlFormat


def put(sink, *records):
    sink.take(Records(records))


def open_lines(path):
    return open_sink(str(path), JsonlFormat())


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_has_its_name_only_after_commit(tmp_path):
    target = tmp_path / "out.jsonl"
    with open_lines(target) as sink:
        put(sink, {"a": 1})
        put(sink, {"a": 2})
        assert not target.exists()
        sink.commit()
        assert sink.count == 2
        assert sink.location == str(target)
    assert target.read_text() == '{"a":1}\n{"a":2}\n'
    assert names(tmp_path) == ["out.jsonl"]


def test_leaving_without_commit_leaves_nothing(tmp_path):
    with open_lines(tmp_path / "out.jsonl") as sink:
        put(sink, {"a": 1})
    with pytest.raises(KeyboardInterrupt), open_lines(tmp_path / "out.jsonl") as sink:  # noqa: PT012
        put(sink, {"a": 1})
        raise KeyboardInterrupt
    assert names(tmp_path) == []


def test_an_old_file_stays_until_the_new_one_is_whole(tmp_path):
    target = tmp_path / "out.jsonl"
    target.write_text("old")
    with open_lines(target) as sink:
        put(sink, 1)
        assert target.read_text() == "old"
        sink.abort()
    assert target.read_text() == "old"
    with open_lines(target) as sink:
        put(sink, 1)
        sink.commit()
    assert target.read_text() == "1\n"


def test_a_closed_sink_takes_nothing_more(tmp_path):
    with open_lines(tmp_path / "out.jsonl") as sink:
        sink.commit()
        with pytest.raises(ValueError, match="committed"):
            put(sink, 1)
        with pytest.raises(ValueError, match="committed"):
            sink.commit()
    assert (tmp_path / "out.jsonl").read_bytes() == b""


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_mode_of_the_umask(tmp_path, mask):
    before = os.umask(mask)
    try:
        write_text(str(tmp_path / "x"), "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o666 & ~mask


def test_an_old_file_keeps_its_mode(tmp_path):
    target = tmp_path / "x"
    target.write_text("old")
    target.chmod(0o640)
    write_text(str(target), "new")
    assert (target.read_text(), stat.S_IMODE(target.stat().st_mode)) == ("new", 0o640)


def test_a_link_stays_a_link(tmp_path):
    real = tmp_path / "real" / "data.jsonl"
    real.parent.mkdir()
    real.write_text("old")
    link = tmp_path / "link.jsonl"
    link.symlink_to(real)
    write_text(str(link), "new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    dangling = tmp_path / "dangling.jsonl"
    dangling.symlink_to(tmp_path / "real" / "fresh.jsonl")
    write_text(str(dangling), "fresh")
    assert dangling.is_symlink()
    assert (tmp_path / "real" / "fresh.jsonl").read_text() == "fresh"


def test_a_name_as_long_as_names_may_be(tmp_path):
    target = tmp_path / ("n" * 255)
    write_text(str(target), "x")
    assert target.read_text() == "x"


@pytest.mark.parametrize("make", ["folder", "no parent", "parent is a file", "too long", "loop", "empty", "slash", "url", "null"])
def test_what_cannot_be_written_is_found_when_opened(tmp_path, make):
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    output = {
        "folder": str(tmp_path),
        "no parent": str(tmp_path / "none" / "x.jsonl"),
        "parent is a file": str(tmp_path / "file" / "x.jsonl"),
        "too long": str(tmp_path / ("n" * 300)),
        "loop": str(tmp_path / "loop"),
        "empty": "",
        "slash": str(tmp_path / "new") + "/",
        "url": "s3://bucket/data.jsonl",
        "null": "a\0b",
    }[make]
    before = names(tmp_path)
    with pytest.raises(OutputError) as caught:
        open_lines(output)
    assert caught.value.exit_code == 2
    assert repr(output) in caught.value.message
    assert names(tmp_path) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_place_is_found_when_opened(tmp_path):
    (tmp_path / "old").write_text("x")
    (tmp_path / "old").chmod(0o444)
    with pytest.raises(OutputError, match="read-only"):
        open_lines(tmp_path / "old")
    tmp_path.chmod(0o555)
    with pytest.raises(OutputError, match="denied"):
        open_lines(tmp_path / "new")


class Failing(io.FileIO):
    """A disk that is full after `room` bytes."""

    room = 0

    def write(self, data):
        if self.room < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        type(self).room -= len(data)
        return super().write(data)


@pytest.fixture
def small_disk(monkeypatch):
    """Files opened by the stores sit on a disk with a little room."""
    real = os.fdopen

    def fdopen(handle, mode, buffering=-1, closefd=True):
        return io.BufferedWriter(Failing(handle, mode, closefd=closefd), 64) if "w" in mode else real(handle, mode)

    monkeypatch.setattr("synth_sdk.sinks.stores.os.fdopen", fdopen)
    Failing.room = 200


@pytest.mark.parametrize("records", [3, 100])  # the disk is found full at commit, or while writing
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, small_disk, records):
    target = tmp_path / "out.jsonl"
    target.write_text("old")
    Failing.room = 20 if records == 3 else 200
    with pytest.raises(WriteError, match="No space left") as caught, open_lines(target) as sink:  # noqa: PT012
        for number in range(records):
            put(sink, {"number": number})
        sink.commit()
    assert caught.value.exit_code == 1
    assert str(target) in caught.value.message
    assert names(tmp_path) == ["out.jsonl"]
    assert target.read_text() == "old"


def test_after_a_failure_the_sink_has_aborted(tmp_path, small_disk):
    sink = open_lines(tmp_path / "out.jsonl")
    with pytest.raises(WriteError):
        put(sink, "x" * 1000)
    assert names(tmp_path) == []
    with pytest.raises(ValueError, match="aborted"):
        sink.commit()


def test_a_fault_of_fsync_or_rename_is_a_write_error(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("synth_sdk.sinks.stores.os.fsync", fail)
    with pytest.raises(WriteError, match="Input/output"):
        write_text(str(tmp_path / "x"), "text")
    assert names(tmp_path) == []


def test_a_record_that_is_no_json_is_named(tmp_path):
    with pytest.raises(WriteError, match=r"record 2 .*set"), open_lines(tmp_path / "x") as sink:  # noqa: PT012
        put(sink, [1])
        put(sink, {1, 2})
    assert names(tmp_path) == []


def test_devices_are_written_directly():
    before = Path("/dev/null").stat()
    write_text("/dev/null", "gone")
    after = Path("/dev/null").stat()
    assert stat.S_ISCHR(after.st_mode)
    assert (before.st_ino, before.st_mode) == (after.st_ino, after.st_mode)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_device_is_a_write_error():
    with pytest.raises(WriteError, match="No space left"):
        write_text("/dev/full", "x")


def test_a_named_pipe_is_written_directly(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    with open_lines(pipe) as sink:
        put(sink, {"a": 1})
        sink.commit()
    reader.join(10)
    assert read == ['{"a":1}\n']
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_killed_while_writing_nothing_has_the_name(tmp_path):
    program = (
        "import os, signal; from synth_sdk.core.batches import Records; from synth_sdk.sinks import open_sink, format_for\n"
        "sink = open_sink('out.jsonl', format_for('out.jsonl'))\n"
        "for n in range(5_000): sink.take(Records([{'n': n}]))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=False)
    left = names(tmp_path)
    assert len(left) == 1  # the temporary file proves that it was really killed half-way
    assert left[0].endswith(".part")


def test_json_through_a_sink(tmp_path):
    target = str(tmp_path / "out.json")
    with open_sink(target, format_for(target)) as sink:
        for number in range(3):
            put(sink, {"n": number})
        sink.commit()
    assert json.loads((tmp_path / "out.json").read_text()) == [{"n": 0}, {"n": 1}, {"n": 2}]

"""Runs that are going on, and those whose process was killed: real processes, real files."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

import pytest

from synth_sdk.core.errors import UnknownName
from synth_sdk.history import underway
from synth_sdk.history.sqlite import SqliteHistory
from synth_sdk.history.statistics import statistics
from synth_sdk.history.store import HistoryError, open_history
from tests.history.support import NOON, entry

# Begins a run; then waits, kills itself, or ends in order, as it is told.
RUN = """
import json, os, signal, sys
from dataclasses import replace
from synth_sdk.history.entries import Entry
from synth_sdk.history.store import open_history

history = open_history(sys.argv[1])
one = Entry.of_dict(json.loads(sys.argv[2]))
history.begin(one)
print("begun", flush=True)
if sys.stdin.readline() == "kill\\n":
    os.kill(os.getpid(), signal.SIGKILL)
with history:
    history.add(replace(one, status="success", exit_code=0, records=one.count))
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.sqlite3"


@pytest.fixture
def history(path):
    with open_history(path) as found:
        yield found


def begun(number=1, **more):
    return entry(number, **{"records": 0, "status": "running", "exit_code": None, "report": {}, **more})


def process(path, number, **more):
    words = [sys.executable, "-c", RUN, str(path), json.dumps(begun(number, **more).to_dict())]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def killed(path, *numbers, **more):
    """Runs that were killed."""
    children = [process(path, number, **more) for number in numbers]
    for child in children:
        child.communicate("kill\n", timeout=60)
        assert child.returncode == -signal.SIGKILL


def shown(history, **asked):
    return [(int(one.id[:8], 16), one.status) for one in history.entries(**asked)]


def test_a_run_is_running_until_it_is_over(path, history):
    with process(path, 2) as child:
        child.stdout.readline()
        assert not path.exists()
        history.add(entry(1))
        history.add(entry(3))
        assert shown(history) == [(3, "success"), (2, "running"), (1, "success")]
        one = history.get("00000002")
        assert (one.exit_code, one.failure, one.milliseconds > 0) == (None, "", True)
        assert (shown(history, status="running"), shown(history, status="killed")) == ([(2, "running")], [])
        assert shown(history, kind="text") == shown(history, since=NOON + timedelta(minutes=4)) == []
        child.communicate("end\n", timeout=60)
    assert (shown(history)[1], history.get("00000002").exit_code) == ((2, "success"), 0)
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_run_whose_process_is_gone_was_killed(path, history):
    killed(path, 2)
    assert not path.exists()
    for written in (False, True):
        assert shown(history, status="killed") == [(2, "killed")]
        one = history.get("00000002")
        assert (one.exit_code, one.failure, one.records) == (137, "killed", 0)
        assert one.report["errors"] == [
            "its process ended before the run did: it was killed, ran out of memory, or lost its power"
        ]
        assert shown(history, status="running") == []
        if not written:
            history.add(entry(3))
            assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert shown(history) == [(3, "success"), (2, "killed")]
    told = statistics(history.walk())
    assert (told["statuses"]["killed"], told["failures"], told["success_rate"]) == (1, {"killed": 1}, 0.5)


def test_the_last_run_is_one_that_is_over(history):
    history.begin(begun(1))
    with pytest.raises(UnknownName):
        history.get("last")
    assert history.get("00000001").status == "running"
    history.add(entry(2))
    history.begin(begun(3))
    assert history.get("last").id == "00000002-run"


def test_ten_processes_at_once_of_which_half_are_killed(path, history):
    children = [process(path, number) for number in range(10)]
    for child in children:
        child.stdout.readline()
    assert {status for _, status in shown(history)} == {"running"}
    for number, child in enumerate(children):
        child.stdin.write("end\n" if number % 2 else "kill\n")
        child.stdin.flush()
    assert [child.wait(timeout=60) for child in children] == [-signal.SIGKILL, 0] * 5
    for child in children:
        child.stdin.close()
        child.stdout.close()
    assert shown(history) == [(number, "success" if number % 2 else "killed") for number in reversed(range(10))]
    history.add(entry(10))
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT status, count(*) FROM runs GROUP BY status ORDER BY status").fetchall()
    assert rows == [("killed", 5), ("success", 6)]
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_killed_runs_are_forgotten_and_pruned_as_others(path, history):
    killed(path, 1, 2, 3)
    assert history.forget(["00000002-run"]) == 1
    assert shown(history) == [(3, "killed"), (1, "killed")]
    killed(path, 4)
    history.begin(begun(5))
    assert history.prune(1) == 2
    assert shown(history) == [(5, "running"), (4, "killed")]
    assert (history.forget(["00000005-run"]), history.prune(0)) == (0, 1)
    assert shown(history) == [(5, "running")]


def test_the_oldest_leave_also_where_killed_ones_came_between(path):
    history = SqliteHistory(path, most=30)
    for number in range(96):
        history.add(entry(number))
    killed(path, 96, 97, 98, 99)
    history.add(entry(100))
    assert [int(one.id[:8], 16) for one in history.walk()] == list(range(100, 70, -1))


def test_one_that_was_killed_after_it_was_remembered_succeeded(path, history):
    killed(path, 1)
    with open_history(path.with_name("other.sqlite3")) as other:
        other.add(entry(1))
        (path.with_name("other.sqlite3.running")).mkdir()
        note = next(path.with_name(f"{path.name}.running").iterdir())
        note.rename(path.with_name("other.sqlite3.running") / note.name)
        assert shown(other) == [(1, "success")]
        other.add(entry(2))
        assert shown(other) == [(2, "success"), (1, "success")]


def test_a_run_that_isnt_completed_is_forgotten_when_the_history_is_closed(path):
    with open_history(path) as history:
        history.begin(begun())
        assert shown(history) == [(1, "running")]
    assert (shown(history), list(path.parent.iterdir())) == ([], [])


def elsewhere(monkeypatch):
    monkeypatch.setattr(underway, "_machine", lambda: ("another", "another-boot"))


def test_of_another_machine_only_age_tells(path, history, monkeypatch):
    now = datetime.now(UTC)
    killed(path, 1, started_at=(now - timedelta(hours=23)))
    killed(path, 2, started_at=(now - timedelta(hours=25)))
    assert shown(history) == [(1, "killed"), (2, "killed")]
    elsewhere(monkeypatch)
    assert shown(history) == [(1, "running"), (2, "killed")]
    assert history.get("00000002").report["errors"][0].startswith("nothing was heard of its end for a day")
    history.add(entry(3))
    assert shown(history) == [(1, "running"), (2, "killed"), (3, "success")]


def test_a_lock_that_is_seen_counts_from_wherever(path, history, monkeypatch):
    with process(path, 1, started_at=datetime.now(UTC) - timedelta(days=9)) as child:
        child.stdout.readline()
        elsewhere(monkeypatch)
        assert shown(history) == [(1, "running")]
        child.communicate("end\n", timeout=60)
    assert shown(history) == [(1, "success")]


def test_a_run_that_was_taken_for_killed_is_completed_all_the_same(path, history, monkeypatch):
    """Its machine's locks aren't seen here."""
    long_ago = datetime.now(UTC) - timedelta(days=2)
    history.begin(begun(1, started_at=long_ago))
    monkeypatch.setattr(underway, "held", lambda path: None)
    with open_history(path) as other:
        other.add(entry(2))
        assert shown(other) == [(1, "killed"), (2, "success")]
    history.add(entry(1, started_at=long_ago))
    assert shown(history) == [(1, "success"), (2, "success")]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"machine": []}', '{"machine": ["x"], "entry": {"id": 1}}'])
def test_what_is_no_note_of_ours_is_passed_over(path, history, content):
    history.begin(begun(1))
    (path.with_name(f"{path.name}.running") / "odd.run").write_text(content)
    assert shown(history) == [(1, "running")]
    history.add(entry(1))
    assert shown(history) == [(1, "success")]


def test_a_folder_that_another_run_is_just_removing_is_made_again(path, history, monkeypatch):
    real, gone = underway.hold, iter([True, True, False])

    def disturbed(place, content):
        if next(gone):
            place.parent.rmdir()
        return real(place, content)

    monkeypatch.setattr(underway, "hold", disturbed)
    history.begin(begun(1))
    assert shown(history) == [(1, "running")]


@pytest.mark.parametrize("place", ["/dev/null/history.sqlite3", "/proc/history.sqlite3"])
def test_a_place_that_cant_be_written(place):
    with pytest.raises(HistoryError, match=r"can't be written: .*; name another place with SYNTH_HISTORY, or off"):
        open_history(place).begin(begun())


@pytest.mark.parametrize("place", [".", "/", ".."])
def test_a_folder_is_no_history(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(HistoryError, match=r"can't be read: unable to open database file"):
        open_history(place).entries()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX")
def test_notes_are_their_owners(path, history):
    history.begin(begun(1, request={"schema": "secret.json"}))
    folder = path.with_name(f"{path.name}.running")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [note.stat().st_mode & 0o777 for note in folder.iterdir()] == [0o600]


def test_a_note_is_cheap(path):
    """0.3 ms are the promise; ten times that, and more, is for machines that others work on too."""
    took = []
    for number in range(40):
        with open_history(path) as history:
            before = perf_counter()
            history.begin(begun(number, document={"properties": {f"p{at}": {"type": "string"} for at in range(200)}}))
            took.append(perf_counter() - before)
    assert median(took) < 0.005


def test_completed_in_place(history):
    one = begun(1)
    history.begin(one)
    history.add(replace(one, status="partial", exit_code=3, records=5))
    assert [(run.id, run.started_at, run.records) for run in history.entries()] == [(one.id, one.started_at, 5)]

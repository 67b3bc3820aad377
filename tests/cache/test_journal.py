"""The journal: what a run paid for, until the run is finished."""

import os
import time
from decimal import Decimal

import pytest

from synth_sdk.cache import Journal
from synth_sdk.cache.seal import seal
from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.core.models import JournalEntry, Reply, Usage

FULL = Reply(
    text='{"items": [1, "é\ud800"]}\n',
    finish="length",
    native_finish_reason="MAX_TOKENS",
    usage=Usage(input_tokens=10, output_tokens=20, cache_read_tokens=3, cache_write_tokens=4, reasoning_tokens=5),
    cost_usd=Decimal("0.000123400"),
    model="m-1",
)
BARE = Reply(text=None, finish="filter")


def test_a_reply_comes_back_as_it_was_for_each_of_its_records(journal):
    journal.record(["a", "b"], "arm", FULL, 123)
    assert journal.replies("a") == [JournalEntry(arm="arm", reply=FULL, position=0, count=2, cost_micros=123)]
    assert journal.replies("b") == [JournalEntry(arm="arm", reply=FULL, position=1, count=2, cost_micros=123)]
    assert str(journal.replies("a")[0].reply.cost_usd) == "0.000123400"
    assert journal.replies("c") == []


def test_replies_come_oldest_first(journal):
    for number in range(5):
        journal.record([f"k{number}", "a"], f"arm-{number}", BARE, number)
    assert [(entry.arm, entry.position, entry.cost_micros) for entry in journal.replies("a")] == [
        (f"arm-{n}", 1, n) for n in range(5)
    ]


def test_another_process_reads_it(journal):
    journal.record(["a"], "arm", FULL, 1)
    other = Journal(journal.folder, "run-1")
    assert other.replies("a") == journal.replies("a")
    other.close()


def test_runs_do_not_see_each_other_and_clear_forgets_one(journal):
    other = Journal(journal.folder, "run-2")
    journal.record(["a"], "arm", FULL, 1)
    other.record(["a"], "arm", BARE, 2)
    assert [entry.cost_micros for entry in journal.replies("a")] == [1]
    journal.clear()
    assert journal.replies("a") == []
    assert [entry.cost_micros for entry in other.replies("a")] == [2]
    journal.record(["a"], "arm", FULL, 3)  # the run's next life
    assert [entry.cost_micros for entry in journal.replies("a")] == [3]
    other.close()


def test_a_call_is_recorded_whole_or_not_at_all(journal, monkeypatch):
    journal.record(["a"], "arm", FULL, 1)
    real = os.write

    def fill_the_disk(descriptor, data):
        if len(data) > 10:
            return real(descriptor, data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", lambda descriptor, data: fill_the_disk(descriptor, data[:20]))
    with pytest.raises(WriteError, match="No space left"):
        journal.record(["a", "b", "c"], "arm", BARE, 2)
    monkeypatch.undo()
    journal.record(["b"], "arm", BARE, 3)
    for each in (journal, Journal(journal.folder, "run-1")):
        assert [entry.cost_micros for entry in each.replies("a")] == [1]
        assert [entry.cost_micros for entry in each.replies("b")] == [3]


def test_a_large_reply_is_stored_once(journal):
    reply = Reply(text="x" * 1_000_000, finish="stop")
    journal.record([f"k{number}" for number in range(20)], "arm", reply, 20)
    assert {entry.reply for number in range(20) for entry in journal.replies(f"k{number}")} == {reply}
    assert sum(log.stat().st_size for log in logs(journal)) < 2_000_000


def logs(journal):
    return sorted(journal.folder.rglob("*.replies"))


def test_what_another_process_writes_meanwhile_is_seen(journal):
    other = Journal(journal.folder, "run-1")
    assert other.replies("a") == []
    journal.record(["a"], "arm-1", FULL, 1)
    assert [entry.arm for entry in other.replies("a")] == ["arm-1"]
    other.record(["a"], "arm-2", BARE, 2)
    journal.record(["b", "a"], "arm-3", BARE, 3)
    for each in (journal, other):
        assert [(entry.arm, entry.position) for entry in each.replies("a")] == [("arm-1", 0), ("arm-2", 0), ("arm-3", 1)]
    other.close()


def test_a_process_that_goes_on_after_another_finished_the_run_keeps_what_it_records(journal):
    journal.record(["a"], "arm", FULL, 1)
    other = Journal(journal.folder, "run-1")
    other.clear()
    journal.record(["a"], "arm", FULL, 2)
    assert [entry.cost_micros for entry in Journal(journal.folder, "run-1").replies("a")] == [2]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"keys": 1, "at": 0.0},
        {"keys": ["a"], "at": "x"},
        {"keys": ["a"], "at": 0.0},
        {"keys": ["a"], "at": 0.0, "arm": "x", "cost_micros": 1, "reply": 1},
        {"keys": ["a"], "at": 0.0, "arm": "x", "cost_micros": 1, "reply": {"usage": None, "cost_usd": "much"}},
        {"keys": ["a"], "at": 0.0, "arm": "x", "cost_micros": 1, "reply": {"usage": None, "cost_usd": None, "odd": 1}},
    ],
    ids=str,
)
def test_whole_lines_of_another_shape_are_left_out(journal, told):
    journal.record(["b"], "arm", FULL, 1)
    with logs(journal)[0].open("ab") as log:
        log.write(seal("run-1", told) + b"\n")
    fresh = Journal(journal.folder, "run-1")
    assert fresh.replies("a") == []
    assert len(fresh.replies("b")) == 1


@pytest.mark.parametrize("damage", ["cut", "flipped", "of another run"])
def test_a_damaged_line_is_left_out_and_costs_no_other(journal, damage):
    journal.record(["a"], "arm-1", FULL, 1)
    (log,) = logs(journal)
    line = log.read_bytes()
    log.write_bytes(
        {
            "cut": line[:-9] + b"\n",
            "flipped": line.replace(b"arm-1", b"arm-7"),
            "of another run": seal("run-2", {"keys": ["a"], "at": 0.0}) + b"\n",
        }[damage]
    )
    fresh = Journal(journal.folder, "run-1")
    fresh.record(["a"], "arm-2", FULL, 2)
    assert [entry.arm for entry in fresh.replies("a")] == ["arm-2"]
    fresh.close()


def test_a_line_that_a_crash_cut_off_is_left_out(journal):
    journal.record(["a"], "arm", FULL, 1)
    journal.record(["b"], "arm", FULL, 1)
    (log,) = logs(journal)
    log.write_bytes(log.read_bytes()[:-20])
    fresh = Journal(journal.folder, "run-1")
    assert len(fresh.replies("a")) == 1
    assert fresh.replies("b") == []


def test_old_logs_of_runs_that_nobody_finished_are_dropped_when_opened(journal):
    journal.record(["a"], "arm", FULL, 1)
    journal.close()
    young = Journal(journal.folder, "run-2")
    young.record(["b"], "arm", FULL, 1)
    for log in logs(journal):
        age = 31 if log.parent == journal._place else 29
        os.utime(log, (0, time.time() - age * 86_400))
    late = Journal(journal.folder, "run-3")
    assert late.replies("b") == []
    assert [log.parent for log in logs(journal)] == [young._place]
    assert len(young.replies("b")) == 1
    young.close()


def test_a_folder_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        Journal(tmp_path / "file", "run-1").replies("a")

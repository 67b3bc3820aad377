"""The journal: what a run paid for, until the run is finished."""

import time
from decimal import Decimal

import pytest

from synth_sdk.cache import Journal
from synth_sdk.cache.seal import seal
from synth_sdk.core.errors import WriteError
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
    real, left = journal._rows.set, [2]

    def fail_in_the_middle(*given, **options):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        return real(*given, **options)

    monkeypatch.setattr(journal._rows, "set", fail_in_the_middle)
    with pytest.raises(WriteError, match="No space left"):
        journal.record(["a", "b", "c"], "arm", BARE, 2)
    monkeypatch.undo()
    assert [entry.cost_micros for entry in journal.replies("a")] == [1]
    assert journal.replies("b") == []


def test_a_large_reply_is_stored_once(journal):
    reply = Reply(text="x" * 1_000_000, finish="stop")
    journal.record([f"k{number}" for number in range(20)], "arm", reply, 20)
    assert {entry.reply for number in range(20) for entry in journal.replies(f"k{number}")} == {reply}
    size = sum(path.stat().st_size for path in journal.folder.iterdir() if path.name == "cache.db-wal" or path.suffix == ".db")
    assert size < 4_000_000


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("record", {"replies": 1}),
        ("record", {"replies": [1]}),
        ("record", {"replies": [["x", "y"]]}),
        ("record", {}),
        ("reply", {}),
        ("reply", {"reply": 1}),
        ("reply", {"reply": {"usage": None, "cost_usd": "much"}}),
        ("reply", {"reply": {"usage": None, "cost_usd": None, "text": None, "finish": "stop"}}),
    ],
    ids=str,
)
def test_whole_rows_of_another_shape_are_left_out(journal, kind, told):
    journal.record(["a"], "arm", FULL, 1)
    (place,) = (place for place in journal._rows.iterkeys() if f" {kind} " in place)
    journal._rows.set(place, seal(place, told))
    assert journal.replies("a") == []


def test_a_reply_whose_row_is_damaged_is_left_out(journal):
    journal.record(["a"], "arm-1", FULL, 1)
    (place,) = (place for place in journal._rows.iterkeys() if " reply " in place)
    journal._rows.set(place, b"damaged")
    journal.record(["a"], "arm-2", FULL, 2)
    assert [entry.arm for entry in journal.replies("a")] == ["arm-2"]


def test_old_rows_of_runs_that_nobody_finished_are_dropped_when_opened(journal, monkeypatch):
    import diskcache.core

    journal.record(["a"], "arm", FULL, 1)
    journal.close()
    now = time.time()
    monkeypatch.setattr(diskcache.core.time, "time", lambda: now + 29 * 86_400)
    fresh = Journal(journal.folder, "run-2")
    fresh.record(["b"], "arm", FULL, 1)
    assert len(fresh._rows) == 4
    fresh.close()
    monkeypatch.setattr(diskcache.core.time, "time", lambda: now + 31 * 86_400)
    late = Journal(journal.folder, "run-2")
    assert late.replies("b") != []
    assert len(late._rows) == 2
    late.close()

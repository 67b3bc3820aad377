"""The store: what comes back is what was put, or nothing."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from synth_sdk.cache import Store
from synth_sdk.cache.memory import Memory
from synth_sdk.cache.seal import seal
from synth_sdk.core.clock import Clock

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@pytest.fixture
def wall():
    """A settable wall clock."""
    return [1_800_000_000.0]


def put(store, key, value="v", cost=5):
    return store.put(key, value, model="m", cost_micros=cost)


def rows(folder, sql, *values):
    with closing(sqlite3.connect(folder / "cache.db")) as db, db:
        return db.execute(sql, values).fetchall()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(JSON_VALUES)
@example({"b": "cut \ud800 é", "a": "\ud83d\ude00", "c": float("inf"), "d": [1, 1.0, True]})
def test_what_was_put_comes_back_from_memory_and_from_disk(store, value):
    assert put(store, "k", value)
    for _ in range(2):
        found = store.get("k")
        assert json.dumps(found.value) == json.dumps(value)  # the same types, and members in the same order
        assert (found.model, found.cost_micros) == ("m", 5)
        store._memory.clear()


def test_another_process_sees_it(tmp_path):
    with Store(tmp_path / "c") as one, Store(tmp_path / "c") as other:
        put(one, "k", [1])
        assert other.get("k").value == [1]
        other.delete("k")
        assert other.get("k") is None


def test_what_is_returned_is_the_callers_own(store):
    value = {"a": [1]}
    put(store, "k", value)
    value["a"].append(2)
    store.get("k").value["a"].append(3)
    assert store.get("k").value == {"a": [1]}


@pytest.mark.parametrize("value", [{1, 2}, object(), {"a": b"x"}], ids=["set", "object", "bytes"])
def test_what_is_not_json_is_not_kept(store, value):
    assert put(store, "k", value) is False
    assert store.get("k") is None


def test_null_is_a_value(store):
    put(store, "k", None)
    assert store.get("k") is not None
    assert store.get("k").value is None


@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "empty", "moved", "version"])
def test_a_damaged_row_is_a_miss_and_can_be_written_again(tmp_path, damage):
    folder = tmp_path / "c"
    with Store(folder) as store:
        put(store, "k", "value")
        put(store, "other", "another")
        ((row,),) = rows(folder, "SELECT value FROM Cache WHERE key = 'k'")
        damaged = {
            "cut": row[:-1],
            "flipped": row.replace(b"value", b"valve"),
            "text": "just text",
            "empty": b"",
            "moved": rows(folder, "SELECT value FROM Cache WHERE key = 'other'")[0][0],
            "version": b"2" + row[1:],
        }[damage]
        rows(folder, "UPDATE Cache SET value = ? WHERE key = 'k'", damaged)
        store._memory.clear()
        assert store.get("k") is None
        put(store, "k", "again")
        store._memory.clear()
        assert store.get("k").value == "again"


@pytest.mark.parametrize(
    "told", [{}, {"value": 1}, {"value": 1, "model": 2, "cost_micros": 3, "stored_at": 4e9}, {"replies": 5}], ids=str
)
def test_a_whole_row_of_another_shape_is_a_miss(tmp_path, told):
    with Store(tmp_path / "c") as store:
        put(store, "k")
        rows(tmp_path / "c", "UPDATE Cache SET value = ?", seal("k", told))
        store._memory.clear()
        assert store.get("k") is None


def test_values_expire(tmp_path, wall):
    with Store(tmp_path / "c", ttl=60, clock=Clock(wall=lambda: wall[0])) as store:
        put(store, "k")
        wall[0] += 59
        assert store.get("k") is not None
        wall[0] += 2
        assert store.get("k") is None
    with Store(tmp_path / "c", ttl=None, clock=Clock(wall=lambda: wall[0])) as patient:
        assert patient.get("k") is not None  # it is the reader's patience that counts


def test_values_before_a_moment_can_be_left_out(tmp_path, wall):
    with Store(tmp_path / "c", clock=Clock(wall=lambda: wall[0])) as store:
        put(store, "k", "old")
        wall[0] += 1
        assert store.get("k", since=wall[0]) is None
        with Store(tmp_path / "c", clock=Clock(wall=lambda: wall[0])) as other:
            put(other, "k", "new")
        assert store.get("k", since=wall[0]).value == "new"  # though memory still holds the old one


def test_the_oldest_leave_when_the_disk_is_full(tmp_path):
    with Store(tmp_path / "c", size_limit=400_000, memory=Memory(most_entries=1)) as store:
        for number in range(400):
            put(store, f"k{number}", "x" * 3000)
        assert store.stats()["bytes"] < 400_000
        assert store.get("k0") is None
        assert store.get("k399") is not None


def test_memory_is_bounded_and_drops_the_least_recently_used():
    memory = Memory(most_entries=3, most_bytes=100)
    for key in "abc":
        memory.put(key, b"1")
    memory.get("a")
    memory.put("d", b"1")
    assert [memory.get(key) for key in "abcd"] == [b"1", None, b"1", b"1"]
    memory.put("e", b"x" * 99)
    assert memory.get("e") == b"x" * 99
    assert sum(memory.get(key) is not None for key in "acd") == 1
    memory.put("f", b"x" * 101)  # larger than all of it
    assert memory.get("f") is None
    memory.delete("e")
    assert memory.get("e") is None


def test_stats_and_clear(tmp_path):
    folder = tmp_path / "c"
    with Store(folder) as store:
        assert store.stats() | {"size_limit": 0} == {
            "entries": 0, "bytes": 0, "folder": str(folder), "size_limit": 0, "ttl": 180 * 86400.0, "oldest": None,
            "hits": 0, "misses": 0, "shared": 0, "hit_rate": None, "saved_usd": "0",
            "memory": {"entries": 0, "bytes": 0, "most_entries": 10_000, "most_bytes": 64 * 2**20},
        }  # fmt: skip
        store.get("k")
        put(store, "k")
        put(store, "l")
        store.get("k")
        store.get("k")
        store.claim("m")
    with Store(folder) as later:
        later.get("none")
        told = later.stats()
        assert (told["entries"], told["hits"], told["misses"]) == (2, 2, 2)  # claims and counts are no entries
        assert (told["hit_rate"], told["saved_usd"]) == (0.5, "0.00001")
        assert told["bytes"] > 0
        assert abs((datetime.fromisoformat(told["oldest"]) - datetime.now().astimezone()).total_seconds()) < 60
        assert later.clear() == 2
        assert later.get("k") is None
        assert later.stats()["entries"] == later.stats()["bytes"] == later.stats()["hits"] == 0
        assert later.clear() == 0


def test_a_disk_that_fails_is_a_miss_and_no_error(tmp_path):
    folder = tmp_path / "c"
    with Store(folder) as store:
        put(store, "k")
        store._memory.clear()
        rows(folder, "DROP TABLE Cache")
        assert store.get("k") is None
        assert put(store, "k") is False
        assert store.get("k") is not None  # from memory
        assert store.claim("k")
        store.release("k")


def test_a_claim_excludes_others_until_it_is_released(tmp_path):
    with Store(tmp_path / "c") as one, Store(tmp_path / "c") as other:
        assert one.claim("k")
        assert not one.claim("k")
        assert not other.claim("k")
        assert other.claim("l")
        other.release("k")  # not theirs: nothing happens
        assert not other.claim("k")
        one.release("k")
        assert other.claim("k")
        one.release("k")
        assert not one.claim("k")
        other.close()  # gives up all of its claims, and those of nobody else
        assert one.claim("k")
        assert one.claim("l")
        assert not other.claim("k")  # it opened again


CLAIMANT = """
import sys, time
from synth_sdk.cache import Store
with Store(sys.argv[1]) as store:
    print(store.claim("k"), store.claim("l"), flush=True)
    time.sleep(60)
"""


def test_a_claim_excludes_other_processes_and_goes_with_its_process(tmp_path):
    with Store(tmp_path / "c") as store:
        assert store.claim("l")
        with Store(tmp_path / "c") as passing:
            assert passing.claim("m")  # that it closes must not give up what others of this process hold
        with subprocess.Popen([sys.executable, "-c", CLAIMANT, tmp_path / "c"], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "True False\n"
            assert not store.claim("k")
            process.kill()
            process.wait()
            assert store.claim("k")


def test_a_folder_that_cannot_lock_grants_every_claim(tmp_path, monkeypatch):
    import synth_sdk.cache.lease as lease

    def refuse(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(lease.fcntl, "lockf", refuse)
    with Store(tmp_path / "c") as store:
        assert store.claim("k")
        store.release("k")


def test_rows_that_wait_to_be_written_can_be_read_and_are_written_when_it_closes(tmp_path):
    with Store(tmp_path / "c", memory=Memory(most_entries=1)) as store:
        for key in "abc":
            assert store.put(key, key, model="m", cost_micros=1, at_once=False)
        assert [store.get(key).value for key in "abc"] == ["a", "b", "c"]
        assert store.get("d") is None
        assert rows(tmp_path / "c", "SELECT count(*) FROM Cache WHERE tag = 'value'") == [(0,)]
        store.delete("b")
    assert rows(tmp_path / "c", "SELECT key FROM Cache WHERE tag = 'value' ORDER BY key") == [("a",), ("c",)]


def test_a_memory_that_outlives_its_store_forgets_with_the_disk(tmp_path):
    memory = Memory()
    with Store(tmp_path / "c", memory=memory) as store:
        put(store, "k")
    with Store(tmp_path / "c", memory=memory) as store:
        rows(tmp_path / "c", "DELETE FROM Cache WHERE key = 'k'")
        assert store.get("k") is not None  # from memory
        assert store.stats()["memory"]["entries"] == 1
    with Store(tmp_path / "c") as elsewhere:
        put(elsewhere, "l")
        elsewhere.clear()
    with Store(tmp_path / "c", memory=memory) as store:
        assert store.get("k") is None
    with Store(tmp_path / "other", memory=memory) as store:
        assert store.stats()["memory"]["entries"] == 0

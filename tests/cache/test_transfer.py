"""Persist and restore: the cache as one file."""

import json
import os
import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synth_sdk.cache import Cached, Memory, Store
from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import OutputError, WriteError
from tests.cache.test_near import Writer, record


def key(number):
    return f"{number:064x}"


def put(store, number, value="v"):
    return store.put(key(number), value, model="m", cost_micros=number)


@pytest.fixture
def filled(tmp_path):
    """A file with three values."""
    with Store(tmp_path / "one") as store:
        for number in range(3):
            put(store, number, {"n": number, "text": "line\nbreak \u2028 é"})
        assert store.persist(tmp_path / "kept") == 3
    return tmp_path / "kept"


def test_what_was_persisted_is_restored_elsewhere(tmp_path, filled):
    with Store(tmp_path / "two") as store:
        assert store.restore(filled) == 3
        found = store.get(key(1))
        assert (found.value, found.model, found.cost_micros) == ({"n": 1, "text": "line\nbreak \u2028 é"}, "m", 1)
        assert store.restore(filled) == 0
    with Store(tmp_path / "two") as later:
        assert later.get(key(2)).value["n"] == 2
        assert later.stats()["entries"] == 3


def test_the_file_is_whole_private_plain_and_replaced_at_once(tmp_path, filled):
    assert stat.S_IMODE(filled.stat().st_mode) == 0o600
    assert json.loads(filled.read_bytes().split(b"\n")[0]) == {"format": "synth-cache", "version": 1, "values": 3, "rows": 3}
    with Store(tmp_path / "one") as store:
        put(store, 7)
        assert store.persist(filled) == 4
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["kept"]


def test_the_newest_are_kept_as_many_as_memory_may_hold(tmp_path):
    with Store(tmp_path / "one", memory=Memory(most_entries=5)) as store:
        for number in range(20):
            put(store, number)
        assert store.persist(tmp_path / "new" / "folder" / "kept") == 5
    with Store(tmp_path / "two") as other:
        assert other.restore(tmp_path / "new" / "folder" / "kept") == 5
        assert [number for number in range(20) if other.peek(key(number))] == [15, 16, 17, 18, 19]
        other.persist(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "new" / "folder" / "kept").read_bytes()


def test_what_is_there_already_and_what_has_expired_stays_as_it_is(tmp_path, filled):
    with Store(tmp_path / "two") as store:
        put(store, 1, "mine")
        assert store.restore(filled) == 2
        assert store.get(key(1)).value == "mine"
    now = [4e9]
    with Store(tmp_path / "three", ttl=60, clock=Clock(wall=lambda: now[0])) as later:
        assert later.restore(filled) == 0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2000), st.integers(1, 255))
def test_a_damaged_row_is_left_out_and_the_others_are_taken(tmp_path, filled, place, flip):
    whole = filled.read_bytes()
    head = whole.index(b"\n") + 1
    at = head + place % (len(whole) - head)
    damaged = tmp_path / "damaged"
    damaged.write_bytes(whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :])
    with Store(tmp_path / "two", memory=Memory()) as store:
        store.clear()
        assert store.restore(damaged) in (1, 2, 3)  # a line break turned into something else costs two
        values = [store.peek(key(number)) for number in range(3)]
        assert all(entry is None or entry.value["n"] == number for number, entry in enumerate(values))


def test_a_file_that_was_cut_off_gives_what_is_whole_in_it(tmp_path, filled):
    filled.write_bytes(filled.read_bytes()[:-10])
    with Store(tmp_path / "two") as store:
        assert store.restore(filled) == 2


@pytest.mark.parametrize(
    "content", [b"", b"hello\n", b"[1]\n", b"\x80\x04pickle", b'{"format": "synth-cache", "version": 2}\n', b"x" * 5000]
)
def test_a_foreign_file_is_one_clear_error_and_is_never_overwritten(tmp_path, content):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with Store(tmp_path / "c") as store:
        put(store, 1)
        for work in (store.persist, store.restore):
            with pytest.raises(OutputError, match="isn't one that 'synth cache persist' wrote"):
                work(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(("path", "says"), [("missing", "does not exist"), (".", "is a directory"), ("nul\0", "null")])
def test_what_is_no_file_is_one_clear_error(tmp_path, monkeypatch, path, says):
    monkeypatch.chdir(tmp_path)
    with Store(tmp_path / "c") as store, pytest.raises(OutputError, match=f"(?i){says}"):
        store.restore(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    with Store(tmp_path / "c") as store, pytest.raises(WriteError, match="can't be written"):
        store.persist(tmp_path / "locked" / "kept")


def test_a_parent_that_is_a_file_is_one_clear_error(tmp_path):
    (tmp_path / "file").touch()
    with Store(tmp_path / "c") as store, pytest.raises((OutputError, WriteError), match="can't be"):
        store.persist(tmp_path / "file" / "kept")


async def test_what_was_restored_may_be_lent(tmp_path):
    with Store(tmp_path / "one") as store:
        for n in range(4):
            await Cached(Writer(), store).complete(record(n, 1))
        store.persist(tmp_path / "kept")
    with Store(tmp_path / "two") as other:
        assert other.restore(tmp_path / "kept") == 4
        asked = Writer()
        assert (await Cached(asked, other, "aggressive").complete(record(0, 2))).origin == "cache"
        assert asked.asked == []


def test_a_read_only_store_takes_them_into_memory_alone(tmp_path, filled):
    with Store(tmp_path / "nothing", read_only=True) as store:
        assert store.restore(filled) == 3
        assert store.get(key(0)).value["n"] == 0
    assert not (tmp_path / "nothing").exists()

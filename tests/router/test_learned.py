"""The store of what was learned: merging, resetting, a broken file."""

import logging
import sqlite3
import threading
from pathlib import Path

import pytest

from synth_sdk.router import Beliefs, LearnedStore
from synth_sdk.router.beliefs import Seen
from tests.router.fakes import card

CARDS = (card("a"), card("b"))
DAY = 86_400.0


def feed(beliefs: Beliefs, arm: str, records: int, accepted: int) -> None:
    for number in range(records):
        beliefs.observe(
            Seen(
                arm=arm,
                task="t",
                size=1,
                tried=1,
                accepted=int(number < accepted),
                seconds=2.0,
                bound_output=100,
                output_tokens=40,
                paid_usd=0.02,
                listed_usd=0.01,
            ),
            float(number),
        )


def test_what_one_run_learned_the_next_one_knows(tmp_path: Path) -> None:
    store = LearnedStore(tmp_path / "home" / "router.sqlite3")
    first = store.load(CARDS)
    assert store.rows() == []
    feed(first, "a", 50, 10)
    store.save(first)
    second = store.load(CARDS)
    assert second.view("a", "t", 0).validity() == pytest.approx(first.view("a", "t", 50).validity(), abs=0.03)
    (row,) = store.rows()
    assert (row.arm, row.task, row.records) == ("a", "t", 50)
    assert (row.validity, row.cost_factor, row.seconds, row.tokens) == (  # type: ignore[comparison-overlap]
        pytest.approx(0.2),
        pytest.approx(2.0),
        pytest.approx(2.0),
        pytest.approx(0.4),
    )


def test_processes_add_what_they_saw_and_do_not_overwrite_one_another(tmp_path: Path) -> None:
    path = tmp_path / "router.sqlite3"

    def process(arm: str) -> None:
        store = LearnedStore(path)
        beliefs = store.load(CARDS)
        for _ in range(5):
            feed(beliefs, arm, 10, 5)
            store.save(beliefs)

    threads = [threading.Thread(target=process, args=(arm,)) for arm in "aabb"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records = {row.arm: row.records for row in LearnedStore(path).rows()}
    assert records.keys() == {"a", "b"}
    assert all(95 <= count <= 100 for count in records.values())  # a little fades with each record


def test_reset_forgets_one_arm_or_all(tmp_path: Path) -> None:
    store = LearnedStore(tmp_path / "router.sqlite3")
    assert store.reset() == 0
    beliefs = store.load(CARDS)
    feed(beliefs, "a", 5, 5)
    feed(beliefs, "b", 5, 5)
    store.save(beliefs)
    assert store.reset("a") > 0
    assert [row.arm for row in store.rows()] == ["b"]
    store.reset()
    assert store.rows() == []


def test_old_evidence_counts_less(tmp_path: Path) -> None:
    store = LearnedStore(tmp_path / "router.sqlite3", wall=lambda: 0.0)
    beliefs = store.load(CARDS)
    feed(beliefs, "a", 100, 10)
    store.save(beliefs)
    soon, late = store.load(CARDS, now=DAY), store.load(CARDS, now=200 * DAY)
    assert soon.view("a", "t", 0).validity() < 0.2
    assert late.view("a", "t", 0).validity() > 0.6


def test_a_broken_file_is_set_aside_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "router.sqlite3"
    path.write_bytes(b"no database at all" * 100)
    store = LearnedStore(path)
    with caplog.at_level(logging.WARNING):
        beliefs = store.load(CARDS)
    assert "set aside" in caplog.text
    feed(beliefs, "a", 5, 5)
    store.save(beliefs)
    assert [row.records for row in LearnedStore(path).rows()] == [5]
    assert len(list(tmp_path.glob("*.broken-*"))) == 1


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"version": 99}', '{"version": 1, "records": "x"}'])
def test_a_row_of_another_version_counts_as_not_there(tmp_path: Path, text: str) -> None:
    store = LearnedStore(tmp_path / "router.sqlite3")
    beliefs = store.load(CARDS)
    feed(beliefs, "a", 5, 5)
    store.save(beliefs)
    with sqlite3.connect(store.path) as db:
        db.execute("UPDATE learned SET evidence = ?", (text,))
    db.close()
    assert store.rows() == []
    again = store.load(CARDS)
    feed(again, "a", 3, 3)
    store.save(again)
    assert [row.records for row in store.rows()] == [3]


def test_a_file_that_cannot_be_written_only_warns(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    store = LearnedStore(tmp_path / "file" / "router.sqlite3")
    beliefs = store.load(CARDS)
    feed(beliefs, "a", 5, 5)
    with caplog.at_level(logging.WARNING):
        store.save(beliefs)
    assert "can't be kept" in caplog.text

"""What every store promises, on the real libraries: whole or not at all, replaced by id, found by nearness, refused in one line."""

import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from synth_sdk.core import plugins
from synth_sdk.core.errors import OutputError, RequestError
from synth_sdk.core.vectors import NotInstalled, Space

SPACE = Space("hashing", 8)
NAMES = [
    pytest.param(name, marks=pytest.mark.skipif(find_spec(name) is None, reason=f"{name} is not installed"))
    for name in ("lancedb", "ruvector")
]
pytestmark = pytest.mark.parametrize("name", NAMES)


def vectors(count, seed=0):
    rows = np.random.default_rng(seed).standard_normal((count, SPACE.dimensions)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def opened(name, path, space=SPACE):
    return plugins.load("vectors", name)(str(path), space)


def fill(name, path, count=20, *, seed=0, word="new"):
    store = opened(name, path)
    rows = vectors(count, seed)
    for start in range(0, count, 7):
        part = range(start, min(start + 7, count))
        store.add([f"wish-{at}" for at in part], rows[part.start : part.stop], [{"n": at, "word": word} for at in part])
    store.commit()
    store.close()
    return rows


def find(name, path, vector, limit):
    store = opened(name, path, None)
    try:
        return store.search(vector, limit)
    finally:
        store.close()


def test_the_nearest_come_first_with_their_records_and_cosines(name, tmp_path):
    rows = fill(name, tmp_path / "store")
    query = vectors(1, seed=5)[0]
    cosines = rows @ query
    found = find(name, tmp_path / "store", query, 6)
    assert [neighbour.record["n"] for neighbour in found] == np.argsort(-cosines)[:6].tolist()
    assert [neighbour.id for neighbour in found] == [f"wish-{neighbour.record['n']}" for neighbour in found]
    assert [neighbour.similarity for neighbour in found] == pytest.approx(np.sort(cosines)[::-1][:6].tolist(), abs=1e-5)


def test_asking_for_more_than_there_are_gives_them_all(name, tmp_path):
    fill(name, tmp_path / "store")
    assert len(find(name, tmp_path / "store", vectors(1)[0], 500)) == 20


def test_repeating_replaces_instead_of_doubling(name, tmp_path):
    fill(name, tmp_path / "store", word="old")
    rows = fill(name, tmp_path / "store", count=12, seed=9)
    found = find(name, tmp_path / "store", rows[3], 30)
    assert len(found) == 20
    assert (found[0].id, found[0].record) == ("wish-3", {"n": 3, "word": "new"})
    assert found[0].similarity == pytest.approx(1, abs=1e-5)
    assert sorted(neighbour.record["word"] for neighbour in found) == ["new"] * 12 + ["old"] * 8


def test_repeating_what_is_there_grows_nothing(name, tmp_path):
    fill(name, tmp_path / "store", count=700)
    first = size(tmp_path / "store")
    for _ in range(3):
        fill(name, tmp_path / "store", count=700)
    assert size(tmp_path / "store") < 1.5 * first
    assert len(opened(name, tmp_path / "store", None)) == 700


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_nothing_is_found_before_the_commit_and_nothing_left_without_it(name, tmp_path):
    store = opened(name, tmp_path / "made" / "store")
    store.add(["a"], vectors(1), [{"v": 1}])
    assert (len(store), store.search(vectors(1)[0], 5)) == (0, [])
    store.close()
    assert not (tmp_path / "made").exists()


def test_an_abandoned_run_leaves_the_store_as_it_was(name, tmp_path):
    rows = fill(name, tmp_path / "store", word="old")
    store = opened(name, tmp_path / "store")
    store.add(["wish-0", "other"], vectors(2, seed=3), [{"word": "new"}, {"word": "new"}])
    store.close()
    assert {neighbour.record["word"] for neighbour in find(name, tmp_path / "store", rows[0], 50)} == {"old"}
    assert fill(name, tmp_path / "store", word="newer") is not None
    assert {neighbour.record["word"] for neighbour in find(name, tmp_path / "store", rows[0], 50)} == {"newer"}


KILLED = """
import os, signal, sys
import numpy as np
from synth_sdk.core import plugins
from synth_sdk.core.vectors import Space
store = plugins.load("vectors", sys.argv[1])(sys.argv[2], Space("hashing", 8))
store.add(["wish-0", "lost"], np.eye(8, dtype=np.float32)[:2], [{"word": "killed"}, {"word": "killed"}])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_run_leaves_the_store_as_it_was_and_open_to_the_next(name, tmp_path):
    rows = fill(name, tmp_path / "store", word="old")
    ended = subprocess.run([sys.executable, "-c", KILLED, name, str(tmp_path / "store")], check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert {neighbour.record["word"] for neighbour in find(name, tmp_path / "store", rows[0], 50)} == {"old"}
    fill(name, tmp_path / "store", count=3, seed=4)
    found = find(name, tmp_path / "store", np.eye(8, dtype=np.float32)[1], 50)
    assert len(found) == 20
    assert "lost" not in {neighbour.id for neighbour in found}


def test_strange_text_comes_back_as_it_was(name, tmp_path):
    record = {"text": "ž 漢字 \U0001f600 \ud800 \x00 'quoted'", "n": 1.5, "none": None, "list": [True, {"a": []}]}
    store = opened(name, tmp_path / "store")
    store.add(["a"], vectors(1), [record])
    store.commit()
    assert store.search(vectors(1)[0], 1)[0].record == record
    store.close()


def test_another_space_is_refused_by_name(name, tmp_path):
    fill(name, tmp_path / "store")
    with pytest.raises(RequestError, match=r"holds vectors of hashing \(8 dimensions\), not of minilm \(384 dimensions\)"):
        opened(name, tmp_path / "store", Space("minilm", 384))
    assert opened(name, tmp_path / "store", None).space == SPACE


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_made(name, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="Not a directory"):
        opened(name, tmp_path / "file" / "store")
    with pytest.raises(OutputError, match="name a folder that can be written"):
        opened(name, tmp_path / "file")


@pytest.mark.parametrize("made", [False, True], ids=["absent", "empty folder"])
def test_searching_where_there_is_no_store(name, made, tmp_path):
    if made:
        (tmp_path / "store").mkdir()
    with pytest.raises(RequestError, match="there is none"):
        opened(name, tmp_path / "store", None)
    assert list(tmp_path.rglob("*")) == ([tmp_path / "store"] if made else [])


def test_a_broken_store_is_one_clear_line(name, tmp_path):
    fill(name, tmp_path / "store")
    for path in (tmp_path / "store").rglob("*"):
        if path.is_file():
            path.write_bytes(b"not a store")
    for space in (SPACE, None):
        with pytest.raises(OutputError, match="can't be opened"):
            opened(name, tmp_path / "store", space)


def test_without_its_library(name, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(NotInstalled, match=rf"pip install 'synth-data-sdk\[{name}\]'"):
        opened(name, tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_being_searched_while_another_writes(name, tmp_path):
    rows = fill(name, tmp_path / "store", word="old")
    writer = opened(name, tmp_path / "store")
    writer.add(["wish-0"], rows[:1], [{"word": "new"}])
    assert find(name, tmp_path / "store", rows[0], 1)[0].record["word"] == "old"
    writer.commit()
    writer.close()
    assert find(name, tmp_path / "store", rows[0], 1)[0].record["word"] == "new"


def test_a_second_writer_is_refused_or_waits_its_turn(name, tmp_path):
    """ruvector's file has one writer at a time; LanceDB merges what both bring."""
    fill(name, tmp_path / "store")
    first = opened(name, tmp_path / "store")
    first.add(["first"], vectors(1, seed=1), [{"by": "first"}])
    if name == "ruvector":
        with pytest.raises(OutputError, match=f"being written to by process {os.getpid()}"):
            opened(name, tmp_path / "store")
    else:
        second = opened(name, tmp_path / "store")
        second.add(["second"], vectors(1, seed=2), [{"by": "second"}])
        second.commit()
        second.close()
    first.commit()
    first.close()
    assert {"first", *(["second"] if name == "lancedb" else [])} <= {
        neighbour.id for neighbour in find(name, tmp_path / "store", vectors(1)[0], 50)
    }

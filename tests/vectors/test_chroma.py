"""Chroma as a vector store: the promises that all stores keep (tests/vectors/test_stores.py), and what is its own."""

import json
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from synth_sdk import Synth
from synth_sdk.core.errors import OutputError, RequestError
from synth_sdk.core.vectors import NotInstalled, Space
from synth_sdk.testing import check_store
from synth_sdk.vectors.chroma import ChromaStore
from tests.vectors import test_stores as promises

needs_chroma = pytest.mark.skipif(find_spec("chromadb") is None, reason="chromadb is not installed")
SPACE = Space("hashing", 8)
KEPT = [
    name
    for name in vars(promises)
    if name.startswith("test_") and name not in ("test_without_its_library", "test_a_second_writer_is_refused_or_waits_its_turn")
]


@needs_chroma
def test_conforms():
    check_store(lambda path, space: ChromaStore(str(path), space))


@needs_chroma
@pytest.mark.parametrize("promise", [name for name in KEPT if not name.startswith("test_searching_where")])
def test_keeps_the_promises_of_all_stores(promise, tmp_path):
    getattr(promises, promise)("chroma", tmp_path)


@needs_chroma
@pytest.mark.parametrize("made", [False, True])
def test_searching_where_there_is_no_store(made, tmp_path):
    promises.test_searching_where_there_is_no_store("chroma", made, tmp_path)


@needs_chroma
def test_two_writers_wait_their_turn(tmp_path):
    promises.fill("chroma", tmp_path / "store")
    first, second = (ChromaStore(str(tmp_path / "store"), SPACE) for _ in range(2))
    first.add(["first"], promises.vectors(1, seed=1), [{"by": "first"}])
    second.add(["second"], promises.vectors(1, seed=2), [{"by": "second"}])
    for store in (second, first):
        store.commit()
        store.close()
    found = {one.id for one in promises.find("chroma", tmp_path / "store", promises.vectors(1)[0], 50)}
    assert {"first", "second"} <= found


CUT = """
import os, signal, sys
import numpy as np
from synth_sdk.core.vectors import Space
from synth_sdk.vectors import chroma
chroma._AT_ONCE = 10
store = chroma.ChromaStore(sys.argv[1], Space("hashing", 8))
put, calls = store._upsert, []
def upsert(rows):
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    calls.append(put(rows))
store._upsert = upsert
rows = np.random.default_rng(0).standard_normal((40, 8)).astype(np.float32)
store.add([f"r{at}" for at in range(40)], rows / np.linalg.norm(rows, axis=1, keepdims=True), [{"n": at} for at in range(40)])
store.commit()
"""


@needs_chroma
def test_what_a_killed_writer_had_begun_is_finished_by_whoever_comes_next(tmp_path):
    ended = subprocess.run([sys.executable, "-c", CUT, str(tmp_path / "store")], check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    found = promises.find("chroma", tmp_path / "store", np.eye(8, dtype=np.float32)[0], 100)
    assert sorted(one.record["n"] for one in found) == list(range(40))
    assert not list((tmp_path / "store").glob("journal*"))


@needs_chroma
def test_the_nearest_of_many_are_found(tmp_path):
    rows = promises.fill("chroma", tmp_path / "store", count=3000)
    queries = promises.vectors(20, seed=7)
    hits = 0
    store = ChromaStore(str(tmp_path / "store"), None)
    for query in queries:
        hits += len({f"wish-{at}" for at in np.argsort(-(rows @ query))[:10]} & {one.id for one in store.search(query, 10)})
    store.close()
    assert hits >= 198


@needs_chroma
def test_no_connection_is_opened(tmp_path):
    """Sockets are blocked in the tests; this one also looks for the settings that would open them."""
    store = ChromaStore(str(tmp_path / "store"), SPACE)
    store.add(["a"], promises.vectors(1), [{"v": 1}])
    store.commit()
    assert store._client.get_settings().anonymized_telemetry is False
    store.close()


@needs_chroma
def test_records_of_a_run_are_kept_and_searched(tmp_path):
    synth = Synth()
    synth.generate("json", schema="ecommerce.reviews", count=40, vectorize_with=f"chroma:{tmp_path / 'kept'}")
    assert synth.store_info("chroma", tmp_path / "kept")["records"] == 40
    found = synth.search("arrived damaged", "chroma", tmp_path / "kept", limit=3)
    assert len(found) == 3
    assert json.dumps(found[0].record)


def test_without_its_library(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "chromadb", None)
    with pytest.raises(NotInstalled, match=r"pip install 'synth-data-sdk\[chroma\]'"):
        ChromaStore(str(tmp_path / "store"), SPACE)
    assert not Path(tmp_path / "store").exists()


@needs_chroma
def test_another_space_and_a_place_that_is_a_file(tmp_path):
    promises.fill("chroma", tmp_path / "store")
    with pytest.raises(RequestError, match="holds vectors of hashing"):
        ChromaStore(str(tmp_path / "store"), Space("minilm", 384))
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="name a folder that can be written"):
        ChromaStore(str(tmp_path / "file"), SPACE)

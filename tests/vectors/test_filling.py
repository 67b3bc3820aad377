"""Stores filled while records are delivered, by every way of making records, and searched."""

import asyncio
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from synth_sdk import Synth
from synth_sdk.core.errors import RequestError, UnknownName, WriteError
from tests.client.test_tables import SHOP

STORES = [
    pytest.param(name, marks=pytest.mark.skipif(find_spec(name) is None, reason=f"{name} is not installed"))
    for name in ("lancedb", "ruvector")
]
every_store = pytest.mark.parametrize("store", STORES)
needs_ruvector = pytest.mark.skipif(find_spec("ruvector") is None, reason="ruvector is not installed")
WISH: dict[str, Any] = {"kind": "user_profile", "count": 700, "seed": 5}


@pytest.fixture
def synth(tmp_path, monkeypatch) -> Synth:
    monkeypatch.chdir(tmp_path)
    return Synth(env={"SYNTH_HOME": str(tmp_path / "home")})


def held(synth: Synth, store: str, path: Any = None) -> dict[str, Any]:
    """All records of a store by id."""
    found = synth.search("name", store, path, limit=10_000)
    assert len(found) == synth.store_info(store, path)["records"]
    return {neighbour.id: neighbour.record for neighbour in found}


def expected(synth: Synth) -> dict[str, Any]:
    result = synth.generate(**WISH)
    return {f"{result.report.fingerprint}-{index}": record for index, record in enumerate(result.records)}


@every_store
def test_every_way_of_making_records_fills_the_same(synth, store):
    wanted = expected(synth)
    made = synth.generate(**WISH, vectorize_with=store)
    assert list(wanted.values()) == made.records
    assert made.report.warnings == []
    assert held(synth, store) == wanted
    twin = asyncio.run(synth.agenerate(**WISH, vectorize_with=f"{store}:of_agenerate"))
    assert twin.records == made.records
    assert held(synth, store, "of_agenerate") == wanted
    synth.write("users.jsonl", **WISH, vectorize_with=f"{store}:of_write")
    assert held(synth, store, "of_write") == wanted
    assert [json.loads(line) for line in Path("users.jsonl").read_text().splitlines()] == made.records


@every_store
def test_repeating_replaces_and_another_wish_adds(synth, store):
    for _ in range(2):
        synth.generate(**WISH, vectorize_with=store)
    assert held(synth, store) == expected(synth)
    synth.generate(**{**WISH, "seed": 6, "count": 10}, vectorize_with=store)
    assert synth.store_info(store)["records"] == 710


@needs_ruvector
def test_a_longer_wish_is_another_wish(synth):
    """The count belongs to the fingerprint: what was kept of the shorter one stays."""
    synth.generate("user_profile", count=5, vectorize_with="ruvector")
    synth.generate("user_profile", count=8, vectorize_with="ruvector")
    assert synth.store_info("ruvector")["records"] == 13


@needs_ruvector
def test_in_processes_and_in_another_format(synth):
    synth.write("users.parquet", "text", count=6_000, workers=2, vectorize_with="ruvector")
    assert synth.store_info("ruvector")["records"] == 6_000


@every_store
def test_a_run_that_fails_leaves_the_store_as_it_was(synth, store):
    def broken(run: Any) -> None:
        if run.progress().arrived:
            raise WriteError("the disk is full")

    with pytest.raises(WriteError):
        synth.write("users.jsonl", **WISH, vectorize_with=store, watch=broken)
    assert sorted(path.name for path in Path().iterdir()) == ["home"]
    synth.generate("user_profile", count=3, vectorize_with=store)
    with pytest.raises(WriteError):
        synth.write("users.jsonl", **WISH, vectorize_with=store, watch=broken)
    assert synth.store_info(store)["records"] == 3


@needs_ruvector
def test_nothing_is_made_when_the_output_cannot_be(synth):
    Path("taken").write_text("a file")
    with pytest.raises(RequestError, match="taken"):
        synth.write("taken/users.jsonl", **WISH, vectorize_with="ruvector")
    with pytest.raises(RequestError, match="a folder of parts can't fill a vector store"):
        synth.write("parts/", **WISH, vectorize_with="ruvector")
    assert sorted(path.name for path in Path().iterdir()) == ["home", "taken"]


def test_wrong_wishes(synth):
    for told, error, message in (
        ("lance", UnknownName, "did you mean lancedb"),
        ("ruvector:", RequestError, "the path is empty; write NAME or NAME:PATH"),
    ):
        with pytest.raises(error, match=message):
            synth.generate(**WISH, vectorize_with=told)
    with pytest.raises(RequestError, match="the tables of a set can't be kept as vectors"):
        synth.generate("json", schema=SHOP, count=5, vectorize_with="ruvector")
    with pytest.raises(RequestError, match="the tables of a set can't be kept as vectors"):
        synth.write("out.jsonl", "json", schema=SHOP, count=5, vectorize_with="ruvector")
    for query, limit, message in ((" ", 5, "say what to look for"), ("x", 0, "limit 0: must be at least 1")):
        with pytest.raises(RequestError, match=message):
            synth.search(query, "ruvector", limit=limit)


@every_store
def test_an_absent_library_is_a_warning(synth, store, monkeypatch):
    monkeypatch.setitem(sys.modules, store, None)
    result = synth.generate(**WISH, vectorize_with=store)
    assert len(result.records) == WISH["count"]
    assert [warning.partition(":")[0] for warning in result.report.warnings] == [f"vector store '{store}' needs a library"]
    assert not Path("data").exists()
    with pytest.raises(RequestError, match="pip install"):
        synth.search("x", store)


@needs_ruvector
def test_vectorize_means_the_store_that_is_enabled(synth):
    absent = synth.generate(**WISH, vectorize=True)
    assert ["vectorize=True: no vector store is enabled" in warning for warning in absent.report.warnings] == [True]
    assert not Path("data").exists()
    synth.enable("ruvector", db_path="mine")
    assert synth.generate(**WISH, vectorize=True).report.warnings == []
    assert synth.write("users.jsonl", **WISH, vectorize=True).warnings == []
    assert held(synth, None, None) == expected(synth)
    assert Path("mine").is_dir()
    synth.enable("lancedb")
    with pytest.raises(RequestError, match="lancedb and ruvector are both enabled; say which"):
        synth.generate(**WISH, vectorize=True)


def test_integrations_have_known_options_only(synth):
    with pytest.raises(RequestError, match="db_path"):
        synth.enable("ruvector", db_pth="mine")
    with pytest.raises(RequestError, match="ruvector"):
        synth.enable("ruvectr")


@needs_ruvector
def test_a_store_remembers_its_embedding(synth):
    synth.generate("user_profile", count=3, vectorize_with="ruvector")
    synth.enable("ruvector", embedding="nonsense")
    with pytest.raises(UnknownName, match="unknown embedding 'nonsense'"):
        synth.generate("user_profile", count=3, vectorize_with="ruvector")
    synth.enable("ruvector", embedding="minilm")
    with pytest.raises(RequestError, match=r"holds vectors of hashing \(1024 dimensions\), not of minilm"):
        synth.search("x", "ruvector")


@needs_ruvector
def test_the_dialect_of_a_record_doesnt_change_what_it_says(synth):
    for dialect in (None, "openai", "sharegpt", "anthropic"):
        synth.generate("conversation", count=40, pack="customer_support", dialect=dialect, vectorize_with=f"ruvector:{dialect}")
    found = {dialect: synth.search("my parcel is late", "ruvector", str(dialect), limit=3) for dialect in (None, "openai", "sharegpt", "anthropic")}  # fmt: skip
    first = [(neighbour.id, round(neighbour.similarity, 4)) for neighbour in found[None]]
    for dialect in ("openai", "sharegpt", "anthropic"):
        assert [(neighbour.id, round(neighbour.similarity, 4)) for neighbour in found[dialect]] == first, dialect

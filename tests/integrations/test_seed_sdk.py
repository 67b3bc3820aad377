"""The SDK examples of seed 002 (agentic-synth's architecture, "SDK API"), as the Python interface has them."""

from importlib.util import find_spec
from typing import Any

import pytest

from synth_sdk import Synth
from synth_sdk.integrations import enable_lancedb, enable_midstreamer, enable_ruvector
from tests.support.servers import HttpServer, RedisServer

needs_ruvector = pytest.mark.skipif(find_spec("ruvector") is None, reason="ruvector is not installed")
USER: dict[str, Any] = {"id": "uuid", "name": "name", "email": "email", "age": {"type": "integer", "min": 18, "max": 90}}


@pytest.fixture
def synth(tmp_path, monkeypatch) -> Synth:
    """Basic usage, step one."""
    monkeypatch.chdir(tmp_path)
    return Synth(
        api_keys={"gemini": "a-key", "openrouter": "another-key"},
        cache={"enabled": True, "max_size": 1000, "ttl": 3600000},  # an hour
    )


def test_generate_time_series(synth):
    schema = {
        "timestamp": "datetime",
        "temperature": {"type": "number", "min": -20, "max": 40},
        "humidity": {"type": "number", "min": 0, "max": 100},
    }
    result = synth.generate("timeseries", count=1000, schema=schema, model="gemini-pro")
    assert len(result.records) == 1000
    times = [record["timestamp"] for record in result.records]
    assert times == sorted(times)
    assert all(-20 <= record["temperature"] <= 40 and 0 <= record["humidity"] <= 100 for record in result.records)
    assert result.report.to_dict()["cost"]["spent_usd"] == "0"  # keys alone spend nothing: there is no budget


async def test_stream_generation(synth):
    seen = 0
    async for record in synth.astream("events", count=500, rate="100/sec"):
        assert isinstance(record, dict)
        seen += 1
    assert seen == 500


@needs_ruvector
def test_generate_and_automatically_stream_and_store(synth, tmp_path):
    """Advanced usage: 10,000 records come back, are published to the pipeline, and are kept as vectors."""
    with RedisServer(tmp_path) as server:
        enable_midstreamer(synth, pipeline="synthetic-data-stream", url=f"redis://127.0.0.1:{server.port}")
        enable_ruvector(synth, db_path="./data/vectors.db")
        result = synth.generate("structured", schema=USER, count=10_000, stream=True, vectorize=True)
        with server.client() as client:
            published = [entry["id"] for _, entry in client.xrange("synthetic-data-stream")]
    assert len(result.records) == 10_000
    assert result.report.warnings == []
    assert published == [f"{result.report.fingerprint}-{index}" for index in range(10_000)]
    assert (tmp_path / "data" / "vectors.db").is_dir()
    assert synth.store_info("ruvector")["records"] == 10_000
    wanted = result.records[1234]
    found = synth.search(f"{wanted['name']} {wanted['email']}", "ruvector", limit=1)[0]
    assert (found.id, found.record) == (published[1234], wanted)


@needs_ruvector
async def test_the_async_twin_does_the_same(synth):
    with HttpServer() as server:
        enable_midstreamer(synth, url=server.url)
        enable_ruvector(synth)
        result = await synth.agenerate("structured", schema=USER, count=300, stream=True, vectorize=True)
    assert [record for _, record in server.received()] == result.records
    assert synth.store_info("ruvector")["records"] == 300


def test_what_is_absent_or_switched_off_does_nothing(synth, tmp_path):
    result = synth.generate("structured", schema=USER, count=20, stream=True, vectorize=True)
    assert len(result.records) == 20
    assert [warning.partition(":")[0] for warning in result.report.warnings] == ["stream=True", "vectorize=True"]
    off = Synth(integrations={"midstreamer": {"enabled": False, "url": "redis://nowhere"}, "ruvector": {"enabled": False}})
    assert len(off.generate("structured", schema=USER, count=20, stream=True, vectorize=True).report.warnings) == 2
    enable_midstreamer(synth, pipeline="synthetic-data-stream")  # it has no URL
    (warning,) = synth.generate("structured", schema=USER, count=20, stream=True).report.warnings
    assert "integrations.midstreamer.url" in warning
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(find_spec("lancedb") is None, reason="lancedb is not installed")
def test_another_store(synth):
    enable_lancedb(synth, db_path="mine", embedding="hashing")
    synth.generate("structured", schema=USER, count=50, vectorize=True)
    assert synth.store_info() == {"store": "lancedb", "path": "mine", "records": 50, "embedding": "hashing", "dimensions": 1024}

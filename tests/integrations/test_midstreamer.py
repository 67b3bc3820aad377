"""Pipelines: records through steps to a real server, at least once, from any iterator."""

import sys

import pytest

from synth_sdk import Synth
from synth_sdk.core.errors import OutputError, RequestError, WriteError
from synth_sdk.integrations import MidstreamerAdapter, PipelineConfig, keep_if
from tests.support.servers import HttpServer, RedisServer, free_port

RECORDS = [{"n": number, "even": number % 2 == 0} for number in range(1_200)]


@pytest.fixture
def server():
    with HttpServer() as running:
        yield running


async def later(records):
    for record in records:
        yield record


def test_steps_in_order_and_what_came_of_them(server):
    doubled = {"name": "evens", "url": server.url, "batch_size": 100}
    steps = [
        keep_if(lambda record: record["even"]),
        lambda record: {**record, "n": record["n"] * 2},
        keep_if(lambda record: record["n"] < 100),
    ]
    passed = MidstreamerAdapter().create_pipeline({**doubled, "transforms": steps}).run(RECORDS)
    received = server.received()
    assert [record["n"] for _, record in received] == list(range(0, 100, 4))
    assert (passed.taken, passed.dropped, passed.acknowledged) == (1_200, 1_175, 25)
    assert [name.rpartition("-")[2] for name, _ in received] == [str(number) for number in range(0, 50, 2)]
    assert {name.partition("-")[0] for name, _ in received} == {"evens"}


@pytest.mark.parametrize("source", [RECORDS, iter(RECORDS), later(RECORDS)], ids=["list", "iterator", "async iterator"])
def test_any_source(server, source):
    assert MidstreamerAdapter(url=server.url).stream(source).acknowledged == 1_200
    assert [record for _, record in server.received()] == RECORDS


async def test_the_async_twin(server):
    assert (await MidstreamerAdapter(url=server.url).astream(later(RECORDS))).acknowledged == 1_200
    assert [record for _, record in server.received()] == RECORDS


def test_records_that_are_made_meanwhile(server):
    """Their maker and the pipeline share a background loop: neither may wait for the other on it."""
    records = Synth().stream("user_profile", count=3_000)
    assert MidstreamerAdapter(url=server.url).stream(records).acknowledged == 3_000
    assert [record for _, record in server.received()] == Synth().generate("user_profile", count=3_000).records


async def test_async_records_that_are_made_meanwhile(server):
    assert (await MidstreamerAdapter(url=server.url).astream(Synth().astream("user_profile", count=500))).acknowledged == 500
    passed = MidstreamerAdapter(url=server.url).stream(Synth().astream("user_profile", count=500))
    assert passed.acknowledged == 500


def test_again_gives_the_same_ids_and_other_records_others(server):
    adapter = MidstreamerAdapter(url=server.url)
    for records in (RECORDS[:50], RECORDS[:50], RECORDS[50:100]):
        adapter.stream(records)
    ids = [name for name, _ in server.received()]
    assert ids[:50] == ids[50:100]
    assert len(set(ids)) == 100


def test_nothing_is_lost_while_the_target_is_down(tmp_path):
    with RedisServer(tmp_path) as server:
        url = f"redis://127.0.0.1:{server.port}/0?stream=events#patience=30s"

        def source():
            for record in RECORDS:
                if record["n"] == 600:
                    server.kill()
                    server.start()
                yield record

        passed = MidstreamerAdapter(url=url).create_pipeline({"batch_size": 50}).run(source())
        received = dict(server.received())
    assert passed.acknowledged == 1_200
    assert list(received.values()) == RECORDS


def test_the_configuration_names_target_and_pipeline(server):
    synth = Synth(integrations={"midstreamer": {"enabled": True, "default_pipeline": "mine", "url": server.url}})
    adapter = MidstreamerAdapter(synth)
    assert adapter.is_available()
    adapter.stream(RECORDS[:3])
    assert {name.partition("-")[0] for name, _ in server.received()} == {"mine"}


def test_is_available(monkeypatch):
    assert not MidstreamerAdapter().is_available()
    assert not MidstreamerAdapter(url="gopher://127.0.0.1").is_available()
    assert MidstreamerAdapter(url="http://127.0.0.1:1/x").is_available()
    off = Synth(integrations={"midstreamer": {"enabled": False, "url": "http://127.0.0.1:1"}})
    assert not MidstreamerAdapter(off).is_available()
    monkeypatch.setitem(sys.modules, "redis", None)
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    assert not MidstreamerAdapter(url="redis://127.0.0.1:1").is_available()


def test_what_is_wrong_is_said_before_anything_is_sent(server):
    adapter = MidstreamerAdapter(url=server.url)
    for config, message in (
        ({"batch_size": 0}, "batch size 0: must be at least 1"),
        ({"transfroms": []}, "did you mean transforms"),
        ({"url": "gopher://127.0.0.1"}, "scheme of a stream target .gopher."),
    ):
        with pytest.raises(RequestError, match=message):
            adapter.create_pipeline(config)
    with pytest.raises(RequestError, match="no target"):
        MidstreamerAdapter().stream(RECORDS)
    with pytest.raises(OutputError, match="nothing was sent"):
        MidstreamerAdapter(url=f"http://127.0.0.1:{free_port()}/x").stream(RECORDS)
    assert server.received() == []


def test_a_step_that_fails_ends_the_run_after_what_was_sent(server):
    def broken(record):
        return {"n": 1 / (700 - record["n"])}

    pipeline = MidstreamerAdapter().create_pipeline(PipelineConfig(url=server.url, transforms=[broken], batch_size=100))
    with pytest.raises(ZeroDivisionError):
        pipeline.run(RECORDS)
    assert len(server.received()) <= 700
    with pytest.raises(WriteError, match="record 0 can't be sent as JSON"):
        MidstreamerAdapter(url=server.url).stream([{"value": float("nan")}])

"""NATS JetStream, on a real server."""

import asyncio

import pytest

from synth_sdk.core.errors import OutputError, WriteError
from tests.streams.support import messages, pairs, send
from tests.support.servers import NatsServer


@pytest.fixture
def server(tmp_path):
    with NatsServer(tmp_path) as running:
        yield running


def ask(server, question):
    """What `question`, a coroutine function of a JetStream context, answers."""

    async def asked():
        import nats

        client = await nats.connect(f"nats://127.0.0.1:{server.port}")
        try:
            return await question(client.jetstream())
        finally:
            await client.close()

    return asyncio.run(asked())


def test_a_missing_stream_is_made_with_a_window_for_duplicates(server):
    send(server.url, messages(3))
    info = ask(server, lambda streams: streams.stream_info("shop_events"))
    assert info.config.subjects == ["shop.events"]
    assert info.config.duplicate_window == 600
    assert info.config.storage == "file"


def test_the_server_drops_what_is_sent_again(server):
    sent = messages(500)
    send(server.url, sent)
    assert send(server.url, sent) == 500
    assert server.received() == pairs(sent)


def test_a_stream_that_covers_the_subject_is_used_as_it_is(server):
    ask(server, lambda streams: streams.add_stream(name="ALL", subjects=["shop.>"]))
    send(server.url, messages(3))
    assert ask(server, lambda streams: streams.stream_info("ALL")).state.messages == 3


def test_a_record_that_is_too_large_is_refused(server):
    with pytest.raises(WriteError, match="0 records acknowledged"):
        send(server.url, messages(1, size=1_000_000))


def test_a_full_stream_is_waited_for(server):
    import threading

    from nats.js.api import DiscardPolicy

    limited = {"name": "small", "subjects": ["shop.events"], "max_msgs": 100, "discard": DiscardPolicy.NEW}
    ask(server, lambda streams: streams.add_stream(**limited))
    threading.Timer(1.0, lambda: ask(server, lambda streams: streams.update_stream(**{**limited, "max_msgs": 1_000}))).start()
    sent = messages(300)
    assert send(server.url, sent) == 300
    assert dict(server.received()) == dict(pairs(sent))


@pytest.mark.parametrize(
    ("options", "right", "wrong"),
    [
        (("--auth", "MARKERtoken1"), "MARKERtoken1@", "MARKERother1@"),
        (("--user", "ann", "--pass", "MARKERpass1"), "ann:MARKERpass1@", "ann:MARKERother1@"),
    ],
)
def test_credentials_are_needed_and_never_quoted(tmp_path, options, right, wrong):
    with NatsServer(tmp_path, *options) as server:
        for who in ("", wrong):
            with pytest.raises(OutputError) as told:
                send(f"nats://{who}127.0.0.1:{server.port}/shop.events", messages(1))
            assert "authorization" in str(told.value).casefold()
            assert "MARKER" not in repr(told.value)
        assert send(f"nats://{right}127.0.0.1:{server.port}/shop.events", messages(3)) == 3


def test_a_server_without_jetstream_is_told_at_once(tmp_path):
    class Plain(NatsServer):
        def command(self):
            return super().command()[:5]

    with Plain(tmp_path) as server, pytest.raises(OutputError, match="-js"):
        send(server.url, messages(1))

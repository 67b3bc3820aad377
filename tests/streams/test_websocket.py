"""WebSocket, on a real server."""

import pytest

from synth_sdk.client.streaming import publishing
from synth_sdk.core.errors import OutputError, WriteError
from tests.streams.support import messages, pairs, send
from tests.support.servers import HttpServer, WebSocketServer, need


@pytest.fixture(autouse=True)
def _library():
    from importlib.util import find_spec

    need(find_spec("websockets"), "websockets")


@pytest.mark.parametrize("acks", [False, True])
def test_a_slow_server_is_sent_no_more_than_it_takes(acks, monkeypatch):
    monkeypatch.setattr(publishing, "_MOST_WAITING", 50)
    behind = []
    with WebSocketServer(acks=acks, delay=0.0005) as server:

        def source():
            for number, message in enumerate(messages(1_000)):
                behind.append(number - len(server.records))
                yield message

        assert send(server.url, source()) == 1_000
        if acks:
            assert server.received() == pairs(messages(1_000))
    assert max(behind) <= 51 + (0 if acks else 300)  # what the server's library holds for its application


def test_an_application_that_never_acknowledges_gets_its_records_again_until_patience_ends(monkeypatch):
    monkeypatch.setattr(publishing, "_ANSWERING", 0.3)
    with WebSocketServer() as server:
        with pytest.raises(WriteError, match="no progress for 2 s: no answer; 0 records acknowledged"):
            send(f"{server.url}?ack=app#patience=2s", messages(3))
        assert len(server.received()) > 3
        assert {name for name, _ in server.received()} == {message.id for message in messages(3)}


def test_a_close_that_says_why_is_understood():
    with WebSocketServer(answers=(1008,)) as server, pytest.raises(WriteError, match="code 1008"):
        send(server.url, messages(3))
    with WebSocketServer(answers=(1013, 1012)) as server:
        assert send(server.url, messages(3)) == 3


def test_a_server_that_speaks_no_websocket_is_told_at_once():
    with HttpServer() as server, pytest.raises(OutputError, match="405"):
        send(f"ws://127.0.0.1:{server.port}/ingest", messages(1))

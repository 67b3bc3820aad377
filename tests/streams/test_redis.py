"""Redis Streams, on a real server."""

import pytest

from synth_sdk.core.errors import OutputError, WriteError
from tests.streams.support import messages, pairs, send
from tests.support.servers import RedisServer


@pytest.fixture
def server(tmp_path):
    with RedisServer(tmp_path) as running:
        yield running


def test_an_entry_has_the_fields_id_and_record(server):
    send(server.url, messages(1))
    with server.client() as client:
        ((_, entry),) = client.xrange("events")
    assert entry == {"id": "0123456789abcdef-0", "record": messages(1)[0].body.decode()}


def test_maxlen_trims_and_db_is_another_place(server):
    send(f"redis://127.0.0.1:{server.port}/3?stream=trimmed&maxlen=100", messages(3_000))
    with server.client() as client:
        assert client.exists("trimmed") == 0
        client.select(3)
        assert 100 <= client.xlen("trimmed") < 400


def test_a_key_that_holds_something_else_is_refused_before_anything_is_sent(server):
    with server.client() as client:
        client.set("events", "text")
    with pytest.raises(OutputError, match="holds a string, not a stream"):
        send(server.url, messages(1))


def test_a_key_that_becomes_something_else_is_refused_in_the_middle(server):
    def source():
        sent = messages(5_000)
        yield from sent[:2_500]
        with server.client() as client:
            client.delete("events")
            client.set("events", "text")
        yield from sent[2_500:]

    with pytest.raises(WriteError, match=r"WRONGTYPE.*records? acknowledged; the same command sends the same ids"):
        send(server.url, source())


def test_a_password_is_needed_and_never_quoted(tmp_path):
    server = RedisServer(tmp_path, "--requirepass", "MARKERpass/word1")
    server.password = "MARKERpass/word1"
    with server:
        with pytest.raises(OutputError, match="Authentication required"):
            send(server.url, messages(1))
        for wrong in ("MARKERwrongone", "pw"):
            with pytest.raises(OutputError) as told:
                send(f"redis://:{wrong}@127.0.0.1:{server.port}?stream=events", messages(1))
            assert wrong not in repr(told.value)
            assert "redis://[redacted]@127.0.0.1" in str(told.value)
        sent = messages(5)
        send(f"redis://:MARKERpass%2Fword1@127.0.0.1:{server.port}?stream=events", sent)
        assert server.received() == pairs(sent)


def test_a_full_memory_is_waited_out(server):
    import threading

    sent = messages(200, size=2_000)
    with server.client() as client:
        client.config_set("maxmemory", "1")
        threading.Timer(0.5, lambda: client.config_set("maxmemory", "0")).start()
        assert send(server.url, sent) == 200
    assert dict(server.received()) == dict(pairs(sent))

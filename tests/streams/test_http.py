"""HTTP, on a real server."""

import logging
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.streams.http import _retry_after
from tests.streams.support import messages, pairs, send
from tests.support.servers import HttpServer


def test_records_are_lines_of_one_chunked_post():
    with HttpServer() as server:
        sent = messages(10)
        send(server.url + "?shop=7", sent)
        assert server.received() == pairs(sent)
        (request,) = server.requests
        assert request.headers["Transfer-Encoding"] == "chunked"
        assert request.content_type == "application/x-ndjson"
        assert request.path_qs == "/ingest?shop=7"


def test_a_stated_pause_is_kept():
    with HttpServer(answers=((429, {"Retry-After": "1"}), (503, {}), (500, {}))) as server:
        assert send(server.url, messages(3)) == 3
        assert server.times[1] - server.times[0] >= 1.0
        assert len(server.received()) == 3
        assert len(server.requests) == 4


def test_a_pause_beyond_all_patience_is_the_end():
    with HttpServer(answers=((503, {"Retry-After": "3600"}),)) as server:
        began = time.monotonic()
        with pytest.raises(WriteError, match=r"no progress.*answered 503.*0 records acknowledged"):
            send(server.url, messages(3))
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("status", [400, 401, 404, 413, 302])
def test_other_answers_refuse_for_good(status):
    with HttpServer(answers=((status, {}),)) as server:
        with pytest.raises(WriteError, match=f"refused: answered {status} .*; 0 records acknowledged"):
            send(server.url, messages(3))
        assert len(server.requests) == 1


def test_a_slow_server_is_sent_no_more_than_it_takes(monkeypatch):
    from synth_sdk.client.streaming import publishing

    monkeypatch.setattr(publishing, "_MOST_WAITING", 50)
    behind = []
    with HttpServer(delay=0.004) as server:

        def source():
            for number, message in enumerate(messages(400)):
                behind.append(number - len(server.records))
                yield message

        assert send(server.url, source()) == 400
    assert max(behind) <= 51


def test_credentials_go_to_the_server_and_nowhere_else(caplog):
    with HttpServer(answers=((200, {}), (401, {}))) as server, caplog.at_level(logging.DEBUG):
        place = f"127.0.0.1:{server.port}/in?token=MARKERtoken"
        send(f"http://ann:MARKERpass@{place}", messages(1))
        assert server.requests[0].headers["Authorization"].startswith("Basic ")
        assert server.requests[0].query == {"token": "MARKERtoken"}
        with pytest.raises(WriteError) as told:
            send(f"http://ann:MARKERpass@{place}", messages(1))
    assert "MARKER" not in repr(told.value) + caplog.text
    assert "http://[redacted]@127.0.0.1" in str(told.value)


@pytest.mark.parametrize("scheme", ["https", "wss"])
def test_a_server_without_tls_is_told_at_once(scheme):
    with HttpServer() as server, pytest.raises(OutputError, match="can't be used: TLS: "):
        send(f"{scheme}://127.0.0.1:{server.port}/x", messages(1))


def test_retry_after_is_seconds_or_a_date():
    assert _retry_after("7") == 7
    assert _retry_after(None) is _retry_after("soon") is None
    assert 50 < (_retry_after(format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)) or 0) <= 60
    assert _retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0


def test_a_host_that_does_not_exist_is_told_at_once():
    with pytest.raises(OutputError, match="can't be used"):
        send("http://127.0.0.1:1/x", messages(1))

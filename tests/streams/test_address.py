"""URLs of targets: what is wrong is one clear line, what is secret stays so."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.client.streaming import open_publisher
from synth_sdk.client.streaming.targets import parse_target
from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.streams import shown
from synth_sdk.streams.address import parse_address


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("rediss://h:1/0", "name the stream"),
        ("redis://h/0?stream=", "name the stream"),
        ("redis://h/zero?stream=x", "database"),
        ("redis://h/-1?stream=x", "database"),
        ("redis://h/0?stream=x&maxlen=0", "maxlen"),
        ("redis://h/0?stream=x&maxlen=many", "maxlen"),
        ("redis://h/0?straem=x", "did you mean stream?"),
        ("redis://h:99999/0?stream=x", "port from 1 to 65535"),
        ("redis://h:port/0?stream=x", "port from 1 to 65535"),
        ("redis://h:0/0?stream=x", "port from 1 to 65535"),
        ("redis:///0?stream=x", "a host"),
        ("redis://[::1/0?stream=x", "a host"),
        ("nats://h:4222", "name the subject"),
        ("nats://h/a b", "without spaces"),
        ("nats://h/a.*", "without spaces, * or >"),
        ("nats://h/a..b", "words with dots"),
        ("nats://h/a?stream=x", "parameter"),
        ("ws://h/x?ack=maybe", "ping or app"),
        ("http://", "a host"),
        ("kafka://h/x", "unknown scheme of a stream target 'kafka'"),
        ("reddis://h/x", "did you mean redis or rediss?"),
        ("localhost", "write a URL"),
    ],
)
def test_a_wrong_url_is_one_clear_line(url, says):
    with pytest.raises(RequestError) as told:
        open_publisher(url)
    assert says in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("url", "module", "extra"), [
    ("redis://h/0?stream=x", "redis", "redis"), ("nats://h/x", "nats", "nats"), ("ws://h/x", "websockets", "websocket"),
])  # fmt: skip
def test_a_missing_library_comes_with_the_command_that_installs_it(url, module, extra, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(RequestError, match=rf"pip install 'synth-data-sdk\[{extra}\]'"):
        open_publisher(url)


SECRETS = st.text("abcXYZ0189/?#@:%&=+._-", min_size=4, max_size=20).map("MARK".__add__)


@given(SECRETS, st.sampled_from(["redis", "nats", "http", "wss", "nonsense"]))
def test_a_secret_is_never_shown_however_it_is_written(secret, scheme):
    for url in (f"{scheme}://user:{secret}@host/x", f"{scheme}://{secret}@host/x", f"{scheme}://host/x?token={secret}"):
        told = [shown(url)]
        for read in (open_publisher, parse_target, lambda url: parse_address(url)):
            try:
                told.append(repr(read(url)))
            except RequestError as error:
                told.append(repr(error) + str(error))
        assert "MARK" not in "".join(told), told


def test_what_is_no_secret_is_shown():
    assert shown("redis://h:7/2?stream=events&maxlen=9#patience=3s") == "redis://h:7/2?stream=events&maxlen=9"
    assert shown("https://h/in/T0/abcDEF0123456789abcdef?key=1") == "https://h/in/T0/[redacted]?key=[redacted]"


def test_patience_stands_behind_the_url_and_is_not_sent():
    target = parse_target("http://h/x?a=1#patience=1m30s")
    assert (target.url, target.patience) == ("http://h/x?a=1", 90)
    for wrong in ("http://h/x#patience=soon", "http://h/x#patience", "http://h/x#hurry=1s"):
        with pytest.raises(RequestError, match="patience"):
            parse_target(wrong)


def test_an_unknown_scheme_names_those_that_are_known():
    with pytest.raises(UnknownName, match="choose one of: http, https, nats, redis, rediss, ws, wss"):
        open_publisher("zq7://h/x")

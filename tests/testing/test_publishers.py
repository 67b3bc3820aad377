"""`check_publisher`: a right target over a real socket, and wrong ones, each found out for its own reason."""

import asyncio
import json
import socketserver
import threading
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from synth_sdk.core.errors import WriteError
from synth_sdk.testing import check_publisher


class Lines(socketserver.ThreadingTCPServer):
    """Keeps the lines it is sent, and acknowledges each."""

    daemon_threads = True

    def __init__(self):
        self.held = []
        super().__init__(("127.0.0.1", 0), Keeper)

    @property
    def url(self):
        return f"lines://127.0.0.1:{self.server_address[1]}"

    def received(self):
        return [(json.loads(line)["id"], line.split(b'"record":', 1)[1].rstrip()[:-1]) for line in self.held]


class Keeper(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.server.held.append(line)
            self.wfile.write(b"ok\n")


@pytest.fixture
def target():
    with Lines() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Sender:
    """Publishes to `Lines`."""

    def __init__(self, url):
        self._url = urlsplit(url)
        self._writer = None

    async def open(self):
        self._reader, self._writer = await asyncio.open_connection(self._url.hostname, self._url.port)

    async def publish(self, messages):
        for message in messages:
            self._writer.write(message.envelope() + b"\n")
            if await self._reader.readline() != b"ok\n":
                raise ConnectionError("no answer")

    async def close(self):
        if self._writer is not None:
            self._writer.close()
            await self._writer.wait_closed()
            self._writer = None


def test_a_right_target_passes(target):
    check_publisher(Sender, target.url, target.received)
    assert len(target.held) == 14


class Losing(Sender):
    async def publish(self, messages):
        await Sender.publish(self, messages[:5])


class Doubling(Sender):
    async def publish(self, messages):
        await Sender.publish(self, [message for message in messages for _ in range(2)])


class Backwards(Sender):
    async def publish(self, messages):
        await Sender.publish(self, messages[::-1])


class Renaming(Sender):
    async def publish(self, messages):
        await Sender.publish(self, [replace(message, id=f"x{message.id}") for message in messages])


class Rewriting(Sender):
    async def publish(self, messages):
        await Sender.publish(self, [replace(message, body=json.dumps(json.loads(message.body)).encode()) for message in messages])


class Counting(Sender):
    """Another id each time."""

    sent = 0

    async def publish(self, messages):
        before, self.sent = self.sent, self.sent + len(messages)
        await Sender.publish(
            self, [message if before < 7 else replace(message, id=f"{message.id}-again") for message in messages]
        )


class Deaf(Sender):
    """Takes what it is given where nobody listens."""

    async def open(self):
        try:
            await Sender.open(self)
        except OSError:
            self._writer = None

    async def publish(self, messages):
        if self._writer:
            await Sender.publish(self, messages)


class Foreign(Sender):
    async def open(self):
        try:
            await Sender.open(self)
        except OSError:
            raise WriteError("refused") from None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (Losing, "6 of 7 acknowledged messages arrived"),
        (Doubling, "14 messages arrived where 7 were sent once"),
        (Backwards, "messages arrive in another order"),
        (Renaming, "ids arrive changed"),
        (Rewriting, "a body arrives changed"),
        (Counting, "what is sent again arrives under other ids"),
        (Deaf, "but messages were acknowledged"),
        (Foreign, "it raises WriteError in place of an OSError"),
    ],
)
def test_wrong_targets_are_found_out(target, wrong, told, monkeypatch):
    monkeypatch.setattr("synth_sdk.testing.publishers._LOOKS", 4)
    with pytest.raises(AssertionError, match=told):
        check_publisher(wrong, target.url, target.received)


def test_a_publisher_that_connects_before_it_is_opened_is_found_out(target):
    class Eager(Sender):
        def __init__(self, url):
            super().__init__(url)
            import socket

            socket.create_connection((self._url.hostname, self._url.port), timeout=1).close()

    with pytest.raises(AssertionError, match="before open"):
        check_publisher(Eager, target.url, target.received)

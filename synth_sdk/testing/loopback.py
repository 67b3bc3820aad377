"""A server on a free port of this machine that answers every HTTP request the same way: as a provider may fail, or as it should answer."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`status` None: the connection is broken off once the request was read. `silent`: nothing ever comes. `echo`: the body repeats
    the head of the request, credentials included, as some servers do in their errors."""

    status: int | None = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    silent: bool = False
    echo: bool = False


@dataclass(slots=True)
class Loopback:
    """`requests` are the bodies that arrived; `asked` is set with the first."""

    url: str
    requests: list[bytes] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[Loopback]:
    """A server that gives `answer` to all."""
    loopback = Loopback("")
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                loopback.requests.append(await _body(reader, head))
                loopback.asked.set()
                if answer.silent:
                    await done.wait()
                if answer.silent or answer.status is None:
                    return
                writer.write(_response(answer, head))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    loopback.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield loopback
    finally:
        done.set()
        server.close()


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    if b"chunked" not in fields.get(b"transfer-encoding", b""):
        return await reader.readexactly(int(fields.get(b"content-length", b"0")))
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body


def _response(answer: Answer, head: bytes) -> bytes:
    body = head if answer.echo else answer.body
    fields = {"content-type": "application/json", "content-length": str(len(body)), **answer.headers}
    lines = [f"HTTP/1.1 {answer.status} Answer", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode() + body

"""What every target of `--stream-to` must keep to."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from synth_sdk.core.streams import Message, Publisher
from synth_sdk.testing.must import must

_LOOKS, _PAUSE = 100, 0.05  # seconds: how long a target may take to show what it has acknowledged
_COUNT = 7


def check_publisher(
    make: Callable[[str], Publisher],
    url: str,
    received: Callable[[], Iterable[tuple[str, bytes]]],
    *,
    dead_url: str | None = None,
) -> None:
    """`make(url)` builds the publisher for a target that runs at `url`; `received()` tells what it holds: (id, body) pairs in order.

    Nothing is opened before `open`. Messages arrive in order, with their ids, whole; the same ones may be sent again after another
    `open`. At `dead_url` (by default a free port of this machine, if `url` has a port) nobody listens: that is an OSError.
    """
    nowhere = dead_url or _dead(url)
    if nowhere is not None:
        _check_unopened(make, nowhere)
    asyncio.run(_check(make, url, received))
    if nowhere is not None:
        asyncio.run(_check_dead(make, nowhere))


def _check_unopened(make: Callable[[str], Publisher], url: str) -> None:
    try:
        make(url)
    except OSError as error:
        raise AssertionError(f"it connects before open(): {error}") from error


async def _check(make: Callable[[str], Publisher], url: str, received: Callable[[], Iterable[tuple[str, bytes]]]) -> None:
    before = await asyncio.to_thread(lambda: len(list(received())))
    messages = [
        Message(f"check-{time.time_ns()}-{number}", b'{"n":%d,"text":"Zo\xc3\xab \\n"}' % number) for number in range(_COUNT)
    ]
    publisher = make(url)
    await publisher.open()
    await publisher.publish(messages[:1])
    await publisher.publish([])
    await publisher.publish(messages[1:])
    await publisher.close()
    found = await _arrived(received, before + _COUNT)
    must(len(found) >= before + _COUNT, f"{len(found) - before} of {_COUNT} acknowledged messages arrived")
    must(len(found) == before + _COUNT, f"{len(found) - before} messages arrived where {_COUNT} were sent once")
    _compare(found[before:], messages)
    await publisher.open()  # as after a failure: nobody knows what arrived, so all is sent again
    await publisher.publish(messages)
    await publisher.close()
    again = (await _arrived(received, before + _COUNT))[before:]
    must({name for name, _ in again} == {message.id for message in messages}, "what is sent again arrives under other ids")


def _compare(found: list[tuple[str, bytes]], messages: list[Message]) -> None:
    ids = [message.id for message in messages]
    must(sorted(name for name, _ in found) == sorted(ids), f"ids arrive changed: {[name for name, _ in found][:2]} for {ids[:2]}")
    must([name for name, _ in found] == ids, "messages arrive in another order")
    for (_, body), message in zip(found, messages, strict=True):
        must(bytes(body) == message.body, f"a body arrives changed: {bytes(body)!r} for {message.body!r}")


async def _arrived(received: Callable[[], Iterable[tuple[str, bytes]]], wanted: int) -> list[tuple[str, bytes]]:
    """What the target holds, as soon as it is as much as `wanted`."""
    found: list[tuple[str, bytes]] = []
    for _ in range(_LOOKS):
        found = await asyncio.to_thread(lambda: list(received()))
        if len(found) >= wanted:
            break
        await asyncio.sleep(_PAUSE)
    return found


async def _check_dead(make: Callable[[str], Publisher], url: str) -> None:
    publisher = make(url)
    try:
        await publisher.open()
        await publisher.publish([Message("check-dead", b"{}")])
    except OSError:
        return
    except Exception as error:
        raise AssertionError(f"where nobody listens it raises {type(error).__name__} in place of an OSError: {error}") from error
    finally:
        await publisher.close()
    raise AssertionError(f"nobody listens at {url}, but messages were acknowledged")


def _dead(url: str) -> str | None:
    """`url` at a port where nobody listens; None if it has no port."""
    parts = urlsplit(url)
    if parts.port is None:
        return None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return parts._replace(netloc=f"127.0.0.1:{port}").geturl()

"""WebSocket: one text frame for each record."""

import asyncio
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from synth_sdk.core.errors import WriteError
from synth_sdk.core.redact import RedactingFilter
from synth_sdk.core.streams import Message, TargetBusy
from synth_sdk.streams.address import parse_address
from synth_sdk.streams.library import library

_WAYS = ("ping", "app")
_LOG = logging.getLogger("synth_sdk.streams.websocket")
_LOG.addFilter(RedactingFilter())
_TRY_AGAIN_LATER = 1013  # close code
_REFUSED = (1002, 1003, 1007, 1008, 1009)  # close codes for what will be no better next time
_CLOSING = 1.0


class WebSocketPublisher:
    """`ws(s)://...[?ack=ping|app]`: frames `{"id": ..., "record": ...}`.

    `ack=ping` (default): a ping follows each stretch, and its pong says that the server's library has read all frames before it.
    `ack=app`: the application answers `{"ack": id}` (or a list of ids) for what it has dealt with. Everything else it says is ignored.
    """

    def __init__(self, url: str) -> None:
        address = parse_address(url)
        self._way = address.query.get("ack", "ping")
        if self._way not in _WAYS:
            address.wrong("ack must be ping or app")
        self._url = _without_ack(url)
        self._library = library("websockets.asyncio.client", "websocket")
        self._errors = library("websockets.exceptions", "websocket")
        self._connection: Any = None
        self._reader: asyncio.Task[None] | None = None
        self._unacknowledged: set[str] = set()
        self._heard = asyncio.Event()

    async def open(self) -> None:
        errors = self._errors
        try:
            self._connection = await self._library.connect(
                self._url, compression=None, ping_interval=None, open_timeout=None, close_timeout=_CLOSING, logger=_LOG
            )
        except errors.InvalidStatus as error:
            status = error.response.status_code
            told = f"answered {status} to the handshake"
            raise (TargetBusy(told) if status >= 500 or status == 429 else WriteError(f"refused: {told}")) from error
        except errors.InvalidURI as error:
            raise WriteError("refused: not a WebSocket URL") from error
        except (errors.InvalidHandshake, EOFError) as error:
            raise ConnectionError(f"no WebSocket handshake: {error}") from error
        self._heard = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    async def publish(self, messages: Sequence[Message]) -> None:
        self._unacknowledged = {message.id for message in messages}
        try:
            for message in messages:
                await self._connection.send(message.envelope().decode("utf-8"))
            if self._way == "ping":
                await (await self._connection.ping())
            else:
                await self._all_acknowledged()
        except self._errors.ConnectionClosed as error:
            code = error.rcvd.code if error.rcvd else None
            if code in _REFUSED:
                raise WriteError(f"refused: the server closed the connection with code {code}") from error
            told = "asks for a pause" if code == _TRY_AGAIN_LATER else "the connection was lost"
            raise ConnectionError(told) from error

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
        if self._connection is not None:
            await self._connection.close()

    async def _all_acknowledged(self) -> None:
        while self._unacknowledged:
            self._heard.clear()
            await self._heard.wait()
            if self._reader is None or self._reader.done():
                await self._connection.ping()  # raises what ended the connection
                raise ConnectionError("the connection was lost")

    async def _read(self) -> None:
        """Hear what the server says: unread, it would keep pongs from being seen."""
        try:
            with suppress(self._errors.ConnectionClosed):
                async for told in self._connection:
                    self._unacknowledged.difference_update(_ids(told))
                    self._heard.set()
        finally:
            self._heard.set()


def _ids(told: str | bytes) -> list[str]:
    """The ids that a message of the application acknowledges; none if it says something else."""
    with suppress(ValueError):
        said = json.loads(told)
        ids = said.get("ack") if isinstance(said, dict) else None
        return [str(one) for one in ids] if isinstance(ids, list) else [str(ids)]
    return []


def _without_ack(url: str) -> str:
    parts = urlsplit(url)
    kept = "&".join(pair for pair in parts.query.split("&") if pair.partition("=")[0] != "ack")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, kept, ""))

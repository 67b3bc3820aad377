"""Redis Streams: one XADD for each record, many in a pipeline."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from synth_sdk.core.errors import WriteError
from synth_sdk.core.streams import Message
from synth_sdk.streams.address import parse_address
from synth_sdk.streams.library import library

_PORT = 6379
_PASSING = ("OutOfMemoryError", "ReadOnlyError", "MasterDownError", "TryAgainError", "ClusterDownError")  # of the library
_PASSING_WORDS = ("BUSY", "MISCONF", "NOREPLICAS")  # with which replies begin that have no class of their own


class RedisPublisher:
    """`redis://[user:password@]host[:port][/db]?stream=NAME[&maxlen=N]`, or `rediss://` for TLS.

    Adds entries with the fields `id` and `record`; `maxlen` trims the stream to about so many. Redis acknowledges each entry once it has
    it: in memory, or on disk with `appendfsync always`.
    """

    def __init__(self, url: str) -> None:
        address = self._address = parse_address(url)
        address.take_only("stream", "maxlen")
        self._stream = address.query.get("stream") or address.wrong(
            "name the stream, as in redis://localhost:6379/0?stream=events"
        )
        self._db = self._number(address.path.strip("/") or "0", "the database behind the / must be a number from 0")
        most = address.query.get("maxlen")
        self._most = None if most is None else self._number(most, "maxlen must be a whole number of entries, at least 1", least=1)
        self._library = library("redis.asyncio", "redis")
        self._errors = library("redis.exceptions", "redis")
        self._client: Any = None

    async def open(self) -> None:
        address = self._address
        self._client = self._library.Redis(
            host=address.host,
            port=address.port or _PORT,
            db=self._db,
            username=address.user,
            password=address.password,
            ssl=address.scheme == "rediss",
            socket_timeout=None,
            protocol=2,
            retry=library("redis.asyncio.retry", "redis").Retry(library("redis.backoff", "redis").NoBackoff(), 0),
        )
        with self._translated():
            kind = await self._client.type(self._stream)
        if kind not in (b"none", b"stream"):
            raise WriteError(f"the key {self._stream!r} holds a {kind.decode()}, not a stream")

    async def publish(self, messages: Sequence[Message]) -> None:
        with self._translated():
            async with self._client.pipeline(transaction=False) as pipeline:
                for message in messages:
                    entry = {"id": message.id, "record": message.body}
                    pipeline.xadd(self._stream, entry, maxlen=self._most, approximate=True)
                for reply in await pipeline.execute(raise_on_error=False):
                    if isinstance(reply, Exception):
                        raise reply

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Failures of the library as ours: what passes (out of memory, loading, a lost connection) as ConnectionError."""
        errors = self._errors
        try:
            yield
        except errors.AuthenticationError as error:
            raise WriteError(f"refused: {error}") from error
        except (errors.ConnectionError, errors.TimeoutError) as error:
            raise ConnectionError(str(error)) from (error.__cause__ or error.__context__ or error)
        except errors.RedisError as error:
            told = str(error)
            passes = type(error).__name__ in _PASSING or told.startswith(_PASSING_WORDS)
            raise (ConnectionError(told) if passes else WriteError(f"refused: {told}")) from error

    def _number(self, text: str, rule: str, least: int = 0) -> int:
        if not (text.isascii() and text.isdigit()) or int(text) < least:
            self._address.wrong(rule)
        return int(text)

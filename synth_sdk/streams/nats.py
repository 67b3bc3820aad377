"""NATS JetStream: each message carries its id, by which the server drops what it has already."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from synth_sdk.core.errors import WriteError
from synth_sdk.core.streams import Message
from synth_sdk.streams.address import parse_address
from synth_sdk.streams.library import library

_PORT = 4222
_REMEMBERED = 600.0  # seconds that a stream of ours knows ids: twice as long as an outage may last by default
_SILENT = "JetStream doesn't answer; is it switched on (nats-server -js)?"


class NatsPublisher:
    """`nats://[user:password@|token@]host[:port]/SUBJECT`.

    A stream that covers the subject is used as it is; without one it is created, on disk, called as the subject with `_` for each dot.
    The header `Nats-Msg-Id` is the record's id. JetStream acknowledges what it has stored.
    """

    def __init__(self, url: str) -> None:
        address = self._address = parse_address(url)
        address.take_only()
        self._subject = address.path.strip("/")
        if not self._subject:
            address.wrong("name the subject, as in nats://localhost:4222/events")
        if set(self._subject) & set(" \t\r\n*>/") or "" in self._subject.split("."):
            address.wrong("a subject is words with dots between them, without spaces, * or >")
        self._library = library("nats.aio.client", "nats")
        self._errors, self._stream_errors = library("nats.errors", "nats"), library("nats.js.errors", "nats")
        self._client: Any = None
        self._acks = _Acknowledgements()

    async def open(self) -> None:
        address, acks = self._address, _Acknowledgements()
        failures: list[Exception] = []

        async def note(error: Exception) -> None:  # the library would print it
            failures.append(error)

        with self._translated(failures):
            self._client = self._library.Client()  # known before it connects, so that `close` finds it whatever happens
            await self._client.connect(
                f"nats://{address.host if ':' not in address.host else f'[{address.host}]'}:{address.port or _PORT}",
                allow_reconnect=False,
                max_reconnect_attempts=1,  # it tries again before the first connection, whatever the line above says
                reconnect_time_wait=0,
                **self._credentials,
                error_cb=note,
                disconnected_cb=acks.lose,
                closed_cb=acks.lose,
            )
            await self._find_or_add_stream()
            acks.inbox = self._client.new_inbox()
            await self._client.subscribe(f"{acks.inbox}.*", cb=acks.hear)
        self._acks = acks

    async def publish(self, messages: Sequence[Message]) -> None:
        acks = self._acks
        with self._translated():
            for message in messages:
                await self._client.publish(self._subject, message.body, reply=acks.expect(), headers={"Nats-Msg-Id": message.id})
            await acks.all_there()

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def _find_or_add_stream(self) -> None:
        streams = self._client.jetstream()
        try:
            await streams.find_stream_name_by_subject(self._subject)
        except self._stream_errors.NotFoundError:
            name = self._subject.replace(".", "_")
            await streams.add_stream(name=name, subjects=[self._subject], duplicate_window=_REMEMBERED)

    @property
    def _credentials(self) -> dict[str, str]:
        user, password = self._address.user, self._address.password
        if user and password is None:
            return {"token": user}
        return {"user": user or "", "password": password} if password is not None else {}

    @contextmanager
    def _translated(self, failures: Sequence[Exception] = ()) -> Iterator[None]:
        """Failures of the library as ours. `failures` are those that it keeps to itself when it can't connect."""
        mine, streams = self._errors, self._stream_errors
        try:
            yield
        except (streams.NoStreamResponseError, mine.NoRespondersError) as error:
            raise ConnectionError(_SILENT) from error
        except streams.APIError as error:
            raise _refusal(error.code, error.err_code, error.description) from error
        except (mine.AuthorizationError, mine.MaxPayloadError, mine.BadSubjectError, mine.InvalidUserCredentialsError) as error:
            raise WriteError(f"refused: {_told(error)}") from error
        except (mine.Error, OSError) as error:
            last = failures[-1] if failures and isinstance(error, mine.NoServersError) else error
            if "authorization" in str(last).casefold():
                raise WriteError(f"refused: {_told(last)}") from error
            raise ConnectionError(_told(last)) from last


class _Acknowledgements:
    """Those of one connection. (What the library offers for many at once waits for ever when the server answers with an error.)"""

    def __init__(self) -> None:
        self.inbox = ""
        self._expected: set[str] = set()
        self._count = 0
        self._failure: Exception | None = None
        self._settled = asyncio.Event()

    def expect(self) -> str:
        """The subject that the next acknowledgement is to come to."""
        self._settled.clear()
        self._count += 1
        subject = f"{self.inbox}.{self._count}"
        self._expected.add(subject)
        return subject

    async def all_there(self) -> None:
        """Wait for all that are expected. Raises what the server answered instead, and ConnectionError once the connection is lost."""
        while self._expected and not self._failure:
            self._settled.clear()
            await self._settled.wait()
        if self._failure:
            raise self._failure

    async def hear(self, message: Any) -> None:
        if message.data:
            error = json.loads(message.data).get("error")
            if error:
                self._fail(_refusal(error.get("code"), error.get("err_code"), error.get("description")))
        else:
            self._fail(ConnectionError(_SILENT))  # no stream takes the subject
        self._expected.discard(message.subject)
        if not self._expected:
            self._settled.set()

    async def lose(self) -> None:
        self._fail(ConnectionError("the connection was lost"))

    def _fail(self, failure: Exception) -> None:
        self._failure = self._failure or failure
        self._settled.set()


def _refusal(code: int | None, number: int | None, description: str | None) -> Exception:
    """What an answer of JetStream means: 4xx is for good; a stream that is full, or not up yet, passes."""
    if description is None:
        return ConnectionError(_SILENT)
    told = f"{description} (code {number})"
    return WriteError(f"refused: {told}") if 400 <= (code or 0) < 500 else ConnectionError(told)


def _told(error: Exception) -> str:
    return str(error).removeprefix("nats: ") or type(error).__name__

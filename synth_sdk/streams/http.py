"""HTTP: the records of a stretch as NDJSON in one chunked POST."""

import logging
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from synth_sdk.core.errors import WriteError
from synth_sdk.core.redact import RedactingFilter
from synth_sdk.core.streams import Message, TargetBusy
from synth_sdk.streams.address import parse_address

_CHUNK = 1 << 16
_BUSY = (429, 503)
_PASSING = (408, 425)
_QUIET = RedactingFilter()


class HttpPublisher:
    """`http(s)://...`: each POST has lines `{"id": ..., "record": ...}`; a 2xx answer acknowledges all of them.

    429 and 503 ask for a pause (Retry-After is honoured), 408, 425 and other 5xx are tried again, every other answer refuses for good.
    """

    def __init__(self, url: str) -> None:
        self._url = parse_address(url).url
        self._client: httpx.AsyncClient | None = None
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).addFilter(_QUIET)  # they log URLs

    async def open(self) -> None:
        """Whatever the answer to a HEAD is: somebody answers there."""
        self._client = httpx.AsyncClient(timeout=None)  # noqa: S113 - whoever publishes knows how long to wait
        try:
            await self._client.head(self._url)
        except httpx.InvalidURL as error:
            raise WriteError(f"not a URL: {error}") from error
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.ProxyError) as error:
            raise ConnectionError(str(error) or "the connection was lost") from _root(error)
        except httpx.TransportError:
            pass  # it only knows POST

    async def publish(self, messages: Sequence[Message]) -> None:
        assert self._client is not None  # noqa: S101 - opened
        headers = {"Content-Type": "application/x-ndjson"}
        try:
            answer = await self._client.post(self._url, content=_chunks(messages), headers=headers)
        except httpx.TransportError as error:
            raise ConnectionError(str(error) or "the connection was lost") from _root(error)
        _check(answer)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()


async def _chunks(messages: Sequence[Message]) -> AsyncIterator[bytes]:
    lines: list[bytes] = []
    size = 0
    for message in messages:
        lines += (message.envelope(), b"\n")
        size += len(lines[-2])
        if size >= _CHUNK:
            yield b"".join(lines)
            lines, size = [], 0
    yield b"".join(lines)


def _check(answer: httpx.Response) -> None:
    told = f"answered {answer.status_code} {answer.reason_phrase}".rstrip()
    if answer.is_success:
        return
    if answer.status_code in _BUSY:
        raise TargetBusy(told, _retry_after(answer.headers.get("Retry-After")))
    if answer.is_server_error or answer.status_code in _PASSING:
        raise TargetBusy(told)
    raise WriteError(f"refused: {told}")


def _retry_after(told: str | None) -> float | None:
    """Seconds, from seconds or a date; None if there is neither."""
    if told is None:
        return None
    if told.strip().isdigit():
        return float(told)
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return None
    return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def _root(error: BaseException) -> BaseException:
    """What the system said, which the libraries wrap several times."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error

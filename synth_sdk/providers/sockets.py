"""The HTTP client of one loop: httpx over aiohttp, never sending a request twice, following no redirect.

litellm's aiohttp transport costs a tenth of httpx's own at 64 connections. It calls a connection that was reset in mid-request a
`ConnectError`, though, as if nothing had been sent, when the request may have been billed; and it reads timeouts that are not
used here. So sessions and proxies are litellm's affair, sending is done here. Time limits are the caller's.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from functools import lru_cache

import aiohttp
import httpx
import yarl
from litellm.llms.custom_httpx.aiohttp_transport import LiteLLMAiohttpTransport
from litellm.llms.custom_httpx.http_handler import get_ssl_configuration

_NO_LIMIT = aiohttp.ClientTimeout(total=None)


class Transport(LiteLLMAiohttpTransport):  # type: ignore[misc]
    """An aiohttp session as an httpx transport. Closed by `release` only."""

    def __init__(self) -> None:
        super().__init__(client=_session)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        session = self.get_valid_client_session()
        try:
            answer = await session.request(
                request.method,
                _url(str(request.url)),
                headers=[(name.decode("ascii"), value.decode("latin-1")) for name, value in request.headers.raw],
                data=request.content,
                allow_redirects=False,
                auto_decompress=False,
                timeout=_NO_LIMIT,
                proxy=self._proxy_from_env(request.url),
            )
        except aiohttp.ClientConnectorError as error:
            raise httpx.ConnectError(str(error), request=request) from error
        except (aiohttp.ClientError, OSError) as error:
            raise httpx.ReadError(str(error), request=request) from error
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer), request=request)

    async def aclose(self) -> None:
        """Nothing: see `release`."""

    async def release(self) -> None:
        """Close the session on its own loop, or drop its sockets when that loop is gone."""
        if not isinstance(self.client, aiohttp.ClientSession):
            return
        if asyncio.get_running_loop() is self.client._loop:
            await self.client.close()
        else:
            self._close_recycled_session(self.client)


class _Body(httpx.AsyncByteStream):
    """The body of an answer, in one piece."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            yield await self._answer.read()
        except (aiohttp.ClientError, OSError) as error:
            raise httpx.ReadError(str(error)) from error

    async def aclose(self) -> None:
        self._answer.close()  # of an answer that was read to the end nothing is left to close


class Client(httpx.AsyncClient):
    """A client without cookies, redirects (which would carry the key elsewhere) and time limits, which are the caller's."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport=transport, follow_redirects=False, timeout=None, trust_env=False)

    @property  # type: ignore[misc]  # nobody sets them
    def cookies(self) -> httpx.Cookies:
        return _NO_COOKIES


class _NoCookies(httpx.Cookies):
    def extract_cookies(self, response: httpx.Response) -> None:
        """Nothing is kept."""


_NO_COOKIES = _NoCookies()


def post(url: str, headers: Mapping[str, str], body: bytes) -> httpx.Request:
    return httpx.Request("POST", _parsed(url), headers=headers, content=body)


@lru_cache(maxsize=256)
def _parsed(url: str) -> httpx.URL:
    return httpx.URL(url)


def _session() -> aiohttp.ClientSession:
    """No limit on connections (concurrency is the router's affair) and no cookies."""
    connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=300, ssl=get_ssl_configuration(None))
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


@lru_cache(maxsize=256)
def _url(url: str) -> yarl.URL:
    return yarl.URL(url, encoded=True)

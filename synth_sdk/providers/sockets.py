"""HTTP clients over aiohttp: one for each loop, never sending a request twice, noting what passes in the current `Exchange`.

litellm's aiohttp transport costs a tenth of httpx's own at 64 connections. Its handler, however, repeats a POST after any
`ConnectError`, and its transport calls a connection that was reset in mid-request by that name. Both are corrected here, since
the first POST may have been billed.
"""

import asyncio
from typing import Any

import aiohttp
import httpx
from litellm.llms.custom_httpx.aiohttp_transport import LiteLLMAiohttpTransport
from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler, get_ssl_configuration

from synth_sdk.providers.exchange import CURRENT


class Transport(LiteLLMAiohttpTransport):  # type: ignore[misc]
    """An aiohttp session as an httpx transport. Closed by `release` only: litellm closes transports that others still use."""

    def __init__(self) -> None:
        tls = get_ssl_configuration(None)
        super().__init__(client=_session, ssl_verify=tls)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response: httpx.Response = await super().handle_async_request(request)
        except httpx.ConnectError as error:
            if isinstance(error.__cause__, aiohttp.ClientConnectorError):
                raise
            raise httpx.ReadError(str(error), request=request) from error
        return response

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


def _session() -> aiohttp.ClientSession:
    """No limit on connections (concurrency is the router's affair) and no cookies."""
    connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=300)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


class Handler(AsyncHTTPHandler):  # type: ignore[misc]
    """litellm's HTTP client without its second POST and without redirects, which would carry the key elsewhere."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport=transport, follow_redirects=False, event_hooks=HOOKS)

    async def single_connection_post_request(self, *arguments: Any, **options: Any) -> httpx.Response:
        """Called by `post` while it handles a connection error: let that error through instead of sending again."""
        raise


async def _note_request(request: httpx.Request) -> None:
    if exchange := CURRENT.get():
        exchange.sent = True


async def _note_response(response: httpx.Response) -> None:
    if exchange := CURRENT.get():
        exchange.status, exchange.headers = response.status_code, dict(response.headers)
        exchange.body = await response.aread()
        exchange.whole = True


HOOKS: dict[str, list[Any]] = {"request": [_note_request], "response": [_note_response]}

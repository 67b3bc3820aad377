"""What all providers share: a `Call` in, typed records out, every foreign error turned into a `ModelError`.

    ask -> translation (litellm's, prepared once for a task) -> sockets (httpx over aiohttp) -> read (the provider's own body)
        -> on_reply (journal, settle) -> instructor (types the records)

Nothing here retries: the router owns every try.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from synth_sdk.core.errors import ModelError, Outcome
from synth_sdk.core.models import Call, Json, ModelCard, Reply
from synth_sdk.core.redact import register_secrets
from synth_sdk.providers.engine import libraries, loaded
from synth_sdk.providers.exchange import Exchange, one_line
from synth_sdk.providers.failures import chain
from synth_sdk.providers.keys import secrets_in
from synth_sdk.providers.limits import allowance_of
from synth_sdk.providers.replies import lifted, readable, typed
from synth_sdk.providers.translation import Prepared, Target, prepare

_MOST_PREPARED = 256
_SHORTEST_CACHED = 4 * 1024  # bytes, at four to a token: neither Bedrock nor Anthropic keeps a shorter prefix
_HEADERS = {"content-type": "application/json", "accept-encoding": "gzip, deflate", "user-agent": "synth-data-sdk"}

# What a reader of bodies may raise when a body has another shape than its provider's.
_NO_REPLY = (LookupError, TypeError, ValueError, AttributeError)


class LitellmProvider(ABC):
    """A provider that litellm can translate for. Subclasses say where to send, with which credentials, and how to read the body."""

    name: str

    def __init__(self, env: Mapping[str, str]) -> None:
        ours = {
            name: value.strip() for name, value in env.items() if name.startswith(("SYNTH_", "AWS_")) or name.endswith("_API_KEY")
        }
        self.env = ours
        register_secrets(secrets_in(self.env))
        self._clients: dict[asyncio.AbstractEventLoop, tuple[Any, Any]] = {}  # loop -> (client, its transport)
        self._prepared: dict[tuple[int, int, int, str], tuple[ModelCard, Mapping[str, Json], Prepared]] = {}

    @abstractmethod
    def missing(self) -> str | None:
        """Why no arm can be used now; None when usable. Looks at the environment handed in only."""

    def missing_for(self, card: ModelCard) -> str | None:
        """Why `card` can't be used now though others may; None when it can."""
        return None

    @abstractmethod
    def target(self, call: Call) -> Target:
        """Where calls like `call` go, and how litellm translates them."""

    @abstractmethod
    async def authorise(self, call: Call, target: Target, body: bytes) -> Mapping[str, str]:
        """The headers with the key, asked for at the last moment."""

    @abstractmethod
    def read(self, document: Any, card: ModelCard) -> Reply:
        """The reply in a body. LookupError, TypeError, ValueError or AttributeError when there is none."""

    async def ask(self, call: Call, on_reply: Callable[[Reply], None]) -> list[Json]:
        """See `core.models.Provider.ask`."""
        if why := self.missing() or self.missing_for(call.card):
            raise ModelError(f"{self.name}: {why}", outcome=Outcome.REFUSED)
        if not loaded():
            await asyncio.to_thread(libraries)
        exchange = Exchange(call)
        found = await self._send(exchange) or self._reply(exchange)
        if isinstance(found, ModelError):
            raise found  # outside any handler: no foreign error, which may hold the key, hangs on to it
        on_reply(found)
        records = _unusable(exchange, found) or _records(exchange, found)
        if isinstance(records, ModelError):
            raise records
        return records

    async def _send(self, exchange: Exchange) -> ModelError | None:
        """Have `exchange` filled in by the provider's answer; what went wrong, or None."""
        call = exchange.call
        try:
            async with asyncio.timeout(call.timeout):
                prepared = self._prepare(call)
                exchange.lift, body = prepared.lift, prepared.body(call)
                try:
                    keys = await self.authorise(call, prepared.target, body)
                except Exception as error:  # botocore has many
                    return ModelError(f"{exchange.who}: no credentials: {one_line(error)}", outcome=Outcome.REFUSED)
                await self._post(exchange, prepared.target, keys, body)
        except Exception as error:  # whatever a foreign library raises becomes ours here
            return exchange.broken(error)
        return exchange.refused()

    async def _post(self, exchange: Exchange, target: Target, keys: Mapping[str, str], body: bytes) -> None:
        from synth_sdk.providers.sockets import post

        client = self._client()
        request = post(target.url, {**_HEADERS, **target.headers, **keys}, body)
        exchange.sent = True
        response = await client.send(request, stream=True)
        exchange.status, exchange.headers = response.status_code, response.headers
        try:
            exchange.body = await response.aread()
        finally:
            await response.aclose()

    def _reply(self, exchange: Exchange) -> Reply | ModelError:
        try:
            reply = self.read(exchange.document, exchange.call.card)
        except _NO_REPLY:
            return exchange.no_reply()
        if allowance := allowance_of(exchange.headers):
            reply = replace(reply, allowance=allowance)
        return reply if exchange.lift is None else lifted(reply, exchange.lift)

    def _prepare(self, call: Call) -> Prepared:
        """What calls like this have in common, worked out at the first of them. A schema isn't changed once it was asked for."""
        key = (id(call.card), id(call.schema), call.count, call.instructions)
        card, schema, prepared = self._prepared.get(key, (None, None, None))
        if prepared is not None and card is call.card and schema is call.schema:
            return prepared
        prepared = prepare(call, self.target(call))
        if len(self._prepared) >= _MOST_PREPARED:
            self._prepared.clear()
        self._prepared[key] = call.card, call.schema, prepared
        return prepared

    def _client(self) -> Any:
        """The HTTP client of the running loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            from synth_sdk.providers.sockets import Client, Transport

            transport = Transport()
            self._clients[loop] = (Client(transport), transport)
        return self._clients[loop][0]

    async def aclose(self) -> None:
        """Close the connections of the running loop and drop those of loops that are gone. The provider can be used again."""
        running = asyncio.get_running_loop()
        for loop in [loop for loop in self._clients if loop is running or loop.is_closed()]:
            _, transport = self._clients.pop(loop)
            await transport.release()


def worth_caching(call: Call) -> bool:
    """Whether to mark the instructions for the provider's prompt cache: they are long enough, and the card tells what that costs."""
    return call.card.prices.cache_read_per_m is not None and len(call.instructions.encode()) >= _SHORTEST_CACHED


def effort(card: ModelCard) -> dict[str, Any]:
    """litellm's argument for how long the arm is to think, translated for each model; nothing when the card leaves it open."""
    return {"reasoning_effort": card.effort} if card.effort else {}


def _unusable(exchange: Exchange, reply: Reply) -> ModelError | None:
    """What is wrong with a reply that holds no text to parse."""
    cut, why = reply.finish != "stop", reply.native_finish_reason
    if reply.finish == "filter":
        return _failed(exchange, reply, "the content filter stopped the reply", Outcome.FILTERED)
    if readable(reply.text or "", cut):
        return None
    if reply.finish == "length":
        return _failed(exchange, reply, f"the reply was cut at {exchange.call.max_tokens} tokens", Outcome.TRUNCATED)
    if why == "error":
        return _failed(exchange, reply, "the provider broke off", Outcome.UNAVAILABLE)
    return _failed(exchange, reply, "the model's output was malformed" if cut else "the reply is empty", Outcome.BROKEN)


def _failed(exchange: Exchange, reply: Reply, what: str, outcome: Outcome) -> ModelError:
    native = reply.native_finish_reason
    said = f"{exchange.who}: {what}{f' ({native})' if native else ''}"
    return ModelError(said, outcome=outcome, status=exchange.status, native_finish_reason=native)


def _records(exchange: Exchange, reply: Reply) -> list[Json] | ModelError:
    """The records in a reply; if instructor can't type it, where it fails, without quoting it."""
    try:
        return typed(readable(reply.text or "", reply.finish != "stop") or "")
    except Exception as error:
        from pydantic import ValidationError

        invalid = next((cause for cause in chain(error) if isinstance(cause, ValidationError)), None)
        flaws = invalid.errors(include_url=False, include_input=False)[:3] if invalid else []
        what = "; ".join(f"{'.'.join(map(str, flaw['loc'])) or 'reply'}: {flaw['msg']}" for flaw in flaws) or type(error).__name__
        said = f"{exchange.who}: the reply is not what was asked for: {what}"
        return ModelError(said, outcome=Outcome.BROKEN, status=exchange.status)

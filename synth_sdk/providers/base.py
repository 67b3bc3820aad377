"""The engine that all providers share: a `Call` in, typed records out, every foreign error turned into a `ModelError`.

    ask -> instructor (types the reply) -> _complete (the wrapper) -> litellm.acompletion -> aiohttp

The wrapper puts the key in, notes what came back, hands the raw reply out to be journalled and settled, and only then lets
instructor read it. Nothing here retries: the router owns every try.
"""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from synth_sdk.core.envelope import wrap
from synth_sdk.core.errors import ModelError, Outcome
from synth_sdk.core.models import Call, Json, Reply
from synth_sdk.core.redact import redact, register_secrets
from synth_sdk.providers.engine import libraries, loaded, unlogged
from synth_sdk.providers.exchange import CURRENT, Exchange
from synth_sdk.providers.failures import chain, error_in_reply, how_it_broke, refusal
from synth_sdk.providers.keys import secrets_in
from synth_sdk.providers.replies import finish_of, no_usage, readable, response_model, stated_cost, usage_of


class LitellmProvider(ABC):
    """A provider that litellm can speak to. Subclasses say where to send, with which credentials, and how to read the body."""

    name: str
    usage_field: str = "usage"

    def __init__(self, env: Mapping[str, str]) -> None:
        ours = {
            name: value.strip() for name, value in env.items() if name.startswith(("SYNTH_", "AWS_")) or name.endswith("_API_KEY")
        }
        self.env = ours
        register_secrets(secrets_in(self.env))
        self._clients: dict[asyncio.AbstractEventLoop, tuple[Any, Any]] = {}  # loop -> (client, its transport)
        self._typed: Any = None

    @abstractmethod
    def missing(self) -> str | None:
        """Why no arm can be used now; None when usable. Looks at the environment handed in only."""

    @abstractmethod
    def target(self, call: Call) -> dict[str, Any]:
        """litellm's arguments for where the call goes and how; no credentials."""

    @abstractmethod
    async def credentials(self, call: Call) -> dict[str, Any]:
        """litellm's arguments with the key, asked for at the last moment."""

    @abstractmethod
    def native_finish(self, document: Any) -> str | None:
        """The provider's own word for why the reply ended, from the body."""

    def native_schema(self, call: Call, document: dict[str, Any]) -> dict[str, Any] | None:
        """What of the reply's schema goes into the request's own field; None when the model is to be told in words."""
        return None if call.card.structured == "prompt" else document

    def open_client(self, transport: Any) -> Any:
        """An HTTP client over `transport`, of the kind litellm takes for this provider."""
        from synth_sdk.providers.sockets import Handler

        return Handler(transport)

    async def ask(self, call: Call, on_reply: Callable[[Reply], None]) -> list[Json]:
        """See `core.models.Provider.ask`."""
        if why := self.missing():
            raise ModelError(f"{self.name}: {why}", outcome=Outcome.REFUSED)
        _, instructor = libraries() if loaded() else await asyncio.to_thread(libraries)
        if self._typed is None:
            self._typed = instructor.from_litellm(self._complete, mode=instructor.Mode.JSON_SCHEMA)
        model = response_model(json.dumps(call.schema), call.count)
        native = self.native_schema(call, model.model_json_schema())
        exchange = Exchange(call, on_reply, native)
        token = CURRENT.set(exchange)
        try:
            messages = _messages(call, in_words=native is None)
            records = await self._typed.create(response_model=model, messages=messages, max_retries=0, strict=False)
            return list(records.items)
        except Exception as error:  # whatever a foreign library raises becomes ours here
            failure = exchange.failure or self._unreadable(exchange, error)
        finally:
            CURRENT.reset(token)
        raise failure.with_traceback(None)  # outside the handler: no foreign error, which may hold the key, hangs on to it

    async def _complete(self, messages: list[dict[str, Any]], response_format: dict[str, Any], **_: Any) -> Any:
        """One exchange through litellm; called by instructor, which reads what it returns."""
        exchange = CURRENT.get()
        assert exchange is not None  # noqa: S101 - set by `ask`
        response = None
        try:
            async with asyncio.timeout(exchange.call.timeout):
                keys = await self._keys(exchange)
                if keys is not None:
                    response = await self._send(exchange, messages, response_format["json_schema"]["name"], keys)
            if response is not None:
                exchange.failure = self._error_in_body(exchange) or self._take(exchange, response)
        except Exception as error:  # as above
            exchange.failure = self._failure(exchange, error)
        if exchange.failure:
            raise exchange.failure
        return response

    async def _keys(self, exchange: Exchange) -> dict[str, Any] | None:
        """The credentials; None, and the failure noted, when they can't be had."""
        try:
            return await self.credentials(exchange.call)
        except Exception as error:  # botocore has many
            exchange.failure = ModelError(f"{exchange.who}: no credentials: {_one_line(error)}", outcome=Outcome.REFUSED)
            return None

    async def _send(self, exchange: Exchange, messages: list[dict[str, Any]], name: str, keys: dict[str, Any]) -> Any:
        litellm, _ = libraries()
        call, form = exchange.call, {"name": name, "schema": exchange.native}
        how = {"response_format": {"type": "json_schema", "json_schema": form}} if exchange.native else {}
        with unlogged():
            return await litellm.acompletion(
                messages=messages,
                max_tokens=call.max_tokens,
                timeout=call.timeout,
                num_retries=0,
                client=self._client(),
                **how,
                **self.target(call),
                **keys,
            )

    def _take(self, exchange: Exchange, response: Any) -> Exception | None:
        """Hand the raw reply out, then leave in `response` what instructor can read. What stands in the way is returned."""
        choice = response.choices[0]
        native = self.native_finish(exchange.document)
        stated = exchange.document.get(self.usage_field) if isinstance(exchange.document, dict) else None
        reply = Reply(
            text=choice.message.content,
            finish=finish_of(native, choice.finish_reason),
            native_finish_reason=native,
            usage=usage_of(response.usage) if stated else None,
            cost_usd=stated_cost(stated),
            model=response.model or exchange.call.card.model,
        )
        try:
            exchange.on_reply(reply)
        except Exception as error:  # the journal's or the ledger's own error goes through unchanged
            return error
        failure, text = self._readable(exchange, reply)
        choice.message.content, choice.finish_reason = text, "stop"
        response.usage = no_usage()  # it has been read; instructor would add it up again
        return failure

    def _readable(self, exchange: Exchange, reply: Reply) -> tuple[ModelError | None, str]:
        """(what is wrong with the reply, or None; the text to parse)."""

        def broken(what: str, outcome: Outcome) -> tuple[ModelError, str]:
            why = f" ({reply.native_finish_reason})" if reply.native_finish_reason else ""
            said = f"{exchange.who}: {what}{why}"
            return ModelError(said, outcome=outcome, status=exchange.status, native_finish_reason=reply.native_finish_reason), ""

        if reply.finish == "filter":
            return broken("the content filter stopped the reply", Outcome.FILTERED)
        text = readable(reply.text or "", cut=reply.finish != "stop")
        if reply.finish == "length" and not text:
            return broken(f"the reply was cut at {exchange.call.max_tokens} tokens", Outcome.TRUNCATED)
        if reply.native_finish_reason == "error" and not text:
            return broken("the provider broke off", Outcome.UNAVAILABLE)
        if reply.finish == "error" and not text:
            return broken("the model's output was malformed", Outcome.BROKEN)
        if not text:
            return broken("the reply is empty", Outcome.BROKEN)
        return None, text

    def _error_in_body(self, exchange: Exchange) -> ModelError | None:
        """The error that stands in a 200 in place of a reply. The provider had begun: an upstream's failure may be billed."""
        found = error_in_reply(exchange.document)
        if found is None:
            return None
        code, error = found
        body = json.dumps({"error": error}).encode()
        return refusal(exchange.who, code, exchange.headers, body, may_be_billed=code == 408 or code >= 500)

    def _failure(self, exchange: Exchange, error: Exception) -> ModelError:
        """What a failed exchange means: by what the provider answered, else by how far the request got."""
        who, status = exchange.who, exchange.status
        if status is not None and status >= 300:
            return refusal(who, status, exchange.headers, exchange.body)
        if inside := self._error_in_body(exchange):
            return inside
        if exchange.whole:
            start = " ".join(redact(exchange.body.decode(errors="replace")).split())[:80]
            said = f"{who}: {status} with a body that is no reply: {start!r}"
            return ModelError(said, outcome=Outcome.UNAVAILABLE, may_be_billed=True, status=status)
        how, connected = how_it_broke(error)
        if how == "timeout":
            said = f"{who}: no reply within {exchange.call.timeout:g} s"
            return ModelError(said, outcome=Outcome.TIMEOUT, may_be_billed=exchange.sent and connected, status=status)
        if exchange.sent:
            said = f"{who}: {'the connection broke before the reply was whole' if connected else 'no connection'}{how and f' ({how})'}"
            return ModelError(said, outcome=Outcome.UNAVAILABLE, may_be_billed=connected, status=status)
        said = f"{who}: not sent: {_one_line(error)}"  # litellm doesn't take the arguments
        return ModelError(said, outcome=Outcome.BAD_REQUEST)

    def _unreadable(self, exchange: Exchange, error: Exception) -> ModelError:
        """instructor couldn't type the reply: say where, without quoting it."""
        from pydantic import ValidationError

        typed = next((cause for cause in chain(error) if isinstance(cause, ValidationError)), None)
        flaws = typed.errors(include_url=False, include_input=False)[:3] if typed else []
        what = "; ".join(f"{'.'.join(map(str, flaw['loc'])) or 'reply'}: {flaw['msg']}" for flaw in flaws) or type(error).__name__
        said = f"{exchange.who}: the reply is not what was asked for: {what}"
        return ModelError(said, outcome=Outcome.BROKEN, status=exchange.status)

    def _client(self) -> Any:
        """The HTTP client of the running loop."""
        from synth_sdk.providers.sockets import Transport

        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            transport = Transport()
            self._clients[loop] = (self.open_client(transport), transport)
        return self._clients[loop][0]

    async def aclose(self) -> None:
        """Close the connections of the running loop and drop those of loops that are gone. The provider can be used again."""
        running = asyncio.get_running_loop()
        for loop in [loop for loop in self._clients if loop is running or loop.is_closed()]:
            _, transport = self._clients.pop(loop)
            await transport.release()


def effort(call: Call) -> dict[str, Any]:
    """litellm's argument for how long the arm is to think, translated for each model; nothing when the card leaves it open."""
    return {"reasoning_effort": call.card.effort} if call.card.effort else {}


def _messages(call: Call, *, in_words: bool) -> list[dict[str, Any]]:
    """Static prefix first. A model without schema support is told the schema in words, behind the instructions."""
    instructions = call.instructions
    if in_words:
        schema = json.dumps(wrap(call.schema, call.count), ensure_ascii=False)
        how = f"Answer with one JSON document and nothing else. It must be valid under this JSON Schema:\n{schema}"
        instructions = f"{instructions}\n\n{how}" if instructions else how
    said = [("system", instructions), ("user", call.prompt)]
    if call.correction:
        before, flaw = call.correction
        said += [("assistant", before), ("user", f"That answer can't be used: {flaw}\nWrite the whole answer again, corrected.")]
    return [{"role": role, "content": text} for role, text in said if text]


def _one_line(error: Exception) -> str:
    return redact(" ".join(str(error).split()))[:300]

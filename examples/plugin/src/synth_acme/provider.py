"""A provider: an API of the `chat/completions` shape, asked over httpx. It knows wire format and key, nothing of prices or retries."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from synth_sdk.core.envelope import unwrap, wrap
from synth_sdk.core.errors import ModelError, Outcome
from synth_sdk.core.models import Call, Reply, Usage
from synth_sdk.core.redact import register_secrets

_API = "https://api.acme.invalid/v1"
_FINISH = {"stop": "stop", "length": "length", "content_filter": "filter"}
_REFUSED = {401: Outcome.REFUSED, 403: Outcome.REFUSED, 404: Outcome.REFUSED, 402: Outcome.QUOTA, 429: Outcome.RATE_LIMITED}


class AcmeProvider:
    """ACME_API_KEY; ACME_API_BASE moves the endpoint."""

    name = "acme"

    def __init__(self, env: Mapping[str, str]) -> None:
        self._key, self._base = env.get("ACME_API_KEY", ""), env.get("ACME_API_BASE", _API).rstrip("/")
        register_secrets([self._key])  # no message of ours will show it, whoever quotes it

    def missing(self) -> str | None:
        return None if self._key else "set ACME_API_KEY"

    async def ask(self, call: Call, on_reply: Callable[[Reply], None]) -> list[Any]:
        if why := self.missing():
            raise ModelError(f"acme: {why}", outcome=Outcome.REFUSED)
        document = await self._post(call)
        try:
            reply = _reply(document)
        except (LookupError, TypeError):
            raise _failed(call, "an answer that is no reply", Outcome.UNAVAILABLE, billed=True) from None
        on_reply(reply)  # from here on it is paid for, and on disk
        if reply.finish == "filter":
            raise _failed(call, "the content filter stopped the reply", Outcome.FILTERED)
        if reply.finish == "length":
            raise _failed(call, f"the reply was cut at {call.max_tokens} tokens", Outcome.TRUNCATED)
        return unwrap(reply.text or "")

    async def aclose(self) -> None: ...

    async def _post(self, call: Call) -> Any:
        import httpx  # when it is first asked, not when plugins are listed

        try:
            async with asyncio.timeout(call.timeout), httpx.AsyncClient(timeout=None) as client:  # noqa: S113 - the line has one
                headers = {"authorization": f"Bearer {self._key}"}
                answer = await client.post(f"{self._base}/chat/completions", json=_body(call), headers=headers)
        except TimeoutError:
            raise _failed(call, f"no reply within {call.timeout:g} s", Outcome.TIMEOUT, billed=True) from None
        except httpx.ConnectError:
            raise _failed(call, "no connection", Outcome.UNAVAILABLE) from None
        except httpx.HTTPError as error:
            raise _failed(call, f"the connection broke: {type(error).__name__}", Outcome.UNAVAILABLE, billed=True) from None
        if answer.status_code != 200:
            outcome = _REFUSED.get(answer.status_code, Outcome.UNAVAILABLE if answer.status_code >= 500 else Outcome.BAD_REQUEST)
            raise _failed(call, f"status {answer.status_code}", outcome, after=_seconds(answer.headers.get("retry-after")))
        try:
            return answer.json()
        except ValueError:
            raise _failed(call, "an answer that is not JSON", Outcome.UNAVAILABLE, billed=True) from None


def _body(call: Call) -> dict[str, Any]:
    messages = [{"role": "system", "content": call.instructions}, {"role": "user", "content": call.prompt}]
    if call.correction:
        previous, wrong = call.correction
        messages += [{"role": "assistant", "content": previous}, {"role": "user", "content": wrong}]
    schema = {"name": "records", "schema": wrap(call.schema, call.count)}
    return {
        "model": call.card.model,
        "messages": messages,
        "max_tokens": call.max_tokens,
        "response_format": {"type": "json_schema", "json_schema": schema},
    }


def _reply(document: Any) -> Reply:
    choice, usage = document["choices"][0], document.get("usage")
    counted = Usage(input_tokens=usage["prompt_tokens"], output_tokens=usage["completion_tokens"]) if usage else None
    finish = _FINISH.get(choice["finish_reason"], "error")
    return Reply(
        text=choice["message"]["content"],
        finish=finish,  # type: ignore[arg-type]  # one of the four words
        native_finish_reason=choice["finish_reason"],
        usage=counted,
        model=document.get("model", ""),
    )


def _failed(call: Call, what: str, outcome: Outcome, *, billed: bool = False, after: float | None = None) -> ModelError:
    return ModelError(f"{call.card.id}: {what}", outcome=outcome, may_be_billed=billed, retry_after=after)


def _seconds(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None

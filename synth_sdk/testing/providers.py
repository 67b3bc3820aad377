"""What every provider must keep to."""

import asyncio
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from synth_sdk.core.errors import ModelError, Outcome
from synth_sdk.core.models import Call, Json, ModelCard, Prices, Provider, Reply, Usage
from synth_sdk.testing.loopback import Answer, Loopback, answering
from synth_sdk.testing.must import must

Make = Callable[[Mapping[str, str]], Provider]

_SECRET = ("KEY", "TOKEN", "SECRET", "PASSWORD", "KEY_ID")
_FINISHES = ("stop", "length", "filter", "error")
_RECORDS: list[Json] = [{"n": 1}, {"n": 2}]
_SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}
_TIMEOUT, _GRACE = 5.0, 3.0  # seconds
_PATIENCE = 0.5  # seconds for a server that never answers
_DELAY = 7.0  # seconds, as a server states them


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    """What a server does, and what becomes of it: one of `outcomes`."""

    what: str
    answer: Answer
    outcomes: tuple[Outcome, ...]
    billed: bool | None = None
    timeout: float = _TIMEOUT


_FAILURES = (
    _Failure(what="401 that quotes the key", answer=Answer(status=401, echo=True), outcomes=(Outcome.REFUSED,)),
    _Failure(
        what=f"429 with retry-after: {_DELAY:g}",
        answer=Answer(status=429, headers={"retry-after": f"{_DELAY:g}"}, body=b"{}"),
        outcomes=(Outcome.RATE_LIMITED,),
    ),
    _Failure(what="503", answer=Answer(status=503, body=b"{}"), outcomes=(Outcome.UNAVAILABLE,)),
    _Failure(
        what="a 200 that isn't JSON",
        answer=Answer(body=b"<html>"),
        outcomes=(Outcome.UNAVAILABLE, Outcome.BROKEN),
        billed=True,
    ),
    _Failure(what="a broken connection", answer=Answer(status=None), outcomes=(Outcome.UNAVAILABLE,), billed=True),
    _Failure(what="no answer", answer=Answer(silent=True), outcomes=(Outcome.TIMEOUT,), billed=True, timeout=_PATIENCE),
)


def check_provider(
    make: Make,
    env: Mapping[str, str],
    *,
    card: ModelCard | None = None,
    endpoint: str | None = None,
    reply: Callable[[Sequence[Json]], bytes] | None = None,
) -> None:
    """`make(env)` builds the provider from an environment in which it can be used: with marker keys, not real ones.

    Without variables it says which are missing, and refuses to ask. No key is ever quoted.

    * `card`: one call is made for this arm, to wherever `env` leads; let that be a server on loopback.
    * `endpoint`: the variable of `env` that moves its endpoint. Servers stand there that fail in every way, each asked once: what is
      raised must be a ModelError that says how, with the stated delay, and whether the call may be billed.
    * `reply(records)`: the body in which its API would send `records` in the envelope `{"items": [...]}`: they must come back.
    """
    secrets = [value for name, value in env.items() if name.upper().endswith(_SECRET) and value]
    _check_missing(make, env, secrets)
    asyncio.run(_check_refusal(make, card))
    if card is not None:
        asyncio.run(_check_answer(make(env), card, None))
    if endpoint is not None:
        must(endpoint in env, f"endpoint {endpoint!r} is no variable of env")
        asyncio.run(_check_failures(make, env, endpoint, card, secrets))
    if reply is not None:
        must(endpoint is not None, "name the variable that moves the endpoint too")
        asyncio.run(_check_reply(make, env, endpoint or "", card, reply(_RECORDS)))


def _check_missing(make: Make, env: Mapping[str, str], secrets: Sequence[str]) -> None:
    bare, ready = make({}), make(env)
    must(isinstance(ready.name, str) and ready.name, "name must be a text")
    why = bare.missing()
    must(isinstance(why, str) and why, "missing() must say what is missing where no variable is set")
    must(any(name in str(why) for name in env), f"missing() must name the variables to set, not say {why!r}")
    must(ready.missing() is None, f"missing() must be None in the environment given, not {ready.missing()!r}")
    for secret in secrets:
        partial = make({name: value for name, value in env.items() if value != secret})
        for told in (repr(ready), str(ready), str(partial.missing())):
            must(secret not in told, "it quotes its key")


async def _check_refusal(make: Make, card: ModelCard | None) -> None:
    provider = make({})
    try:
        error = await _raised(provider, _call(card or _card(provider)), "where variables are missing")
        must(isinstance(error, ModelError), f"where variables are missing ask() must raise ModelError, not {_told(error)}")
    finally:
        await provider.aclose()
        await provider.aclose()  # twice is once


async def _check_answer(provider: Provider, card: ModelCard, wanted: Sequence[Json] | None) -> None:
    seen: list[Reply] = []
    try:
        found = await provider.ask(_call(card), seen.append)
    except Exception as error:
        raise AssertionError(f"a good answer ends in {_told(error)}") from error
    finally:
        await provider.aclose()
    must(len(seen) == 1, f"on_reply must be called once for a reply, not {len(seen)} times")
    _check_types(seen[0])
    must(isinstance(found, list), f"ask() must return a list of values, not {type(found).__name__}")
    if wanted is None:
        must(found, "ask() returns no value")
    else:
        must(found == list(wanted), f"ask() returns {found!r} where the reply holds {wanted!r}")


def _check_types(reply: Reply) -> None:
    must(isinstance(reply, Reply), f"on_reply must be handed a Reply, not {type(reply).__name__}")
    must(isinstance(reply.text, str | None), "text must be a text, or None")
    must(reply.finish in _FINISHES, f"finish {reply.finish!r} must be one of {', '.join(_FINISHES)}")
    must(isinstance(reply.usage, Usage | None), "usage must be a Usage, or None where none is stated")
    for part in fields(Usage) if reply.usage else ():
        count = getattr(reply.usage, part.name)
        must(type(count) is int and count >= 0, f"usage.{part.name} must be a whole number of at least 0, not {count!r}")
    cost: Any = reply.cost_usd
    must(
        cost is None or (isinstance(cost, Decimal) and cost.is_finite() and cost >= 0),
        f"cost_usd must be a Decimal or None, not {cost!r}",
    )


async def _check_failures(
    make: Make, env: Mapping[str, str], endpoint: str, card: ModelCard | None, secrets: Sequence[str]
) -> None:
    for failure in _FAILURES:
        async with answering(failure.answer) as server:
            provider = make({**env, endpoint: _moved(env[endpoint], server.url)})
            error = await _raised(provider, _call(card or _card(provider), failure.timeout), failure.what)
            _check_failure(failure, error, server, secrets)
    async with answering(Answer()) as server:
        url = server.url
    provider = make({**env, endpoint: _moved(env[endpoint], url)})
    error = await _raised(provider, _call(card or _card(provider)), "where nobody listens")
    must(isinstance(error, ModelError), f"where nobody listens it must raise ModelError, not {_told(error)}")
    must(isinstance(error, ModelError) and not error.may_be_billed, "where nobody listens nothing can be billed")
    await _check_cancelled(make, env, endpoint, card)


def _check_failure(failure: _Failure, error: BaseException | None, server: Loopback, secrets: Sequence[str]) -> None:
    what = failure.what
    if not isinstance(error, ModelError):
        raise AssertionError(f"{what}: must be a ModelError, not {_told(error)}")
    must(error.outcome in failure.outcomes, f"{what}: the outcome is {error.outcome.value!r}, not {failure.outcomes[0].value!r}")
    must(len(server.requests) == 1, f"{what}: it asked {len(server.requests)} times; the router does the retries")
    if failure.billed is not None:
        must(
            error.may_be_billed == failure.billed, f"{what}: may_be_billed must be {failure.billed}, for work may have been done"
        )
    if failure.outcomes == (Outcome.RATE_LIMITED,):
        must(error.retry_after == _DELAY, f"{what}: retry_after is {error.retry_after}")
    shown = "".join(traceback.format_exception(error))
    must(not any(secret in shown for secret in secrets), f"{what}: the error quotes the key")


async def _check_cancelled(make: Make, env: Mapping[str, str], endpoint: str, card: ModelCard | None) -> None:
    async with answering(Answer(silent=True)) as server:
        provider = make({**env, endpoint: _moved(env[endpoint], server.url)})
        asking = asyncio.create_task(provider.ask(_call(card or _card(provider)), lambda reply: None))
        await asyncio.wait_for(server.asked.wait(), _TIMEOUT)
        asking.cancel()
        ended = await asyncio.wait([asking], timeout=_GRACE)
        told = None if asking.cancelled() or not asking.done() else asking.exception()
        must(ended[0] and asking.cancelled(), f"an ask() that is cancelled must end with CancelledError, not {_told(told)}")
        await provider.aclose()


async def _check_reply(make: Make, env: Mapping[str, str], endpoint: str, card: ModelCard | None, body: bytes) -> None:
    async with answering(Answer(body=body)) as server:
        provider = make({**env, endpoint: _moved(env[endpoint], server.url)})
        await _check_answer(provider, card or _card(provider), _RECORDS)
        must(len(server.requests) == 1, f"a good answer: it asked {len(server.requests)} times")


async def _raised(provider: Provider, call: Call, what: str) -> BaseException | None:
    """What ask() raises, if it does. AssertionError when it doesn't come to an end."""
    asking = asyncio.create_task(provider.ask(call, lambda reply: None))
    limit = call.timeout + _GRACE
    ended, _ = await asyncio.wait([asking], timeout=limit)
    if not ended:
        asking.cancel()
        await asyncio.wait([asking], timeout=_GRACE)
        raise AssertionError(f"{what}: no end within {limit:g} s, with a timeout of {call.timeout:g} s")
    await provider.aclose()
    return asking.exception()


def _moved(old: str, server: str) -> str:
    """The endpoint `old` with its path, at `server`."""
    _, _, rest = old.partition("://")
    _, slash, path = rest.partition("/")
    return f"{server}{slash}{path}"


def _card(provider: Provider) -> ModelCard:
    return ModelCard(
        id=f"{provider.name}/check",
        provider=provider.name,
        model="check",
        prices=Prices(input_per_m=None, output_per_m=None, free=True),
        context_tokens=32_000,
        max_output_tokens=4_000,
        quality=0.5,
        quality_sd=0.3,
        source="",
        quality_source="",
        as_of="",
    )


def _call(card: ModelCard, timeout: float = _TIMEOUT) -> Call:
    return Call(
        card=card,
        instructions="You write records.",
        prompt="Write 2 records.",
        schema=_SCHEMA,
        count=len(_RECORDS),
        max_tokens=500,
        timeout=timeout,
    )


def _told(error: BaseException | None) -> str:
    return "nothing at all" if error is None else f"{type(error).__name__}: {error}"

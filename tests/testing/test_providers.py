"""`check_provider`: our own and a small right one, and wrong ones, each found out for its own reason."""

import asyncio
import json
from dataclasses import replace
from decimal import Decimal

import httpx
import pytest

from synth_sdk.core.envelope import unwrap
from synth_sdk.core.errors import ModelError, Outcome
from synth_sdk.core.models import Reply, Usage
from synth_sdk.providers.local import LocalProvider
from synth_sdk.testing import check_provider, providers
from synth_sdk.testing.providers import _card
from tests.support.provider_server import ProviderServer

KEY = "MARKER-key-0123456789"
ENV = {"TINY_API_KEY": KEY, "TINY_API_BASE": "http://127.0.0.1:9/v1"}
OUTCOMES = {401: Outcome.REFUSED, 429: Outcome.RATE_LIMITED}


class Tiny:
    """As small as a provider can be: posts what it is asked, and takes a body of `{"text", "in", "out"}`."""

    name = "tiny"

    def __init__(self, env):
        self._key, self._base = env.get("TINY_API_KEY"), env.get("TINY_API_BASE")

    def missing(self):
        return None if self._key else "set TINY_API_KEY"

    async def ask(self, call, on_reply):
        if not self._key:
            raise ModelError("tiny: set TINY_API_KEY", outcome=Outcome.REFUSED)
        try:
            async with httpx.AsyncClient() as client, asyncio.timeout(call.timeout):  # making a client takes a while
                answer = await self.send(client, call)
        except httpx.ConnectError:
            raise ModelError("no connection", outcome=Outcome.UNAVAILABLE) from None
        except TimeoutError:
            raise ModelError("too slow", outcome=Outcome.TIMEOUT, may_be_billed=True) from None
        except httpx.HTTPError:
            raise ModelError("broke", outcome=Outcome.UNAVAILABLE, may_be_billed=True) from None
        if answer.status_code != 200:
            raise self.refusal(answer)
        try:
            document = answer.json()
        except ValueError:
            raise ModelError("garbage", outcome=Outcome.UNAVAILABLE, may_be_billed=True) from None
        reply = self.reply(document)
        on_reply(reply)
        return unwrap(reply.text)

    async def send(self, client, call):
        return await client.post(
            self._base, json={"prompt": call.prompt}, headers={"authorization": f"Bearer {self._key}"}, timeout=None
        )

    def refusal(self, answer):
        after = answer.headers.get("retry-after")
        outcome = OUTCOMES.get(answer.status_code, Outcome.UNAVAILABLE)
        return ModelError(f"status {answer.status_code}", outcome=outcome, retry_after=float(after) if after else None)

    def reply(self, document):
        return Reply(
            text=document["text"], finish="stop", usage=Usage(input_tokens=document["in"], output_tokens=document["out"])
        )

    async def aclose(self):
        pass


def body(records):
    return json.dumps({"text": json.dumps({"items": records}), "in": 3, "out": 4}).encode()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    quick = replace(providers._FAILURES[-1], timeout=0.2)
    monkeypatch.setattr("synth_sdk.testing.providers._FAILURES", (*providers._FAILURES[:-1], quick))


def test_a_right_provider_passes():
    check_provider(Tiny, ENV, endpoint="TINY_API_BASE", reply=body)


def test_our_own_passes_against_a_server_of_the_authors():
    with ProviderServer() as server:
        env = server.env("local")
        card = replace(_card(LocalProvider(env)), model="")
        check_provider(LocalProvider, env, card=card, endpoint="SYNTH_LOCAL_API_BASE")
        assert len(server.requests) == 1


class Nameless(Tiny):
    name = ""


class NeverMissing(Tiny):
    def missing(self):
        return None


class Vague(Tiny):
    def missing(self):
        return None if self._key else "something is missing"


class AlwaysMissing(Tiny):
    def missing(self):
        return "set TINY_API_KEY"


class Boasting(Tiny):
    def __repr__(self):
        return f"Tiny({self._key})"


class AsksAnyway(Tiny):
    async def ask(self, call, on_reply):
        if not self._key:
            raise ValueError("no key")
        return await Tiny.ask(self, call, on_reply)


class Quoting(Tiny):
    def refusal(self, answer):
        return ModelError(f"{answer.status_code}: the key {self._key} is not accepted", outcome=Outcome.REFUSED)


class OneOutcome(Tiny):
    def refusal(self, answer):
        return ModelError("failed", outcome=Outcome.UNAVAILABLE)


class Forgetful(Tiny):
    def refusal(self, answer):
        return ModelError("failed", outcome=OUTCOMES.get(answer.status_code, Outcome.UNAVAILABLE))


class Stubborn(Tiny):
    async def send(self, client, call):
        for _ in range(2):
            answer = await Tiny.send(self, client, call)
        return answer


class Patient(Tiny):
    async def ask(self, call, on_reply):
        return await Tiny.ask(self, replace(call, timeout=call.timeout + 60), on_reply)


class Foreign(Tiny):
    def refusal(self, answer):
        return RuntimeError(answer.status_code)


class Free(Tiny):
    """Says of nothing that it may be billed."""

    async def ask(self, call, on_reply):
        try:
            return await Tiny.ask(self, call, on_reply)
        except ModelError as error:
            error.may_be_billed = False
            raise


class Dear(Tiny):
    """Says of everything that it may be billed."""

    async def ask(self, call, on_reply):
        try:
            return await Tiny.ask(self, call, on_reply)
        except ModelError as error:
            error.may_be_billed = True
            raise


class Uncancellable(Tiny):
    async def ask(self, call, on_reply):
        try:
            return await Tiny.ask(self, call, on_reply)
        except asyncio.CancelledError:
            raise ModelError("cancelled", outcome=Outcome.TIMEOUT) from None


class Silent(Tiny):
    async def ask(self, call, on_reply):
        return await Tiny.ask(self, call, lambda reply: None)


class Twice(Tiny):
    async def ask(self, call, on_reply):
        return await Tiny.ask(self, call, lambda reply: (on_reply(reply), on_reply(reply)))


class Loose(Tiny):
    async def ask(self, call, on_reply):
        return tuple(await Tiny.ask(self, call, on_reply))


class Lossy(Tiny):
    async def ask(self, call, on_reply):
        return (await Tiny.ask(self, call, on_reply))[1:]


class Worded(Tiny):
    def reply(self, document):
        return replace(Tiny.reply(self, document), finish="done")


class Floating(Tiny):
    def reply(self, document):
        return replace(Tiny.reply(self, document), usage=Usage(input_tokens=3.5, output_tokens=1))


class FloatCost(Tiny):
    def reply(self, document):
        return replace(Tiny.reply(self, document), cost_usd=0.1)


class NegativeCost(Tiny):
    def reply(self, document):
        return replace(Tiny.reply(self, document), cost_usd=Decimal(-1))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (Nameless, "name must be a text"),
        (NeverMissing, "must say what is missing"),
        (Vague, "must name the variables"),
        (AlwaysMissing, "must be None in the environment given"),
        (Boasting, "it quotes its key"),
        (AsksAnyway, "where variables are missing ask.. must raise ModelError, not ValueError"),
        (Quoting, "401 that quotes the key: the error quotes the key"),
        (OneOutcome, "401 that quotes the key: the outcome is 'unavailable', not 'refused'"),
        (Forgetful, "429 with retry-after: 7: retry_after is None"),
        (Stubborn, "it asked 2 times; the router does the retries"),
        (Foreign, "must be a ModelError, not RuntimeError"),
        (Free, "a 200 that isn't JSON: may_be_billed must be True"),
        (Dear, "where nobody listens nothing can be billed"),
        (Uncancellable, "must end with CancelledError"),
        (Silent, "on_reply must be called once for a reply, not 0 times"),
        (Twice, "not 2 times"),
        (Loose, "must return a list of values, not tuple"),
        (Lossy, "where the reply holds"),
        (Worded, "finish 'done' must be one of"),
        (Floating, "usage.input_tokens must be a whole number"),
        (FloatCost, "cost_usd must be a Decimal or None, not 0.1"),
        (NegativeCost, "cost_usd must be a Decimal or None"),
    ],
)
def test_wrong_providers_are_found_out(wrong, told):
    with pytest.raises(AssertionError, match=told):
        check_provider(wrong, ENV, endpoint="TINY_API_BASE", reply=body)


def test_a_provider_that_doesnt_keep_to_its_timeout_is_found_out(monkeypatch):
    monkeypatch.setattr("synth_sdk.testing.providers._FAILURES", providers._FAILURES[-1:])
    monkeypatch.setattr("synth_sdk.testing.providers._GRACE", 0.3)
    with pytest.raises(AssertionError, match="no answer: no end within"):
        check_provider(Patient, ENV, endpoint="TINY_API_BASE")


def test_what_the_author_must_give():
    with pytest.raises(AssertionError, match="endpoint 'OTHER' is no variable of env"):
        check_provider(Tiny, ENV, endpoint="OTHER")
    with pytest.raises(AssertionError, match="name the variable that moves the endpoint"):
        check_provider(Tiny, ENV, reply=body)

"""No key ever leaves by an error, its causes, a log or a repr, whatever the provider or the libraries quote."""

import logging
import traceback

import httpx
import pytest
import respx

from synth_sdk.core.errors import ModelError
from tests.providers.helpers import ENV, URLS, call, card, reply

MARKERS = {
    **ENV,
    "AWS_SESSION_TOKEN": "MARKERsession0123456789",
    "GOOGLE_API_KEY": "MARKERgoogle0123456789",
}
SECRETS = [value for name, value in MARKERS.items() if not name.startswith("SYNTH_LOCAL_API_BASE") and "MARKER" in value]
ECHO = f"Bad key: {' '.join(SECRETS)}; header Authorization: Bearer {MARKERS['OPENROUTER_API_KEY']}"


def everything(error):
    """All text that hangs on an error: itself, its arguments, causes, contexts, attributes and traceback."""
    seen, texts = set(), []
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        texts += [str(error), repr(error), repr(error.args), repr(vars(error)), "".join(traceback.format_exception(error))]
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


def leaks(text):
    return [secret for secret in SECRETS if secret in text]


REFUSALS = {
    "error with the key in its text": {
        "return_value": httpx.Response(401, json={"error": {"message": ECHO, "code": 401}, "message": ECHO})
    },
    "400 with the key": {"return_value": httpx.Response(400, json={"error": {"message": ECHO, "code": 400}, "message": ECHO})},
    "429 with the key": {"return_value": httpx.Response(429, text=ECHO)},
    "500 in HTML": {"return_value": httpx.Response(500, text=f"<html>{ECHO}</html>")},
    "garbage 200": {"return_value": httpx.Response(200, text=ECHO)},
    "error in a 200": {"return_value": httpx.Response(200, json={"error": {"message": ECHO, "code": 502}})},
    "a header with the key": {"return_value": httpx.Response(403, json={}, headers={"x-echo": ECHO})},
    "connection": {"side_effect": httpx.ConnectError(ECHO)},
    "read": {"side_effect": httpx.ReadError(ECHO)},
    "timeout": {"side_effect": httpx.ReadTimeout(ECHO)},
    "odd": {"side_effect": RuntimeError(ECHO)},
}


@pytest.mark.parametrize("arm", list(URLS))
@pytest.mark.parametrize("refusal", REFUSALS)
async def test_failures_leak_nothing(provider, caplog, capsys, arm, refusal):
    with caplog.at_level(logging.DEBUG), respx.mock(using="httpx") as wire:
        wire.post(URLS[arm]).mock(**REFUSALS[refusal])
        with pytest.raises(ModelError) as caught:
            await provider(arm, MARKERS).ask(call(arm), lambda _: None)
    printed = capsys.readouterr()
    assert leaks(everything(caught.value)) == []
    assert leaks(caplog.text + printed.out + printed.err) == []
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert printed.out == printed.err == ""


@pytest.mark.parametrize("arm", list(URLS))
async def test_replies_that_cannot_be_read_leak_nothing(provider, caplog, arm):
    """instructor's own error carries every argument of the call."""
    with caplog.at_level(logging.DEBUG), respx.mock(using="httpx") as wire:
        wire.post(URLS[arm]).mock(return_value=httpx.Response(200, json=reply(arm, '{"items": 3}')))
        with pytest.raises(ModelError) as caught:
            await provider(arm, MARKERS).ask(call(arm), lambda _: None)
    assert leaks(everything(caught.value)) == []
    assert leaks(caplog.text) == []
    assert caught.value.__context__ is None


@pytest.mark.parametrize("arm", list(URLS))
async def test_a_good_call_logs_and_shows_nothing(provider, caplog, capsys, arm):
    one = provider(arm, MARKERS)
    seen = []
    with caplog.at_level(logging.DEBUG), respx.mock(using="httpx") as wire:
        wire.post(URLS[arm]).mock(return_value=httpx.Response(200, json=reply(arm)))
        await one.ask(call(arm), seen.append)
    printed = capsys.readouterr()
    assert leaks(caplog.text + printed.out + printed.err + repr(one) + str(one) + repr(seen)) == []
    assert "Signature=" not in caplog.text
    assert "two talks" not in caplog.text  # prompts don't go to logs either


async def test_arguments_that_litellm_refuses_leak_nothing(provider):
    with respx.mock(using="httpx"), pytest.raises(ModelError) as caught:
        await provider("nova", MARKERS).ask(call("nova", card=card("nova", effort="low")), lambda _: None)
    assert leaks(everything(caught.value)) == []


def test_the_access_key_id_counts_as_a_secret(provider):
    from synth_sdk.core.redact import redact

    provider("bedrock", {**ENV, "AWS_ACCESS_KEY_ID": "odd-but-secret-id"})
    assert "odd-but-secret-id" not in redact("it was odd-but-secret-id")

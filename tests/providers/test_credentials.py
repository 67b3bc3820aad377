"""Which provider is usable with which environment, decided without the network and without loading anything heavy."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.providers.helpers import ENV, PROVIDERS

KEYS = {"AWS_ACCESS_KEY_ID": "AKIA0123456789", "AWS_SECRET_ACCESS_KEY": "s"}


@pytest.mark.parametrize("arm", list(PROVIDERS))
def test_usable(arm):
    assert PROVIDERS[arm](ENV).missing() is None


@pytest.mark.parametrize(
    ("arm", "env", "names"),
    [
        ("gemini", {}, ["GEMINI_API_KEY", "GOOGLE_API_KEY"]),
        ("gemini", {"GEMINI_API_KEY": "  "}, ["GEMINI_API_KEY"]),
        ("gemini", {"OPENROUTER_API_KEY": "x"}, ["GEMINI_API_KEY"]),
        ("openrouter", {}, ["OPENROUTER_API_KEY"]),
        ("bedrock", {}, ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_BEARER_TOKEN_BEDROCK"]),
        ("bedrock", {"AWS_ACCESS_KEY_ID": "AKIA0123456789"}, ["AWS_SECRET_ACCESS_KEY"]),
        ("bedrock", {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}, ["AWS_ACCESS_KEY_ID"]),
        ("local", {}, ["SYNTH_LOCAL_API_BASE", "SYNTH_LOCAL_MODEL"]),
        ("local", {"SYNTH_LOCAL_API_BASE": "http://x/v1"}, ["SYNTH_LOCAL_MODEL"]),
        ("local", {"SYNTH_LOCAL_MODEL": "m"}, ["SYNTH_LOCAL_API_BASE"]),
    ],
)
def test_missing_names_the_variables_to_set(arm, env, names):
    why = PROVIDERS[arm](env).missing()
    assert all(name in why for name in names)


@pytest.mark.parametrize(
    "env",
    [
        KEYS,
        {"AWS_PROFILE": "work"},
        {"AWS_BEARER_TOKEN_BEDROCK": "t0ken"},
        {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "arn"},
        {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/c"},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://c"},
    ],
)
def test_the_usual_chain_of_aws(env):
    assert PROVIDERS["bedrock"](env).missing() is None


@pytest.mark.parametrize("key", ["one two", "line\nbreak", "caf\u00e9", "tab\there"])
def test_a_key_that_cannot_be_sent_is_named_but_not_shown(key):
    for arm, variable in (
        ("gemini", "GEMINI_API_KEY"),
        ("openrouter", "OPENROUTER_API_KEY"),
        ("bedrock", "AWS_BEARER_TOKEN_BEDROCK"),
    ):
        why = PROVIDERS[arm]({variable: key}).missing()
        assert variable in why
        assert key not in why


def test_google_api_key_stands_in():
    assert PROVIDERS["gemini"]({"GOOGLE_API_KEY": "g"}).missing() is None


HEAVY = ("litellm", "instructor", "boto3", "botocore", "openai", "aiohttp", "httpx", "pydantic")
PROBE = f"""
import sys
from synth_sdk.providers.any_litellm import AnyLitellmProvider
from synth_sdk.providers.bedrock import BedrockProvider
from synth_sdk.providers.gemini import GeminiProvider
from synth_sdk.providers.local import LocalProvider
from synth_sdk.providers.openrouter import OpenRouterProvider
for kind in (GeminiProvider, OpenRouterProvider, BedrockProvider, LocalProvider, AnyLitellmProvider):
    kind({{}}).missing(); kind({ENV!r}).missing()
print([name for name in {HEAVY!r} if name in sys.modules])
"""


def run(code, cwd=None, **env):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd, env={**os.environ, **env}, timeout=60, check=True
    )
    return done.stdout.strip(), done.stderr.strip()


def test_asking_whether_a_provider_is_usable_loads_nothing_heavy():
    assert run(PROBE) == ("[]", "")


CALLING = """
import socket, sys
reached = []
def refuse(*where, **_):
    reached.append(str(where))
    raise OSError("no network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
import asyncio, os, httpx, respx
from tests.providers.helpers import ENV, PROVIDERS, URLS, call, reply

async def main():
    for arm, kind in PROVIDERS.items():
        one = kind(ENV)
        with respx.mock(using="httpx") as wire:
            wire.post(URLS[arm]).mock(return_value=httpx.Response(200, json=reply(arm)))
            await one.ask(call(arm), lambda _: None)
        await one.aclose()

asyncio.run(main())
import litellm
print(reached, os.environ.get("PLANTED"), litellm.callbacks, litellm.telemetry)
"""


def test_a_call_reaches_for_nothing_else_on_the_network_reads_no_dotenv_and_says_nothing(tmp_path):
    """litellm would fetch a price list when it is imported, and read a .env in the working folder."""
    (tmp_path / ".env").write_text("PLANTED=1\n")
    assert run(CALLING, cwd=tmp_path, PYTHONPATH=str(Path.cwd())) == ("[] None [] False", "")

"""The same call by way of `litellm.acompletion`: what our own path is compared with, on the pinned version."""

import json
import warnings
from typing import Any

import httpx
import respx

from synth_sdk.providers.engine import libraries
from tests.providers.helpers import ENV, MODELS, URLS

_AWS = {
    "aws_access_key_id": ENV["AWS_ACCESS_KEY_ID"],
    "aws_secret_access_key": ENV["AWS_SECRET_ACCESS_KEY"],
    "aws_region_name": "us-east-1",
}
_WHERE: dict[str, dict[str, Any]] = {
    "gemini": {"model": f"gemini/{MODELS['gemini']}", "api_key": "k"},
    "openrouter": {"model": f"openrouter/{MODELS['openrouter']}", "api_key": "k"},
    "bedrock": {"model": f"bedrock/converse/{MODELS['bedrock']}", **_AWS},
    "nova": {"model": f"bedrock/converse/{MODELS['nova']}", **_AWS},
    "local": {"model": f"openai/{MODELS['local']}", "api_key": "k", "api_base": ENV["SYNTH_LOCAL_API_BASE"]},
}


async def by_litellm(arm: str, document: Any, messages: list[dict[str, Any]], **arguments: Any) -> tuple[dict[str, Any], Any]:
    """(the body that litellm sends, its response) when `document` is answered."""
    litellm, _ = libraries()
    from litellm._internal_context import is_internal_call

    token = is_internal_call.set(True)  # no logging worker, which would outlive the loop
    try:
        with warnings.catch_warnings(), respx.mock(using="httpx") as wire:
            warnings.simplefilter("ignore")  # of its pydantic models
            route = wire.post(URLS[arm]).mock(return_value=httpx.Response(200, json=document))
            response = await litellm.acompletion(messages=messages, num_retries=0, **_WHERE[arm], **arguments)
    finally:
        is_internal_call.reset(token)
    return json.loads(route.calls[0].request.content), response

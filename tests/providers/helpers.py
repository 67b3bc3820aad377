"""Cards, calls and replies for the tests of this room."""

import json
from decimal import Decimal
from typing import Any

from synth_sdk.core.models import Call, ModelCard, Prices
from synth_sdk.providers.bedrock import BedrockProvider
from synth_sdk.providers.gemini import GeminiProvider
from synth_sdk.providers.local import LocalProvider
from synth_sdk.providers.openrouter import OpenRouterProvider

SCHEMA = {
    "type": "object",
    "properties": {"topic": {"type": "string"}, "turns": {"type": "array", "items": {"$ref": "#/$defs/Turn"}, "minItems": 1}},
    "required": ["topic", "turns"],
    "$defs": {"Turn": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}},
}
RECORDS = [{"topic": "a", "turns": [{"text": "x"}]}, {"topic": "b", "turns": [{"text": "y"}]}]
TEXT = json.dumps({"items": RECORDS})

CLAUDE = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
NOVA = "us.amazon.nova-micro-v1:0"
MODELS = {
    "gemini": "gemini-2.5-flash",
    "openrouter": "deepseek/deepseek-v4-flash",
    "bedrock": CLAUDE,
    "nova": NOVA,
    "local": "tiny-local",
}
PROVIDERS = {
    "gemini": GeminiProvider,
    "openrouter": OpenRouterProvider,
    "bedrock": BedrockProvider,
    "nova": BedrockProvider,
    "local": LocalProvider,
}
ENV = {
    "GEMINI_API_KEY": "MARKERgemini0123456789",
    "OPENROUTER_API_KEY": "sk-or-v1-MARKER0123456789",
    "AWS_ACCESS_KEY_ID": "AKIAMARKER0123456789",
    "AWS_SECRET_ACCESS_KEY": "MARKERsecret/0123456789",
    "SYNTH_LOCAL_API_BASE": "http://127.0.0.1:9/v1",
    "SYNTH_LOCAL_MODEL": "tiny-local",
    "SYNTH_LOCAL_API_KEY": "MARKERlocal0123456789",
}
URLS = {
    "gemini": "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent",
    "openrouter": "https://openrouter.ai/api/v1/chat/completions",
    "bedrock": f"https://bedrock-runtime.us-east-1.amazonaws.com/model/{CLAUDE.replace(':', '%3A')}/converse",
    "nova": f"https://bedrock-runtime.us-east-1.amazonaws.com/model/{NOVA.replace(':', '%3A')}/converse",
    "local": "http://127.0.0.1:9/v1/chat/completions",
}


def card(arm: str, **changes: Any) -> ModelCard:
    provider = "bedrock" if arm == "nova" else arm
    facts: dict[str, Any] = {
        "id": f"{provider}/{MODELS[arm]}",
        "provider": provider,
        "model": MODELS[arm],
        "prices": Prices(input_per_m=Decimal("0.14"), output_per_m=Decimal("0.28")),
        "context_tokens": 100_000,
        "max_output_tokens": 8_000,
        "structured": "tool" if arm == "nova" else "json_schema",
        "quality": 0.5,
        "quality_sd": 0.3,
        "source": "test",
        "quality_source": "test",
        "as_of": "2026-11",
    }
    return ModelCard(**{**facts, **changes})


def call(arm: str, **changes: Any) -> Call:
    facts = {
        "card": card(arm),
        "instructions": "Be good.",
        "prompt": "two talks",
        "schema": SCHEMA,
        "count": 2,
        "max_tokens": 500,
        "timeout": 20.0,
    }
    return Call(**{**facts, **changes})


def reply(arm: str, text: str | None = TEXT, finish: str | None = None, **usage: Any) -> dict[str, Any]:
    """A successful body in the arm's wire format, 100 tokens in and 20 out. `usage` adds to or replaces rows of the count."""
    if arm == "gemini":
        content = {"content": {"parts": [{"text": text}], "role": "model"}} if text is not None else {}
        count = {"promptTokenCount": 100, "candidatesTokenCount": 20, "totalTokenCount": 120, **usage}
        return {
            "candidates": [{**content, "finishReason": finish or "STOP", "index": 0}],
            "usageMetadata": count,
            "modelVersion": "gemini-2.5-flash",
        }
    if arm in ("bedrock", "nova"):
        part: dict[str, Any] = {"text": text or ""}
        if arm == "nova" and text:
            part = {"toolUse": {"toolUseId": "tooluse_1", "name": "json_tool_call", "input": json.loads(text)}}
        stop = finish or ("tool_use" if arm == "nova" else "end_turn")
        count = {"inputTokens": 100, "outputTokens": 20, "totalTokens": 120, **usage}
        return {
            "output": {"message": {"content": [part], "role": "assistant"}},
            "stopReason": stop,
            "usage": count,
            "metrics": {"latencyMs": 3},
        }
    choice = {"index": 0, "finish_reason": finish or "stop", "message": {"role": "assistant", "content": text}}
    if arm == "openrouter":
        choice["native_finish_reason"] = finish or "stop"
        usage = {"cost": 2.7e-05, "is_byok": False, **usage}
    count = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120, **usage}
    return {
        "id": "gen-1",
        "object": "chat.completion",
        "created": 1760000000,
        "model": MODELS[arm],
        "choices": [choice],
        "usage": count,
    }

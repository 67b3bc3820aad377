"""Bodies are read by functions of our own: on every body they say what litellm's transformation says."""

import json

import pytest

from synth_sdk.providers.replies import finish_of
from tests.providers.helpers import MODELS, PROVIDERS, TEXT, URLS, card, reply
from tests.providers.litellm_calls import by_litellm

THOUGHT = f"<think>hm</think>{TEXT}"
COUNTS = {
    "gemini": [
        {"cachedContentTokenCount": 64},
        {"thoughtsTokenCount": 300, "totalTokenCount": 420},
        {"thoughtsTokenCount": 15},  # the total says that they are counted in
        {"toolUsePromptTokenCount": 7, "totalTokenCount": 127},
        {"candidatesTokenCount": 0},
    ],
    "openrouter": [
        {"prompt_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 3}},
        {"completion_tokens_details": {"reasoning_tokens": 5}},
        {"prompt_tokens_details": None, "completion_tokens_details": None},
    ],
    "bedrock": [
        {"cacheReadInputTokens": 64, "cacheWriteInputTokens": 30, "totalTokens": 214},
        {"cacheReadInputTokens": 0},
    ],
}
BODIES = [
    *((arm, reply(arm)) for arm in URLS),
    *((arm, reply(arm, **changes)) for arm, each in COUNTS.items() for changes in each),
    *((arm, reply(arm, THOUGHT)) for arm in ("openrouter", "bedrock", "local")),
    *((arm, reply(arm, TEXT[:9], finish)) for arm, finish in {"gemini": "MAX_TOKENS", "local": "length", "bedrock": "max_tokens"}.items()),
    ("gemini", reply("gemini", None, "SAFETY")),
    ("local", reply("local", None, "content_filter")),
    ("bedrock", reply("bedrock", "", "guardrail_intervened")),
    (
        "gemini",
        reply("gemini")
        | {"candidates": [{"content": {"parts": [{"text": "hm", "thought": True}, {"text": '{"items":'}, {"text": " []}"}]}, "finishReason": "STOP"}]},
    ),
    (
        "nova",
        reply("nova")
        | {"output": {"message": {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t", "name": "json_tool_call", "input": {"properties": {"items": [1]}}}}]}}},
    ),
    ("bedrock", reply("bedrock") | {"output": {"message": {"role": "assistant", "content": [{"reasoningContent": {"reasoningText": {"text": "hm"}}}, {"text": TEXT}]}}}),
    ("local", {**reply("local"), "model": "another"}),
]  # fmt: skip


@pytest.mark.parametrize(("arm", "document"), BODIES, ids=lambda part: part if isinstance(part, str) else "")
async def test_a_body_is_read_as_litellm_reads_it(arm, document):
    form = {"type": "json_schema", "json_schema": {"name": "Records", "schema": {"type": "object", "properties": {}}}}
    messages = [{"role": "user", "content": "x"}]
    _, theirs = await by_litellm(arm, json.loads(json.dumps(document)), messages, max_tokens=9, response_format=form)
    ours = PROVIDERS[arm]({}).read(document, card(arm))
    assert (ours.text or "") == (theirs.choices[0].message.content or "")
    assert ours.finish == finish_of(theirs.choices[0].finish_reason)
    counted, usage = theirs.usage, ours.usage
    assert (usage.input_tokens, usage.output_tokens) == (counted.prompt_tokens, counted.completion_tokens)
    given, made = counted.prompt_tokens_details, counted.completion_tokens_details
    assert usage.cache_read_tokens == (getattr(given, "cached_tokens", None) or 0)
    assert usage.cache_write_tokens == (getattr(given, "cache_write_tokens", None) or 0)
    if arm != "bedrock":  # there litellm guesses them from their text
        assert usage.reasoning_tokens == (getattr(made, "reasoning_tokens", None) or 0)
    assert ours.model in (theirs.model, MODELS[arm])


def test_thoughts_of_claude_are_counted_where_bedrock_tells_them():
    document = reply("bedrock") | {"additionalModelResponseFields": {"usage": {"output_tokens_details": {"thinking_tokens": 12}}}}
    assert PROVIDERS["bedrock"]({}).read(document, card("bedrock")).usage.reasoning_tokens == 12

"""From litellm's response to a `Reply`, and from its text to what instructor can type."""

import json
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal

from synth_sdk.core.envelope import strip_fence, whole_items, wrap
from synth_sdk.core.models import Usage

Finish = Literal["stop", "length", "filter", "error"]

# The providers' own words for why a reply ended (Gemini FinishReason; Bedrock StopReason; OpenAI and OpenRouter finish_reason),
# lower-cased. Whatever isn't listed is an ordinary end.
_FINISH: dict[str, Finish] = {
    **dict.fromkeys(("length", "max_tokens", "model_context_window_exceeded", "max_output_tokens"), "length"),
    **dict.fromkeys(("safety", "recitation", "language", "blocklist", "prohibited_content", "spii", "image_safety"), "filter"),
    **dict.fromkeys(("model_armor", "content_filter", "content_filtered", "guardrail_intervened", "refusal"), "filter"),
    **dict.fromkeys(("malformed_function_call", "unexpected_tool_call", "too_many_tool_calls", "malformed_response"), "error"),
    **dict.fromkeys(("missing_thought_signature", "malformed_model_output", "malformed_tool_use", "other", "error"), "error"),
}


def finish_of(native: str | None, normalised: str | None) -> Finish:
    """The provider's own word decides; litellm's where the provider gave none."""
    for word in (native, normalised):
        if word and (known := _FINISH.get(word.lower())):
            return known
    return "stop"


def usage_of(usage: Any) -> Usage | None:
    """litellm's count as ours: input with cache reads and writes, output with thoughts."""
    if usage is None:
        return None
    given, made = _field(usage, "prompt_tokens_details"), _field(usage, "completion_tokens_details")
    return Usage(
        input_tokens=_count(usage, "prompt_tokens"),
        output_tokens=_count(usage, "completion_tokens"),
        cache_read_tokens=_count(given, "cached_tokens") or _count(usage, "cache_read_input_tokens"),
        cache_write_tokens=_count(usage, "cache_creation_input_tokens"),
        reasoning_tokens=_count(made, "reasoning_tokens"),
    )


def stated_cost(usage: Any) -> Decimal | None:
    """What OpenRouter says it charged, in US dollars; with a key of one's own at the upstream, what that charged on top."""
    if not isinstance(usage, dict) or usage.get("cost") is None:
        return None
    upstream = (usage.get("cost_details") or {}).get("upstream_inference_cost") if usage.get("is_byok") else None
    try:
        cost = Decimal(str(usage["cost"])) + Decimal(str(upstream or 0))
    except InvalidOperation:
        return None
    return cost if cost.is_finite() and cost >= 0 else None


def no_usage() -> Any:
    """The emptiest count that instructor takes: without one it looks for another client library's, on the disk, at each call."""
    from openai.types import CompletionUsage

    return CompletionUsage(prompt_tokens=0, completion_tokens=0, total_tokens=0)


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def _count(value: Any, name: str) -> int:
    count = _field(value, name)
    return count if isinstance(count, int) and count > 0 else 0


def readable(text: str, cut: bool) -> str | None:
    """What of `text` can be parsed: without its fence; of a cut-off reply the whole items; None when there is none."""
    bare = strip_fence(text)
    if not cut:
        return bare
    try:
        json.loads(bare)
    except (ValueError, RecursionError):
        items = whole_items(text)
        return json.dumps({"items": items}) if items else None
    return bare


@lru_cache(maxsize=256)
def response_model(schema: str, count: int) -> Any:
    """The prepared pydantic model whose JSON schema is the envelope of `count` records of `schema` (JSON text).

    Its items are anything: they are validated one by one by the caller, so that one bad record doesn't cost its companions.
    Built once: instructor would otherwise derive a class and a schema for every call.
    """
    from instructor import OpenAISchema

    document = wrap(json.loads(schema), count)

    class Records(OpenAISchema):  # type: ignore[misc]
        items: list[Any]

        @classmethod
        def model_json_schema(cls, *arguments: Any, **options: Any) -> dict[str, Any]:
            return document

    return Records

"""Replies in the format of OpenAI's `chat/completions`, which many servers speak."""

from typing import Any

from synth_sdk.core.models import ModelCard, Reply, Usage
from synth_sdk.providers.replies import FORCED_TOOL, count_of, finish_of, spoken, stated_cost, text_of


def chat_reply(document: Any, card: ModelCard) -> Reply:
    """The first choice. Raises LookupError, TypeError or AttributeError when there is none."""
    choice = document["choices"][0]
    message, reason = choice["message"], chat_finish(choice)
    usage = document.get("usage")
    return Reply(
        text=_by_tool(message) or _said(message.get("content")),
        finish=finish_of(reason),
        native_finish_reason=reason,
        usage=chat_usage(usage),
        cost_usd=stated_cost(usage),
        model=document.get("model") or card.model,
    )


def _said(content: Any) -> str | None:
    return spoken(text_of(content) if isinstance(content, list) else content)


def _by_tool(message: Any) -> str | None:
    """The input of the forced tool, which stands there as JSON, if it was called."""
    functions = (call["function"] for call in message.get("tool_calls") or ())
    return next((str(function["arguments"]) for function in functions if function["name"] == FORCED_TOOL), None)


def chat_finish(choice: Any) -> str | None:
    """The upstream's own word where OpenRouter tells it, unless OpenRouter's is an error that the upstream called otherwise."""
    finish, native = choice.get("finish_reason"), choice.get("native_finish_reason")
    reason = finish if finish in ("error", "content_filter", "length") else native or finish
    return str(reason) if reason else None


def chat_usage(usage: Any) -> Usage | None:
    """Input with cache reads and writes, output with thoughts, as OpenAI counts; None when nothing was counted."""
    if not usage:
        return None
    given, made = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
    return Usage(
        input_tokens=count_of(usage, "prompt_tokens"),
        output_tokens=count_of(usage, "completion_tokens"),
        cache_read_tokens=count_of(given, "cached_tokens") or count_of(usage, "cache_read_input_tokens"),
        cache_write_tokens=count_of(given, "cache_write_tokens") or count_of(usage, "cache_creation_input_tokens"),
        reasoning_tokens=count_of(made, "reasoning_tokens"),
    )

"""Replies in the format of Anthropic's `messages`. Source: "Messages", docs.anthropic.com, November 2026."""

import json
from typing import Any

from synth_sdk.core.models import ModelCard, Reply, Usage
from synth_sdk.providers.replies import FORCED_TOOL, count_of, finish_of, text_of

VERSION = "2023-06-01"


def messages_reply(document: Any, card: ModelCard) -> Reply:
    """Raises LookupError, TypeError or AttributeError when there is none."""
    reason = document["stop_reason"]
    return Reply(
        text=_said(document["content"]),
        finish=finish_of(reason),
        native_finish_reason=reason,
        usage=_usage(document.get("usage")),
        model=document.get("model") or card.model,
    )


def _said(content: Any) -> str | None:
    """The input of the forced tool as JSON, if it was called; else the text."""
    for block in content:
        if block.get("type") == "tool_use" and block["name"] == FORCED_TOOL:
            return json.dumps(block["input"])
    return text_of(content)


def _usage(usage: Any) -> Usage | None:
    """Cache reads and writes stand beside the input; thoughts are within the output and not counted apart."""
    if not usage:
        return None
    read, written = count_of(usage, "cache_read_input_tokens"), count_of(usage, "cache_creation_input_tokens")
    return Usage(
        input_tokens=count_of(usage, "input_tokens") + read + written,
        output_tokens=count_of(usage, "output_tokens"),
        cache_read_tokens=read,
        cache_write_tokens=written,
    )

"""What the readers of the providers' bodies have in common, and from a reply's text to the records in it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import cache
from types import SimpleNamespace
from typing import Any, Literal

from synth_sdk.core.envelope import strip_fence, whole_items
from synth_sdk.core.models import Json, Reply

Finish = Literal["stop", "length", "filter", "error"]

# The providers' own words for why a reply ended (Gemini FinishReason; Bedrock and Anthropic stop reasons; finish_reason of OpenAI, OpenRouter, Mistral),
# lower-cased. Whatever isn't listed is an ordinary end.
_FINISH: dict[str, Finish] = {
    **dict.fromkeys(("length", "max_tokens", "model_context_window_exceeded", "max_output_tokens", "model_length"), "length"),
    **dict.fromkeys(("safety", "recitation", "language", "blocklist", "prohibited_content", "spii", "image_safety"), "filter"),
    **dict.fromkeys(("model_armor", "content_filter", "content_filtered", "guardrail_intervened", "refusal"), "filter"),
    **dict.fromkeys(("malformed_function_call", "unexpected_tool_call", "too_many_tool_calls", "malformed_response"), "error"),
    **dict.fromkeys(("missing_thought_signature", "malformed_model_output", "malformed_tool_use", "other", "error"), "error"),
}
FORCED_TOOL = "json_tool_call"  # litellm's name of the tool by which it asks for a schema where nothing else takes one
_THOUGHTS = re.compile(r"\s*<(think|thinking|budget:thinking)>.*?</\1>", re.DOTALL)


def finish_of(native: str | None) -> Finish:
    """What the provider's own word for the end of a reply means."""
    return _FINISH.get(native.lower(), "stop") if native else "stop"


def count_of(counts: Any, name: str) -> int:
    """A number of tokens in an object that may lack it, or be missing itself."""
    count = counts.get(name) if isinstance(counts, dict) else None
    return count if isinstance(count, int) and count > 0 else 0


def text_of(parts: Any) -> str | None:
    """The texts in a list of parts, without thoughts; None if there is none."""
    texts = [part["text"] for part in parts or () if isinstance(part.get("text"), str) and not part.get("thought")]
    return "".join(texts) if texts else None


def spoken(text: str | None) -> str | None:
    """`text` without the thoughts that some models write in front of it, between tags. TypeError if it is no text."""
    match = _THOUGHTS.match(text) if text else None
    return text[match.end() :] if text and match else text


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


def lifted(reply: Reply, lift: Callable[[Json], Json]) -> Reply:
    """`reply` with its records - of a cut-off one the whole ones - as `lift` gives them; as it is if it can't be read.

    Done before the reply is handed out: whoever reads it again later, from the journal say, needn't know how it was asked for.
    """
    try:
        records = typed(readable(reply.text or "", reply.finish != "stop") or "")
    except Exception:  # whoever reads it will be told
        return reply
    shaped = [lift(record) for record in records]
    return reply if shaped == records else replace(reply, text=json.dumps({"items": shaped}))


def typed(text: str) -> list[Any]:
    """The records in the envelope `text`, each as it stands: they are validated one by one by the caller, so that one bad record
    doesn't cost its companions. Raises instructor's and pydantic's errors, which quote the text.
    """
    parse, records = _reader()
    message = SimpleNamespace(content=text)
    completion = SimpleNamespace(choices=[SimpleNamespace(finish_reason="stop", message=message)])
    return list(parse(response=completion, response_model=records, strict=False).items)


@cache
def _reader() -> tuple[Callable[..., Any], Any]:
    """instructor's reader of replies in mode JSON_SCHEMA, and the model it types them by. Looking either up anew costs 0.1 ms."""
    import instructor
    from instructor.v2.core.registry import mode_registry

    class Records(instructor.OpenAISchema):  # type: ignore[misc]
        items: list[Any]

    handlers = mode_registry.get_handlers(instructor.Provider.OPENAI, instructor.Mode.JSON_SCHEMA)
    return handlers.response_parser, Records

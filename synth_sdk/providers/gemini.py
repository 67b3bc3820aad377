"""Google's Gemini API (AI Studio), `models/{model}:generateContent`. Its prompt cache is implicit: it only has to be counted."""

from collections.abc import Mapping
from typing import Any

from synth_sdk.core.models import Call, ModelCard, Reply, Usage
from synth_sdk.providers.base import LitellmProvider, effort
from synth_sdk.providers.keys import unusable
from synth_sdk.providers.replies import count_of, finish_of, text_of
from synth_sdk.providers.translation import Target

_HOME = "https://generativelanguage.googleapis.com/v1beta"


class GeminiProvider(LitellmProvider):
    """Key: GEMINI_API_KEY or GOOGLE_API_KEY (header `x-goog-api-key`). SYNTH_GEMINI_API_BASE moves the endpoint."""

    name: str = "gemini"

    @property
    def _key(self) -> str:
        return self.env.get("GEMINI_API_KEY") or self.env.get("GOOGLE_API_KEY") or ""

    def missing(self) -> str | None:
        return unusable(self._key, "GEMINI_API_KEY (or GOOGLE_API_KEY)")

    def target(self, call: Call) -> Target:
        base = (self.env.get("SYNTH_GEMINI_API_BASE") or _HOME).rstrip("/")
        model = call.card.model
        return Target(dialect="gemini", model=model, url=f"{base}/models/{model}:generateContent", arguments=effort(call.card))

    async def authorise(self, call: Call, target: Target, body: bytes) -> Mapping[str, str]:
        return {"x-goog-api-key": self._key}

    def read(self, document: Any, card: ModelCard) -> Reply:
        """The first candidate; when the prompt itself was blocked there is none, and the feedback says why."""
        if not document.get("candidates") and (document.get("promptFeedback") or {}).get("blockReason"):
            candidate: Any = {"finishReason": "SAFETY"}
        else:
            candidate = document["candidates"][0]
        if "content" not in candidate and "finishReason" not in candidate:
            raise LookupError("a candidate without content")
        reason = candidate.get("finishReason")
        return Reply(
            text=text_of((candidate.get("content") or {}).get("parts")),
            finish=finish_of(reason),
            native_finish_reason=reason,
            usage=_usage(document.get("usageMetadata")),
            model=document.get("modelVersion") or card.model,
        )


def _usage(usage: Any) -> Usage | None:
    """Thoughts stand beside the candidates' tokens, unless prompt and candidates alone make up the total."""
    if not usage:
        return None
    given, made, thoughts = (count_of(usage, f"{part}TokenCount") for part in ("prompt", "candidates", "thoughts"))
    tools = count_of(usage, "toolUsePromptTokenCount")
    within = given + made + tools == count_of(usage, "totalTokenCount")
    return Usage(
        input_tokens=given + tools,
        output_tokens=made if within else made + thoughts,
        cache_read_tokens=count_of(usage, "cachedContentTokenCount"),
        reasoning_tokens=thoughts,
    )

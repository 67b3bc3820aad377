"""Google's Gemini API (AI Studio), `models/{model}:generateContent`."""

from typing import Any

from synth_sdk.core.models import Call
from synth_sdk.providers.base import LitellmProvider, effort
from synth_sdk.providers.keys import unusable

_HOME = "https://generativelanguage.googleapis.com/v1beta"


class GeminiProvider(LitellmProvider):
    """Key: GEMINI_API_KEY or GOOGLE_API_KEY (header `x-goog-api-key`). SYNTH_GEMINI_API_BASE moves the endpoint."""

    name: str = "gemini"
    usage_field: str = "usageMetadata"

    @property
    def _key(self) -> str | None:
        return self.env.get("GEMINI_API_KEY") or self.env.get("GOOGLE_API_KEY")

    def missing(self) -> str | None:
        return unusable(self._key, "GEMINI_API_KEY (or GOOGLE_API_KEY)")

    def target(self, call: Call) -> dict[str, Any]:
        base = self.env.get("SYNTH_GEMINI_API_BASE") or _HOME
        return {"model": f"gemini/{call.card.model}", "api_base": base.rstrip("/"), **effort(call)}

    async def credentials(self, call: Call) -> dict[str, Any]:
        return {"api_key": self._key}

    def native_finish(self, document: Any) -> str | None:
        """`finishReason` of the candidate; when the prompt itself was blocked there is none, and the feedback says why."""
        candidates = document.get("candidates") or [{}]
        if reason := candidates[0].get("finishReason"):
            return str(reason)
        return "SAFETY" if (document.get("promptFeedback") or {}).get("blockReason") else None

"""OpenRouter, `chat/completions`. It states what each call cost and can be told the highest price it may route at."""

from typing import Any

from synth_sdk.core.models import Call, ModelCard
from synth_sdk.providers.base import LitellmProvider
from synth_sdk.providers.keys import unusable

_HOME = "https://openrouter.ai/api/v1"
_ABOUT_US = {"HTTP-Referer": "https://pypi.org/project/synth-data-sdk/", "X-Title": "synth"}


class OpenRouterProvider(LitellmProvider):
    """Key: OPENROUTER_API_KEY (bearer). SYNTH_OPENROUTER_API_BASE moves the endpoint."""

    name: str = "openrouter"

    @property
    def _key(self) -> str | None:
        return self.env.get("OPENROUTER_API_KEY")

    def missing(self) -> str | None:
        return unusable(self._key, "OPENROUTER_API_KEY")

    def target(self, call: Call) -> dict[str, Any]:
        body: dict[str, Any] = {"usage": {"include": True}}
        if ceiling := _max_price(call.card):
            body["provider"] = {"max_price": ceiling}
        if call.card.effort:
            body["reasoning"] = {"effort": call.card.effort}
        return {
            "model": f"openrouter/{call.card.model}",
            "api_base": (self.env.get("SYNTH_OPENROUTER_API_BASE") or _HOME).rstrip("/"),
            "extra_headers": _ABOUT_US,
            "extra_body": body,
        }

    async def credentials(self, call: Call) -> dict[str, Any]:
        return {"api_key": self._key}

    def native_finish(self, document: Any) -> str | None:
        """The upstream's own word; OpenRouter's where it is an error that the upstream called otherwise."""
        choice = (document.get("choices") or [{}])[0]
        finish, native = choice.get("finish_reason"), choice.get("native_finish_reason")
        reason = finish if finish in ("error", "content_filter", "length") else native or finish
        return str(reason) if reason else None


def _max_price(card: ModelCard) -> dict[str, float] | None:
    """US dollars per million tokens, as OpenRouter's `provider.max_price` takes them; None when the prices aren't known."""
    prices = card.prices
    if prices.input_per_m is not None and prices.output_per_m is not None:
        return {"prompt": float(prices.input_per_m), "completion": float(prices.output_per_m)}
    return {"prompt": 0.0, "completion": 0.0} if prices.free else None

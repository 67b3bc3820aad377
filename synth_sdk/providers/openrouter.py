"""OpenRouter, `chat/completions`. It states what each call cost and can be told the highest price it may route at."""

from collections.abc import Mapping
from typing import Any

from synth_sdk.core.models import Call, ModelCard, Reply
from synth_sdk.providers.base import LitellmProvider
from synth_sdk.providers.chat import chat_reply
from synth_sdk.providers.keys import unusable
from synth_sdk.providers.translation import Target

_HOME = "https://openrouter.ai/api/v1"
_ABOUT_US = {"http-referer": "https://pypi.org/project/synth-data-sdk/", "x-title": "synth"}


class OpenRouterProvider(LitellmProvider):
    """Key: OPENROUTER_API_KEY (bearer). SYNTH_OPENROUTER_API_BASE moves the endpoint."""

    name: str = "openrouter"

    @property
    def _key(self) -> str:
        return self.env.get("OPENROUTER_API_KEY") or ""

    def missing(self) -> str | None:
        return unusable(self._key, "OPENROUTER_API_KEY")

    def target(self, call: Call) -> Target:
        base = (self.env.get("SYNTH_OPENROUTER_API_BASE") or _HOME).rstrip("/")
        extra: dict[str, Any] = {"usage": {"include": True}}
        if ceiling := _max_price(call.card):
            extra["provider"] = {"max_price": ceiling}
        if call.card.effort:
            extra["reasoning"] = {"effort": call.card.effort}
        url = f"{base}/chat/completions"
        return Target(dialect="openrouter", model=call.card.model, url=url, headers=_ABOUT_US, extra=extra)

    async def authorise(self, call: Call, target: Target, body: bytes) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self._key}"}

    def read(self, document: Any, card: ModelCard) -> Reply:
        return chat_reply(document, card)


def _max_price(card: ModelCard) -> dict[str, float] | None:
    """US dollars per million tokens, as OpenRouter's `provider.max_price` takes them; None when the prices aren't known."""
    prices = card.prices
    if prices.input_per_m is not None and prices.output_per_m is not None:
        return {"prompt": float(prices.input_per_m), "completion": float(prices.output_per_m)}
    return {"prompt": 0.0, "completion": 0.0} if prices.free else None

"""Any other model that litellm can translate for, by litellm's own id of it: `mistral/mistral-small-latest`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from synth_sdk.core.errors import nearest
from synth_sdk.core.models import Call, ModelCard, Reply
from synth_sdk.providers.anthropic import VERSION, messages_reply
from synth_sdk.providers.base import LitellmProvider, effort, worth_caching
from synth_sdk.providers.chat import chat_reply
from synth_sdk.providers.keys import unusable
from synth_sdk.providers.translation import Target
from synth_sdk.providers.upstreams import ANTHROPIC, UPSTREAMS, Upstream


class AnyLitellmProvider(LitellmProvider):
    """Key: the upstream's own variable, such as MISTRAL_API_KEY. SYNTH_LITELLM_API_BASE moves the endpoint of all upstreams."""

    name: str = "litellm"

    def missing(self) -> str | None:
        """Nothing that all arms need: each upstream has a key of its own."""
        return None

    def missing_for(self, card: ModelCard) -> str | None:
        upstream = UPSTREAMS.get(card.account)
        if upstream is None:
            return _unknown(card)
        return unusable(self._key(upstream), upstream.variables)

    def target(self, call: Call) -> Target:
        name, model = call.card.account, call.card.model.partition("/")[2]
        base = (self.env.get("SYNTH_LITELLM_API_BASE") or UPSTREAMS[name].home).rstrip("/")
        by_messages = name == ANTHROPIC
        return Target(
            dialect=name,
            model=model,
            url=f"{base}/{'messages' if by_messages else 'chat/completions'}",
            headers={"anthropic-version": VERSION} if by_messages else {},
            arguments=effort(call.card),
            cache_prefix=by_messages and worth_caching(call),
            in_words=not _takes_schemas(name, model),
        )

    async def authorise(self, call: Call, target: Target, body: bytes) -> Mapping[str, str]:
        key = self._key(UPSTREAMS[target.dialect])
        return {"x-api-key": key} if target.dialect == ANTHROPIC else {"authorization": f"Bearer {key}"}

    def read(self, document: Any, card: ModelCard) -> Reply:
        """Priced by the card alone: what a `cost` in the usage is, and in which unit, each upstream says in its own way."""
        if card.account == ANTHROPIC:
            return messages_reply(document, card)
        return replace(chat_reply(document, card), cost_usd=None)

    def _key(self, upstream: Upstream) -> str:
        return next((key for name in upstream.keys if (key := self.env.get(name))), "")


def _takes_schemas(name: str, model: str) -> bool:
    """Whether litellm hands a schema on to this upstream at all."""
    from litellm import get_supported_openai_params

    return "response_format" in (get_supported_openai_params(model, custom_llm_provider=name) or ())


def _unknown(card: ModelCard) -> str:
    name = card.account
    near = nearest(name, UPSTREAMS)
    meant = f"did you mean {' or '.join(near)}? Otherwise " if near else ""
    server = "a server in OpenAI's format (SYNTH_LOCAL_API_BASE, SYNTH_LOCAL_MODEL)"
    return f"{name!r} is no provider that can be asked through litellm: {meant}reach it through {server}"

"""Any OpenAI-compatible server (llama.cpp, vLLM, Ollama, LM Studio), `chat/completions`."""

from collections.abc import Mapping
from typing import Any

from synth_sdk.core.models import Call, ModelCard, Reply
from synth_sdk.providers.base import LitellmProvider, effort
from synth_sdk.providers.chat import chat_reply
from synth_sdk.providers.keys import unusable
from synth_sdk.providers.translation import Target

_NO_KEY = "no-key-needed"


class LocalProvider(LitellmProvider):
    """SYNTH_LOCAL_API_BASE (`http://host:port/v1`) and SYNTH_LOCAL_MODEL; SYNTH_LOCAL_API_KEY if the server wants one."""

    name: str = "local"

    @property
    def _key(self) -> str:
        return self.env.get("SYNTH_LOCAL_API_KEY") or _NO_KEY

    def missing(self) -> str | None:
        unset = [name for name in ("SYNTH_LOCAL_API_BASE", "SYNTH_LOCAL_MODEL") if not self.env.get(name)]
        return f"set {' and '.join(unset)}" if unset else unusable(self._key, "SYNTH_LOCAL_API_KEY")

    def target(self, call: Call) -> Target:
        model = call.card.model or self.env["SYNTH_LOCAL_MODEL"]
        url = f"{self.env['SYNTH_LOCAL_API_BASE'].rstrip('/')}/chat/completions"
        return Target(dialect="openai", model=model, url=url, extra=effort(call.card))

    async def authorise(self, call: Call, target: Target, body: bytes) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self._key}"}

    def read(self, document: Any, card: ModelCard) -> Reply:
        return chat_reply(document, card)

"""Any OpenAI-compatible server (llama.cpp, vLLM, Ollama, LM Studio), `chat/completions`."""

from typing import Any

from synth_sdk.core.models import Call
from synth_sdk.providers.base import LitellmProvider, effort
from synth_sdk.providers.keys import unusable

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

    def target(self, call: Call) -> dict[str, Any]:
        model = {"model": f"openai/{call.card.model or self.env['SYNTH_LOCAL_MODEL']}"}
        return {**model, "extra_body": effort(call)} if call.card.effort else model

    async def credentials(self, call: Call) -> dict[str, Any]:
        """None here: litellm hands this provider's calls to the OpenAI client of `open_client`, which holds address and key."""
        return {}

    def open_client(self, transport: Any) -> Any:
        import httpx
        from openai import AsyncOpenAI

        from synth_sdk.providers.sockets import HOOKS

        http = httpx.AsyncClient(transport=transport, event_hooks=HOOKS, trust_env=False)
        base = self.env["SYNTH_LOCAL_API_BASE"].rstrip("/")
        return AsyncOpenAI(api_key=self._key, base_url=base, http_client=http, max_retries=0)

    def native_finish(self, document: Any) -> str | None:
        reason = (document.get("choices") or [{}])[0].get("finish_reason")
        return str(reason) if reason else None

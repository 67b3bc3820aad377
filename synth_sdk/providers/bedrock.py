"""Amazon Bedrock, `model/{id}/converse`, signed with SigV4 or with a bearer token."""

import asyncio
import re
from typing import Any

from synth_sdk.core.models import Call
from synth_sdk.core.redact import register_secrets
from synth_sdk.providers.base import LitellmProvider, effort
from synth_sdk.providers.grammar import reduced
from synth_sdk.providers.keys import unusable

_DEFAULT_REGION = "us-east-1"
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_CONTAINER = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")


class BedrockProvider(LitellmProvider):
    """Credentials: the usual AWS_* variables. SYNTH_BEDROCK_API_BASE moves the endpoint.

    The region is the card's if it names one ("eu-west-1"; "us" is a group of regions), else AWS_REGION or AWS_DEFAULT_REGION.
    Instance metadata is never asked whether there are credentials: that is a network call on every machine that has none.
    """

    name: str = "bedrock"
    _chain: Any = None

    def missing(self) -> str | None:
        env = self.env
        if token := env.get("AWS_BEARER_TOKEN_BEDROCK"):
            return unusable(token, "AWS_BEARER_TOKEN_BEDROCK")
        if env.get("AWS_ACCESS_KEY_ID") and env.get("AWS_SECRET_ACCESS_KEY"):
            return None
        by_identity = env.get("AWS_WEB_IDENTITY_TOKEN_FILE") and env.get("AWS_ROLE_ARN")
        if env.get("AWS_PROFILE") or by_identity or any(env.get(name) for name in _CONTAINER):
            return None
        return "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_PROFILE, or AWS_BEARER_TOKEN_BEDROCK)"

    def target(self, call: Call) -> dict[str, Any]:
        region = self._region(call)
        return {
            "model": f"bedrock/converse/{call.card.model}",
            "aws_region_name": region,
            "aws_bedrock_runtime_endpoint": self.env.get("SYNTH_BEDROCK_API_BASE", "").rstrip("/")
            or f"https://bedrock-runtime.{region}.amazonaws.com",
            **effort(call),
        }

    def native_schema(self, call: Call, document: dict[str, Any]) -> dict[str, Any] | None:
        """Claude's decoder takes part of JSON Schema and refuses the rest; the other models are given a tool with all of it."""
        native = super().native_schema(call, document)
        return reduced(native) if native and call.card.structured == "json_schema" and "anthropic." in call.card.model else native

    async def credentials(self, call: Call) -> dict[str, Any]:
        env = self.env
        if token := env.get("AWS_BEARER_TOKEN_BEDROCK"):
            return {"api_key": token}
        if env.get("AWS_ACCESS_KEY_ID") and env.get("AWS_SECRET_ACCESS_KEY"):
            return _as_arguments(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], env.get("AWS_SESSION_TOKEN"))
        return await asyncio.to_thread(self._from_chain)

    def _from_chain(self) -> dict[str, Any]:
        """Credentials of a profile, a web identity or a container, which botocore reads and renews. Blocks."""
        import boto3

        if self._chain is None:
            self._chain = boto3.Session(profile_name=self.env.get("AWS_PROFILE") or None).get_credentials()
        if self._chain is None:
            raise ValueError("no AWS credentials where AWS_PROFILE, the web identity or the container should give them")
        frozen = self._chain.get_frozen_credentials()
        register_secrets((frozen.access_key, frozen.secret_key, frozen.token))
        return _as_arguments(frozen.access_key, frozen.secret_key, frozen.token)

    def native_finish(self, document: Any) -> str | None:
        reason = document.get("stopReason")
        return str(reason) if reason else None

    def _region(self, call: Call) -> str:
        if _REGION.fullmatch(call.card.region):
            return call.card.region
        return self.env.get("AWS_REGION") or self.env.get("AWS_DEFAULT_REGION") or _DEFAULT_REGION


def _as_arguments(access_key: str, secret_key: str, token: str | None) -> dict[str, Any]:
    return {
        "aws_access_key_id": access_key,
        "aws_secret_access_key": secret_key,
        **({"aws_session_token": token} if token else {}),
    }

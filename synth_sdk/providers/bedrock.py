"""Amazon Bedrock, `model/{id}/converse`, signed with SigV4 or with a bearer token."""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from synth_sdk.core.models import Call, ModelCard, Reply, Usage
from synth_sdk.core.redact import register_secrets
from synth_sdk.providers.base import LitellmProvider, effort, worth_caching
from synth_sdk.providers.keys import unusable
from synth_sdk.providers.replies import FORCED_TOOL, count_of, finish_of, spoken, text_of
from synth_sdk.providers.translation import Target

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

    def target(self, call: Call) -> Target:
        """With a cache point behind instructions that are long enough, if the card tells what cached tokens cost."""
        card = call.card
        home = f"https://bedrock-runtime.{self._region(card)}.amazonaws.com"
        base = self.env.get("SYNTH_BEDROCK_API_BASE", "").rstrip("/") or home
        return Target(
            dialect="bedrock",
            model=f"converse/{card.model}",
            url=f"{base}/model/{quote(card.model, safe='')}/converse",
            arguments=effort(card),
            cache_prefix=worth_caching(call),
        )

    async def authorise(self, call: Call, target: Target, body: bytes) -> Mapping[str, str]:
        env = self.env
        if token := env.get("AWS_BEARER_TOKEN_BEDROCK"):
            return {"authorization": f"Bearer {token}"}
        if env.get("AWS_ACCESS_KEY_ID") and env.get("AWS_SECRET_ACCESS_KEY"):
            keys = (env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], env.get("AWS_SESSION_TOKEN") or None)
        else:
            keys = await asyncio.to_thread(self._from_chain)
        return _signed(target.url, body, self._region(call.card), *keys)

    def _from_chain(self) -> tuple[str, str, str | None]:
        """Credentials of a profile, a web identity or a container, which botocore reads and renews. Blocks."""
        import boto3

        if self._chain is None:
            self._chain = boto3.Session(profile_name=self.env.get("AWS_PROFILE") or None).get_credentials()
        if self._chain is None:
            raise ValueError("no AWS credentials where AWS_PROFILE, the web identity or the container should give them")
        frozen = self._chain.get_frozen_credentials()
        register_secrets((frozen.access_key, frozen.secret_key, frozen.token))
        return frozen.access_key, frozen.secret_key, frozen.token

    def read(self, document: Any, card: ModelCard) -> Reply:
        reason = document.get("stopReason")
        return Reply(
            text=_said(document["output"]["message"]["content"]),
            finish=finish_of(reason),
            native_finish_reason=reason,
            usage=_usage(document),
            model=card.model,
        )

    def _region(self, card: ModelCard) -> str:
        if _REGION.fullmatch(card.region):
            return card.region
        return self.env.get("AWS_REGION") or self.env.get("AWS_DEFAULT_REGION") or _DEFAULT_REGION


def _signed(url: str, body: bytes, region: str, access_key: str, secret_key: str, token: str | None) -> dict[str, str]:
    """The headers of a request with its signature (AWS Signature Version 4), by botocore."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest(method="POST", url=url, data=body, headers={"content-type": "application/json"})
    SigV4Auth(Credentials(access_key, secret_key, token), "bedrock", region).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


def _said(content: Any) -> str | None:
    """The input of the forced tool as JSON, if it was called; else the text. Some models put the input into "properties"."""
    for call in (part["toolUse"] for part in content if "toolUse" in part):
        if call["name"] == FORCED_TOOL:
            given = call["input"]
            return json.dumps(given["properties"] if isinstance(given, dict) and list(given) == ["properties"] else given)
    return spoken(text_of(content))


def _usage(document: Any) -> Usage | None:
    """Cache reads and writes stand beside the input; thoughts, told only on request, within the output."""
    usage = document.get("usage")
    if not usage:
        return None
    read, written = count_of(usage, "cacheReadInputTokens"), count_of(usage, "cacheWriteInputTokens")
    further = (document.get("additionalModelResponseFields") or {}).get("usage") or {}
    return Usage(
        input_tokens=count_of(usage, "inputTokens") + read + written,
        output_tokens=count_of(usage, "outputTokens"),
        cache_read_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=count_of(further.get("output_tokens_details"), "thinking_tokens"),
    )

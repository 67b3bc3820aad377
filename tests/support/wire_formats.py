"""The four wire formats as a server sees them: how each asks, answers and complains.

Shapes follow the providers' public references: Gemini `generateContent`, OpenRouter and OpenAI `chat/completions`,
Bedrock `Converse`.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tests.support.sample_content import heeded

BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """One request as it arrived. `key` is its credential, `schema` the response schema however it was sent (None: not found)."""

    provider: str
    model: str
    key: str
    schema: dict[str, Any] | None
    system: str
    turns: tuple[tuple[str, str], ...]
    max_tokens: int
    by_tool: str | None
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def count(self) -> int:
        """How many records the envelope asks for."""
        items = (self.schema or {}).get("properties", {}).get("items", {})
        return int(heeded(items).get("minItems", 1))

    @property
    def prompt(self) -> str:
        return self.turns[-1][1] if self.turns else ""

    @property
    def input_tokens(self) -> int:
        said = self.system + "".join(text for _, text in self.turns) + json.dumps(self.schema or {})
        return math.ceil(len(said.encode()) / BYTES_PER_TOKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class WireReply:
    """What the server says: `text`, why it stopped and what was counted. `cost_usd` is stated by OpenRouter only."""

    text: str | None
    finish: str  # stop, length, filter, malformed
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int = 0
    cost_usd: float = 0.0
    state_usage: bool = True


def parse(provider: str, model: str, headers: Mapping[str, str], body: dict[str, Any]) -> WireRequest:
    """The request behind one of the four formats."""
    reader = {"gemini": _read_gemini, "bedrock": _read_bedrock}.get(provider, _read_chat)
    model = unquote(model) or str(body.get("model", ""))
    parts = reader(body)
    parts["schema"] = parts["schema"] or _schema_in_words(parts["system"])
    return WireRequest(provider=provider, model=model, key=_key(headers), headers=dict(headers), body=body, **parts)


def _key(headers: Mapping[str, str]) -> str:
    if "x-goog-api-key" in headers:
        return headers["x-goog-api-key"]
    shown = headers.get("authorization", "")
    signed = re.search(r"Credential=([^/]+)/", shown)
    return signed.group(1) if signed else shown.removeprefix("Bearer ")


def _schema_in_words(text: str) -> dict[str, Any] | None:
    """The last JSON object in `text` that looks like an envelope's schema: how a model without schema support is told."""
    found, decoder = None, json.JSONDecoder()
    for match in re.finditer(r'\{"', text):
        try:
            value, _ = decoder.raw_decode(text, match.start())
        except ValueError:
            continue
        if isinstance(value, dict) and "items" in value.get("properties", {}):
            found = value
    return found


def _texts(parts: Any) -> str:
    if isinstance(parts, str):
        return parts
    return "".join(str(part.get("text", "")) for part in parts or ())


def _read_gemini(body: dict[str, Any]) -> dict[str, Any]:
    config = body.get("generationConfig", {})
    system = body.get("system_instruction") or body.get("systemInstruction") or {}
    return {
        "schema": config.get("response_json_schema") or config.get("responseJsonSchema") or config.get("response_schema"),
        "system": _texts(system.get("parts")),
        "turns": tuple((turn["role"], _texts(turn["parts"])) for turn in body["contents"]),
        "max_tokens": config.get("max_output_tokens") or config.get("maxOutputTokens") or 8192,
        "by_tool": None,
    }


def _read_chat(body: dict[str, Any]) -> dict[str, Any]:
    told = [turn for turn in body["messages"] if turn["role"] == "system"]
    form = body.get("response_format") or {}
    return {
        "schema": form.get("json_schema", {}).get("schema"),
        "system": "".join(_texts(turn["content"]) for turn in told),
        "turns": tuple((turn["role"], _texts(turn["content"])) for turn in body["messages"] if turn["role"] != "system"),
        "max_tokens": body.get("max_tokens") or body.get("max_completion_tokens") or 8192,
        "by_tool": None,
    }


def _read_bedrock(body: dict[str, Any]) -> dict[str, Any]:
    native = body.get("outputConfig", {}).get("textFormat", {}).get("structure", {}).get("jsonSchema", {}).get("schema")
    tools = body.get("toolConfig", {}).get("tools", [])
    tool = tools[0]["toolSpec"] if tools else None
    return {
        "schema": json.loads(native) if native else tool["inputSchema"]["json"] if tool else None,
        "system": _texts(body.get("system")),
        "turns": tuple((turn["role"], _texts(turn["content"])) for turn in body["messages"]),
        "max_tokens": body.get("inferenceConfig", {}).get("maxTokens") or 4096,
        "by_tool": tool["name"] if tool else None,
    }


def answer(request: WireRequest, reply: WireReply) -> dict[str, Any]:
    """The body of a successful reply in the request's own format."""
    return {"gemini": _gemini, "bedrock": _bedrock}.get(request.provider, _chat)(request, reply)


def _gemini(request: WireRequest, reply: WireReply) -> dict[str, Any]:
    reason = {"stop": "STOP", "length": "MAX_TOKENS", "filter": "SAFETY", "malformed": "MALFORMED_FUNCTION_CALL"}[reply.finish]
    candidate: dict[str, Any] = {"finishReason": reason, "index": 0}
    if reply.text is not None:
        candidate["content"] = {"parts": [{"text": reply.text}], "role": "model"}
    usage = {
        "promptTokenCount": reply.input_tokens,
        "candidatesTokenCount": reply.output_tokens - reply.reasoning_tokens,
        "totalTokenCount": reply.input_tokens + reply.output_tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": reply.input_tokens}],
    }
    if reply.reasoning_tokens:
        usage["thoughtsTokenCount"] = reply.reasoning_tokens
    body: dict[str, Any] = {"candidates": [candidate], "modelVersion": request.model, "responseId": "resp-1"}
    return {**body, "usageMetadata": usage} if reply.state_usage else body


def _chat(request: WireRequest, reply: WireReply) -> dict[str, Any]:
    reason = {"stop": "stop", "length": "length", "filter": "content_filter", "malformed": "error"}[reply.finish]
    usage: dict[str, Any] = {
        "prompt_tokens": reply.input_tokens,
        "completion_tokens": reply.output_tokens,
        "total_tokens": reply.input_tokens + reply.output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": reply.reasoning_tokens},
    }
    choice: dict[str, Any] = {"finish_reason": reason, "index": 0, "message": {"role": "assistant", "content": reply.text}}
    if request.provider == "openrouter":
        usage |= {"cost": reply.cost_usd, "is_byok": False}
        choice["native_finish_reason"] = reason
    body = {"id": "gen-1", "model": request.model, "object": "chat.completion", "created": 1760000000, "choices": [choice]}
    return {**body, "usage": usage} if reply.state_usage else body


def _bedrock(request: WireRequest, reply: WireReply) -> dict[str, Any]:
    reason = {
        "stop": "end_turn",
        "length": "max_tokens",
        "filter": "guardrail_intervened",
        "malformed": "malformed_model_output",
    }[reply.finish]
    content: list[dict[str, Any]] = [{"text": reply.text or ""}]
    if request.by_tool and reply.text is not None:
        try:
            content = [{"toolUse": {"toolUseId": "tooluse_1", "name": request.by_tool, "input": json.loads(reply.text)}}]
            reason = "tool_use" if reply.finish == "stop" else reason
        except ValueError:
            pass  # a cut-off tool call arrives as text
    usage = {
        "inputTokens": reply.input_tokens,
        "outputTokens": reply.output_tokens,
        "totalTokens": reply.input_tokens + reply.output_tokens,
    }
    message = {"message": {"content": content, "role": "assistant"}}
    body: dict[str, Any] = {"metrics": {"latencyMs": 321}, "output": message, "stopReason": reason}
    return {**body, "usage": usage} if reply.state_usage else body


_GOOGLE_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}
_AWS_TYPE = {
    400: "ValidationException",
    401: "UnrecognizedClientException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    429: "ThrottlingException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
}
_MESSAGES = {
    400: "The request is not valid.",
    401: "No auth credentials found.",
    402: "Insufficient credits.",
    403: "You have no access to this model.",
    404: "No such model.",
    429: "Too many requests, please wait before trying again.",
    500: "Internal error.",
    503: "The model is overloaded. Please try again later.",
}
_TOO_LONG = {
    "gemini": "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).",
    "bedrock": "Input is too long for requested model.",
}


def complaint(
    provider: str,
    status: int,
    *,
    retry_after: float | None = None,
    per_day: bool = False,
    too_long: bool = False,
    message: str | None = None,
) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers and body of an error as `provider` sends it. Gemini states its delay in the body, the others in `retry-after`."""
    said = message or (
        _TOO_LONG.get(provider, "This model's maximum context length is 131072 tokens.")
        if too_long
        else _MESSAGES.get(status, "Error.")
    )
    if provider == "gemini":
        return {}, _google_error(status, said, retry_after, per_day)
    headers = {} if retry_after is None else {"retry-after": f"{retry_after:g}"}
    if provider == "bedrock":
        return {**headers, "x-amzn-errortype": _AWS_TYPE.get(status, "InternalServerException")}, {"message": said}
    return headers, {"error": {"message": said, "code": status}}


def _google_error(status: int, message: str, retry_after: float | None, per_day: bool) -> dict[str, Any]:
    details: list[dict[str, Any]] = []
    if status == 429:
        quota = "GenerateRequestsPerDayPerProjectPerModel-FreeTier" if per_day else "GenerateRequestsPerMinutePerProjectPerModel"
        details.append({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": quota}]})
    if retry_after is not None:
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{retry_after:g}s"})
    return {"error": {"code": status, "message": message, "status": _GOOGLE_STATUS.get(status, "INTERNAL"), "details": details}}

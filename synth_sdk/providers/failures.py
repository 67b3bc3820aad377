"""How a failure reads: status, headers and body (or the transport's exception) in; what the router is told out.

Pure, so each case is one row of a test.

Sources: the error references of the Gemini API (`google.rpc.Status` with `RetryInfo` and `QuotaFailure`), OpenRouter, Amazon
Bedrock Runtime and OpenAI, November 2026.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from synth_sdk.core.errors import ModelError, Outcome
from synth_sdk.core.redact import redact

_LONGEST_MESSAGE = 300
_TOO_LONG = re.compile(
    r"context[ _]?(?:length|window|size)|maximum context|too long|too many (?:input )?tokens|token count.{0,40}exceed"
    r"|exceeds? the (?:max|model'?s? max|available context)|reduce the length",
    re.IGNORECASE,
)
_NOT_ACCEPTED = re.compile(
    r"api[ _]key (?:not valid|expired|not found|invalid)|API_KEY_INVALID|invalid api key|model identifier is invalid"
    r"|not a valid model|model.{0,60}(?:does not exist|not found|isn't supported|not supported|unknown)"
    r"|location is not supported|on-demand throughput|security token.{0,40}(?:invalid|expired)|billing",
    re.IGNORECASE,
)
_FLAGGED = re.compile(r"flagged|moderation|content management policy|content[_ ]filter|blocked by", re.IGNORECASE)
_SPENT = re.compile(
    r"per[-_ ]?day|daily|insufficient[_ ](?:quota|credit|funds)|out of credit|limit: 0\b",
    re.IGNORECASE,
)


def refusal(who: str, status: int, headers: Mapping[str, str], body: bytes, *, may_be_billed: bool = False) -> ModelError:
    """The error for an answer with an error status, or for an error inside a 200 (`may_be_billed`). `who` names the arm."""
    document = _document(body)
    said = _message(document, body)
    outcome = _outcome(status, said, document)
    stated = retry_delay(headers, document) if outcome in (Outcome.RATE_LIMITED, Outcome.UNAVAILABLE) else None
    return ModelError(f"{who}: {status} {said}", outcome=outcome, retry_after=stated, may_be_billed=may_be_billed, status=status)


def error_in_reply(document: Any) -> tuple[int, Any] | None:
    """(code, error object) when a 200 carries an error in place of a reply, as OpenRouter sends it; None otherwise."""
    if not isinstance(document, dict):
        return None
    error = document.get("error")
    if not error:
        choices = document.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else None
        error = first.get("error") if isinstance(first, dict) else None
    if not error:
        return None
    code = error.get("code") if isinstance(error, dict) else None
    return (code if isinstance(code, int) and 400 <= code < 600 else 502), error


def retry_delay(headers: Mapping[str, str], document: Any) -> float | None:
    """Seconds the provider asks to wait, the longest of what it states: Retry-After, RetryInfo, a rate limit's reset time."""
    now = _moment(headers.get("date")) or datetime.now(UTC)
    stated = [
        _seconds(headers.get("retry-after-ms"), 1000.0),
        _seconds(headers.get("retry-after"), 1.0),
        _until(_moment(headers.get("retry-after")), now),
    ]
    for error in _errors(document):
        stated += [_seconds(str(detail.get("retryDelay", "")).removesuffix("s"), 1.0) for detail in _details(error)]
        reset = _seconds(_reset_header(error), 1000.0)
        stated.append(_until(datetime.fromtimestamp(reset, UTC), now) if reset and reset < 1e11 else None)
    return max((delay for delay in stated if delay is not None), default=None)


def how_it_broke(error: Exception) -> tuple[str, bool]:
    """("timeout", or the transport's own words), and whether a connection stood, so that the request may have been worked on."""
    import aiohttp
    import httpx

    causes = list(chain(error))
    broke = next((cause for cause in causes if isinstance(cause, httpx.TransportError)), None)
    never = any(isinstance(cause, aiohttp.ClientConnectorError) for cause in causes)
    connected = not (never or isinstance(broke, httpx.ConnectError | httpx.ConnectTimeout))
    if isinstance(error, TimeoutError) or isinstance(broke, httpx.TimeoutException):
        return "timeout", connected
    return redact(" ".join(str(broke or "").split()))[:160], connected


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """`error` and what led to it, nearest first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _outcome(status: int, said: str, document: Any) -> Outcome:
    if status == 429:
        return Outcome.QUOTA if _spent_for_the_day(said, document) else Outcome.RATE_LIMITED
    if status == 402:
        return Outcome.QUOTA
    if status in (401, 403, 404) or 300 <= status < 400:
        return Outcome.FILTERED if status == 403 and _FLAGGED.search(said) else Outcome.REFUSED
    if status in (408, 424, 425) or status >= 500:
        return Outcome.UNAVAILABLE
    if status == 413 or _TOO_LONG.search(said):
        return Outcome.CONTEXT_TOO_LONG
    if _NOT_ACCEPTED.search(said):
        return Outcome.REFUSED
    return Outcome.FILTERED if _FLAGGED.search(said) else Outcome.BAD_REQUEST


def _spent_for_the_day(said: str, document: Any) -> bool:
    """Gemini names the quota, OpenAI has a code for it, others say it in words. (Gemini's words are the same for every quota.)"""
    names = [str(error.get(key, "")) for error in _errors(document) for key in ("code", "type")]
    for detail in (detail for error in _errors(document) for detail in _details(error)):
        quotas = [quota for quota in detail.get("violations") or () if isinstance(quota, dict)]
        names += [str(quota.get(key, "")) for quota in quotas for key in ("quotaId", "quotaMetric")]
    return bool(_SPENT.search(" ".join((said, *names))))


def _document(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _errors(document: Any) -> Iterable[dict[str, Any]]:
    """The error objects in a body: Gemini's is sometimes a list of one."""
    for part in document if isinstance(document, list) else [document]:
        if isinstance(part, dict):
            yield part["error"] if isinstance(part.get("error"), dict) else part


def _details(error: Mapping[str, Any]) -> list[dict[str, Any]]:
    details = error.get("details")
    return [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []


def _reset_header(error: Mapping[str, Any]) -> str | None:
    metadata = error.get("metadata")
    headers = metadata.get("headers") if isinstance(metadata, dict) else None
    return str(headers.get("X-RateLimit-Reset", "")) if isinstance(headers, dict) else None


def _message(document: Any, body: bytes) -> str:
    """The provider's own words, on one line, shortened. OpenRouter puts the upstream's words into `metadata.raw`."""
    said = ""
    for error in _errors(document):
        metadata = error.get("metadata")
        raw = metadata.get("raw") if isinstance(metadata, dict) else None
        said = " ".join(str(part) for part in (error.get("message") or error.get("Message") or error.get("error"), raw) if part)
        if said:
            break
    said = redact(" ".join((said or body.decode(errors="replace")).split()))  # before it is cut: half a key is still a leak
    return said if len(said) <= _LONGEST_MESSAGE else said[: _LONGEST_MESSAGE - 1] + "…"


def _seconds(text: str | None, per_second: float) -> float | None:
    try:
        value = float(text or "") / per_second
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _moment(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _until(moment: datetime | None, now: datetime) -> float | None:
    delay = (moment - now).total_seconds() if moment else None
    return delay if delay is not None and delay > 0 else None

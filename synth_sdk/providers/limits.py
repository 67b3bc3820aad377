"""What a provider's headers say of its rate limits, in the two forms that are in use.

OpenAI's, which many servers copy: `x-ratelimit-limit-requests`, `-remaining-requests`, `-reset-requests` ("1m2.5s", "20ms") and the
same for tokens. OpenRouter's: `x-ratelimit-limit`, `-remaining` and `-reset` (Unix time in milliseconds) of requests alone. Sources:
"Rate limits", platform.openai.com; "API rate limits", openrouter.ai/docs; November 2026.
"""

import re
import time
from collections.abc import Mapping

from synth_sdk.core.models import Allowance

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?")
_FIRST_UNIX_MS = 1e11  # a smaller figure is no moment


def allowance_of(headers: Mapping[str, str]) -> Allowance | None:
    """The limits in `headers`, whose names are lower-case or found whatever their case; None when they say nothing."""
    if "x-ratelimit-limit-requests" in headers or "x-ratelimit-limit-tokens" in headers:
        return Allowance(
            requests_per_minute=_number(headers.get("x-ratelimit-limit-requests")),
            requests_left=_number(headers.get("x-ratelimit-remaining-requests")),
            requests_reset_s=_seconds(headers.get("x-ratelimit-reset-requests")),
            tokens_per_minute=_number(headers.get("x-ratelimit-limit-tokens")),
            tokens_left=_number(headers.get("x-ratelimit-remaining-tokens")),
            tokens_reset_s=_seconds(headers.get("x-ratelimit-reset-tokens")),
        )
    if "x-ratelimit-limit" in headers:
        reset = _number(headers.get("x-ratelimit-reset"))
        return Allowance(
            requests_per_minute=_number(headers["x-ratelimit-limit"]),
            requests_left=_number(headers.get("x-ratelimit-remaining")),
            requests_reset_s=max(0.0, reset / 1000 - time.time()) if reset and reset > _FIRST_UNIX_MS else None,
        )
    return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _seconds(text: str | None) -> float | None:
    """A duration as OpenAI writes it, or a bare number of seconds."""
    if (number := _number(text)) is not None:
        return number
    match = _DURATION.fullmatch(text or "")
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds, thousandths = (_number(part) or 0.0 for part in match.groups())
    return 86_400 * days + 3_600 * hours + 60 * minutes + seconds + thousandths / 1000

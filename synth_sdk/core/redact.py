"""Keep credentials out of everything written: errors, logs, cache rows, reports.

Two nets: exact values that were registered when a key was read, and shapes of credentials that a foreign library may quote.
"""

import logging
import re
from collections.abc import Iterable

MASK = "[redacted]"
_SHORTEST_SECRET = 6

_known: set[str] = set()
_SHAPES = re.compile(
    r"(?P<keep>(?:authorization|x-goog-api-key|x-api-key|api[-_]key|x-amz-security-token)['\"]?\s*[:=]\s*['\"]?(?:Bearer\s+|AWS4-HMAC-SHA256\s+)?)[^\s'\",;}]+"
    r"|(?P<bearer>Bearer\s+)[\w.~+/=-]{6,}"
    r"|(?P<query>[?&](?:key|api_key|token|X-Amz-(?:Signature|Credential|Security-Token)|Signature)=)[^&\s'\"]+"
    r"|(?P<sigv4>(?:Credential|Signature)=)[^,\s'\"]+"
    r"|(?P<userinfo>\b[a-z][a-z0-9+.-]*://)[^/?#\s'\"@]+(?=@)"
    r"|(?P<slashless>\b(?:postgres(?:ql)?|mysql|mariadb)(?:\+\w+)?:/?)[^/\s'\"@:]+:[^\s'\"@]+(?=@)"
    r"|\bsk-[\w-]{8,}|\bAIza[\w-]{20,}|\b(?:AKIA|ASIA)[A-Z0-9]{12,}",
    re.IGNORECASE,
)


_LIKE_A_TOKEN = re.compile(r"(?=[\w.~=-]*\d)(?=[\w.~=-]*[A-Za-z])[\w.~=-]{20,}")


def redact_url(url: str, plain: Iterable[str] = (), *, tokens_in_path: bool = True) -> str:
    """`url` as it may be shown: without user and password, without the values of its query except those of the parameters in `plain`,
    and where there may be `tokens_in_path` without parts of it that look like one, and without what follows a # (elsewhere a # is a
    character of a name). Works for URLs that no parser accepts.
    """
    scheme, colon, rest = url.partition("://")
    _, at, rest = rest.rpartition("@") if colon else url.rpartition("@")
    place, _, query = (rest.partition("#")[0] if tokens_in_path else rest).partition("?")
    parts = [_LIKE_A_TOKEN.sub(MASK, part) if number and tokens_in_path else part for number, part in enumerate(place.split("/"))]
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    told = [f"{name}={value if name in plain else MASK}" if equals else MASK for name, equals, value in pairs]
    return f"{scheme if colon else ''}{colon}{MASK + at if at else ''}{'/'.join(parts)}{'?' + '&'.join(told) if told else ''}"


# Parameters of places that records go to, which hold no secret.
PLAIN_PARAMETERS = ("table", "if_exists", "schema", "region", "sse", "kms_key_id", "endpoint_url")


def shown_place(url: str) -> str:
    """The URL of a place that records go to as it may be shown: without user, password and secrets."""
    return redact_url(url, PLAIN_PARAMETERS, tokens_in_path=False)


def register_secrets(values: Iterable[str | None]) -> None:
    """Remember `values` so that `redact` removes them wherever they are quoted."""
    _known.update(value for value in values if value and len(value) >= _SHORTEST_SECRET)


def hide_password(place: str) -> None:
    """Register what stands where a URL would have its password, of a `place` that lacks a URL's slashes: between a colon and the last @."""
    register_secrets([place.rpartition("@")[0].partition(":")[2]])


def redact(text: str) -> str:
    """`text` without any registered secret and without anything that has a credential's shape."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _SHAPES.sub(_keep_label, text)


def _keep_label(match: re.Match[str]) -> str:
    return next((part for part in match.groups() if part), "") + MASK


class RedactingFilter(logging.Filter):
    """Logging filter for foreign loggers: message, arguments and traceback text lose their credentials."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True

"""Where a history may be: nowhere, a file, or a table of DynamoDB."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.redact import redact_url

OFF = "off"
_SCHEME = "dynamodb"
_TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_PARAMETERS = ("region",)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of DynamoDB. `region` is None where the usual chain of AWS is to say it."""

    name: str
    region: str | None = None


def table_of(place: str) -> Table | None:
    """The table that a URL names; None for a path. RequestError for any other URL, or one that has a flaw."""
    scheme, colon, _ = place.partition("://")
    if not colon:
        return None
    if scheme != _SCHEME:
        raise RequestError(f"history {shown(place)!r}: must be off, a path, or dynamodb://TABLE?region=REGION")
    try:
        parts = urlsplit(place)
        told = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:
        raise RequestError(f"history {shown(place)!r}: not a URL; write dynamodb://TABLE?region=REGION") from None
    for name in told:
        if name not in _PARAMETERS:
            raise UnknownName("parameter of a history's URL", name, _PARAMETERS)
    if not _TABLE_NAME.fullmatch(parts.netloc) or parts.path.strip("/"):
        raise RequestError(
            f"history {shown(place)!r}: the name of a table stands behind ://, 3 to 255 letters, digits, '_', '.' or '-'"
        )
    return Table(parts.netloc, told.get("region"))


def check_place(place: str) -> None:
    """RequestError for what can be no place of a history."""
    if place != OFF:
        table_of(place)


def shown(place: str) -> str:
    """The place as it may be shown."""
    return redact_url(place, _PARAMETERS, tokens_in_path=False) if "://" in place else place

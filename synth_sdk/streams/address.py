"""The URL of a target, read with one rule for all schemes. Nothing that it may hold in secrets gets into a message."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.redact import register_secrets
from synth_sdk.core.streams import PARAMETERS, shown

_LARGEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of `url`, decoded; a `port` that isn't named is None. `shown` is the URL as it may be quoted."""

    url: str = field(repr=False)
    shown: str
    scheme: str
    host: str
    port: int | None
    path: str
    user: str | None = field(repr=False)
    password: str | None = field(repr=False)
    query: Mapping[str, str] = field(repr=False)

    def wrong(self, told: str) -> NoReturn:
        """RequestError: the URL can't be right."""
        raise RequestError(f"stream target {self.shown!r}: {told}")

    def take_only(self, *parameters: str) -> None:
        """UnknownName for a parameter that isn't one of `parameters`."""
        for name in self.query:
            if name not in parameters:
                raise UnknownName(f"parameter in {self.shown!r}:", name, parameters)


def parse_address(url: str) -> Address:
    """RequestError for a URL without a host or with an impossible port. Its secrets are registered, so that no library can quote them."""
    register_secrets(_secrets(url))
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise RequestError(f"stream target {shown(url)!r}: a host and a port from 1 to {_LARGEST_PORT} must follow ://") from None
    if not host or port == 0 or "@" in parts.path:
        raise RequestError(f"stream target {shown(url)!r}: a host and a port from 1 to {_LARGEST_PORT} must follow ://")
    return Address(
        url=url,
        shown=shown(url),
        scheme=parts.scheme,
        host=host,
        port=port,
        path=unquote(parts.path),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
    )


def _secrets(url: str) -> list[str]:
    """What of a URL must not be quoted: the password (or the user, if it stands alone and is no plain name: a token), also as it is sent,
    and tokens in the query."""
    rest = url.partition("://")[2]
    told, at, _ = rest.rpartition("@")
    user, colon, password = told.partition(":")
    found = [password or ("" if user.isalpha() else user)] if at else []
    found += [value for name, value in parse_qsl(rest.partition("?")[2]) if name not in PARAMETERS]
    sent = f"{unquote(user)}{colon}{unquote(password)}".encode()
    return [*found, *map(unquote, found), *([base64.b64encode(sent).decode()] if at else [])]

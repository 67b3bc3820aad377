"""The URL of a database: what of it is for us, what for the driver, and what must never be shown."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, NoReturn
from urllib.parse import parse_qsl, quote, unquote, urlencode

from synth_sdk.core.errors import OutputError
from synth_sdk.core.redact import PLAIN_PARAMETERS, redact_url, register_secrets
from synth_sdk.core.spec import IfExists
from synth_sdk.sinks.destinations import Wanted, scheme_of

_MODES: Mapping[str, IfExists] = {"fail": "fail", "append": "append", "replace": "replace"}
_PLAIN = (
    "schema",
    "host",
    "port",
    "dbname",
    "unix_socket",
    "sslmode",
    "charset",
    "connect_timeout",
    "application_name",
    "timeout",
)
_OURS = ("table", "if_exists")
_SECRET = re.compile(r"pass|secret|token|key", re.IGNORECASE)  # of parameters
_HOST = re.compile(r"(\[[^\]]*\]|[^:\[]*)(:\d*)?")  # a name or, in brackets, an address of IPv6; a port


@dataclass(frozen=True, slots=True)
class Address:
    """`shown` may be told, the rest may not. `path` and `host` are decoded; `options` are the parameters for the driver."""

    shown: str
    scheme: str
    user: str | None = field(repr=False)
    password: str | None = field(repr=False)
    host: str
    port: int | None
    path: str
    table: str | None
    if_exists: IfExists
    options: Mapping[str, str] = field(repr=False)
    place: str = field(repr=False)  # user, hosts and path as they were written

    def wrong(self, told: str) -> NoReturn:
        raise OutputError(f"output {self.shown!r}: {told}")

    def for_driver(self, scheme: str, without: tuple[str, ...] = ()) -> str:
        """The URL without our parameters."""
        options = {name: value for name, value in self.options.items() if name not in without}
        return f"{scheme}://{self.place}{'?' + urlencode(options, quote_via=quote) if options else ''}"

    def file(self) -> str:
        """The path of a file by SQLAlchemy's convention: three slashes for a relative one, four for an absolute one. OutputError for what
        would be gone with this process.
        """
        if self.host or self.user or not self.path.startswith("/") or len(self.path) < 2:
            self.wrong(f"name a file: {self.scheme}:///relative.db, or {self.scheme}:////absolute/path.db")
        if self.path.startswith("/:memory:"):
            self.wrong(f"a database in memory is gone when the command ends; name a file: {self.scheme}:///relative.db")
        return self.path[1:]


def parse_address(url: str, wanted: Wanted) -> Address:
    """OutputError for a parameter of ours that has no such value. Secrets are registered, so that no library can quote them."""
    _, _, rest = url.partition("://")
    rest, _, query = rest.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    register_secrets(_secrets(rest, query))
    told = redact_url(url, {*PLAIN_PARAMETERS, *_PLAIN}, tokens_in_path=False)
    mode = options.get("if_exists", wanted.if_exists)
    if mode not in _MODES:
        raise OutputError(f"output {told!r}: if_exists={mode} is none of {', '.join(_MODES)}")
    authority, slash, path = rest.partition("/")
    who, at, where = authority.rpartition("@")
    _check_authority(told, authority, where, path, options)
    user, colon, password = who.partition(":")
    host, port = _host_and_port(where)
    return Address(
        shown=told,
        scheme=scheme_of(url),
        user=unquote(user) if at and user else None,
        password=unquote(password) if colon else None,
        host=host,
        port=port,
        path=unquote(slash + path),
        table=options.get("table") or None,
        if_exists=_MODES[mode],
        options={name: value for name, value in options.items() if name not in _OURS},
        place=rest,
    )


def library(module: str, package: str, extra: str, address: Address) -> Any:
    """The client library `module`. OutputError with the command that installs it."""
    try:
        return import_module(module)
    except ImportError:
        told = f'{package} isn\'t installed: pip install "synth-data-sdk[{extra}]"'
    return address.wrong(told)


def _check_authority(told: str, authority: str, where: str, path: str, options: Iterable[str]) -> None:
    """OutputError where a raw / or ? ends it too early. What stands there isn't quoted: it may be a piece of a password."""
    cut = authority and "@" not in authority and any("@" in part for part in (path, *options))
    if cut or not all(_HOST.fullmatch(host) for host in where.split(",")):
        rule = "in user and password / is %2F, ? %3F and @ %40, in a database's name @ is %40"
        raise OutputError(f"output {told!r}: what stands before the first / or ? is no [USER[:PASSWORD]@]HOST[:PORT]; {rule}")


def _host_and_port(where: str) -> tuple[str, int | None]:
    """`[::1]:5432`, `host:5432`, `host`; what isn't a port belongs to the host, and the driver will say so."""
    host, colon, port = where.rpartition(":")
    if colon and port.isdigit():
        return unquote(host).strip("[]"), int(port)
    return unquote(where).strip("[]"), None


def _secrets(rest: str, query: str) -> Iterator[str]:
    """Passwords as they are written and decoded, and what parameters hold that are called so."""
    told, at, _ = rest.rpartition("@")
    found = [told.partition(":")[2]] if at else []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if _SECRET.search(name):
            found.append(value)
    for secret in found:
        yield from (secret, unquote(secret), unquote(secret.replace("+", " ")))

"""The environment: of the process and `.env`, or the one handed in; and `${VAR}` in the strings of a configuration.

`${VAR:-default}` stands for `default` where VAR is not set or empty; `$${VAR}` is the text `${VAR}` itself.
"""

import io
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth_sdk.core.errors import RequestError

DOTENV = ".env"
LARGEST_FILE = 1 << 20  # bytes
_VARIABLE = re.compile(r"(\$?)\$\{(\w+)(?::-([^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Environment:
    """Variables by name, which of them only `.env` has, and which addresses in it don't count."""

    values: Mapping[str, str]
    from_dotenv: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()


def environment(env: Mapping[str, str], folder: Path) -> Environment:
    """`env`; if it is the environment of this process, with what `.env` in `folder` adds. RequestError for a broken `.env`."""
    file = folder / DOTENV
    if env is not os.environ or not file.is_file():
        return Environment(dict(env))
    told = _read_dotenv(file)
    refused = frozenset(name for name in told if _is_address(name, env)) - env.keys()
    added = {name: value for name, value in told.items() if name not in env and name not in refused}
    return Environment({**added, **env}, frozenset(added), refused)


def _is_address(name: str, env: Mapping[str, str]) -> bool:
    """Where keys are sent to: a folder that somebody else made must not have yours sent elsewhere. A local server needs none."""
    keyless = name == "SYNTH_LOCAL_API_BASE" and "SYNTH_LOCAL_API_KEY" not in env
    moves = name.endswith(("_API_BASE", "_BASE_URL", "_ENDPOINT_URL", "_API_URL")) or name.startswith("AWS_ENDPOINT_URL_")
    return moves and not keyless


class NotSet(LookupError):
    """A variable that has no value; the only argument is its name."""


def filled_in(value: Any, env: Mapping[str, str]) -> Any:
    """`value` with the variables in its strings, at any depth, replaced. NotSet names one that has neither value nor default."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _value(match, env), value)
    if isinstance(value, list):
        return [filled_in(item, env) for item in value]
    if isinstance(value, dict):
        return {name: filled_in(item, env) for name, item in value.items()}
    return value


def _value(match: re.Match[str], env: Mapping[str, str]) -> str:
    escaped, name, default = match.groups()
    if escaped:
        return match[0][1:]
    value = env.get(name)
    if default is not None:
        return value or str(default)
    if value is None:
        raise NotSet(name)
    return value


def _read_dotenv(file: Path) -> dict[str, str]:
    from dotenv import dotenv_values
    from dotenv.parser import parse_stream

    text = read_text(file, DOTENV)
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            raise RequestError(f"{DOTENV}, line {binding.original.line}: can't be read: write NAME=value, with quotes closed")
    return {name: value for name, value in dotenv_values(stream=io.StringIO(text)).items() if value is not None}


def read_text(file: Path, what: str, largest: int = LARGEST_FILE) -> str:
    """The text in `file`. RequestError, which calls it `what`, for one that is missing, above `largest` bytes or no text."""
    try:
        with file.open("rb") as stream:
            data = stream.read(largest + 1)
    except (OSError, ValueError) as error:
        raise RequestError(f"{what}: {getattr(error, 'strerror', None) or error}; check the path") from None
    if len(data) > largest:
        raise RequestError(f"{what}: larger than {largest >> 20} MiB; is it the right file?")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(f"{what}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None

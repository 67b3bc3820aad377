"""A schema document as it was written, before its dialect is known; a file, or standard input."""

import json
import sys
from pathlib import Path
from typing import Any

from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json
from synth_sdk.schema.model import Schema
from synth_sdk.schema.parse import parse_schema

LARGEST_FILE = 16 * 1024 * 1024  # bytes
_YAML_SUFFIXES = frozenset({".yaml", ".yml"})


def read_document(path: str | Path, what: str = "schema file") -> Json:
    """The JSON (YAML for .yaml and .yml) in the file at `path`; "-" is standard input, which may be either. `what` it is, for messages.

    RequestError names the file if it is missing, unreadable, over 16 MB, not UTF-8, or neither JSON nor YAML.
    """
    name = f"{what} {'standard input' if str(path) == '-' else repr(str(path))}"
    text = _text(_bytes(path, name), name)
    try:
        if Path(path).suffix.lower() in _YAML_SUFFIXES or (str(path) == "-" and not text.lstrip().startswith(("{", "["))):
            return _yaml(text)
        return json.loads(text, object_pairs_hook=_no_duplicates)
    except RecursionError:
        raise RequestError(f"{name} is nested too deeply; move inner parts to $defs") from None
    except ValueError as error:
        raise RequestError(f"{name} is not JSON: {error}") from None


def load_schema(path: str | Path) -> Schema:
    """The schema in the file at `path` ("-": standard input), of any dialect that `parse_schema` reads. RequestError as in
    `read_document`.
    """
    return parse_schema(read_document(path))


def _bytes(path: str | Path, name: str) -> bytes:
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(LARGEST_FILE + 1)
        else:
            with Path(path).open("rb") as stream:
                data = stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise RequestError(f"{name} can't be read: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > LARGEST_FILE:
        raise RequestError(f"{name} is larger than {LARGEST_FILE // 1024**2} MB; split it")
    return data


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(f"{name} is not UTF-8 (byte {error.start}); save it as UTF-8") from None


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} occurs twice in one object")
    return found


def _yaml(text: str) -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        """Dates stay text, as they would in JSON."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    try:
        return yaml.load(text, Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise ValueError(f"YAML: {' '.join(str(error).split())[:200]}") from None

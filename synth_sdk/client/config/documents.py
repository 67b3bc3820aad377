"""Files that people write, as YAML or JSON: no key twice, no billions of values behind a few aliases."""

import json
import re
from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Any

from synth_sdk.client.config.variables import LARGEST_FILE, read_text
from synth_sdk.core.errors import RequestError

_DEEPEST = 40  # levels
_BYTES_PER_VALUE = 10  # a file can't hold more values without aliases
_BOOL = "tag:yaml.org,2002:bool"
_MERGE = "tag:yaml.org,2002:merge"


def read_document(file: Path, what: str, largest: int = LARGEST_FILE) -> Any:
    """What `file` of at most `largest` bytes holds: JSON if its name ends in .json, else YAML; None if it is empty. RequestError, which calls
    it `what`, says what is wrong with it.

    In YAML dates stay text, and so do `on`, `off`, `yes` and `no`, which are words of our options.
    """
    text = read_text(file, what, largest)
    try:
        told = _json(text) if file.suffix == ".json" else _yaml(text)
        _check_size(told, largest // _BYTES_PER_VALUE)
    except RecursionError:
        raise RequestError(f"{what}: nested too deeply") from None
    except ValueError as error:
        raise RequestError(f"{what}: {error}") from None
    return told


def _json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise ValueError(f"not valid JSON: {error}") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands there twice; keep one")
        found[key] = value
    return found


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.load(text, _loader())  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise ValueError(f"not valid YAML: {' '.join(str(error).split())[:300]}") from None


@cache
def _loader() -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        """No key twice in a mapping; keys that `<<` merges in may be overridden."""

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
            keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE]
            twice = next((key for position, key in enumerate(keys) if key in keys[:position]), None)
            if twice is not None:
                raise ValueError(f"the key {twice!r} stands there twice (line {node.start_mark.line + 1} and below); keep one")
            return super().construct_mapping(node, deep)

    left_out = ("tag:yaml.org,2002:timestamp", _BOOL)
    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in left_out]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.add_implicit_resolver(_BOOL, re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
    return Loader


def _check_size(told: Any, most: int) -> None:
    """ValueError beyond the deepest level or `most` values, each counted as often as it stands for something."""
    level, count = [told], 0
    for _ in range(_DEEPEST):
        count += len(level)
        if not level:
            return
        if count > most:
            raise ValueError(f"more than {most:,} values; is it the right file?")
        level = [item for value in level for item in _inside(value)]
    raise ValueError(f"nested more than {_DEEPEST} levels deep")


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []

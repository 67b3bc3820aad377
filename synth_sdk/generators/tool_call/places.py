"""A JSON or YAML file as plain data, with the line on which each of its mappings begins."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synth_sdk.core.errors import RequestError

_LARGEST_BYTES = 8 * 1024 * 1024


@dataclass(slots=True)
class Places:
    """`value` is what the file holds."""

    value: Any
    lines: dict[int, int] = field(default_factory=dict)  # by id of a mapping of `value`

    def line(self, part: Any) -> int:
        """The line, from 1, on which a mapping of the file begins; 1 for anything else."""
        return self.lines.get(id(part), 1)


def read_places(path: Path) -> Places:
    """RequestError, with file and line, for what can't be read, is larger than 8 MiB, or is neither JSON nor plain YAML."""
    text = _text(path)
    try:
        value = json.loads(text) if text.lstrip()[:1] in ("{", "[") else _yaml(text, path)
    except RecursionError:
        raise RequestError(f"{path}:1: nested too deeply") from None
    except json.JSONDecodeError as error:
        raise RequestError(f"{path}:{error.lineno}: not valid JSON: {error.msg}") from None
    return Places(value, dict(zip(map(id, _mappings(value)), _lines(text), strict=False)))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RequestError(f"tools file {str(path)!r} can't be read: {error.strerror or error}; check the path") from None
    if len(data) > _LARGEST_BYTES:
        raise RequestError(f"{path}:1: larger than {_LARGEST_BYTES >> 20} MiB; is it the right file?")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RequestError(f"{path}:{line}: not UTF-8 text; save it as UTF-8") from None


def _yaml(text: str, path: Path) -> Any:
    """Plain YAML: an anchor would let a small file grow large."""
    import yaml

    try:
        for event in yaml.parse(text, yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise RequestError(f"{path}:{_line(event)}: aliases (*name) are not allowed; write the value out")
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it can't be parsed"
        raise RequestError(f"{path}:{mark.line + 1 if mark else 1}: neither JSON nor YAML: {problem}") from None


def _mappings(value: Any) -> Iterator[dict[Any, Any]]:
    """Every mapping, in the order of the text."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _mappings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _mappings(inner)


def _lines(text: str) -> list[int]:
    """The lines on which mappings begin, in the order of the text. JSON is YAML, as far as this is concerned."""
    import yaml

    try:
        events = list(yaml.parse(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.YAMLError:
        return []  # JSON that isn't YAML (a tab too many): errors then name line 1
    return [_line(event) for event in events if isinstance(event, yaml.MappingStartEvent)]


def _line(event: Any) -> int:
    line: int = event.start_mark.line + 1
    return line

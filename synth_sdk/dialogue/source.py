"""YAML as data with places: mappings and lists that know the file and the line of each of their entries.

Built from parser events, so that nothing is constructed but strings, numbers, true/false and null. Anchors, aliases and tags are refused,
size and depth are bounded.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from synth_sdk.core.errors import PackError

LARGEST_BYTES = 2 * 1024 * 1024
DEEPEST = 40
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}


class Map(dict[str, Any]):
    """A YAML mapping with string keys. `places[key]` is (file, line), lines counting from 1; merged entries keep their own."""

    __slots__ = ("file", "line", "places")

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file, self.line, self.places = file, line, dict[str, tuple[str, int]]()


class Seq(list[Any]):
    """A YAML sequence; `places[i]` as in Map."""

    __slots__ = ("file", "line", "places")

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file, self.line, self.places = file, line, list[tuple[str, int]]()


def fail(message: str, holder: Map | Seq, key: str | int | None = None, rule: str = "format") -> PackError:
    """The error to raise for `holder[key]` (or for `holder` itself)."""
    file, line = holder.file, holder.line
    if isinstance(holder, Map) and isinstance(key, str):
        file, line = holder.places.get(key, (file, line))
    elif isinstance(holder, Seq) and isinstance(key, int):
        file, line = holder.places[key]
    return PackError(message, file=file, line=line, rule=rule)


def read_text(path: Path, shown: str) -> str:
    """The text of a pack file; PackError when it can't be read, is too large or isn't UTF-8."""
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise PackError(f"can't be read: {error.strerror or error}", file=shown, rule="file") from None
    if len(data) > LARGEST_BYTES:
        raise PackError(f"is larger than {LARGEST_BYTES} bytes: split it with include", file=shown, rule="size")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackError(f"is not UTF-8 (byte {error.start})", file=shown, rule="encoding") from None


def parse_yaml(text: str, shown: str) -> Map:
    """The mapping that `text` holds. Every flaw is a PackError with `shown` as the file."""
    events = _events(text, shown)
    first = next(events, None)
    if first is None:
        raise PackError("is empty: write one mapping", file=shown, line=1, rule="format")
    value = _Builder(events, shown).value(next(events), 0)
    next(events)  # the end of the document
    if next(events, None) is not None:
        raise PackError("holds several documents: write one mapping", file=shown, rule="format")
    if not isinstance(value, Map):
        raise PackError("is not a mapping", file=shown, line=1, rule="format")
    return value


def _events(text: str, shown: str) -> Iterator[Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(text, Loader=loader):
            if not isinstance(event, yaml.StreamStartEvent | yaml.StreamEndEvent):
                yield event
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise PackError(f"is not YAML: {error.problem}", file=shown, line=mark.line + 1 if mark else None, rule="yaml") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise PackError(f"is not YAML: {error}".splitlines()[0], file=shown, rule="yaml") from None


class _Builder:
    """Turns parser events into Map, Seq and scalars."""

    def __init__(self, events: Iterator[Any], file: str) -> None:
        self.events, self.file = events, file

    def value(self, event: Any, depth: int) -> Any:
        kind, line = type(event).__name__, event.start_mark.line + 1
        if kind == "AliasEvent" or getattr(event, "anchor", None):
            raise self._error("anchors and aliases are not allowed: write it out", line, "anchors")
        if getattr(event, "tag", None) not in (None, "!"):
            raise self._error(f"the tag {event.tag} is not allowed", line, "tags")
        if depth > DEEPEST:
            raise self._error(f"is nested more than {DEEPEST} deep", line, "depth")
        if kind == "ScalarEvent":
            return _scalar(event)
        return self._mapping(line, depth) if kind == "MappingStartEvent" else self._sequence(line, depth)

    def _mapping(self, line: int, depth: int) -> Map:
        result = Map(self.file, line)
        while type(event := next(self.events)).__name__ != "MappingEndEvent":
            at = event.start_mark.line + 1
            if type(event).__name__ != "ScalarEvent" or event.anchor or event.tag:
                raise self._error("a key must be plain text", at, "keys")
            if event.value in result:
                raise self._error(f"the key {event.value!r} stands twice", at, "keys")
            result.places[event.value] = (self.file, at)
            result[event.value] = self.value(next(self.events), depth + 1)
        return result

    def _sequence(self, line: int, depth: int) -> Seq:
        result = Seq(self.file, line)
        while type(event := next(self.events)).__name__ != "SequenceEndEvent":
            result.places.append((self.file, event.start_mark.line + 1))
            result.append(self.value(event, depth + 1))
        return result

    def _error(self, message: str, line: int, rule: str) -> PackError:
        return PackError(message, file=self.file, line=line, rule=rule)


def _scalar(event: Any) -> Any:
    """Numbers, true, false and null when plain; all else is text (so are dates, yes, no and on)."""
    text: str = event.value
    if event.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    match = _NUMBER.fullmatch(text)
    if match and len(text) <= 18:
        return float(text) if match.group(2) else int(text)
    return text

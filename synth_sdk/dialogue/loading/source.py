"""YAML as data with places: mappings and lists that know the file and the line of each of their entries.

Built from parser events, so that nothing is constructed but strings, numbers, true/false and null. Anchors, aliases and tags are refused;
size, depth and the number of values are bounded.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from synth_sdk.core.errors import PackError

LARGEST_BYTES = 2 * 1024 * 1024
DEEPEST = 40
MOST_VALUES = 200_000
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?")
_LONGEST_NUMBER = 18
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
        raise PackError(f"is larger than {LARGEST_BYTES} bytes: split it with include", file=shown, line=1, rule="size")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PackError(f"is not UTF-8 (byte {error.start})", file=shown, line=line, rule="encoding") from None


def parse_yaml(text: str, shown: str) -> Map:
    """The mapping that `text` holds. Every flaw is a PackError with `shown` as the file."""
    events = _events(text, shown)
    if type(next(events)).__name__ == "StreamEndEvent":
        raise PackError("is empty: write one mapping", file=shown, line=1, rule="format")
    value = _Builder(events, shown).value(next(events), 0)
    next(events)  # the end of the document
    more = next(events)
    if type(more).__name__ != "StreamEndEvent":
        raise PackError("holds several documents: write one mapping", file=shown, line=_line(more), rule="format")
    if not isinstance(value, Map):
        raise PackError("is not a mapping", file=shown, line=1, rule="format")
    return value


def _events(text: str, shown: str) -> Iterator[Any]:
    """The parser's events after the start of the stream; its complaints as ours."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        parser = loader(text)
        parser.get_event()
        while (event := parser.get_event()) is not None:
            yield event
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise PackError(f"is not YAML: {error.problem}", file=shown, line=mark.line + 1 if mark else 1, rule="yaml") from None
    except yaml.reader.ReaderError as error:
        line = text.encode().count(b"\n", 0, error.position) + 1
        raise PackError(f"is not YAML: {error.reason} ({error.character!r})", file=shown, line=line, rule="yaml") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise PackError(f"is not YAML: {error}".splitlines()[0], file=shown, line=1, rule="yaml") from None


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1


class _Builder:
    """Turns parser events into Map, Seq and scalars."""

    def __init__(self, events: Iterator[Any], file: str) -> None:
        self.events, self.file, self.count = events, file, 0

    def value(self, event: Any, depth: int) -> Any:
        kind = type(event).__name__
        if kind == "AliasEvent" or event.anchor:
            raise self._error("anchors and aliases are not allowed: write it out", event, "anchors")
        if event.tag not in (None, "!"):
            raise self._error(f"the tag {event.tag} is not allowed", event, "tags")
        self.count += 1
        if self.count > MOST_VALUES:
            raise self._error(f"holds more than {MOST_VALUES} values: split it with include", event, "size")
        if kind == "ScalarEvent":
            return _scalar(event)
        if depth >= DEEPEST:
            raise self._error(f"is nested more than {DEEPEST} deep", event, "depth")
        return self._mapping(event, depth) if kind == "MappingStartEvent" else self._sequence(event, depth)

    def _mapping(self, start: Any, depth: int) -> Map:
        result = Map(self.file, _line(start))
        while type(event := next(self.events)).__name__ != "MappingEndEvent":
            if type(event).__name__ != "ScalarEvent" or event.anchor or event.tag:
                raise self._error("a key must be plain text", event, "keys")
            key = event.value
            if key in result:
                raise self._error(f"the key {key!r} stands twice", event, "keys")
            result.places[key] = (self.file, event.start_mark.line + 1)
            result[key] = self.value(next(self.events), depth + 1)
        return result

    def _sequence(self, start: Any, depth: int) -> Seq:
        result = Seq(self.file, _line(start))
        while type(event := next(self.events)).__name__ != "SequenceEndEvent":
            result.places.append((self.file, event.start_mark.line + 1))
            result.append(self.value(event, depth + 1))
        return result

    def _error(self, message: str, event: Any, rule: str) -> PackError:
        return PackError(message, file=self.file, line=_line(event), rule=rule)


def _scalar(event: Any) -> Any:
    return event.value if event.style else plain_value(event.value)


def plain_value(text: str) -> Any:
    """What an unquoted word stands for: numbers, true, false and null; all else is text (so are dates, yes, no and on)."""
    if text in _WORDS:
        return _WORDS[text]
    match = _NUMBER.fullmatch(text) if len(text) <= _LONGEST_NUMBER else None
    if match:
        return float(text) if match.group(2) else int(text)
    return text

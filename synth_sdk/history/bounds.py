"""What is remembered is bounded in size and holds no secrets, whatever a request or a report held."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from synth_sdk.core.redact import MASK, redact, shown_place

LARGEST_REPORT = 96 * 1024  # bytes of JSON; with request and schema an item stays far below the 400 KB of DynamoDB
LARGEST_REQUEST = 16 * 1024
LARGEST_DOCUMENT = 32 * 1024
CUT = "cut"  # the key that says what was left out
_LENGTHS = (256, 64, 16, 4, 1)  # of lists, tried one after the other until the whole is small enough
_MOST_RECORDS = 5  # that are kept to be read
_MEMBERS_PER_ITEM = 2  # an object may have so many times the members that a list has items
_LONGEST_TEXT = 2_000
_DEEPEST = 24
_MOST_NOTES = 40
_SHORTEST_SECRET = 6  # characters, as `core.redact` has it: words needn't be searched
_LONGEST_PLAIN_NAME = 12  # of a member: a credential is longer
_SECRET_NAMES = re.compile(
    r"(?:^|[_-])(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|(?:api|access|secret|private)[_-]?keys?|authorization)$",
    re.IGNORECASE,
)


def bounded(told: Mapping[str, Any], largest: int) -> dict[str, Any]:
    """`told` as JSON of at most `largest` bytes, without secrets. What was cut is said under the key `cut`, a line for each place."""
    for length in _LENGTHS:
        cutter = _Cutter(length)
        small = cutter.object(told, ())
        if cutter.notes:
            small[CUT] = [*small.get(CUT, ())][:_MOST_NOTES] + cutter.notes[:_MOST_NOTES]
        if size_of(small) <= largest:
            return small
    few = {key: value for key, value in small.items() if not isinstance(value, dict | list) and size_of(value) < _LONGEST_TEXT}
    return dict(islice(few.items(), _MOST_NOTES)) | {CUT: ["all but single figures: too large to be remembered"]}


def size_of(value: Any) -> int:
    """Bytes of its JSON."""
    return len(json.dumps(value, ensure_ascii=True, separators=(",", ":")))


def without_secrets(text: str) -> str:
    """Without credentials, in URLs too."""
    if len(text) < _SHORTEST_SECRET:
        return text
    return redact(shown_place(text) if "://" in text and " " not in text else text)


def scrubbed(document: Any) -> Any:
    """A schema with no credential in any of its texts. Its names stay: a field may well be called `password`. None for a huge one."""
    try:
        if size_of(document) > LARGEST_DOCUMENT:
            return None
    except (ValueError, TypeError, RecursionError):
        return None
    cutter = _Cutter(length=LARGEST_DOCUMENT, by_name=False, longest_text=LARGEST_DOCUMENT)
    kept = cutter.value(document, ())
    return None if cutter.notes else kept


@dataclass(slots=True)
class _Cutter:
    """Makes plain JSON of values, cuts what is longer than `length`, and notes where. `by_name`: texts are also masked for what they are called."""

    length: int
    by_name: bool = True
    longest_text: int = _LONGEST_TEXT
    notes: list[str] = field(default_factory=list)

    def value(self, value: Any, path: tuple[str, ...]) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return self._text(value, path)
        if len(path) >= _DEEPEST:
            self._note(path, "nested too deeply")
            return "..."
        if isinstance(value, Mapping):
            return self.object(value, path)
        if isinstance(value, list | tuple | set | frozenset):
            return self._list(list(value), path)
        return self._text(_word(value), path)

    def object(self, told: Mapping[Any, Any], path: tuple[str, ...]) -> dict[str, Any]:
        most = self.length * _MEMBERS_PER_ITEM
        if len(told) > most:
            self._note(path, f"{most:,} of {len(told):,} members kept")
        return {_name(str(key)): self._member(str(key), value, path) for key, value in islice(told.items(), most)}

    def _member(self, name: str, value: Any, path: tuple[str, ...]) -> Any:
        if self.by_name and isinstance(value, str) and value and _SECRET_NAMES.search(name):
            return MASK
        return self.value(value, (*path, name))

    def _list(self, items: list[Any], path: tuple[str, ...]) -> list[Any]:
        most = min(self.length, _MOST_RECORDS) if path == ("records",) else self.length
        if len(items) > most:
            self._note(path, f"{most:,} of {len(items):,} kept")
        return [self.value(item, (*path, "[]")) for item in items[:most]]

    def _text(self, text: str, path: tuple[str, ...]) -> str:
        clean = text if path[:1] == ("records",) else without_secrets(text)  # made-up keys in made-up records are data
        if len(clean) <= self.longest_text:
            return clean
        self._note(path, f"a text of {len(text):,} characters")
        return f"{clean[: self.longest_text]}..."

    def _note(self, path: tuple[str, ...], what: str) -> None:
        line = f"{'.'.join(path).replace('.[]', '[]') or 'all'}: {what}"
        if line not in self.notes:
            self.notes.append(line)


def _name(name: str) -> str:
    return redact(name) if len(name) > _LONGEST_PLAIN_NAME else name


def _word(value: Any) -> str:
    """What isn't JSON, in a word: a class or function by its name, a time in ISO form."""
    if isinstance(value, date):
        return value.isoformat()
    return str(getattr(value, "__name__", value)) if callable(value) else str(value)

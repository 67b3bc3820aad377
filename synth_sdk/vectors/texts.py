"""What a record says: the text that its vector is made from."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from synth_sdk.core.models import Json

_TALKS = ("messages", "conversations")  # where the turns of a conversation stand, in our records and in the dialects
_SAID = ("content", "value", "text")
_NOT_SAID = frozenset({"system", "developer", "tool", "function", "function_call", "observation"})  # instructions, tools
_WORD_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\W]+")


def text_of(record: Json) -> str:
    """The words said in a conversation; of any other record, the names of its fields and the values that are strings."""
    if isinstance(record, Mapping):
        for name in _TALKS:
            if isinstance(turns := record.get(name), Sequence) and not isinstance(turns, str):
                return "\n".join(_spoken(turns))
    return "\n".join(_lines(record))


def _spoken(turns: Sequence[Any]) -> Iterator[str]:
    for turn in turns:
        if isinstance(turn, Mapping) and turn.get("role", turn.get("from")) not in _NOT_SAID:
            for name in _SAID:
                yield from _strings(turn.get(name))


def _strings(content: Any) -> Iterator[str]:
    """The texts of a turn, which some dialects cut into blocks; calls of tools among them aren't said."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, Sequence):
        for block in content:
            if isinstance(block, Mapping):
                yield from _strings(block.get("text"))


def _lines(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, held in value.items():
            yield _in_words(name)
            yield from _lines(held)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _lines(item)


@lru_cache(maxsize=4096)
def _in_words(name: str) -> str:
    """The words of a field's name: `shippingAddress` and `shipping_address` are two."""
    return " ".join(_WORD_BOUNDARY.sub(" ", name).split())

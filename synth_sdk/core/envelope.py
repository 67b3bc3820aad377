"""How several records travel in one reply: `{"items": [record, ...]}`, in the order in which they were asked for."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from synth_sdk.core.errors import ModelError, Outcome

_ITEMS = re.compile(r'\s*(?:```(?:json)?\s*)?\{\s*"items"\s*:\s*\[', re.IGNORECASE)
_HOISTED = ("#/$defs/", "#/definitions/")
_RECORD = "#/$defs/record"
_FENCE = re.compile(r"^\s*```(?:json)?\s*\n?(.*?)\n?\s*```\s*$", re.DOTALL | re.IGNORECASE)


def wrap(schema: Mapping[str, Any], count: int) -> dict[str, Any]:
    """The JSON Schema of a reply with `count` records of `schema`, with its local references still holding.

    Definitions move to the root, where most references look for them; a schema that refers to itself or to another part of
    itself becomes a definition as a whole.
    """
    inner = {name: value for name, value in schema.items() if name != "$schema"}
    if all(ref.startswith(_HOISTED) for ref in _local_references(inner)):
        root: dict[str, Any] = {name: inner.pop(name) for name in ("$defs", "definitions") if name in inner}
    else:
        root = {"$defs": {"record": _moved(inner)}}
        inner = {"$ref": _RECORD}
    items = {"type": "array", "items": inner, "minItems": count, "maxItems": count}
    return {"type": "object", "properties": {"items": items}, "required": ["items"], "additionalProperties": False, **root}


def _local_references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#"):
            yield reference
        for value in node.values():
            yield from _local_references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _local_references(value)


def _moved(node: Any) -> Any:
    """`node` with its references led to where the whole schema now stands."""
    if isinstance(node, Mapping):
        return {
            name: _RECORD + value[1:] if name == "$ref" and isinstance(value, str) and value.startswith("#") else _moved(value)
            for name, value in node.items()
        }
    return [_moved(value) for value in node] if isinstance(node, list) else node


def strip_fence(text: str) -> str:
    """`text` without a Markdown code fence around the whole of it."""
    match = _FENCE.match(text)
    return match.group(1) if match else text


def unwrap(text: str) -> list[Any]:
    """The records in a reply. ModelError(BROKEN) when the text isn't the envelope."""
    try:
        reply = json.loads(strip_fence(text))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"the reply is not JSON: {error}", outcome=Outcome.BROKEN) from None
    if not isinstance(reply, dict) or not isinstance(reply.get("items"), list):
        raise ModelError('the reply is not an object with a list "items"', outcome=Outcome.BROKEN)
    return list(reply["items"])


def whole_items(text: str) -> list[Any]:
    """The whole items of an envelope that was cut off, for they were paid for. After a whole item stands a comma or bracket."""
    opening = _ITEMS.match(text)
    if opening is None:
        return []
    items: list[Any] = []
    decoder, place = json.JSONDecoder(), opening.end()
    while True:
        place += len(text[place:]) - len(text[place:].lstrip())
        try:
            item, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return items
        rest = text[place:].lstrip()
        if rest[:1] not in (",", "]"):
            return items
        items.append(item)
        if rest[0] == "]":
            return items
        place = len(text) - len(rest) + 1

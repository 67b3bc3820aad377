"""How several records travel in one reply: `{"items": [record, ...]}`, in the order in which they were asked for."""

import json
import re
from collections.abc import Mapping
from typing import Any

from synth_sdk.core.errors import ModelError, Outcome

_FENCE = re.compile(r"^\s*```(?:json)?\s*\n?(.*?)\n?\s*```\s*$", re.DOTALL | re.IGNORECASE)


def wrap(schema: Mapping[str, Any], count: int) -> dict[str, Any]:
    """The JSON Schema of a reply with `count` records of `schema`. Its `$defs` move to the root so that local references hold."""
    inner = dict(schema)
    root = {name: inner.pop(name) for name in ("$defs", "definitions") if name in inner}
    inner.pop("$schema", None)
    items = {"type": "array", "items": inner, "minItems": count, "maxItems": count}
    return {"type": "object", "properties": {"items": items}, "required": ["items"], "additionalProperties": False, **root}


def strip_fence(text: str) -> str:
    """`text` without a Markdown code fence around the whole of it."""
    match = _FENCE.match(text)
    return match.group(1) if match else text


def unwrap(text: str) -> list[Any]:
    """The records in a reply. ModelError(BROKEN) when the text isn't the envelope."""
    try:
        reply = json.loads(strip_fence(text))
    except ValueError as error:
        raise ModelError(f"the reply is not JSON: {error}", outcome=Outcome.BROKEN) from None
    if not isinstance(reply, dict) or not isinstance(reply.get("items"), list):
        raise ModelError('the reply is not an object with a list "items"', outcome=Outcome.BROKEN)
    return list(reply["items"])
